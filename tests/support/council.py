"""A small council for tests of people and cases: two offices with everybody in them, and the council-wide roles."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from django.utils import timezone

from postroom.cases.models import Address, AddressSource, Case, CasePerson, Relationship
from postroom.ledger.models import Entry
from postroom.people.models import DutySlot, Office, RoleGrant, User, half_day_at
from postroom.people.roles import OFFICE_ROLES, Role

_number = count(1)


def office(code: str, name: str) -> Office:
    """An office with a return address that gives nothing away."""
    return Office.objects.create(code=code, name=name, address=f"{name} House\n1 Invented Street\nNM1 1AA")


def person(name: str, where: Office | None = None, *roles: Role, **fields: Any) -> User:
    """An active person who has held `roles` since yesterday."""
    number = next(_number)
    user = User.objects.create_user(
        email=f"p{number}@example.test", name=name, initials=f"P{number}"[:5], office=where, **fields
    )
    for role in roles:
        give(user, role, where)
    return user


def give(user: User, role: Role, where: Office | None = None) -> RoleGrant:
    """A role since yesterday, until changed."""
    at = where if role in OFFICE_ROLES else None
    starts = timezone.localdate() - dt.timedelta(days=1)
    return RoleGrant.objects.create(user=user, role=role, office=at, starts=starts)


def on_duty(user: User, where: Office, by: User) -> DutySlot:
    """On the rota in this half-day."""
    day, half = half_day_at(timezone.now())
    return DutySlot.objects.create(office=where, user=user, day=day, half=half, set_by=by)


@dataclass
class Staff:
    """An office and one person of each of its roles; `nobody` works there without a role."""

    office: Office
    worker: User = field(init=False)
    colleague: User = field(init=False)
    duty: User = field(init=False)
    ap: User = field(init=False)
    deputy: User = field(init=False)
    manager: User = field(init=False)
    admin: User = field(init=False)
    nobody: User = field(init=False)

    def __post_init__(self) -> None:
        at = self.office
        self.worker = person(f"Wren Worker {at.code}", at, Role.WORKER)
        self.colleague = person(f"Cole League {at.code}", at, Role.WORKER)
        self.duty = person(f"Dina Duty {at.code}", at, Role.WORKER)
        self.ap = person(f"Ash Advanced {at.code}", at, Role.ADVANCED_PRACTITIONER)
        self.deputy = person(f"Dev Deputy {at.code}", at, Role.DEPUTY_TEAM_MANAGER)
        self.manager = person(f"Tam Manager {at.code}", at, Role.TEAM_MANAGER)
        self.admin = person(f"Ada Admin {at.code}", at, Role.ADMIN)
        self.nobody = person(f"Nora Nobody {at.code}", at)
        on_duty(self.duty, at, self.manager)


COUNCIL_WIDE = (
    Role.SAFEGUARDING,
    Role.DISTRICT_ADMIN_MANAGER,
    Role.INFORMATION_GOVERNANCE,
    Role.ASSISTANT_DIRECTOR,
    Role.CALDICOTT_GUARDIAN,
    Role.SYSTEM_ADMINISTRATOR,
)


@dataclass
class Council:
    """Two offices, `near` and `far`, and one person in each role of the whole council."""

    near: Staff = field(init=False)
    far: Staff = field(init=False)
    system: User = field(init=False)
    wide: dict[Role, User] = field(init=False)

    def __post_init__(self) -> None:
        self.near, self.far = Staff(office("near", "Nearby")), Staff(office("far", "Faraway"))
        self.wide = {role: person(f"Whole {role.value}", None, role) for role in COUNCIL_WIDE}
        self.system = self.wide[Role.SYSTEM_ADMINISTRATOR]

    def everyone(self) -> dict[str, User]:
        """All of them by a name that the expectation files use: near.worker, far.admin, safeguarding …"""
        names = ("worker", "colleague", "duty", "ap", "deputy", "manager", "admin", "nobody")
        found = {f"{where}.{name}": getattr(getattr(self, where), name) for where in ("near", "far") for name in names}
        return found | {str(role.value): user for role, user in self.wide.items()}


def case_of(staff: Staff, worker: User | None = None) -> Case:
    """A case with a child and a parent at an address that was verified today."""
    number = next(_number)
    worker = worker or staff.worker
    made = Case.objects.create(office=staff.office, allocated_worker=worker)
    CasePerson.objects.create(
        case=made, relationship=Relationship.CHILD, name=f"Robin Sample{number}", ics_number=f"{700000 + number}"
    )
    parent = CasePerson.objects.create(case=made, relationship=Relationship.PARENT, name=f"Ms Pat Sample{number}")
    Address.objects.create(
        person=parent,
        lines=f"{number} Sample Road\nNORTHMERE\nNM2 3BB",
        source=AddressSource.ICS,
        verified_on=timezone.localdate(),
        verified_by=worker,
    )
    return made


def entries(subject: Any) -> list[Entry]:
    """The chain of a subject, oldest first."""
    return list(Entry.objects.filter(subject=subject.ledger_subject).order_by("seq"))
