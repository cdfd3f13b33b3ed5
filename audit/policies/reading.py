"""Reads of policies: those in force, what somebody still has to acknowledge, who hasn't."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from audit.models import Acknowledgement, PolicyVersion
from postroom.people.models import Office, RoleGrant, User


def versions_in_force() -> QuerySet[PolicyVersion]:
    """The newest version of each policy, the post's first, without its text."""
    newer = PolicyVersion.objects.filter(slug=OuterRef("slug"), number__gt=OuterRef("number"))
    return PolicyVersion.objects.filter(~Exists(newer)).defer("text").order_by("-slug")


def still_to_acknowledge(user: User) -> list[PolicyVersion]:
    """What is in force and this person hasn't acknowledged. One query."""
    mine = Acknowledgement.objects.filter(version=OuterRef("pk"), user=user)
    return list(versions_in_force().filter(~Exists(mine)))


def people_of(offices: Collection[Office], *, everybody: bool) -> QuerySet[User]:
    """Who is to acknowledge: active people with a role now, of these offices, or of the whole council."""
    grants = RoleGrant.objects.on(timezone.localdate())
    people = User.objects.filter(is_active=True, pk__in=grants.values("user"))
    if not everybody:
        ids = [office.pk for office in offices]
        at = grants.filter(office_id__in=ids).values("user")
        people = people.filter(Q(office_id__in=ids) | Q(pk__in=at))
    return people.select_related("office").order_by("name", "pk")


@dataclass(frozen=True)
class Missing:
    """Of one version: who hasn't acknowledged it, among how many."""

    version: PolicyVersion
    people: list[User]
    of: int

    @property
    def done(self) -> int:
        return self.of - len(self.people)


def who_has_not(versions: Collection[PolicyVersion], people: QuerySet[User]) -> list[Missing]:
    """For each version the people who haven't. A fixed number of queries a version."""
    everyone = list(people)
    found = []
    for version in versions:
        done = set(Acknowledgement.objects.filter(version=version).values_list("user_id", flat=True))
        found.append(Missing(version, [user for user in everyone if user.pk not in done], len(everyone)))
    return found
