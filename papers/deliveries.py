"""Hand deliveries enter themselves: a letter, report or minutes that a social worker carries to somebody is a paper out
of the office, from when it leaves until it is handed over or back."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from distribution.models import Item
from letters.actions.enveloping import sheets_to_count
from letters.hooks import Ended
from letters.models import Letter
from papers.actions.common import step
from papers.actions.taking import Security, WhatLeaves, entry_of, take_out
from papers.models import PapersKind, PapersOut
from papers.states import PapersAction, PapersState, Purpose
from postroom.cases.models import Case
from postroom.people.models import User
from postroom.steps.engine import Taken


def item_left(item: Item, taken: Taken) -> None:
    """A report or minutes was taken out to be handed over."""
    what = f"{item.distribution.title}, to hand over"
    _enter(item, item.case, item.carried_by, PapersKind.COPY, what, item.pages)


def item_back(item: Item, taken: Taken, ended: Ended) -> None:
    """It was handed over, or is back in the office."""
    _end(item, "item", ended, taken)


def letter_left(letter: Letter, taken: Taken) -> None:
    """A letter was taken out to be delivered by hand. Its reference says which; never to whom, or about what."""
    _enter(letter, *_of_letter(letter))


def letter_back(letter: Letter, taken: Taken, ended: Ended) -> None:
    """It was handed over, or is back in the office."""
    _end(letter, "letter", ended, taken)


def letter_trip(letter: Letter, by: User) -> PapersOut:
    """The entry of a letter that `by` takes along now, as yet unsaved: for the demonstration, written in bulk."""
    case, _, kind, what, sheets = _of_letter(letter)
    return entry_of(by=by, **_trip(letter, case, kind, what, sheets))


def _of_letter(letter: Letter) -> tuple[Case, User | None, str, str, int]:
    what = f"Letter {letter.reference} in its envelope, to hand over"
    return letter.case, letter.carried_by, PapersKind.ORIGINAL, what, sheets_to_count(letter)


def _enter(delivered: Item | Letter, case: Case, by: User | None, kind: str, what: str, pages: int) -> None:
    """An entry of its own for each trip."""
    if by is not None:
        take_out(by=by, **_trip(delivered, case, kind, what, pages))


def _trip(delivered: Item | Letter, case: Case, kind: str, what: str, pages: int) -> dict[str, Any]:
    """Due by the next weekday's end.

    The page that took it out says that the bag is lockable. Meeting the family is an agreed task: nobody has to agree
    (CLS-2).
    """
    return {
        "case": case,
        "office": case.office,
        "leaves": WhatLeaves(
            kind=kind,
            what=what,
            pages=pages or None,
            purpose=Purpose.SERVICE_USER_MEETING,
            due_on=_next_weekday(),
        ),
        "security": Security(in_lockable_bag=True),
        "entered_by": f"{delivered.ledger_subject}/{delivered.version}",
    }


def _end(delivered: Item | Letter, word: str, ended: Ended, taken: Taken) -> None:
    """Its entry ends with it, on the day of that step. One that was reported lost meanwhile stays so."""
    trips = PapersOut.objects.filter(entered_by__startswith=f"{delivered.ledger_subject}/", state=PapersState.OUT)
    action = PapersAction.HAND_ON if ended == Ended.HANDED_OVER else PapersAction.GIVE_BACK

    def change(locked: PapersOut, step_taken: Taken) -> dict[str, Any]:
        locked.ended_on = timezone.localdate(taken.at)
        return {word: delivered.reference}

    for papers in trips:
        step(papers, action, by=None, seen=None, change=change)


def _next_weekday() -> dt.date:
    day = timezone.localdate() + dt.timedelta(days=1)
    while day.weekday() > 4:
        day += dt.timedelta(days=1)
    return day
