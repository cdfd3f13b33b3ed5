"""What waits for somebody, from every floor: My work shows it without knowing who is above.

An app registers a provider in AppConfig.ready(). It is asked once a page for the signed-in person, must scope its reads
by its own `visible_to`, and takes a fixed number of queries however much waits.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from postroom.people.authority import Authority
from postroom.people.models import User


@dataclass(frozen=True)
class WorkRow:
    """One thing that waits: what (the link's text), where, what to do; `since` and `due` are aware moments."""

    title: str
    href: str
    do: str
    detail: str = ""
    since: dt.datetime | None = None
    due: dt.datetime | None = None
    overdue: bool = False


@dataclass(frozen=True)
class WorkList:
    """One list of My work. `count` may exceed the rows shown; `more_href` shows all. `is_work`: counted as to do."""

    slug: str
    title: str
    rows: list[WorkRow] = field(default_factory=list)
    count: int = 0
    more_href: str = ""
    is_work: bool = True


Provider = Callable[[User, Authority], list[WorkList]]
_providers: list[Provider] = []


def register(provider: Provider) -> None:
    """Add a provider; the same twice stays one."""
    if provider not in _providers:
        _providers.append(provider)


def lists_for(user: User, authority: Authority) -> list[WorkList]:
    """Every list with something in it, in the order of the floors."""
    return [found for provider in _providers for found in provider(user, authority) if found.rows]


# Counting stops here in each list; people read "99+".
COUNT_UP_TO = 100

Counter = Callable[[User, Authority], list[QuerySet[Any]]]
Lines = Callable[[User, Authority], list[tuple[str, int]]]
_counters: list[Counter] = []
_lines: list[Lines] = []


def register_counter(counter: Counter) -> None:
    """Add what is counted at the head of every page: the querysets of what waits for somebody, evaluated nowhere else.

    Nothing that waits may be in two of them. The same counter twice stays one.
    """
    if counter not in _counters:
        _counters.append(counter)


def register_lines(lines: Lines) -> None:
    """Add lists that are no provider's to the morning's summary: title (fixed words) and count. Twice stays one."""
    if lines not in _lines:
        _lines.append(lines)


def count_waiting(user: User, authority: Authority) -> int:
    """How much waits for this person, for the head of every page: one query, none without a list of theirs.

    Each list is counted up to COUNT_UP_TO, so it costs the same however much waits.
    """
    terms: list[str] = []
    values: list[Any] = []
    for counter in _counters:
        for rows in counter(user, authority):
            try:
                sql, parameters = rows.order_by().values("pk")[:COUNT_UP_TO].query.sql_with_params()
            except EmptyResultSet:
                continue
            terms.append(f"(SELECT COUNT(*) FROM ({sql}) AS waiting)")  # noqa: S608 - Django's own SQL, values apart
            values.extend(parameters)
    if not terms:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {' + '.join(terms)}", values)
        return int(cursor.fetchone()[0])


def lines_waiting(user: User, authority: Authority) -> list[tuple[str, int]]:
    """What waits, a list a line with its count, for the morning's summary. Titles are fixed words of the program."""
    own = [line for lines in _lines for line in lines(user, authority)]
    others = [(found.title, found.count) for found in lists_for(user, authority) if found.is_work]
    return [(title, count) for title, count in own + others if count]
