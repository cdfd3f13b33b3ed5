"""What is open on a case among its letters, for whoever gets the case (postroom.cases.hooks.open_work)."""

from __future__ import annotations

from django.db.models import Q

from letters.models import Letter
from letters.states import STATE_NAMES, State
from postroom.cases.hooks import OpenWork
from postroom.cases.models import Case

BEFORE_POSTING = (State.DRAFTED, State.TYPED, State.WORKER_CHECKED, State.SIGNED, State.ENVELOPED)


def on_case(case: Case) -> list[OpenWork]:
    """Letters that aren't posted yet, those that have gone and aren't on the case record, and those that came back."""
    gone = Q(state__in=[State.POSTED, State.HANDED_OVER, State.RETURNED])
    rows = Letter.objects.filter(case=case).filter(Q(state__in=BEFORE_POSTING) | gone).order_by("pk")
    return [
        OpenWork("Letter", row.reference, STATE_NAMES[State(row.state)], f"/letters/{row.reference}/", case.pk)
        for row in rows
    ]
