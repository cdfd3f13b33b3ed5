from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class OutboxConfig(AppConfig):
    """What is owed to the outside. Each app's handlers lie in its `jobs.py`, found here."""

    name = "postroom.outbox"
    label = "outbox"

    def ready(self) -> None:
        autodiscover_modules("jobs")
