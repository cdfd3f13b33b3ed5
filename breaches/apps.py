from django.apps import AppConfig


class BreachesConfig(AppConfig):
    """Breaches and near misses: what policy demands of whom, and by when."""

    name = "breaches"
