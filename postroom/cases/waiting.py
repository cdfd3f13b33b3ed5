"""What cases add to My work."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from postroom.cases.selectors import open_ics_queries, unseen_handed_on
from postroom.people.authority import Authority
from postroom.people.models import User
from postroom.people.roles import SOCIAL_WORK_ROLES, Role
from postroom.work import WorkList, WorkRow

SHOWN = 5
MOST = 100


def handed_on(user: User, authority: Authority) -> list[WorkList]:
    """What changed hands and this person hasn't looked at yet, for managers and new workers. One query."""
    if not authority.has(*SOCIAL_WORK_ROLES):
        return []
    rows = [
        WorkRow(
            title=handed.title,
            href=reverse("case_handed_on", args=[handed.pk]),
            do="Look",
            detail="Who has what now",
            since=handed.at,
        )
        for handed in unseen_handed_on(user, authority)[:SHOWN]
    ]
    more = reverse("case_handed_on_list")
    return [WorkList("handed-on", "Work that changed hands", rows, len(rows), more, is_work=False)]


def waiting(user: User, authority: Authority) -> list[QuerySet[Any]]:
    """The same, for the head of every page."""
    return [open_ics_queries(user, authority)] if authority.has(Role.ADMIN) else []


def to_put_right_in_ics(user: User, authority: Authority) -> list[WorkList]:
    """For admin, who keep ICS: what is said to be wrong there. One query."""
    if not authority.has(Role.ADMIN):
        return []
    queries = list(open_ics_queries(user, authority)[:MOST])
    rows = [
        WorkRow(
            title=query.person.name,
            href=reverse("case_ics_settle", args=[query.case.reference, query.pk]),
            do="Settle",
            detail=f"said by {query.asked_by.name}",
            since=query.asked_at,
        )
        for query in queries[:SHOWN]
    ]
    return [WorkList("ics-wrong", "Wrong in ICS", rows, len(queries), reverse("case_ics_queries"))]
