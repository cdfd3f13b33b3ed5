from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


def install_triggers(using: str, **kwargs: Any) -> None:
    """After migrate, once all tables stand as they should: put the triggers of every app (back) in place."""
    from postroom.ledger.triggers import install

    install(connections[using])


class LedgerConfig(AppConfig):
    """The ground floor: what happened, to what, by whom, and nobody can change it afterwards (OGP-0)."""

    name = "postroom.ledger"
    label = "ledger"

    def ready(self) -> None:
        from postroom.ledger import checks  # noqa: F401 - registers itself
        from postroom.ledger.protection import PROTECTION
        from postroom.ledger.triggers import register

        register(*PROTECTION)
        # Sent once for this app, when every app's migrations have run.
        post_migrate.connect(install_triggers, sender=self, dispatch_uid="ledger.install_triggers")
