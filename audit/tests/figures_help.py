"""Sums as they are kept, and counted from scratch, for tests of the figures."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from itertools import pairwise
from typing import Any

from django.utils import timezone

from audit.dashboards.counting import ALWAYS
from audit.models import FigureRow
from letters.models import Letter, Return
from letters.states import State
from letters.tests.work_help import BACKEND
from postroom.ledger.models import Entry
from postroom.people.models import RoleGrant, User

SETTLED = ("uploaded", "withdrawn", "returned")


def kept() -> dict[tuple[int, dt.date, str, str], tuple[int, int]]:
    """The sums as they are kept."""
    rows = FigureRow.objects.values_list("office_id", "day", "measure", "key", "count", "seconds")
    return {(office, day, measure, key): (count, seconds) for office, day, measure, key, count, seconds in rows}


def left_on(letter: Letter) -> list[tuple[dt.date, str]]:
    """The day it left, and the way; none while it is here."""
    ways = ((letter.posted_on, ""), (letter.handed_on, "handed"), (letter.emailed_on, "emailed"))
    return [(day, way) for day, way in ways if day]


def from_scratch() -> dict[tuple[int, dt.date, str, str], tuple[int, int]]:
    """The same counted from letters' rows and from pairs of entries, without the code that keeps them up.

    For letters that never changed office (the move has a test of its own).
    """
    counts: Counter[tuple[int, dt.date, str, str]] = Counter()
    seconds: dict[tuple[int, dt.date, str, str], int] = defaultdict(int)
    for letter in Letter.objects.all():
        since = ALWAYS if letter.state in SETTLED else timezone.localdate(letter.state_since)
        counts[letter.office_id, since, "now", letter.state] += 1
        if letter.posted_on:
            month = letter.posted_on.replace(day=1)
            counts[letter.office_id, month, "posted", ""] += 1
            if letter.signature_kind == "pp":
                counts[letter.office_id, month, "pp", ""] += 1
                counts[letter.office_id, month, "pp_by", str(letter.signed_by_id)] += 1
        if letter.handed_on:
            counts[letter.office_id, letter.handed_on.replace(day=1), "handed", ""] += 1
        if letter.emailed_on and letter.state != State.UNCERTAIN:
            counts[letter.office_id, letter.emailed_on.replace(day=1), "emailed", ""] += 1
            for back in Entry.objects.filter(subject=letter.ledger_subject, action="bounce"):
                counts[letter.office_id, timezone.localdate(back.at).replace(day=1), "returned", ""] += 1
        if not letter.uploaded_at and letter.state != State.UNCERTAIN:
            counts.update((letter.office_id, day, "owed", way) for day, way in left_on(letter))
        if letter.posted_on and letter.uploaded_at:
            day = timezone.localdate(letter.uploaded_at)
            counts[letter.office_id, day.replace(day=1), "uploaded", ""] += 1
            seconds[letter.office_id, day.replace(day=1), "uploaded", ""] += (day - letter.posted_on).days * 86_400
        moves = [
            e for e in Entry.objects.filter(subject=letter.ledger_subject).order_by("seq") if e.from_state != e.to_state
        ]
        for earlier, later in pairwise(moves):
            month = timezone.localdate(later.at).replace(day=1)
            spent = int((later.at - earlier.at).total_seconds())
            counts[letter.office_id, month, "stay", later.from_state] += 1
            seconds[letter.office_id, month, "stay", later.from_state] += spent
            days = spent / 86_400
            group = 0 if days <= 1 else 1 if days <= 3 else 2 if days <= 7 else 3
            counts[letter.office_id, month, "group", f"{later.from_state}:{group}"] += 1
    for came in Return.objects.select_related("letter"):
        month = came.came_back_on.replace(day=1)
        counts[came.letter.office_id, month, "returned", ""] += 1
        if came.was_opened:
            counts[came.letter.office_id, month, "opened", ""] += 1
    return {key: (count, seconds.get(key, 0)) for key, count in counts.items()}


def references(page: Any) -> set[str]:
    """The letters of a list behind a figure."""
    return {row["letter"].reference if isinstance(row, dict) else row.letter.reference for row in page.context["rows"]}


def client_of(user: User):
    from django.test import Client

    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def grant_from_long_ago() -> None:
    """Roles given since the council was made hold on the days that the test goes to."""
    RoleGrant.objects.update(starts=dt.date(2020, 1, 1))
