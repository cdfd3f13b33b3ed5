"""Database engines for tests that commit: they can empty the ledger's tables between two tests.

Only `flush` is let through, only on a database that the test runner made (its name begins with `test_`, or it lives in
memory), and the triggers stand again when it is done. Nothing outside the tests names these engines.
"""

from __future__ import annotations

from pathlib import Path

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from postroom.ledger.triggers import create_sql, drop_sql, expected

ENGINES = {
    "django.db.backends.sqlite3": "postroom.ledger.testing.sqlite3",
    "django.db.backends.postgresql": "postroom.ledger.testing.postgresql",
}


def use_test_engines() -> None:
    """Give each of settings.DATABASES its test engine. For conftest.py, before a database is set up or used."""
    for alias, options in connections.settings.items():
        if options["ENGINE"] in ENGINES:
            options["ENGINE"] = ENGINES[options["ENGINE"]]
            # Setting Django up has made one of Django's own engine already.
            connections[alias].close()
            del connections[alias]


def lifted_flush(
    connection: BaseDatabaseWrapper, tables: list[str], statements: list[str], verb: str = "DELETE"
) -> list[str]:
    """`statements` of a flush between those that lift the triggers on `verb` in its way and those that put them back.

    Raises RuntimeError on any database that isn't the test runner's own.
    """
    if not statements:
        return statements
    check_is_test_database(connection)
    inside = set(tables)
    lifted = [t for t in expected(connection) if t.verb == verb and t.table in inside]
    before = [drop_sql(connection, trigger) for trigger in lifted]
    after = [sql for trigger in lifted for sql in create_sql(connection, trigger)]
    return [*before, *statements, *after]


def check_is_test_database(connection: BaseDatabaseWrapper) -> None:
    """Raises RuntimeError on any database that isn't the test runner's own."""
    name = str(connection.settings_dict["NAME"])
    if not Path(name).name.startswith("test_") and not name.startswith("file:memorydb_"):
        raise RuntimeError(f"{name} is not a test database; it is not emptied.")
