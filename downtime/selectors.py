"""Reads of downtimes; each starts from `visible_to(user)`."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q, QuerySet
from django.utils import timezone

from downtime.models import Downtime, LateEntry
from downtime.states import DOWNTIME_PERMISSIONS, DowntimeAction
from letters import selectors as letters
from letters.models import Letter
from postroom.people.authority import Authority, authority_of
from postroom.people.models import Office, RoleGrant, User
from postroom.people.roles import OFFICE_ROLES, Role

READERS = tuple(row.role for row in DOWNTIME_PERMISSIONS if row.action == DowntimeAction.ENTER_LATER)
MANAGERS = tuple(row.role for row in DOWNTIME_PERMISSIONS if row.action == DowntimeAction.OPEN_DOWNTIME)
SHOWN = 50


def visible_to(user: User, *, authority: Authority | None = None) -> QuerySet[Downtime]:
    """The downtimes of the offices where this person may enter steps; of others, none."""
    authority = authority or authority_of(user)
    if not user.is_active:
        return Downtime.objects.none()
    return Downtime.objects.filter(office_id__in=authority.offices(*READERS))


def offices_to_open_for(authority: Authority) -> QuerySet[Office]:
    """The offices this person may open a downtime for."""
    return Office.objects.filter(pk__in=authority.offices(*MANAGERS), is_active=True)


def entries_of(downtime: Downtime, user: User, authority: Authority) -> list[LateEntry]:
    """What was entered for it, newest first: of letters that this person may read. One query."""
    readable = letters.visible_to(user, authority=authority)
    rows = downtime.entries.filter(letter__in=readable).select_related("letter", "by", "entered_by", "scan")
    return list(rows[:SHOWN])


def open_for(letter: Letter) -> list[Downtime]:
    """The open downtimes of the letter's office, newest first."""
    return list(Downtime.objects.filter(office_id=letter.office_id, state="open")[:SHOWN])


def who_may_have(letter: Letter, roles: Collection[Role] = ()) -> QuerySet[User]:
    """The people who can have taken a step: with a role at the letter's office at any time until today, and the worker.

    Whether they were allowed to at that moment is the engine's question; this only keeps the list short.
    """
    held = RoleGrant.objects.filter(
        office_id=letter.office_id, role__in=sorted(roles or OFFICE_ROLES), starts__lte=timezone.localdate()
    )
    mine = Q(pk=letter.case.allocated_worker_id) if letter.case.allocated_worker_id else Q()
    return User.objects.filter(Q(pk__in=held.values("user")) | mine, is_active=True).order_by("name", "pk")
