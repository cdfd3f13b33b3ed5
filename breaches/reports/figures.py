"""Figures of breaches by office, cause and control, per 1,000 items sent, and alerts where they rise."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncMonth
from django.utils import timezone

from breaches.models import Breach
from breaches.words import CAUSE_NAMES, CONTROL_NAMES, Control
from distribution.models import Item
from letters.models import Letter
from letters.states import State

# An alert: at least so many in the last 30 days, and more than twice the monthly mean of the 180 days before.
AT_LEAST, WINDOW, BEFORE = 3, 30, 180


ALL = "All offices"


@dataclass(frozen=True)
class Sent:
    """What left the council: letters posted, handed over or e-mailed; of reports and minutes what went registered, by
    secure e-mail, and into somebody's own hands."""

    letters: int = 0
    registered: int = 0
    emailed: int = 0
    handed_over: int = 0

    @property
    def items(self) -> int:
        """All of them together: what 1,000 are counted of."""
        return self.letters + self.registered + self.emailed + self.handed_over

    def __add__(self, other: Sent) -> Sent:
        return Sent(
            self.letters + other.letters,
            self.registered + other.registered,
            self.emailed + other.emailed,
            self.handed_over + other.handed_over,
        )


@dataclass(frozen=True)
class Line:
    """One line of a table: breaches, near misses beside them, and what was sent that they are counted against."""

    name: str
    breaches: int
    near_misses: int
    sent: Sent

    @property
    def items(self) -> int:
        """Items sent in the same time: by this office, or, of a cause or a control, by all."""
        return self.sent.items

    @property
    def per_thousand(self) -> str:
        """Breaches for 1,000 items, to one decimal; a dash where nothing was sent."""
        return f"{1000 * self.breaches / self.items:.1f}" if self.items else "–"


def sent_by_office(since: dt.date) -> dict[str, Sent]:
    """Office -> what left it from local day `since` on. A copy belongs to its case's office. Two queries."""
    gone = Q(posted_on__gte=since) | Q(handed_on__gte=since)
    by_email = Q(emailed_on__gte=since) & ~Q(state=State.UNCERTAIN)
    letters = Letter.objects.filter(gone | by_email).order_by().values_list("office__name").annotate(n=Count("pk"))
    found = {name: Sent(letters=number) for name, number in letters}
    emailed = Q(sent_at__gte=_midnight(since))
    copies = (
        Item.objects.filter(gone | emailed)
        .order_by()
        .values_list("case__office__name")
        .annotate(
            registered=Count("pk", filter=Q(posted_on__gte=since)),
            emailed=Count("pk", filter=emailed),
            handed=Count("pk", filter=Q(handed_on__gte=since)),
        )
    )
    for name, registered, mails, handed in copies:
        found[name] = found.get(name, Sent()) + Sent(0, registered, mails, handed)
    return found


def copies_by_month(since: dt.date, offices: Collection[int]) -> dict[dt.date, Sent]:
    """First day of the month -> copies of reports and minutes that left `offices` (ids) from local day `since` on.

    Letters aren't in it: whoever counts them by month has them from their ledger. Three queries, one a way.
    """
    copies = Item.objects.filter(case__office_id__in=offices).order_by()
    ways = (
        ("registered", TruncMonth("posted_on"), Q(posted_on__gte=since)),
        ("emailed", TruncMonth("sent_at"), Q(sent_at__gte=_midnight(since))),
        ("handed_over", TruncMonth("handed_on"), Q(handed_on__gte=since)),
    )
    found: dict[dt.date, Sent] = {}
    for way, month, gone in ways:
        for moment, number in copies.filter(gone).annotate(month=month).values_list("month").annotate(n=Count("pk")):
            first = timezone.localdate(moment) if isinstance(moment, dt.datetime) else moment
            found[first] = found.get(first, Sent()) + Sent(**{way: number})
    return found


def by_office(breaches: QuerySet[Breach], since: dt.date, sent: dict[str, Sent] | None = None) -> list[Line]:
    """A line an office with breaches reported, or items sent, from local day `since` on. `sent`: as read already."""
    sent = sent_by_office(since) if sent is None else sent
    found = _counts(_since(breaches, since), "office__name")
    return [Line(name, *found.get(name, (0, 0)), sent.get(name, Sent())) for name in sorted({*found, *sent})]


def whole(lines: Iterable[Line]) -> Line:
    """All offices together."""
    listed = list(lines)
    sent = sum((line.sent for line in listed), Sent())
    return Line(ALL, sum(line.breaches for line in listed), sum(line.near_misses for line in listed), sent)


def by_cause(breaches: QuerySet[Breach], since: dt.date, sent: Sent = Sent()) -> list[Line]:
    """A line a cause, the most frequent first, counted against `sent`. One query."""
    names = {str(cause): name for cause, name in CAUSE_NAMES.items()}
    return _lines(_counts(_since(breaches, since), "cause"), names, sent)


def by_control(breaches: QuerySet[Breach], since: dt.date, sent: Sent = Sent()) -> list[Line]:
    """A line a control that should have held, the most frequent first, counted against `sent`. One query."""
    names = {str(control): name for control, name in CONTROL_NAMES.items()}
    return _lines(_counts(_since(breaches, since), "control"), names, sent)


def _midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min))


def _since(breaches: QuerySet[Breach], since: dt.date) -> QuerySet[Breach]:
    return breaches.filter(reported_at__gte=_midnight(since))


def _counts(breaches: QuerySet[Breach], field: str) -> dict[str, tuple[int, int]]:
    """name -> (breaches, near misses); an event that is more than a near miss is a breach."""
    found: dict[str, tuple[int, int]] = {}
    rows = breaches.order_by().values_list(field, "is_disclosure", "is_loss", "is_theft").annotate(n=Count("pk"))
    for name, disclosed, lost, stolen, number in rows:
        real, near = found.get(name, (0, 0))
        found[name] = (real + number, near) if disclosed or lost or stolen else (real, near + number)
    return found


def _lines(counts: dict[str, tuple[int, int]], names: dict[str, str], sent: Sent) -> list[Line]:
    lines = [Line(names.get(key, "Not entered yet"), *numbers, sent) for key, numbers in counts.items()]
    return sorted(lines, key=lambda line: (-line.breaches, -line.near_misses, line.name))


@dataclass(frozen=True)
class Alert:
    """Breaches and near misses rise: at an office (its id), or of one control that failed. `words`: a sentence."""

    office: int | None
    control: str
    number: int
    words: str


def alerts(breaches: QuerySet[Breach], today: dt.date) -> list[Alert]:
    """Where events rise: by the step that should have held, then by office. One query."""
    cut = _midnight(today - dt.timedelta(days=WINDOW))
    start = cut - dt.timedelta(days=BEFORE)
    now: Counter[tuple[str, int | None, str]] = Counter()
    before: Counter[tuple[str, int | None, str]] = Counter()
    rows = breaches.filter(reported_at__gte=start).values_list("office", "office__name", "control", "reported_at")
    for office, name, control, at in rows:
        counted = now if at >= cut else before
        counted["", office, name] += 1
        if control and control != Control.NONE:
            counted[control, None, CONTROL_NAMES[Control(control)]] += 1
    found = []
    for key, number in now.items():
        usual = before[key] * WINDOW / BEFORE
        if number >= AT_LEAST and number > 2 * usual:
            failed, where, name = key
            what = f"{name} failed: {number} times" if failed else f"At {name}: {number} were reported"
            words = f"{what} in {WINDOW} days; {usual:.1f} is usual."
            found.append(Alert(where, failed, number, words))
    return sorted(found, key=lambda alert: (alert.office is not None, alert.words))
