"""What somebody may act as, at a moment: granted roles, the duty rota, deputies. One place, read by every app."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from django.utils import timezone

from postroom.people.models import Deputy, DutySlot, HalfDay, RoleGrant, User, half_day_at
from postroom.people.roles import OFFICE_ROLES, ROLE_NAMES, SINGLE_HOLDER_ROLES, SOCIAL_WORK_ROLES, Role
from postroom.prepared import Prepared

_GRANTS = Prepared(
    lambda user, day: (
        RoleGrant.objects.on(day)
        .filter(user_id=user)
        .order_by("pk")
        .values_list("role", "office_id", "office__name", "is_cover", "ends")
    ),
    user=int,
    day=dt.date,
)
_SLOTS = Prepared(
    lambda user, day, half: (
        DutySlot.objects.filter(user_id=user, day=day, half=half)
        .order_by("pk")
        .values_list("office_id", "office__name", "half")
    ),
    user=int,
    day=dt.date,
    half=str,
)
_DEPUTIES = Prepared(
    lambda user, day: Deputy.objects.on(day).filter(user_id=user).order_by("pk").values_list("role", "ends"),
    user=int,
    day=dt.date,
)


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
    """The authority of `user` at the aware moment `at` (now). Three queries, always fresh; none if inactive."""
    at = at or timezone.now()
    if not user.is_active or user.pk is None:
        return Authority(frozenset())
    day, half = half_day_at(at)
    words: dict[tuple[Role, int | None], str] = {}
    for name, office_id, office, is_cover, ends in _GRANTS.rows(user=user.pk, day=day):
        role = Role(name)
        if role in OFFICE_ROLES and office_id is None:
            continue  # a role of an office held nowhere gives nothing (a database constraint says so too)
        how = f"{ROLE_NAMES[role]}, {office}" if office else ROLE_NAMES[role]
        if is_cover and ends:
            how = f"{how} (cover until {ends:%-d %B %Y})"
            words.setdefault((role, office_id), how)  # the role itself, where held too, is the better word
            continue
        words[role, office_id] = how
    for office_id, office, slot in _SLOTS.rows(user=user.pk, day=day, half=half.value):
        if not any((role, office_id) in words for role in SOCIAL_WORK_ROLES):
            continue  # only social workers are on duty: a slot outlives the grant it was given on for no reason
        shift = HalfDay(slot).label.lower()
        words[Role.DUTY_WORKER, office_id] = f"On the duty rota of {office}, {day.day} {day:%B %Y}, {shift}"
    for name, ends in _DEPUTIES.rows(user=user.pk, day=day):
        role = Role(name)
        if role in SINGLE_HOLDER_ROLES:
            words.setdefault((role, None), f"Deputy for the {ROLE_NAMES[role]} until {ends:%-d %B %Y}")
    return Authority(frozenset(words), words)
