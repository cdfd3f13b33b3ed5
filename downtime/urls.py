"""Addresses for bad days. No personal data stands in them."""

from django.urls import path

from downtime import views

app_name = "downtime"
urlpatterns = [
    path("", views.downtimes, name="downtimes"),
    path("open/", views.open_downtime, name="open"),
    path("paper-pack/<slug:code>.pdf", views.pack, name="pack"),
    path("letters/<str:reference>/", views.enter, name="enter"),
    path("letters/<str:reference>/paper/<int:version>/", views.scan, name="scan"),
    path("<str:reference>/", views.downtime, name="downtime"),
    path("<str:reference>/find/", views.find, name="find"),
    path("<str:reference>/close/", views.close, name="close"),
]
