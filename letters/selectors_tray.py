"""Reads of the tray: what lies there in its envelope, what is ready for one, what went in a day's bag."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from letters import selectors
from letters.abroad import goes_abroad
from letters.models import Envelope, Letter, Print
from letters.states import State
from letters.ways import BY_ROYAL_MAIL, WAY_NAMES, Way
from letters.weights import estimated_grams, post_format
from postroom.people.authority import Authority
from postroom.people.models import Office, User

MOST = 100
# Longer ago than this, nobody remembers what came out.
UNSAID_FOR = dt.timedelta(days=14)


@dataclass(frozen=True)
class InTray:
    """A letter in its envelope: what it is and what it weighs, roughly."""

    letter: Letter
    sheets: int
    grams: int
    format: str

    @property
    def key(self) -> str:
        """What the person has in front of them, as the form carries it."""
        return f"{self.letter.reference}:{self.letter.version}:{self.letter.content_hash}"

    @property
    def abroad(self) -> bool:
        """Does it go abroad, by another class than the rest?"""
        return goes_abroad(self.letter)

    @property
    def posts(self) -> bool:
        """Does it go in the bag with the others: ordinary post, inland, and nothing on it changed since?"""
        return self.letter.way == Way.POST and not self.abroad and not self.letter.anew

    @property
    def way(self) -> str:
        """How it goes, in words."""
        if self.letter.anew:
            return "Not as it is: changed on the case since. Open it again"
        if self.abroad:
            return f"{WAY_NAMES[Way(self.letter.way)]}, abroad"
        return WAY_NAMES[Way(self.letter.way)]


def _at(user: User, authority: Authority, office: Office) -> QuerySet[Letter]:
    return selectors.visible_to(user, authority=authority).filter(office=office)


def _weighed(letters: QuerySet[Letter], most: int | None) -> list[InTray]:
    counted = Envelope.objects.filter(letter=OuterRef("pk"), reopened_at__isnull=True).order_by("-pk")
    rows = letters.annotate(counted=Subquery(counted.values("sheets")[:1]))
    return [_row(letter) for letter in rows.select_related("addressee", "address", "current__stock")[:most]]


def _row(letter: Letter) -> InTray:
    assert letter.current is not None  # noqa: S101 - in its envelope, so typed
    stock, sheets = letter.current.stock, int(letter.counted or 0)
    size = float(stock.envelope_w), float(stock.envelope_h)
    grams = estimated_grams(sheets, *size)
    return InTray(letter, sheets, grams, post_format(grams, *size))


def in_tray(user: User, authority: Authority, office: Office) -> tuple[list[InTray], int]:
    """What lies in the office's tray, longest first, at most MOST; and how many lie there. One query, two if cut."""
    letters = _at(user, authority, office).filter(state=State.ENVELOPED)
    rows = _weighed(letters.order_by("state_since", "pk"), MOST)
    return rows, len(rows) if len(rows) < MOST else letters.count()


def ready_for_envelope(user: User, authority: Authority, office: Office) -> tuple[list[Letter], int]:
    """Signed, the sheets in hand, not signed by this person, at most MOST; and how many. One query, two if cut."""
    ready = Q(state=State.SIGNED, sheets_in_hand=True, anew="") & ~Q(signed_by=user)
    letters = _at(user, authority, office).filter(ready)
    rows = list(letters.order_by("state_since", "pk").select_related("addressee", "current__stock")[:MOST])
    return rows, len(rows) if len(rows) < MOST else letters.count()


Key = tuple[dt.datetime, int]


@dataclass(frozen=True)
class ToPrint:
    """A page of what waits for the printer; how many wait in all; the next page's key, None on the last."""

    rows: list[Letter]
    of: int
    following: Key | None


def to_print(
    user: User, authority: Authority, office: Office, parts: list[Q], *, most: int, after: Key | None = None
) -> ToPrint:
    """What waits for the printer, longest first, from behind `after` on: `parts` are the conditions of that list of My
    work. One query; one more where not all of it is on this page."""
    waiting = Q()
    for part in parts:
        waiting |= part
    letters = _at(user, authority, office).filter(waiting) if parts else Letter.objects.none()
    page = letters
    if after is not None:
        page = letters.filter(Q(state_since__gt=after[0]) | Q(state_since=after[0], pk__gt=after[1]))
    rows = list(page.order_by("state_since", "pk").select_related("addressee")[: most + 1])
    more, rows = len(rows) > most, rows[:most]
    following = (rows[-1].state_since, rows[-1].pk) if more else None
    return ToPrint(rows, letters.count() if more or after else len(rows), following)


def unsaid_of(user: User, authority: Authority, office: Office) -> list[Print]:
    """Prints made one by one of which nobody said yet what came out, of letters that still wait for it. One query."""
    waiting = _at(user, authority, office).filter(state__in=[State.TYPED, State.WORKER_CHECKED, State.SIGNED])
    rows = Print.objects.filter(letter__in=waiting, version=F("letter__current"), came_out__isnull=True)
    rows = rows.filter(run_letter__isnull=True, at__gte=timezone.now() - UNSAID_FOR)
    return list(rows.select_related("letter", "by").order_by("-pk")[:MOST])


@dataclass(frozen=True)
class BagLine:
    """One line of the bag's list: class and format with their number and weight."""

    name: str
    format: str
    count: int
    grams: int


@dataclass(frozen=True)
class Bag:
    """What an office gave to Royal Mail on a day. References and sums only: the list travels with the bag."""

    office: Office
    day: dt.date
    letters: list[InTray]
    lines: list[BagLine]

    @property
    def count(self) -> int:
        """How many letters."""
        return len(self.letters)

    @property
    def grams(self) -> int:
        """All together, estimated."""
        return sum(row.grams for row in self.letters)


def bag_of(user: User, authority: Authority, office: Office, day: dt.date) -> Bag:
    """The bag of a day, all of it: what is missing on its list looks lost. One query."""
    went = _at(user, authority, office).filter(posted_on=day, way__in=[str(way) for way in BY_ROYAL_MAIL])
    rows = _weighed(went.order_by("post_class", "reference"), None)
    count: Counter[tuple[str, str]] = Counter()
    grams: Counter[tuple[str, str]] = Counter()
    for row in rows:
        key = (row.letter.class_words, row.format)
        count[key] += 1
        grams[key] += row.grams
    lines = [BagLine(*key, count[key], grams[key]) for key in sorted(count)]
    return Bag(office, day, rows, lines)
