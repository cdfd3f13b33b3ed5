"""Django's migrate, as the tables' owner; it puts missing triggers back before it looks whether any is missing.

Without this, migrate's own checks would stop the very command that repairs what they found, and no release could bring
a new trigger to an existing table. Where MIGRATE_DATABASE_URL names the owner, it migrates as that role and then gives
the application's own role (DATABASE_URL) what it needs and no more (grants.py).
"""

from typing import Any

from django.conf import settings
from django.core.management.commands import migrate
from django.db import DEFAULT_DB_ALIAS, connections

from postroom.ledger.grants import grant_statements
from postroom.ledger.triggers import install


class Command(migrate.Command):
    """As Django's."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        app_role = self._become_owner() if options["database"] == DEFAULT_DB_ALIAS else ""
        for trigger in install(connections[options["database"]]):
            if options["verbosity"] > 0:
                self.stderr.write(f"Put back the trigger {trigger.name} on {trigger.table}.")
        done = super().execute(*args, **options)
        if app_role:
            connection = connections[DEFAULT_DB_ALIAS]
            with connection.cursor() as cursor:
                for statement in grant_statements(connection, app_role):
                    cursor.execute(statement)
        return done

    def _become_owner(self) -> str:
        """Connect as the owner from now on, if one is set; the application's role, or "" if it is the same."""
        owner = settings.MIGRATE_DATABASE
        app = connections.settings[DEFAULT_DB_ALIAS]
        if not owner or owner["USER"] == app["USER"]:
            return ""
        role = str(app["USER"])
        connections[DEFAULT_DB_ALIAS].close()
        app.update({name: owner[name] for name in ("USER", "PASSWORD", "HOST", "PORT", "NAME")})
        return role
