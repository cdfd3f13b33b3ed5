"""What somebody may act as, at a moment: granted roles, the duty rota, deputies. One place, read by every app."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.db.models import BigIntegerField, DateField, F, QuerySet, Value
from django.db.models.functions import Cast
from django.utils import timezone

from postroom.people.models import Deputy, DutySlot, HalfDay, RoleGrant, User, half_day_at
from postroom.people.roles import OFFICE_ROLES, ROLE_NAMES, SINGLE_HOLDER_ROLES, SOCIAL_WORK_ROLES, Role
from postroom.prepared import Prepared

# What a row is, in the order they are read: a slot counts only beside a grant.
_GRANT, _SLOT, _DEPUTY = 1, 2, 3


def _held(user: int, day: dt.date, half: str) -> QuerySet[Any, Any]:
    """What a row is, its number, the role (of a slot the half-day), the office's id and name, is it cover, its end."""
    columns = ("kind", "pk", "what", "of", "of_name", "cover", "until")
    at_office = {"of": F("office_id"), "of_name": F("office__name")}
    nowhere = {"of": Cast(Value(None), BigIntegerField()), "of_name": Value("")}
    grants = RoleGrant.objects.on(day).annotate(
        kind=Value(_GRANT), what=F("role"), **at_office, cover=F("is_cover"), until=F("ends")
    )
    slots = DutySlot.objects.filter(day=day, half=half).annotate(
        kind=Value(_SLOT), what=F("half"), **at_office, cover=Value(False), until=Cast(Value(None), DateField())
    )
    deputies = Deputy.objects.on(day).annotate(
        kind=Value(_DEPUTY), what=F("role"), **nowhere, cover=Value(False), until=F("ends")
    )
    parts = [part.filter(user_id=user).order_by().values_list(*columns) for part in (grants, slots, deputies)]
    return parts[0].union(*parts[1:], all=True).order_by("kind", "pk")


_HELD = Prepared(_held, user=int, day=dt.date, half=str)


@dataclass(frozen=True)
class Authority:
    """Roles of one person at one moment, and how each is held, in words for the record."""

    # (role, office id); office id None: for the whole council
    held: frozenset[tuple[Role, int | None]]
    words: dict[tuple[Role, int | None], str] = field(default_factory=dict, compare=False)

    def at_office(self, office_id: int | None) -> frozenset[Role]:
        """Roles that count at this office: those held there and those held for the whole council."""
        return frozenset(role for role, office in self.held if office is None or office == office_id)

    def offices(self, *roles: Role) -> list[int]:
        """Ids of the offices where any of `roles` is held."""
        return sorted({office for role, office in self.held if role in roles and office is not None})

    def has(self, *roles: Role) -> bool:
        """Is any of `roles` held, anywhere?"""
        return any(role in roles for role, _ in self.held)

    @property
    def roles(self) -> frozenset[Role]:
        """Every role held, wherever."""
        return frozenset(role for role, _ in self.held)

    def how(self, role: Role, office_id: int | None) -> str:
        """How the role is held, as it goes into the record; empty if it isn't."""
        return self.words.get((role, office_id)) or self.words.get((role, None), "")


def authority_of(user: User, at: dt.datetime | None = None) -> Authority:
    """The authority of `user` at the aware moment `at` (now). One query, always fresh; none if inactive."""
    at = at or timezone.now()
    if not user.is_active or user.pk is None:
        return Authority(frozenset())
    day, half = half_day_at(at)
    words: dict[tuple[Role, int | None], str] = {}
    for kind, _, what, office_id, office, is_cover, ends in _HELD.rows(user=user.pk, day=day, half=half.value):
        if kind == _GRANT:
            role = Role(what)
            if role in OFFICE_ROLES and office_id is None:
                continue  # a role of an office held nowhere gives nothing (a database constraint says so too)
            how = f"{ROLE_NAMES[role]}, {office}" if office else ROLE_NAMES[role]
            if is_cover and ends:
                how = f"{how} (cover until {ends:%-d %B %Y})"
                words.setdefault((role, office_id), how)  # the role itself, where held too, is the better word
                continue
            words[role, office_id] = how
        elif kind == _SLOT:
            if not any((role, office_id) in words for role in SOCIAL_WORK_ROLES):
                continue  # only social workers are on duty: a slot outlives the grant it was given on for no reason
            shift = HalfDay(what).label.lower()
            words[Role.DUTY_WORKER, office_id] = f"On the duty rota of {office}, {day.day} {day:%B %Y}, {shift}"
        elif Role(what) in SINGLE_HOLDER_ROLES:
            role = Role(what)
            words.setdefault((role, None), f"Deputy for the {ROLE_NAMES[role]} until {ends:%-d %B %Y}")
    return Authority(frozenset(words), words)
