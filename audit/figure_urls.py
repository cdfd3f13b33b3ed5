"""Addresses of the figures. No personal data stands in them."""

from django.urls import path

from audit.views import figures

urlpatterns = [
    path("figures/", figures.figures, name="figures"),
    path("figures/letters/", figures.figure_letters, name="figure_letters"),
    path("figures/figures.<str:kind>", figures.figures_file, name="figures_file"),
]
