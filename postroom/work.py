"""What waits for somebody, from every floor: My work shows it without knowing who is above.

An app registers a provider in AppConfig.ready(). It is asked once a page for the signed-in person, must scope its reads
by its own `visible_to`, and takes a fixed number of queries however much waits.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

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
