"""Django's SQLite engine, whose flush passes the ledger's triggers on a test database."""

from typing import Any

from django.db.backends.sqlite3 import base
from django.db.backends.sqlite3.operations import DatabaseOperations as DjangoOperations

from postroom.ledger.testing import lifted_flush


class DatabaseOperations(DjangoOperations):
    """As Django's, but for flush."""

    def sql_flush(self, style: Any, tables: Any, **options: Any) -> list[str]:
        return lifted_flush(self.connection, list(tables), super().sql_flush(style, tables, **options))


class DatabaseWrapper(base.DatabaseWrapper):
    """As Django's, with the operations above."""

    ops_class = DatabaseOperations
