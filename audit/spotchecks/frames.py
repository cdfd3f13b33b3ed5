"""What a frame holds: letters and copies of an office or all, by stage, period and kind. References alone leave."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from audit.models import SpotCheck, StrataBy
from audit.spotchecks.checklist import KIND_NAMES, Kind, Stage
from audit.spotchecks.copies import came_back, moments, went_out
from distribution.models import Item as Copy
from distribution.states import State as CopyState
from letters.models import Letter, Return
from letters.states import State
from postroom.people.models import Office

# A frame of more would be a file that nobody sorts by hand; a shorter period gives a fairer question too.
MOST = 200_000


@dataclass(frozen=True)
class Wanted:
    """What the frame is to hold. `office` None: all. Days are local dates, both included; the tray knows no period."""

    office: Office | None
    stage: Stage
    first_day: dt.date
    last_day: dt.date
    kinds: tuple[Kind, ...] = tuple(Kind)


def letters_of(wanted: Wanted) -> QuerySet[Letter]:
    """The letters themselves; whoever asks has looked whether the person may draw."""
    letters = Letter.objects.order_by()
    if wanted.office is not None:
        letters = letters.filter(office=wanted.office)
    signed = [str(kind) for kind in wanted.kinds if kind is not Kind.COPY]
    if set(signed) != {str(kind) for kind in Kind if kind is not Kind.COPY}:
        letters = letters.filter(signature_kind__in=signed)
    begin, end = _between(wanted)
    match wanted.stage:
        case Stage.EMAILED:
            # With what came back, and what nobody knows yet: those keep the day of the attempt.
            return letters.filter(emailed_on__gte=wanted.first_day, emailed_on__lte=wanted.last_day)
        case Stage.POSTED:
            return letters.filter(posted_on__gte=wanted.first_day, posted_on__lte=wanted.last_day)
        case Stage.TRAY:
            return letters.filter(state=State.ENVELOPED)
        case Stage.UPLOADED:
            return letters.filter(uploaded_at__gte=begin, uploaded_at__lt=end)
        case Stage.RETURNED:
            days = (wanted.first_day, wanted.last_day)
            by_post = Q(Exists(Return.objects.filter(letter=OuterRef("pk"), came_back_on__range=days)))
            by_email = Q(state=State.RETURNED, emailed_on__isnull=False, state_since__gte=begin, state_since__lt=end)
            return letters.filter(by_post | by_email)
        case Stage.HANDED:
            return letters.filter(handed_on__gte=wanted.first_day, handed_on__lte=wanted.last_day)


def copies_of(wanted: Wanted) -> QuerySet[Copy]:
    """The copies of reports and minutes, by every way they go: registered post, somebody's hands, secure e-mail.

    What came back, and was made ready anew, was posted or e-mailed in its time all the same: without it a frame would
    hold what went well.
    """
    copies = Copy.objects.order_by()
    if Kind.COPY not in wanted.kinds:
        return copies.none()
    if wanted.office is not None:
        copies = copies.filter(case__office=wanted.office)
    begin, end = _between(wanted)
    match wanted.stage:
        case Stage.POSTED | Stage.EMAILED:
            return copies.filter(went_out(wanted.stage, wanted.first_day, wanted.last_day))
        case Stage.TRAY:
            return copies.filter(state=CopyState.RELEASED, enveloped_on__isnull=False, posted_on__isnull=True)
        case Stage.UPLOADED:
            return copies.filter(uploaded_at__gte=begin, uploaded_at__lt=end)
        case Stage.HANDED:
            return copies.filter(handed_on__gte=wanted.first_day, handed_on__lte=wanted.last_day)
        case Stage.RETURNED:
            return copies.filter(came_back(wanted.first_day, wanted.last_day))


def parts_of(wanted: Wanted, strata_by: str) -> list[tuple[str, list[str]]]:
    """(name, references) of each stratum that holds any, in a fixed order. Two queries."""
    name = wanted.office.name if wanted.office else "All offices"
    letters = letters_of(wanted).values_list("reference", "office__name", "signature_kind")[: MOST + 1]
    copies = copies_of(wanted).values_list("reference", "case__office__name")[: MOST + 1]
    found: dict[str, list[str]] = {}
    for reference, office, kind in (*letters, *((*row, Kind.COPY) for row in copies)):
        match strata_by:
            case StrataBy.OFFICE:
                part = office
            case StrataBy.SIGNATURE:
                part = KIND_NAMES[kind]
            case _:
                part = name
        found.setdefault(part, []).append(reference)
    return sorted(found.items())


def wanted_of(check: SpotCheck) -> Wanted:
    """What a spot check's frame was to hold."""
    return Wanted(check.office, Stage(check.stage), check.first_day, check.last_day, tuple(check.kind_list))


def how_many(wanted: Wanted) -> int:
    """How many there are to draw from."""
    return letters_of(wanted).count() + copies_of(wanted).count()


def last_month(today: dt.date) -> tuple[dt.date, dt.date]:
    """First and last day of the month before `today`."""
    last = today.replace(day=1) - dt.timedelta(days=1)
    return last.replace(day=1), last


def offices_with(letters: Collection[int]) -> list[Office]:
    """Offices of these letters."""
    return list(Office.objects.filter(letters__in=letters).distinct())


def _between(wanted: Wanted) -> tuple[dt.datetime, dt.datetime]:
    return moments(wanted.first_day, wanted.last_day)
