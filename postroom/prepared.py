"""Queries asked at each page and each step, their text put together once.

Django puts a query's text together anew each time, which for a small query takes ten times as long as its answer. What
somebody may act as is one of them, asked by every page and twice by every step. Such a query is still written with
Django's own parts, so that a rule like "the days on which a grant holds" stands in one place.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.db.models import QuerySet

Value = int | str | dt.date
# For each kind of value two that differ, so that it is seen where in the text each goes.
_SAMPLES: dict[type, tuple[Value, Value]] = {
    int: (1, 2),
    str: ("a", "b"),
    dt.date: (dt.date(2001, 2, 3), dt.date(2004, 5, 6)),
}


class Prepared:
    """A query with named values, its text kept for each kind of database.

    `make` gets the values by name and returns a `values_list`; `kinds` says what each value is: int, str or date.
    The values may stand in conditions only, and must not change the text (no None, no lists).
    """

    def __init__(self, make: Callable[..., QuerySet[Any, Any]], **kinds: type) -> None:
        self._make, self._kinds = make, kinds
        self._texts: dict[str, tuple[str, list[Any]]] = {}

    def rows(self, **values: Value) -> list[tuple[Any, ...]]:
        """The rows as the database gives them, always fresh: one query. Dates and booleans are dates and booleans."""
        text, places = self._texts.get(connection.vendor) or self._prepare()
        adapted = {
            name: connection.ops.adapt_datefield_value(value) if isinstance(value, dt.date) else value
            for name, value in values.items()
        }
        with connection.cursor() as cursor:
            cursor.execute(text, [adapted[place.name] if isinstance(place, _Place) else place for place in places])
            return list(cursor.fetchall())

    def _prepare(self) -> tuple[str, list[Any]]:
        """Put the text together with sample values, changing one at a time to see which places are its."""
        first = {name: _SAMPLES[kind][0] for name, kind in self._kinds.items()}
        text, places = self._compiled(first)
        found = list(places)
        for name, kind in self._kinds.items():
            same, others = self._compiled({**first, name: _SAMPLES[kind][1]})
            if same != text:
                raise ValueError(f"{name} changes the text of a prepared query")
            for n, (one, other) in enumerate(zip(places, others, strict=True)):
                if one != other:
                    found[n] = _Place(name)
        if missing := set(self._kinds) - {place.name for place in found if isinstance(place, _Place)}:
            raise ValueError(f"{', '.join(sorted(missing))}: no such value in a prepared query")
        self._texts[connection.vendor] = text, found
        return text, found

    def _compiled(self, values: dict[str, Value]) -> tuple[str, tuple[Any, ...]]:
        text, params = self._make(**values).query.get_compiler(connection=connection).as_sql()
        return text, tuple(params)


class _Place:
    """Where in a text's values a named one goes."""

    def __init__(self, name: str) -> None:
        self.name = name
