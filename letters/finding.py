"""Finding letters: by what somebody types, and by filters that stand in the page's address. Scoped by `visible_to`.

What is typed is personal at times, so it is posted and never stands in an address; filters say nothing of anybody.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.utils import timezone

from letters import selectors
from letters.finding_words import Wanted, newest_with
from letters.models import Letter
from letters.states import STATE_NAMES, State
from postroom.cases.models import CasePerson
from postroom.cases.names import name_key, words_of
from postroom.forms import YEARS
from postroom.people.authority import Authority
from postroom.people.models import Office, User
from postroom.spreadsheets import plain
from postroom.steps.references import is_reference

PAGE = 25
CSV_ROWS = 5_000
MOST_WORDS = 8


@dataclass(frozen=True)
class Filters:
    """What a list of letters is narrowed to. Each is a word of a closed list or a date: nothing of anybody."""

    state: str = ""
    office: str = ""
    mine: bool = False
    since: dt.date | None = None
    until: dt.date | None = None

    @classmethod
    def read(cls, data: Any) -> Filters:
        """From a page's address; what can't be is left out."""
        return cls(
            state=data.get("state", "") if data.get("state") in list(State) else "",
            office=data.get("office", "") if re.fullmatch(r"[a-z0-9-]{2,12}", data.get("office", "")) else "",
            mine=data.get("mine") == "1",
            since=_day(data.get("since", "")),
            until=_day(data.get("until", "")),
        )

    @property
    def query(self) -> str:
        """As they stand in an address; empty if nothing is filtered."""
        pairs = {
            "state": self.state,
            "office": self.office,
            "mine": "1" if self.mine else "",
            "since": str(self.since or ""),
            "until": str(self.until or ""),
        }
        return urlencode({name: value for name, value in pairs.items() if value})

    @property
    def in_words(self) -> str:
        """As people read them."""
        said = [STATE_NAMES[State(self.state)] if self.state else "", "of your own cases" if self.mine else ""]
        said += [f"handed over from {self.since:%-d %B %Y}" if self.since else ""]
        said += [f"until {self.until:%-d %B %Y}" if self.until else ""]
        return ", ".join(part for part in said if part) or "All that you may read"


def _day(text: str) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year in YEARS else None


def filtered(user: User, authority: Authority, filters: Filters) -> QuerySet[Letter]:
    """The letters that this person may read and the filters let through, newest first."""
    letters = selectors.visible_to(user, authority=authority)
    if filters.state:
        letters = letters.filter(state=filters.state)
    if filters.office:
        letters = letters.filter(office__code=filters.office)
    if filters.mine:
        letters = letters.filter(case__allocated_worker=user)
    if filters.since:
        letters = letters.filter(created_at__gte=_midnight(filters.since))
    if filters.until:
        letters = letters.filter(created_at__lt=_midnight(filters.until + dt.timedelta(days=1)))
    return letters.order_by("-pk")


def _midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min))


def with_names(letters: QuerySet[Letter]) -> QuerySet[Letter]:
    """With what a list shows of each, in one query."""
    return letters.select_related("addressee", "office", "case__allocated_worker")


def page_of(
    letters: QuerySet[Letter], *, before: int | None = None, size: int = PAGE
) -> tuple[list[Letter], int | None]:
    """A page of a list by key, and the key of the next or None. One query, whatever lies before it."""
    if before is not None:
        letters = letters.filter(pk__lt=before)
    found = list(with_names(letters)[: size + 1])
    return found[:size], (found[size - 1].pk if len(found) > size else None)


def searched(
    user: User, authority: Authority, typed: str, *, before: int | None = None, size: int = PAGE
) -> tuple[list[Letter], int | None]:
    """Letters by reference, case reference, number in ICS, the addressee's name or words of the subject; newest first.

    Every word has to be there, each by its beginning. A query a way of finding by number and part of what may be read
    (selectors.within_reach), each on an index of its own, one for words, and one for what is shown.
    """
    wanted = Wanted(tuple(words_of(typed)[:MOST_WORDS]), tuple(name_key(typed).split()[:MOST_WORDS]))
    reach = selectors.reach_of(user, authority)
    keys = set(newest_with(wanted, user=user, reach=reach, before=before, most=size + 1))
    parts = selectors.within_reach(user, authority=authority)
    for way in _ways(typed):
        for letters in parts:
            rest = letters if before is None else letters.filter(pk__lt=before)
            keys.update(rest.filter(way).order_by("-pk").values_list("pk", flat=True)[: size + 1])
    newest = sorted(keys, reverse=True)[: size + 1]
    shown = selectors.visible_to(user, authority=authority).filter(pk__in=newest[:size])
    found = list(with_names(shown).order_by("-pk"))
    return found, (newest[size - 1] if len(newest) > size else None)


def _ways(typed: str) -> Iterator[Any]:
    """The conditions that what was typed may mean beside words, each by itself."""
    compact = "".join(typed.split()).upper()
    if is_reference(compact):
        yield Q(reference=compact)
        yield Q(case__reference=compact)
    if compact and len(compact) <= 20:
        yield Q(case_id__in=CasePerson.objects.filter(ics_number=compact).values("case_id"))
        yield Q(case__ics_reference=compact)


def csv_row(letter: Letter) -> list[str]:
    """A letter as a row of what is shown; never an address."""
    worker = letter.case.allocated_worker
    cells = [
        letter.reference,
        letter.state_name,
        letter.addressee.name,
        letter.subject,
        worker.name if worker else "",
        letter.office.name,
        str(timezone.localdate(letter.created_at)),
        str(letter.posted_on or ""),
    ]
    return [plain(cell) for cell in cells]


CSV_HEAD = ["Reference", "Stands at", "To", "Subject", "Worker", "Office", "Handed over", "Posted"]


def offices_of(authority: Authority) -> list[Office]:
    """The offices that a person who holds roles at several can filter by."""
    return list(Office.objects.filter(pk__in={office for _, office in authority.held if office is not None}))
