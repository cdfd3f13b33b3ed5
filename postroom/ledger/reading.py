"""Rows as the database holds them, without the models' conversions: what is verified is what is stored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from postroom.ledger.chain import EntryValues

CHUNK = 2_000
ENTRY_COLUMNS = ", ".join(f"e.{name}" for name in ("id", *EntryValues._fields, "hash"))


def rows(connection: BaseDatabaseWrapper, sql: str, params: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
    """The rows of a query, a chunk at a time; on PostgreSQL by a cursor in the server (inside a transaction)."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql, params)
        while chunk := cursor.fetchmany(CHUNK):
            yield from chunk


def by_bytes(connection: BaseDatabaseWrapper, column: str) -> str:
    """`column` for ORDER BY so that it sorts by its UTF-8 bytes, whatever the database's language."""
    return f'{column} COLLATE "C"' if connection.vendor == "postgresql" else f"{column} COLLATE BINARY"


@contextmanager
def snapshot(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """One unchanging view of the database for all that is read inside, without keeping anybody from writing.

    Inside a transaction already, that one's own view is used.
    """
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic(using=connection.alias):
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield
    else:
        # Not atomic(): by the settings that would be IMMEDIATE and hold the one writer's place until we are done.
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute("ROLLBACK")
