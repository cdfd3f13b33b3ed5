"""Copies of reports and minutes over time: a row of theirs says where it stands now, its history where it stood.

When a copy comes back, what was confirmed, posted or e-mailed is taken off its row, so that it can be made ready anew.
A spot check asks about what went, so it reads the row as it was then.
"""

from __future__ import annotations

import datetime as dt

from django.db.models import Exists, OuterRef, Q, Value
from django.db.models.functions import Concat
from django.utils import timezone

from audit.models import Item, SpotCheck
from audit.spotchecks.checklist import Checklist, Stage
from distribution.models import Item as Copy
from distribution.states import Action, State
from letters.routes import Channel
from letters.ways import Way
from postroom.ledger.models import Entry

CAME_BACK = (Action.RETURN_UNDELIVERED.value, Action.BOUNCE.value)
WENT = [State.SENT.value, State.DELIVERED.value, State.HANDED_OVER.value]


def moments(first_day: dt.date, last_day: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """A period of local days, both included, as moments: from the first midnight to before the last."""
    begin, end = (dt.datetime.combine(day, dt.time.min) for day in (first_day, last_day + dt.timedelta(days=1)))
    return timezone.make_aware(begin), timezone.make_aware(end)


def _row_went_out(stage: Stage, first_day: dt.date, last_day: dt.date) -> Q:
    """Of a row, or of one of its history: posted, or e-mailed, in those days."""
    if stage is Stage.POSTED:
        return Q(posted_on__gte=first_day, posted_on__lte=last_day)
    begin, end = moments(first_day, last_day)
    return Q(channel=Channel.SECURE_EMAIL.value, sent_at__gte=begin, sent_at__lt=end)


def went_out(stage: Stage, first_day: dt.date, last_day: dt.date) -> Q:
    """Posted, or sent by secure e-mail, in those days, wherever it stands now.

    An e-mail of which nobody knows yet whether it was sent is one of those days too: it may be with somebody.
    """
    row = _row_went_out(stage, first_day, last_day)
    found = row | Q(Exists(Copy.history.filter(row, id=OuterRef("pk"))))
    if stage is Stage.EMAILED:
        begin, end = moments(first_day, last_day)
        found |= Q(state=State.UNCERTAIN.value, state_since__gte=begin, state_since__lt=end)
    return found


def came_back(first_day: dt.date, last_day: dt.date) -> Q:
    """Royal Mail brought it back, or its e-mail came back, in those days: the ledger says so."""
    begin, end = moments(first_day, last_day)
    steps = Entry.objects.filter(
        subject=Concat(Value(f"{Copy.ledger_kind}/"), OuterRef("reference")),
        action__in=CAME_BACK,
        at__gte=begin,
        at__lt=end,
    )
    return Q(Exists(steps))


def as_it_was(copy: Copy, check: SpotCheck) -> Copy:
    """The copy as it stood when it did what this spot check is about; as it stands now where that says it.

    Retention may have destroyed the history: then it is the row of today.
    """
    stage = Stage(check.stage)
    match stage:
        case Stage.POSTED | Stage.EMAILED:
            rows = copy.history.filter(_row_went_out(stage, check.first_day, check.last_day))
            now = went_now(copy, stage, check)
        case Stage.UPLOADED:
            rows, now = copy.history.filter(uploaded_at__isnull=False, state__in=WENT), copy.state in WENT
        case Stage.RETURNED:
            rows, now = copy.history.filter(history_id__lt=_back_again(copy, check)), False
        case Stage.TRAY | Stage.HANDED:
            return copy
    if now:
        return copy
    row = rows.order_by("-history_id").first()
    return row.instance if row is not None else copy


def went_now(copy: Copy, stage: Stage, check: SpotCheck) -> bool:
    """Does the row of today say that it went out in the days of this spot check?"""
    if copy.state == State.UNCERTAIN:
        return True
    day = copy.posted_on if stage is Stage.POSTED else timezone.localdate(copy.sent_at) if copy.sent_at else None
    return day is not None and check.first_day <= day <= check.last_day


def _back_again(copy: Copy, check: SpotCheck) -> int:
    """The row of the copy's history that the step wrote by which it came back; 0 if it never did in those days."""
    begin, end = moments(check.first_day, check.last_day)
    steps = Entry.objects.filter(subject=copy.ledger_subject, action__in=CAME_BACK, at__gte=begin, at__lt=end)
    at = steps.order_by("-seq").values_list("at", flat=True).first()
    if at is None:
        return 0
    held = copy.history.filter(history_date__gte=at, state=State.HELD.value).order_by("history_id")
    return held.values_list("history_id", flat=True).first() or 0


def checklist_of(item: Item, check: SpotCheck) -> Checklist:
    """The questions that an item is put on the list with; they stay, wherever the copy or letter goes meanwhile."""
    if item.copy is None:
        by_email = item.letter is not None and item.letter.way == Way.SECURE_EMAIL
        return Checklist.LETTER_EMAIL if by_email else Checklist.PAPER
    return Checklist.EMAIL if as_it_was(item.copy, check).is_emailed else Checklist.PAPER
