"""The figures of some offices over some months, read from the sums; a fixed number of queries, however many letters."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Case, Count, Sum, Value, When
from django.db.models.functions import TruncMonth
from django.utils import timezone

from audit.dashboards.counting import ALWAYS, EMAILED, HANDED, POSTED, SETTLED
from audit.dashboards.late import late_before
from audit.models import FigureRow, FiguresUpTo, SpotCheck
from audit.spotchecks.rules import CheckState
from breaches.models import Breach
from breaches.models.breach import ONLY_NEAR_MISS
from breaches.reports.figures import copies_by_month
from letters.states import STATE_NAMES, State
from postroom.people.models import Office, User

MONTHLY = ("stay", "group", "posted", "handed", "emailed", "pp", "pp_by", "uploaded", "returned", "opened")


@dataclass(frozen=True)
class Stay:
    """How long letters stood in a state before they left it."""

    state: str
    name: str
    count: int
    seconds: int
    groups: list[int]

    @property
    def days(self) -> float:
        """On average, days."""
        return self.seconds / self.count / 86_400 if self.count else 0.0


@dataclass(frozen=True)
class Now:
    """How many letters stand in a state now, and how many of them for too long."""

    state: str
    name: str
    count: int
    stuck: int


@dataclass
class Month:
    """One month."""

    first: dt.date
    posted: int = 0
    handed: int = 0
    emailed: int = 0
    copies: int = 0
    pp: int = 0
    uploaded: int = 0
    upload_days: int = 0
    returned: int = 0
    opened: int = 0
    breaches: int = 0
    near_misses: int = 0

    @property
    def name(self) -> str:
        return f"{self.first:%B %Y}"

    @property
    def items(self) -> int:
        """What went out: letters posted, handed over or e-mailed, and copies of reports and minutes by whatever way."""
        return self.posted + self.handed + self.emailed + self.copies

    @property
    def could_return(self) -> int:
        """Letters that went and can come back undelivered: by post or by secure e-mail, not into somebody's hands."""
        return self.posted + self.emailed

    @property
    def short(self) -> str:
        return f"{self.first:%b}"


@dataclass
class Figures:
    """Everything that the page shows, for `offices` in `months`."""

    offices: list[Office]
    months: list[Month]
    as_of: dt.datetime | None
    now: list[Now] = field(default_factory=list)
    stays: list[Stay] = field(default_factory=list)
    pp_by: list[tuple[str, int]] = field(default_factory=list)
    # The same people by their ids, in the same order.
    pp_ids: list[int] = field(default_factory=list)
    # Gone and not on the case record: posted; handed over; sent by secure e-mail. How many, how many of them too long.
    owed: int = 0
    owed_late: int = 0
    owed_handed: tuple[int, int] = (0, 0)
    owed_emailed: tuple[int, int] = (0, 0)
    checks: list[SpotCheck] = field(default_factory=list)

    def total(self, name: str) -> int:
        """A month's figure over all months."""
        return sum(getattr(month, name) for month in self.months)

    @property
    def stuck(self) -> int:
        return sum(now.stuck for now in self.now)

    @property
    def open_now(self) -> int:
        return sum(now.count for now in self.now if now.state not in SETTLED)


def months_back(today: dt.date, count: int) -> list[dt.date]:
    """The first days of the last `count` months, this one included, oldest first."""
    found, first = [], today.replace(day=1)
    for _ in range(count):
        found.append(first)
        first = (first - dt.timedelta(days=1)).replace(day=1)
    return found[::-1]


def figures_of(offices: Collection[Office], months: int) -> Figures:
    """The figures of the last `months` months. Whoever asks has looked which offices the person may see."""
    today = timezone.localdate()
    firsts = months_back(today, months)
    ids = sorted(office.pk for office in offices)
    upto = FiguresUpTo.objects.filter(pk=1).first()
    found = Figures(list(offices), [Month(first) for first in firsts], upto.at if upto and upto.position else None)
    rows = FigureRow.objects.filter(office_id__in=ids)
    _by_month(found, rows.filter(measure__in=MONTHLY, day__gte=firsts[0]))
    _now(found, rows.filter(measure__in=("now", "owed")), today)
    checks = SpotCheck.objects.filter(state=CheckState.FINISHED, finished_at__date__gte=firsts[0])
    checks = checks.filter(office_id__in=ids) | checks.filter(office__isnull=True)
    found.checks = list(checks.select_related("office").order_by("-finished_at")[:60])[::-1]
    _breaches(found, ids, firsts[0])
    return found


def _by_month(found: Figures, rows: Any) -> None:
    by_first = {month.first: month for month in found.months}
    stays: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    groups: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    people: dict[int, int] = defaultdict(int)
    sums = rows.values_list("measure", "key", "day").annotate(n=Sum("count"), s=Sum("seconds"))
    for measure, key, day, count, seconds in sums.order_by():
        month = by_first.get(day)
        match measure:
            case "stay":
                stays[key][0] += count
                stays[key][1] += seconds
            case "group":
                state, _, group = key.partition(":")
                groups[state][int(group)] += count
            case "pp_by":
                people[int(key)] += count
            case _ if month is not None:
                setattr(month, measure, getattr(month, measure) + count)
                if measure == "uploaded":
                    month.upload_days += seconds // 86_400
    found.stays = [
        Stay(str(state), STATE_NAMES[state], stays[state][0], stays[state][1], groups[state])
        for state in State
        if stays[state][0]
    ]
    names = dict(User.objects.filter(pk__in=list(people)).values_list("pk", "name"))
    ranked = sorted(((-n, names.get(pk, "?"), pk) for pk, n in people.items() if n), key=lambda row: row[:2])
    found.pp_by, found.pp_ids = [(name, -n) for n, name, _ in ranked], [pk for _, _, pk in ranked]


def _now(found: Figures, rows: Any, today: dt.date) -> None:
    """Letters now, and those that have waited too long: the days are turned into early and late by the database."""
    cutoff = late_before(today)
    late = Case(When(day__gt=ALWAYS, day__lt=cutoff, then=Value(1)), default=Value(0))
    counts: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for measure, key, is_late, count in rows.annotate(late=late).values_list("measure", "key", "late").annotate(
        n=Sum("count")
    ).order_by():  # fmt: skip
        counts[measure, key][0] += count
        counts[measure, key][1] += count if is_late else 0
    found.owed, found.owed_late = counts["owed", POSTED]
    found.owed_handed = (counts["owed", HANDED][0], counts["owed", HANDED][1])
    found.owed_emailed = (counts["owed", EMAILED][0], counts["owed", EMAILED][1])
    found.now = [
        Now(str(state), STATE_NAMES[state], *counts["now", str(state)])
        for state in State
        if counts["now", str(state)][0]
    ]


def _breaches(found: Figures, ids: list[int], first: dt.date) -> None:
    """Breaches and near misses by the month in which somebody became aware; there are few, so they are counted.

    So are the copies of reports and minutes that went out: with the letters they are what breaches are counted against.
    """
    by_first = {month.first: month for month in found.months}
    for day, sent in copies_by_month(first, ids).items():
        if day in by_first:
            by_first[day].copies = sent.items
    rows = Breach.objects.filter(office_id__in=ids, aware_at__date__gte=first)
    # An event that is more than a near miss is a breach.
    near = Case(When(ONLY_NEAR_MISS, then=Value(1)), default=Value(0))
    grouped = (
        rows.annotate(month=TruncMonth("aware_at"), near=near).values_list("month", "near").annotate(n=Count("pk"))
    )
    for moment, near_miss, count in grouped.order_by():
        month = by_first.get(timezone.localdate(moment) if isinstance(moment, dt.datetime) else moment)
        if month is not None and near_miss:
            month.near_misses += count
        elif month is not None:
            month.breaches += count
