"""Giving a role from a day to a day, and ending it. Nobody changes their own; each change is in the ledger."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from postroom.people import hooks
from postroom.people.actions.common import keep, lock, one_at_a_time, save_as
from postroom.people.errors import Refused
from postroom.people.models import Deputy, DutySlot, Office, RoleGrant, User
from postroom.people.permissions import PeopleAction
from postroom.people.policy import About, check
from postroom.people.roles import GRANTABLE, OFFICE_ROLES, ROLE_NAMES, SINGLE_HOLDER_ROLES, SOCIAL_WORK_ROLES, Role


@transaction.atomic
def grant_role(
    *,
    person: User,
    role: Role,
    by: User,
    seen: int,
    starts: dt.date,
    ends: dt.date | None = None,
    office: Office | None = None,
) -> RoleGrant:
    """Give `role` from `starts` to `ends` (local days, both included; None: until changed).

    `office` for a role of an office, None for one of the whole council. Raises NotPermitted, OutOfDate, Refused.
    """
    actor = check(PeopleAction.GRANT_ROLE, by=by, about=About.person(person))
    if role in SINGLE_HOLDER_ROLES:
        one_at_a_time()
    locked = lock(person, seen)
    check_grant(locked, role, office, starts, ends)
    grant = save_as(RoleGrant(user=locked, role=role, office=office, starts=starts, ends=ends, granted_by=by), by)
    keep(locked, action=PeopleAction.GRANT_ROLE, actor=actor, by=by, details=as_details(grant))
    return grant


@transaction.atomic
def end_grant(*, grant: RoleGrant, by: User, seen: int, last_day: dt.date | None = None) -> User:
    """End a role: `last_day` is the last day it holds; None means at once.

    A grant that has not begun, or began today and ends at once, is taken back whole; its row goes, history and ledger
    keep it. Duty slots that the person can no longer hold go with it. Returns the person.
    """
    actor = check(PeopleAction.END_GRANT, by=by, about=About.person(grant.user))
    today = timezone.localdate()
    hooks.leaving(grant.user)
    if grant.role == Role.SYSTEM_ADMINISTRATOR:
        one_at_a_time()
    person = lock(grant.user, seen)
    grant = RoleGrant.objects.select_for_update().get(pk=grant.pk, user=person)
    last = last_day if last_day is not None else today - dt.timedelta(days=1)
    if grant.ends is not None and grant.ends < today:
        raise Refused("This role has ended already.")
    if last_day is not None and last_day < today:
        raise Refused("The last day can't be in the past. To end the role now, choose “At once”.", "last_day")
    if grant.ends is not None and last > grant.ends:
        raise Refused("The role ends before that day already.", "last_day")
    details = as_details(grant)
    _leave_an_administrator(grant, last)
    details["last_day"] = str(end_row(grant, last, by) or "never held")
    details["duty_slots_removed"] = clear_rota_from(person, max(last + dt.timedelta(days=1), today))
    keep(person, action=PeopleAction.END_GRANT, actor=actor, by=by, details=details)
    if last < today:
        hooks.role_ended(person, by)
    return person


def end_everything(person: User, by: User) -> dict[str, Any]:
    """A leaver's grants and deputy's times end today, and their rota is cleared. The person's row is locked."""
    today = timezone.localdate()
    grants = RoleGrant.objects.select_for_update().filter(user=person).exclude(ends__lte=today)
    ended = [grant.pk for grant in grants]
    for grant in grants:
        end_row(grant, today, by)
    deputies = list(Deputy.objects.select_for_update().filter(user=person, ends__gt=today))
    for deputy in deputies:
        if deputy.starts > today:
            deputy.delete()
        else:
            deputy.ends = today
            deputy.save()
    slots, _ = DutySlot.objects.filter(user=person, day__gte=today).delete()
    return {"grants_ended": ended, "deputies_ended": len(deputies), "duty_slots_removed": slots}


def clear_rota_from(person: User, first: dt.date) -> int:
    """Take the person off duty from `first` on wherever no social-work role of theirs holds; gives how many."""
    gone = [
        slot.pk
        for slot in DutySlot.objects.filter(user=person, day__gte=first)
        if not works_at(person, slot.office_id, slot.day)
    ]
    DutySlot.objects.filter(pk__in=gone).delete()
    return len(gone)


def works_at(person: User, office_id: int, day: dt.date) -> bool:
    """Does this person hold a social-work role of any grade at the office on `day`?"""
    held = RoleGrant.objects.on(day).filter(user=person, office_id=office_id, role__in=SOCIAL_WORK_ROLES)
    return person.is_active and held.exists()


def end_row(grant: RoleGrant, last: dt.date, by: User) -> dt.date | None:
    """Set the last day; or remove a grant that then never held. Gives the last day, or None."""
    if grant.starts > last:
        grant._history_user = by  # type: ignore[attr-defined]
        grant.delete()
        return None
    grant.ends = last
    save_as(grant, by)
    return last


def check_grant(person: User, role: Role, office: Office | None, starts: dt.date, ends: dt.date | None) -> None:
    today = timezone.localdate()
    if role not in GRANTABLE:
        raise Refused("Duty comes from the rota; it isn't a role that can be given.", "role")
    if not person.is_active:
        raise Refused("This account is closed. Open it again before giving a role.")
    if role in OFFICE_ROLES and office is None:
        raise Refused(f"{ROLE_NAMES[role]} is a role at one office. Choose the office.", "office")
    if role not in OFFICE_ROLES and office is not None:
        raise Refused(f"{ROLE_NAMES[role]} holds for the whole council. Leave the office empty.", "office")
    if starts < today:
        raise Refused("A role can't begin in the past.", "starts")
    if ends is not None and ends < starts:
        raise Refused("The last day is before the first.", "ends")
    same = _overlapping(starts, ends).filter(role=role)
    if same.filter(user=person, office=office).exists():
        raise Refused("This person holds this role in that time already. End that first, or choose other days.", "role")
    if role in SINGLE_HOLDER_ROLES and same.filter(user__is_active=True).exclude(user=person).exists():
        raise Refused(
            f"There is one {ROLE_NAMES[role]} at a time. End the present holder's role first, or name a deputy.", "role"
        )


def _overlapping(starts: dt.date, ends: dt.date | None) -> QuerySet[Any]:
    rows = RoleGrant.objects.filter(Q(ends__isnull=True) | Q(ends__gte=starts))
    return rows if ends is None else rows.filter(starts__lte=ends)


def _leave_an_administrator(grant: RoleGrant, last: dt.date) -> None:
    if grant.role != Role.SYSTEM_ADMINISTRATOR:
        return
    after = last + dt.timedelta(days=1)
    others = RoleGrant.objects.on(after).filter(role=Role.SYSTEM_ADMINISTRATOR, user__is_active=True)
    if not others.exclude(pk=grant.pk).exists():
        raise Refused("Nobody else would be system administrator then. Give the role to somebody else first.")


def as_details(grant: RoleGrant) -> dict[str, Any]:
    return {
        "grant": grant.pk,
        "role": str(grant.role),
        "office": grant.office_id,
        "starts": str(grant.starts),
        "ends": str(grant.ends) if grant.ends else None,
    }
