"""Who can have a part in a spot check beside whoever draws it: owners of findings, witnesses of dice (OGP-10)."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.utils import timezone

from audit.models import SpotCheck
from audit.spotchecks.rules import WITNESSES
from postroom.people.models import RoleGrant, User
from postroom.people.roles import Role


def possible_owners(office_id: int) -> QuerySet[User]:
    """Who can own a finding of an office's letter: people with a role there, and the District Admin Manager."""
    today = timezone.localdate()
    grants = RoleGrant.objects.on(today).filter(
        Q(office_id=office_id) | Q(role__in=[Role.DISTRICT_ADMIN_MANAGER.value, Role.SAFEGUARDING.value])
    )
    return User.objects.filter(is_active=True, pk__in=grants.values("user")).order_by("name", "pk")


def possible_witnesses(check: SpotCheck, thrower: int | None) -> QuerySet[User]:
    """Who can have seen the dice beside the person with the id `thrower`: active people with a part in the post of the
    office today, or of any office where the check is about all."""
    if check.office_id is not None:
        people = possible_owners(check.office_id)
    else:
        grants = RoleGrant.objects.on(timezone.localdate()).filter(role__in=[role.value for role in WITNESSES])
        people = User.objects.filter(is_active=True, pk__in=grants.values("user"))
    return people.exclude(pk=thrower or 0).order_by("name", "pk")
