"""The council of the demonstration: three offices, about thirty people in every role, the rota, a deputy."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle
from random import Random

from django.conf import settings
from django.utils import timezone

from letters.demo.clock import is_working_day
from letters.demo.hand import PeopleHand
from letters.demo.words import FIRST_NAMES, OFFICES, SURNAMES, DemoOffice
from letters.models import OfficePost, Printer
from letters.rendering.calibration import Measured
from postroom.people.actions.offices import OfficeDetails
from postroom.people.actions.persons import PersonDetails
from postroom.people.models import HalfDay, Office, Team, User
from postroom.people.roles import ROLE_NAMES, Role

DOMAIN = "northmere.example"
COUNCIL_ROLES = (
    Role.SAFEGUARDING,
    Role.DISTRICT_ADMIN_MANAGER,
    Role.INFORMATION_GOVERNANCE,
    Role.ASSISTANT_DIRECTOR,
    Role.CALDICOTT_GUARDIAN,
    Role.DIRECTOR,
    Role.BUSINESS_IMPROVEMENT_MANAGER,
    Role.RECORDS_MANAGER,
    Role.DATA_PROTECTION_OFFICER,
)


@dataclass
class Desk:
    """An office with its people."""

    office: Office
    post: OfficePost
    team: Team
    manager: User
    deputy: User
    advanced: User
    workers: list[User] = field(default_factory=list)
    admins: list[User] = field(default_factory=list)
    printers: list[Printer] = field(default_factory=list)
    # (day, half) -> who is on duty
    rota: dict[tuple[dt.date, str], User] = field(default_factory=dict)


@dataclass
class Council:
    """All of it. `first`: the day from which everybody holds their role."""

    administrator: User
    desks: list[Desk]
    first: dt.date


class _Names:
    """People's names, no two alike in the council, no initials twice at an office."""

    def __init__(self, rng: Random) -> None:
        firsts = list(FIRST_NAMES)
        rng.shuffle(firsts)
        self._firsts = iter(firsts)
        self._surnames = cycle(SURNAMES)
        self._taken: set[tuple[str, str]] = set()

    def next(self, office: str) -> tuple[str, str]:
        """A name and its initials."""
        first = next(self._firsts)
        for surname in self._surnames:
            initials = first[0] + surname[0]
            if (office, initials) not in self._taken:
                self._taken.add((office, initials))
                return f"{first} {surname}", initials
        raise AssertionError("unreachable: the surnames go round")


def set_up(hand: PeopleHand, rng: Random, *, first: dt.date, rota_from: dt.date, today: dt.date) -> Council:
    """Offices and people on the morning of `first`, the rota from the week of `rota_from` to the next."""
    at = timezone.make_aware(dt.datetime.combine(first, dt.time(8)))
    ticks = (at + dt.timedelta(seconds=20 * n) for n in range(10_000))
    names = _Names(rng)
    administrator = hand.add_first_administrator(next(ticks), _details(names, Role.SYSTEM_ADMINISTRATOR))
    desks = [_desk(hand, ticks, names, administrator, one) for one in OFFICES]
    for desk, one in zip(desks, OFFICES, strict=True):
        _printer(hand, rng, ticks, desk, one, today)
    for role in COUNCIL_ROLES:
        _person(hand, ticks, names, administrator, role)
    second = _person(hand, ticks, names, administrator, Role.SYSTEM_ADMINISTRATOR)
    deputy = _person(hand, ticks, names, second, Role.SAFEGUARDING)
    for desk in desks:
        _rota(hand, rng, desk, first, rota_from, today)
    starts = max(today - dt.timedelta(days=2), first)
    hand.name_deputy(
        timezone.make_aware(dt.datetime.combine(starts, dt.time(8, 30))),
        administrator,
        deputy,
        Role.DISTRICT_ADMIN_MANAGER,
        starts,
        today + dt.timedelta(days=12),
    )
    return Council(administrator, desks, first)


def _desk(hand: PeopleHand, ticks: Iterator[dt.datetime], names: _Names, administrator: User, one: DemoOffice) -> Desk:
    details = OfficeDetails(
        name=one.name,
        address=one.address,
        phone=one.phone,
        email=f"{one.code}@{DOMAIN}",
        letterhead=f"{one.name} office",
    )
    office = hand.add_office(next(ticks), administrator, one.code, details)
    post = hand.set_post(next(ticks), administrator, office, one)
    team = hand.add_team(next(ticks), administrator, office, f"{one.name} team")

    def person(role: Role, manager: User | None = None) -> User:
        return _person(hand, ticks, names, administrator, role, office, team, manager)

    manager = person(Role.TEAM_MANAGER)
    deputy = person(Role.DEPUTY_TEAM_MANAGER, manager)
    desk = Desk(office, post, team, manager, deputy, person(Role.ADVANCED_PRACTITIONER, manager))
    desk.workers = [person(Role.WORKER, deputy) for _ in range(one.workers)]
    desk.admins = [person(Role.ADMIN, manager) for _ in range(one.admins)]
    return desk


def _printer(
    hand: PeopleHand, rng: Random, ticks: Iterator[dt.datetime], desk: Desk, one: DemoOffice, today: dt.date
) -> None:
    """The office's printer; its sheet is measured on the first morning, and again before that is too long ago."""
    at = next(ticks)
    printer = hand.add_printer(at, desk.manager, desk.office, "Office printer", one.printer_place)
    desk.printers.append(printer)
    at = next(ticks)
    while timezone.localdate(at) <= today:
        off = [rng.choice((-0.5, 0.0, 0.0, 0.5)) for _ in range(2)]
        # Moved as a whole, as a paper guide that stands a little off does.
        measured = Measured(20 + off[0], 20 + off[1], 190 + off[0], 20 + off[1], 20 + off[0], 277 + off[1])
        hand.measure(at, desk.admins[0], printer, desk.post.stock, measured)
        at += dt.timedelta(days=settings.CALIBRATION_DAYS - 10)


def _person(
    hand: PeopleHand,
    ticks: Iterator[dt.datetime],
    names: _Names,
    administrator: User,
    role: Role,
    office: Office | None = None,
    team: Team | None = None,
    manager: User | None = None,
) -> User:
    details = _details(names, role, office, team, manager)
    person = hand.add_person(next(ticks), administrator, details)
    hand.grant_role(next(ticks), administrator, person, role, office)
    return person


def _details(
    names: _Names, role: Role, office: Office | None = None, team: Team | None = None, manager: User | None = None
) -> PersonDetails:
    name, initials = names.next(office.code if office else "")
    mailbox = name.lower().replace(" ", ".").replace("ë", "e")
    return PersonDetails(
        name=name,
        email=f"{mailbox}@{DOMAIN}",
        initials=initials,
        job_title=ROLE_NAMES[role],
        office=office,
        team=team,
        line_manager=manager,
    )


def _rota(hand: PeopleHand, rng: Random, desk: Desk, first: dt.date, rota_from: dt.date, today: dt.date) -> None:
    """One social worker each half-day; written on the Thursday eleven days before the week. This week and next have
    their weekends too, so that whoever looks at the demonstration finds somebody on duty."""
    monday = rota_from - dt.timedelta(days=rota_from.weekday())
    this_week = today - dt.timedelta(days=today.weekday())
    while monday <= this_week + dt.timedelta(days=7):
        written = max(monday - dt.timedelta(days=11), first)
        at = timezone.make_aware(dt.datetime.combine(written, dt.time(16)))
        turn = cycle(rng.sample([*desk.workers, desk.advanced], len(desk.workers) + 1))
        for offset in range(7):
            day = monday + dt.timedelta(days=offset)
            if monday < this_week and not is_working_day(day):
                continue
            for half in HalfDay:
                at += dt.timedelta(seconds=rng.randint(5, 15))
                person = next(turn)
                hand.put_on_duty(at, desk.manager, person, desk.office, day, half)
                desk.rota[day, str(half)] = person
        monday += dt.timedelta(days=7)
