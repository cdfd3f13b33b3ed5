""" "ICS is wrong": told to whoever keeps ICS with one click, listed until it is settled. ICS stays the master."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from postroom.cases.actions.common import address_of
from postroom.cases.models import Address, Case, IcsQuery
from postroom.cases.policy import POLICY
from postroom.cases.states import CaseAction
from postroom.people.models import User
from postroom.steps.engine import Seen, Taken, take
from postroom.steps.errors import InvalidStep


def query_ics(*, case: Case, address: Address, by: User, seen: Seen) -> Case:
    """Say that what ICS has for this address is wrong. Once, until it is settled."""

    def change(locked: Case, taken: Taken) -> Mapping[str, Any]:
        row = address_of(locked, address)
        if IcsQuery.objects.filter(address=row, settled_at__isnull=True).exists():
            raise InvalidStep("That is on the list already.")
        assert taken.by is not None  # noqa: S101 - a person's step
        made = IcsQuery.objects.create(
            case=locked, person=row.person, address=row, asked_by=taken.by, asked_at=taken.at
        )
        return {"address": row.pk, "query": made.pk}

    return take(case, action=CaseAction.QUERY_ICS, by=by, policy=POLICY, seen=seen, change=change)


def settle_ics(*, case: Case, query: IcsQuery, by: User, seen: Seen, reason: str) -> Case:
    """It was put right in ICS, or ICS was right after all; `reason` says which."""

    def change(locked: Case, taken: Taken) -> Mapping[str, Any]:
        open_ = IcsQuery.objects.filter(pk=query.pk, case=locked, settled_at__isnull=True)
        if not open_.update(settled_at=taken.at, settled_by=taken.by):
            raise InvalidStep("This was settled already.")
        return {"query": query.pk}

    return take(case, action=CaseAction.SETTLE_ICS, by=by, policy=POLICY, seen=seen, reason=reason, change=change)
