"""Django's migrate, which puts missing triggers back before it looks whether any is missing.

Without this, migrate's own checks would stop the very command that repairs what they found, and no release could bring
a new trigger to an existing table.
"""

from typing import Any

from django.core.management.commands import migrate
from django.db import connections

from postroom.ledger.triggers import install


class Command(migrate.Command):
    """As Django's."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        for trigger in install(connections[options["database"]]):
            if options["verbosity"] > 0:
                self.stderr.write(f"Put back the trigger {trigger.name} on {trigger.table}.")
        return super().execute(*args, **options)
