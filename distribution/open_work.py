"""What is open among reports and minutes, for whoever gets a case, and for the manager of somebody who leaves."""

from __future__ import annotations

from django.db.models import Q

from distribution.models import Item
from distribution.states import SETTLED, STATE_NAMES, State
from postroom.cases.hooks import OpenWork
from postroom.cases.models import Case
from postroom.people.models import User


def on_case(case: Case) -> list[OpenWork]:
    """Copies of a case that their recipient hasn't got yet."""
    return _rows("Report or minutes", Q(case=case))


def held_by(person: User) -> list[OpenWork]:
    """Copies that this person carries, whosesoever the case is."""
    return _rows("Document being carried", Q(carried_by=person))


def _rows(kind: str, which: Q) -> list[OpenWork]:
    items = Item.objects.filter(which).exclude(state__in=SETTLED).order_by("pk")
    return [
        OpenWork(
            kind, row.reference, STATE_NAMES[State(row.state)], f"/distribution/items/{row.reference}/", row.case_id
        )
        for row in items
    ]
