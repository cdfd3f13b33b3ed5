"""The wiring as an app, so that system checks and commands of no single floor have a home."""

from django.apps import AppConfig
from django.conf import settings


class PostroomConfig(AppConfig):
    """Wiring: settings, urls, context."""

    name = "postroom"
    label = "postroom"

    def ready(self) -> None:
        """Refuse to start in a colour that people can't read. Raises ImproperlyConfigured."""
        from postroom.style import colour

        colour.check(settings.COUNCIL_COLOUR)
