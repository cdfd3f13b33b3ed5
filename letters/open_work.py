"""What is open on a case among its letters, for whoever gets the case, and for the manager of somebody who leaves."""

from __future__ import annotations

from django.db.models import Q

from letters.models import Letter
from letters.states import STATE_NAMES, State
from postroom.cases.hooks import OpenWork
from postroom.cases.models import Case
from postroom.people.models import User

BEFORE_POSTING = (State.DRAFTED, State.TYPED, State.WORKER_CHECKED, State.SIGNED, State.ENVELOPED)


def on_case(case: Case) -> list[OpenWork]:
    """Letters that aren't posted yet, those that have gone and aren't on the case record, and those that came back."""
    gone = Q(state__in=[State.POSTED, State.HANDED_OVER, State.UNCERTAIN, State.EMAILED, State.RETURNED])
    return _rows("Letter", Q(case=case) & (Q(state__in=BEFORE_POSTING) | gone))


def held_by(person: User) -> list[OpenWork]:
    """Letters that this person has with them to deliver by hand, whosesoever the case is."""
    return _rows("Letter being carried", Q(carried_by=person))


def _rows(kind: str, which: Q) -> list[OpenWork]:
    return [
        OpenWork(kind, row.reference, STATE_NAMES[State(row.state)], f"/letters/{row.reference}/", row.case_id)
        for row in Letter.objects.filter(which).order_by("pk")
    ]
