"""Dated deputies of the offices that one person holds (Assistant Director, Caldicott Guardian …)."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from postroom.people.actions.common import keep, lock, one_at_a_time
from postroom.people.errors import Refused
from postroom.people.models import Deputy, RoleGrant, User
from postroom.people.permissions import PeopleAction
from postroom.people.policy import About, check
from postroom.people.roles import ROLE_NAMES, SINGLE_HOLDER_ROLES, Role


@transaction.atomic
def name_deputy(*, person: User, role: Role, starts: dt.date, ends: dt.date, by: User) -> Deputy:
    """`person` acts in `role` from `starts` to `ends` (local days, both included).

    One deputy at a time for a role; never its holder. Raises NotPermitted, Refused.
    """
    actor = check(PeopleAction.NAME_DEPUTY, by=by, about=About.person(person))
    one_at_a_time()
    locked = lock(person)
    if role not in SINGLE_HOLDER_ROLES:
        raise Refused("Deputies are named for an office that one person holds.", "role")
    if not locked.is_active:
        raise Refused("This account is closed. Choose somebody who is here.", "person")
    if starts < timezone.localdate():
        raise Refused("A deputy can't begin in the past.", "starts")
    if ends < starts:
        raise Refused("The last day is before the first.", "ends")
    if Deputy.objects.filter(role=role, starts__lte=ends, ends__gte=starts, user__is_active=True).exists():
        raise Refused("There is a deputy for some of these days already. End that first, or choose other days.")
    held = RoleGrant.objects.on(starts).filter(role=role, user=locked)
    if held.exists():
        raise Refused(f"This person is the {ROLE_NAMES[role]}. A deputy is somebody else.", "person")
    deputy = Deputy.objects.create(role=role, user=locked, starts=starts, ends=ends, named_by=by)
    details = {"deputy": deputy.pk, "role": str(role), "starts": str(starts), "ends": str(ends)}
    keep(locked, action=PeopleAction.NAME_DEPUTY, actor=actor, by=by, details=details)
    return deputy


@transaction.atomic
def end_deputy(*, deputy: Deputy, by: User) -> User:
    """The deputy's time ends at once; one that hasn't begun is taken back. The ledger keeps it. Returns the person."""
    actor = check(PeopleAction.END_DEPUTY, by=by, about=About.person(deputy.user))
    person = lock(deputy.user)
    deputy = Deputy.objects.select_for_update().get(pk=deputy.pk)
    today = timezone.localdate()
    if deputy.ends < today:
        raise Refused("This deputy's time has ended already.")
    details = {"deputy": deputy.pk, "role": deputy.role, "starts": str(deputy.starts), "ends": str(deputy.ends)}
    yesterday = today - dt.timedelta(days=1)
    if deputy.starts > yesterday:
        deputy.delete()
    else:
        deputy.ends = yesterday
        deputy.save()
    keep(person, action=PeopleAction.END_DEPUTY, actor=actor, by=by, details=details)
    return person
