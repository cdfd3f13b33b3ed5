"""Admin duty, and cover by somebody of another office, for named days; given by the managers of the office concerned.

It is a role at that office like any other while it holds, and nothing outside it: what is read and done there is held
by the same tables. It never lets one person sign and initial one letter: the conditions and constraints of a letter
speak of the person, not of the role (letters.permissions, letters.models). Decision 0105.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from postroom.people import hooks
from postroom.people.actions.common import keep, lock, save_as
from postroom.people.actions.roles import as_details, check_grant, clear_rota_from, end_row
from postroom.people.errors import Refused
from postroom.people.models import Office, RoleGrant, User
from postroom.people.permissions import PeopleAction
from postroom.people.policy import About, check
from postroom.people.roles import OFFICE_ROLES, ROLE_NAMES, Role

# Longer than this a role is given by the system administrator; the first and the last day count.
COVER_DAYS = 31
# In the order that the page asks.
COVER_NAMES: dict[Role, str] = {Role.ADMIN: "Admin duty"} | {
    role: f"Cover as {ROLE_NAMES[role].lower()}" for role in Role if role in OFFICE_ROLES - {Role.ADMIN}
}


def people_to_cover(office: Office) -> QuerySet[User]:
    """Active people whom a manager of `office` can ask: its own, and those with a role of an office elsewhere.

    Not the system administrator, who has no part in letters.
    """
    held = RoleGrant.objects.on(timezone.localdate())
    at_an_office = held.filter(role__in=OFFICE_ROLES, is_cover=False)
    system = RoleGrant.objects.filter(role=Role.SYSTEM_ADMINISTRATOR).filter(
        Q(ends__isnull=True) | Q(ends__gte=timezone.localdate())
    )
    people = User.objects.filter(is_active=True).filter(Q(office=office) | Q(pk__in=at_an_office.values("user_id")))
    return people.exclude(pk__in=system.values("user_id"))


@transaction.atomic
def give_cover(*, person: User, office: Office, role: Role, starts: dt.date, ends: dt.date, by: User) -> RoleGrant:
    """`person` holds `role` at `office` from `starts` to `ends` (local days, both included).

    Admin duty may be given to anybody of `people_to_cover`; every other role only to who holds it elsewhere all those
    days, so that nobody is made a social worker or manager by a neighbour. Raises NotPermitted, Refused.
    """
    about = About(person.pk, frozenset({office.pk}))
    actor = check(PeopleAction.GIVE_COVER, by=by, about=about)
    lock(office)  # one at a time per office: the initials of those on admin duty there stay apart
    locked = lock(person)
    if not office.is_active:
        raise Refused("This office is closed.")
    if role not in COVER_NAMES:
        raise Refused("Choose admin duty, or the role they hold at their own office.", "role")
    if not people_to_cover(office).filter(pk=locked.pk).exists():
        raise Refused("Choose somebody of this office, or who works at another one.", "person")
    if ends >= starts + dt.timedelta(days=COVER_DAYS):
        raise Refused(f"Cover is for {COVER_DAYS} days at most. For longer, ask the system administrator.", "ends")
    check_grant(locked, role, office, starts, ends)
    if role == Role.ADMIN:
        _initials_apart(locked, office, starts, ends)
    elif not _holds_elsewhere(locked, role, office, starts, ends):
        raise Refused(
            f"{locked.name} is no {ROLE_NAMES[role].lower()} at another office on all of these days. Choose the role "
            "they hold there, or admin duty.",
            "role",
        )
    row = RoleGrant(user=locked, role=role, office=office, starts=starts, ends=ends, granted_by=by, is_cover=True)
    grant = save_as(row, by)
    keep(locked, action=PeopleAction.GIVE_COVER, actor=actor, by=by, details=as_details(grant))
    hooks.cover_given(grant)
    return grant


@transaction.atomic
def end_cover(*, grant: RoleGrant, by: User) -> User:
    """End cover at once; what hasn't begun, or began today, is taken back whole. Duty that depends on it goes too.

    Raises NotPermitted, Refused. Returns the person.
    """
    about = About(grant.user_id, frozenset({grant.office_id} if grant.office_id else ()))
    actor = check(PeopleAction.END_COVER, by=by, about=about)
    person = lock(grant.user)
    today = timezone.localdate()
    row = RoleGrant.objects.select_for_update().filter(pk=grant.pk, user=person, is_cover=True).first()
    if row is None or (row.ends is not None and row.ends < today):
        raise Refused("This has ended already.")
    details = as_details(row)
    last = today - dt.timedelta(days=1)
    details["last_day"] = str(end_row(row, last, by) or "never held")
    details["duty_slots_removed"] = clear_rota_from(person, today)
    keep(person, action=PeopleAction.END_COVER, actor=actor, by=by, details=details)
    return person


def _holds_elsewhere(person: User, role: Role, office: Office, starts: dt.date, ends: dt.date) -> bool:
    held = RoleGrant.objects.on(starts).filter(user=person, role=role, is_cover=False).exclude(office=office)
    return held.filter(Q(ends__isnull=True) | Q(ends__gte=ends)).exists()


def _initials_apart(person: User, office: Office, starts: dt.date, ends: dt.date) -> None:
    """Initials on an envelope's back stand for one person of the office (OGP-4b). Raises Refused."""
    at_desk = RoleGrant.objects.filter(office=office, role=Role.ADMIN, starts__lte=ends).filter(
        Q(ends__isnull=True) | Q(ends__gte=starts)
    )
    same = User.objects.filter(is_active=True, initials__iexact=person.initials).exclude(pk=person.pk)
    if same.filter(Q(office=office) | Q(pk__in=at_desk.values("user_id"))).exists():
        raise Refused(
            f"Somebody at {office.name} writes the initials {person.initials} on envelopes already. Ask the system "
            "administrator to give one of them another letter.",
            "person",
        )
