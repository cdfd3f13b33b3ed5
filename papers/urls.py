"""Addresses of this floor. No personal data stands in them."""

from django.urls import URLPattern

app_name = "papers"
urlpatterns: list[URLPattern] = []
