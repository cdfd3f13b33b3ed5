"""Who may do which action on people and offices, now. `check` raises, `can` is its boolean twin.

The rules are data in `postroom.people.permissions`; here the facts are read that their conditions speak of.
"""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from postroom.ledger.recording import Actor
from postroom.people.authority import Authority, authority_of
from postroom.people.errors import NotPermitted
from postroom.people.models import Office, RoleGrant, User
from postroom.people.permissions import PEOPLE_RIGHTS, PeopleAction, PeopleCondition
from postroom.people.rights import Grant
from postroom.people.roles import OFFICE_ROLES, ROLE_NAMES, Role

MANAGERS = (Role.TEAM_MANAGER, Role.DEPUTY_TEAM_MANAGER)


@dataclass(frozen=True)
class About:
    """Whom or what an action concerns: a person, the ids of the offices that count for it, or neither."""

    person_id: int | None = None
    offices: frozenset[int] = frozenset()

    @classmethod
    def person(cls, person: User, day: dt.date | None = None) -> About:
        """A person, with the office they belong to and those where they hold a role today. One query."""
        held = RoleGrant.objects.on(day or timezone.localdate()).filter(user=person, office__isnull=False)
        offices = set(held.values_list("office_id", flat=True)) | {person.office_id}
        return cls(person.pk, frozenset(o for o in offices if o is not None))


def decision(action: PeopleAction, by: User, about: About, authority: Authority) -> Grant:
    """The row on which `by` may take `action`. Raises NotPermitted with a sentence. Asks the database nothing."""
    rights, roles, holding = PEOPLE_RIGHTS, set(authority.roles), set()
    if about.person_id is None or about.person_id != by.pk:
        holding.add(PeopleCondition.NOT_SELF)
    held_there = {role for office in about.offices for role in authority.at_office(office)}
    office_roles = OFFICE_ROLES | {Role.DUTY_WORKER}
    if held_there & office_roles:
        # Only the roles held there count; one held at another office would borrow the condition.
        holding.add(PeopleCondition.OWN_OFFICE)
        roles = {role for role in roles if role not in office_roles or role in held_there}
    found = rights.decide(action, roles, holding)
    if not isinstance(found, Grant):
        raise NotPermitted(rights.explain(found))
    return found


def check(action: PeopleAction, *, by: User, about: About | None = None, authority: Authority | None = None) -> Actor:
    """May `by` do this now? Gives the actor for the ledger: name, role and how it is held. Raises NotPermitted."""
    about = about or About()
    authority = authority or authority_of(by)
    grant = decision(action, by, about, authority)
    how = [authority.how(grant.role, office) for office in sorted(about.offices)] or [authority.how(grant.role, None)]
    words = next((text for text in how if text), "")
    return Actor(id=by.pk, name=by.name, role=ROLE_NAMES[grant.role], authority=words)


def can(action: PeopleAction, *, by: User, about: About | None = None, authority: Authority | None = None) -> bool:
    """Boolean twin of `check`."""
    with suppress(NotPermitted):
        check(action, by=by, about=about, authority=authority)
        return True
    return False


def people_visible_to(user: User, *, authority: Authority | None = None) -> QuerySet[User]:
    """The people whose page `user` may open: the system administrator's all, a manager's own office, oneself.

    An office's people are those who belong to it and those who hold a role there today (cover).
    """
    authority = authority or authority_of(user)
    if authority.has(Role.SYSTEM_ADMINISTRATOR):
        return User.objects.all()
    if not user.is_active:
        return User.objects.none()
    offices = authority.offices(*MANAGERS)
    here_today = RoleGrant.objects.on(timezone.localdate()).filter(user=OuterRef("pk"), office_id__in=offices)
    return User.objects.filter(Q(pk=user.pk) | Q(office_id__in=offices) | Exists(here_today))


def rota_offices(user: User, *, authority: Authority | None = None) -> QuerySet[Office]:
    """The offices whose duty rota `user` may see: those where they hold a role of an office."""
    authority = authority or authority_of(user)
    offices = authority.offices(*OFFICE_ROLES, Role.DUTY_WORKER)
    return Office.objects.filter(pk__in=offices, is_active=True)
