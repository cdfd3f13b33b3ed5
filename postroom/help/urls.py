"""Addresses of help."""

from django.urls import path

from postroom.help import views

app_name = "help"
urlpatterns = [
    path("", views.index, name="index"),
    path("pictures/<str:name>", views.picture, name="picture"),
    path("<slug:slug>/", views.guide, name="guide"),
]
