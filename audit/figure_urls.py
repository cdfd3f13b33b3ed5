"""Addresses of the figures. No personal data stands in them."""

from django.urls import path

from audit.views import figure_lists, figures

urlpatterns = [
    path("figures/", figures.figures, name="figures"),
    path("figures/letters/", figure_lists.figure_letters, name="figure_letters"),
    path("figures/stays/", figure_lists.figure_stays, name="figure_stays"),
    path("figures/breaches/", figure_lists.figure_breaches, name="figure_breaches"),
    path("figures/copies/", figure_lists.figure_copies, name="figure_copies"),
    path("figures/figures.<str:kind>", figures.figures_file, name="figures_file"),
]
