"""Reads of downtimes; each starts from `visible_to(user)`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db.models import Q, QuerySet
from django.utils import timezone

from downtime.models import Downtime, LateEntry
from downtime.states import DOWNTIME_PERMISSIONS, LATE_STEPS, OFFERED_IF, DowntimeAction
from letters import selectors as letters
from letters.models import Letter
from letters.permissions import RULES
from letters.policy import POLICY
from letters.states import Action, State
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


def steps_of(letter: Letter) -> list[Action]:
    """The steps of this letter that can be entered later: by its state, its way, and whether it is out or owed."""
    found = []
    for action in LATE_STEPS.get(State(letter.state), ()):
        row = RULES.transition(action, str(letter.state))
        asked = [guard for guard in row.guards if guard in OFFERED_IF] if row else []
        if row and not POLICY.failed_guards(letter, asked):
            found.append(action)
    return found


def last_moment(letter: Letter) -> dt.datetime:
    """What happened to the letter last, as far as its steps have an order: nothing is entered that lies before it."""
    known = [letter.state_since, letter.taken_out_at]
    known.append(LateEntry.objects.filter(letter=letter).values_list("happened_at", flat=True).first())
    known.append(letter.handings.values_list("at", flat=True).first())
    return max(moment for moment in known if moment)


def who_may_have(letter: Letter, roles: Collection[Role] = ()) -> QuerySet[User]:
    """The people who can have taken a step: with a role at the letter's office at any time until today, its worker, and
    who has it with them.

    Whether they were allowed to at that moment is the engine's question; this only keeps the list short.
    """
    held = RoleGrant.objects.filter(
        office_id=letter.office_id, role__in=sorted(roles or OFFICE_ROLES), starts__lte=timezone.localdate()
    )
    mine = Q(pk__in=[pk for pk in (letter.case.allocated_worker_id, letter.carried_by_id) if pk])
    return User.objects.filter(Q(pk__in=held.values("user")) | mine, is_active=True).order_by("name", "pk")
