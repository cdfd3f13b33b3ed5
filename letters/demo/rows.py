"""Rows of one batch, collected in memory and written in one go, ledger entries first (the triggers look for them)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from functools import cache
from itertools import count
from typing import Any, TypeVar

from django.db import connection, models

from postroom.ledger.models import Entry, Reason
from postroom.ledger.recording import Step, build_entry
from postroom.ledger.subjects import LedgerSubject

M = TypeVar("M", bound=models.Model)
CHUNK = 500


class Ids:
    """Ids for rows of one table that are not written yet, from the database's own sequence."""

    def __init__(self, table: str) -> None:
        self._table = table
        self._free: list[int] = []
        self._next = count(self._first_free()) if connection.vendor == "sqlite" else None

    def take(self) -> int:
        """One id that nobody else gets."""
        if self._next is not None:
            return next(self._next)
        if not self._free:
            self._free = self._draw()
        return self._free.pop()

    def _first_free(self) -> int:
        # The transaction is the only writer (IMMEDIATE), so what is free now stays free until it ends.
        with connection.cursor() as cursor:
            cursor.execute("SELECT COALESCE(MAX(seq), 0) + 1 FROM sqlite_sequence WHERE name = %s", [self._table])
            return int(cursor.fetchone()[0])

    def _draw(self) -> list[int]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [self._table, CHUNK]
            )
            return [row[0] for row in reversed(cursor.fetchall())]


@cache
def _history_of(model: Any) -> tuple[Any, list[str]]:
    """A model's history, and the columns it keeps. Asking the row builds a manager each time, which costs more than
    all the rest."""
    history = model.history.model
    return history, [field.attname for field in history.tracked_fields]


class Rows:
    """What a batch will write. Used inside one transaction; `save` empties it."""

    def __init__(self) -> None:
        self._ids: dict[str, Ids] = {}
        self._rows: dict[type[models.Model], list[models.Model]] = defaultdict(list)
        self._history: dict[Any, list[models.Model]] = defaultdict(list)
        self._entries: list[Entry] = []
        self._reasons: list[Reason] = []
        self._latest: dict[str, dt.datetime] = {}
        self._changed: dict[tuple[type[models.Model], int], tuple[models.Model, tuple[str, ...]]] = {}

    def add(self, row: M) -> M:
        """A new row; it has its id from now on."""
        table = row._meta.db_table
        if table not in self._ids:
            self._ids[table] = Ids(table)
        row.pk = self._ids[table].take()
        self._rows[type(row)].append(row)
        return row

    def update(self, row: models.Model, *fields: str) -> None:
        """Fields of a row that an earlier batch wrote; a row of this batch is written as it stands at the end."""
        if row._state.adding:
            return
        _, before = self._changed.get((type(row), row.pk), (row, ()))
        self._changed[type(row), row.pk] = row, tuple(dict.fromkeys((*before, *fields)))

    def note(self, row: Any, by: models.Model | None, at: dt.datetime, kind: str) -> None:
        """A row of field-by-field history, as the row stands now. `kind`: "+" or "~"."""
        history, names = _history_of(type(row))  # type: ignore[arg-type]
        values = {name: getattr(row, name) for name in names}
        self._history[history].append(
            history(history_date=at, history_type=kind, history_user_id=by.pk if by else None, **values)
        )

    def enter(self, subject: LedgerSubject, step: Step) -> None:
        """The subject's next ledger entry. Raises ValueError if it would be earlier than the one before it."""
        name = subject.ledger_subject
        if step.at < self._latest.get(name, step.at):
            raise ValueError(f"{name}: {step.action} would stand before an earlier step")
        self._latest[name] = step.at
        entry, reason = build_entry(subject, step)
        self._entries.append(entry)
        if reason:
            self._reasons.append(reason)

    def save(self) -> int:
        """Write everything, oldest entry first; says how many entries there were."""
        entries = sorted(self._entries, key=lambda entry: entry.at)  # stable: each chain stays in its order
        Entry.objects.bulk_create(entries, batch_size=CHUNK)
        Reason.objects.bulk_create(self._reasons, batch_size=CHUNK)
        for model, rows in self._rows.items():
            model._base_manager.bulk_create(rows, batch_size=CHUNK)
        for row, fields in self._changed.values():
            type(row)._base_manager.filter(pk=row.pk).update(**{name: getattr(row, name) for name in fields})
        for history, rows in self._history.items():
            history.objects.bulk_create(rows, batch_size=CHUNK)
        written = len(entries)
        self.__init__()  # type: ignore[misc]
        return written
