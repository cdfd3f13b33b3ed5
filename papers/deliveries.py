"""Hand deliveries enter themselves: a report or minutes that a social worker carries is a paper out of the office."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from distribution.hooks import Ended
from distribution.models import Item
from papers.actions.common import step
from papers.actions.taking import Security, WhatLeaves, take_out
from papers.models import PapersKind, PapersOut
from papers.states import PapersAction, PapersState, Purpose
from postroom.steps.engine import Taken


def left(item: Item, taken: Taken) -> None:
    """The item was taken out to be handed over: an entry of its own for each trip, due by the next weekday's end.

    Its page has asked for the lockable bag. Meeting the family is an agreed task: nobody has to agree (CLS-2).
    """
    carrier = item.carried_by
    if carrier is None:
        return
    take_out(
        case=item.case,
        office=item.case.office,
        leaves=WhatLeaves(
            kind=PapersKind.COPY,
            what=f"{item.distribution.title}, to hand over",
            pages=item.pages or None,
            purpose=Purpose.SERVICE_USER_MEETING,
            due_on=_next_weekday(),
        ),
        security=Security(in_lockable_bag=True),
        by=carrier,
        entered_by=f"{item.ledger_subject}/{item.version}",
    )


def back(item: Item, taken: Taken, ended: Ended) -> None:
    """Handed over, or back in the office: its entry ends with it. One that was reported lost meanwhile stays so."""
    trips = PapersOut.objects.filter(entered_by__startswith=f"{item.ledger_subject}/", state=PapersState.OUT)
    action = PapersAction.HAND_ON if ended == Ended.HANDED_OVER else PapersAction.GIVE_BACK

    def change(locked: PapersOut, step_taken: Taken) -> dict[str, Any]:
        locked.ended_on = timezone.localdate(step_taken.at)
        return {"item": item.reference}

    for papers in trips:
        step(papers, action, by=None, seen=None, change=change)


def _next_weekday() -> dt.date:
    day = timezone.localdate() + dt.timedelta(days=1)
    while day.weekday() > 4:
        day += dt.timedelta(days=1)
    return day
