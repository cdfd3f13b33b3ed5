"""Papers that are out or asked for, for whoever gets their case, and for the manager of somebody who leaves."""

from __future__ import annotations

from django.db.models import Q

from papers.models import PapersOut
from papers.states import PAPERS_STATE_NAMES, PapersState
from postroom.cases.hooks import OpenWork
from postroom.cases.models import Case
from postroom.people.models import User

RUNNING = (PapersState.ASKED, PapersState.AGREED, PapersState.OUT)


def on_case(case: Case) -> list[OpenWork]:
    """Papers of the case that somebody has out, or asked for. They stay with their holder, who brings them back."""
    return _rows("Papers out", Q(case=case))


def held_by(person: User) -> list[OpenWork]:
    """What this person has out: the manager gets it back, or has it reported lost."""
    return _rows("Papers out", Q(holder=person))


def _rows(kind: str, which: Q) -> list[OpenWork]:
    rows = PapersOut.objects.filter(which, state__in=RUNNING).select_related("holder").order_by("pk")
    return [
        OpenWork(
            kind, row.reference, PAPERS_STATE_NAMES[PapersState(row.state)], f"/papers/{row.reference}/", row.case_id
        )
        for row in rows
    ]
