"""Figures of breaches by office, cause and control, per 1,000 items posted, and alerts where they rise."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass

from django.db.models import Count, QuerySet
from django.utils import timezone

from breaches.models import Breach
from breaches.words import CAUSE_NAMES, CONTROL_NAMES, Control
from letters.models import Letter

# An alert: at least so many in the last 30 days, and more than twice the monthly mean of the 180 days before.
AT_LEAST, WINDOW, BEFORE = 3, 30, 180


@dataclass(frozen=True)
class Line:
    """One line of a table: breaches, near misses beside them, and items posted (None: not counted)."""

    name: str
    breaches: int
    near_misses: int
    items: int | None = None

    @property
    def per_thousand(self) -> str:
        """To one decimal; a dash where nothing was posted or it doesn't apply."""
        return f"{1000 * self.breaches / self.items:.1f}" if self.items else "–"


def by_office(breaches: QuerySet[Breach], since: dt.date) -> list[Line]:
    """A line an office with breaches reported, or letters posted, from local day `since` on. Two queries."""
    found = _counts(_since(breaches, since), "office__name")
    rows = Letter.objects.filter(posted_on__gte=since).order_by().values_list("office__name").annotate(n=Count("pk"))
    posted = dict(rows)
    return [Line(name, *found.get(name, (0, 0)), posted.get(name, 0)) for name in sorted({*found, *posted})]


def by_cause(breaches: QuerySet[Breach], since: dt.date) -> list[Line]:
    """A line a cause, the most frequent first. One query."""
    names = {str(cause): name for cause, name in CAUSE_NAMES.items()}
    return _lines(_counts(_since(breaches, since), "cause"), names)


def by_control(breaches: QuerySet[Breach], since: dt.date) -> list[Line]:
    """A line a control that should have held, the most frequent first. One query."""
    names = {str(control): name for control, name in CONTROL_NAMES.items()}
    return _lines(_counts(_since(breaches, since), "control"), names)


def _since(breaches: QuerySet[Breach], since: dt.date) -> QuerySet[Breach]:
    return breaches.filter(reported_at__gte=timezone.make_aware(dt.datetime.combine(since, dt.time.min)))


def _counts(breaches: QuerySet[Breach], field: str) -> dict[str, tuple[int, int]]:
    """name -> (breaches, near misses); an event that is more than a near miss is a breach."""
    found: dict[str, tuple[int, int]] = {}
    rows = breaches.order_by().values_list(field, "is_disclosure", "is_loss", "is_theft").annotate(n=Count("pk"))
    for name, disclosed, lost, stolen, number in rows:
        real, near = found.get(name, (0, 0))
        found[name] = (real + number, near) if disclosed or lost or stolen else (real, near + number)
    return found


def _lines(counts: dict[str, tuple[int, int]], names: dict[str, str]) -> list[Line]:
    lines = [Line(names.get(key, "Not entered yet"), *numbers) for key, numbers in counts.items()]
    return sorted(lines, key=lambda line: (-line.breaches, -line.near_misses, line.name))


def alerts(breaches: QuerySet[Breach], today: dt.date) -> list[str]:
    """Where events rise, a sentence each: by office, and by the step that should have held. One query."""
    cut = timezone.make_aware(dt.datetime.combine(today - dt.timedelta(days=WINDOW), dt.time.min))
    start = cut - dt.timedelta(days=BEFORE)
    now: Counter[tuple[str, str]] = Counter()
    before: Counter[tuple[str, str]] = Counter()
    rows = breaches.filter(reported_at__gte=start).values_list("office__name", "control", "reported_at")
    for office, control, at in rows:
        counted = now if at >= cut else before
        counted["office", office] += 1
        if control and control != Control.NONE:
            counted["control", control] += 1
    found = []
    for (kind, name), number in sorted(now.items()):
        usual = before[kind, name] * WINDOW / BEFORE
        if number >= AT_LEAST and number > 2 * usual:
            where = f"At {name}" if kind == "office" else f"{CONTROL_NAMES[Control(name)]} failed"
            verb = f"{number} were reported" if kind == "office" else f"{number} times"
            found.append(f"{where}: {verb} in {WINDOW} days; {usual:.1f} is usual.")
    return found
