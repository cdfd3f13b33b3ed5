from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate, pre_migrate


def lift_triggers(using: str, plan: list[Any], **kwargs: Any) -> None:
    """Before migrations run on SQLite: it can't rebuild a table that a trigger of another table looks into.

    Cut off after this, the ledger stands unguarded; nothing starts then, and the next migrate puts all back.
    """
    from postroom.ledger.triggers import drop_sql, expected

    connection = connections[using]
    if connection.vendor == "sqlite" and plan:
        with connection.cursor() as cursor:
            for trigger in expected(connection):
                cursor.execute(drop_sql(connection, trigger))


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
        pre_migrate.connect(lift_triggers, sender=self, dispatch_uid="ledger.lift_triggers")
        # Sent once for this app, when every app's migrations have run.
        post_migrate.connect(install_triggers, sender=self, dispatch_uid="ledger.install_triggers")
