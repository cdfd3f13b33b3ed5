"""Addresses of the record. Numbers and references only."""

from django.urls import path

from audit.record.views import checkpoints

app_name = "record"
urlpatterns = [
    path("", checkpoints.home, name="home"),
    path("checkpoints/", checkpoints.checkpoints, name="checkpoints"),
    path("checkpoints/<int:number>/", checkpoints.checkpoint, name="checkpoint"),
    path("compare/", checkpoints.compare, name="compare"),
]
