"""Addresses of breaches' reports. No personal data stands in them."""

from django.urls import path

from breaches.reports import views

app_name = "breach_reports"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("register.<slug:kind>", views.register_file, name="register"),
    path("<str:reference>/", views.reports, name="reports"),
    path("<str:reference>/<slug:name>.pdf", views.report, name="report"),
]
