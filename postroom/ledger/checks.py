"""Nothing starts on a ledger whose triggers are gone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, connections

from postroom.ledger.triggers import missing

HINT = "Run: manage.py migrate. It puts them back; then run manage.py verify_ledger, since nothing guarded the record."


@register(Tags.database)
def triggers_stand(app_configs: Any, databases: Sequence[str] | None, **kwargs: Any) -> list[CheckMessage]:
    """An Error for each trigger that is missing from a migrated database. Runs with `check --database default`."""
    return [
        Error(f"The trigger {trigger.name} on {trigger.table} is missing.", hint=HINT, id="ledger.E001")
        for alias in databases or ()
        for trigger in missing(connections[alias])
    ]


def refuse_without_triggers(using: str = DEFAULT_DB_ALIAS) -> None:
    """Called when the web server and the worker start; Django's own start runs no check that asks a database.

    Raises ImproperlyConfigured with a sentence if the ledger has no tables or a trigger is missing.
    """
    connection = connections[using]
    try:
        with connection.cursor() as cursor:
            prepared = "ledger_entry" in connection.introspection.table_names(cursor)
        if not prepared:
            raise ImproperlyConfigured("The database has not been prepared. Run: manage.py migrate.")
        absent = missing(connection)
    finally:
        # The server forks after this; a connection must not be shared.
        connection.close()
    if absent:
        names = ", ".join(trigger.name for trigger in absent)
        raise ImproperlyConfigured(f"The ledger is not protected; these triggers are missing: {names}. {HINT}")
