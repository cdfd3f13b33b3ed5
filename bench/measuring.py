"""What every part of the bench measures with: medians taken in turn, and rows of the table."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

ROUNDS = 25

Row = dict[str, Any]


def in_turn(*sides: Callable[[], object], rounds: int = ROUNDS, warm: int = 3) -> list[float]:
    """The median of each side in milliseconds; they take turns, after `warm` rounds that don't count."""
    taken: list[list[float]] = [[] for _ in sides]
    for number in range(warm + rounds):
        for times, side in zip(taken, sides, strict=True):
            begun = time.perf_counter()
            side()
            if number >= warm:
                times.append((time.perf_counter() - begun) * 1000)
    return [statistics.median(times) for times in taken]


def row(what: str, value: float, unit: str, **more: Any) -> Row:
    """One line of the table."""
    return {"what": what, "value": round(value, 2), "unit": unit, **more}


def queries_of(look: Callable[[], object]) -> list[str]:
    """The statements that one look sends to the database."""
    from django.db import connection, reset_queries

    connection.force_debug_cursor = True
    reset_queries()
    look()
    found = [str(query["sql"]) for query in connection.queries]
    connection.force_debug_cursor = False
    return found
