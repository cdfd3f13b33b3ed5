"""The wiring as an app, so that system checks and commands of no single floor have a home."""

from django.apps import AppConfig


class PostroomConfig(AppConfig):
    """Wiring: settings, urls, context."""

    name = "postroom"
    label = "postroom"
