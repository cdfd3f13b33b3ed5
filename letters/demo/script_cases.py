"""Cases of the demonstration: children with ICS numbers, family and professionals, and their addresses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from django.conf import settings

from letters.demo.clock import DAY_SECONDS, Clock
from letters.demo.hand import CaseHand
from letters.demo.script_council import Desk
from letters.demo.words import CASE_SURNAMES, FIRST_NAMES, LOCALITIES, PROFESSIONALS, STREETS, TOWNS
from postroom.cases.actions.opening import ChildDetails
from postroom.cases.actions.persons import PersonDetails
from postroom.cases.models import Address, AddressSource, Case, CasePerson, Relationship
from postroom.people.models import User
from postroom.steps.references import new_reference

TITLES = ("Ms", "Mr", "Mrs", "Dr", "Mx")


@dataclass
class Family:
    """A case as letters use it: whom to write to, and at which verified address."""

    desk: Desk
    case: Case
    worker: User
    child: str
    # When it was opened, in seconds of working time.
    opened: int
    # People whose address stays good.
    addressees: list[tuple[CasePerson, Address]] = field(default_factory=list)
    # People who get one letter each, which comes back: their address is in doubt from then on.
    moved_away: list[tuple[CasePerson, Address]] = field(default_factory=list)


def open_cases(
    hand: CaseHand, rng: Random, clock: Clock, desks: list[Desk], *, count: int, moved_away: int, opened_by: int
) -> list[Family]:
    """`count` cases, opened before second `opened_by` of working time; `moved_away` of them, each with somebody to
    write to in vain. Raises ValueError if there are more of those than cases."""
    if moved_away > count:
        raise ValueError(f"{moved_away} letters come back, and there are {count} cases")
    families = []
    for number in range(count):
        desk = desks[number % len(desks)]
        family = _family(hand, rng, clock, desk, number, opened_by)
        if moved_away * (number + 1) // count > moved_away * number // count:
            # The letter that comes back is the last that happens to this case: its chain is in the order of time.
            _moved_away(hand, rng, clock, family, opened_by)
        elif rng.random() > 0.15:  # the others grow stale
            _verified_again(hand, rng, clock, family, opened_by)
        families.append(family)
    settled = [family for family in families if not family.moved_away]
    for family, trouble in zip(settled, (_unverified, _in_doubt, _replaced) * max(1, count // 30), strict=False):
        trouble(hand, rng, clock, family)
    return families


def _family(hand: CaseHand, rng: Random, clock: Clock, desk: Desk, number: int, opened_by: int) -> Family:
    second = rng.randint(DAY_SECONDS, opened_by - 4 * DAY_SECONDS)
    ticks = _ticks(rng, clock, second)
    surname = rng.choice(CASE_SURNAMES)
    born = clock.today - dt.timedelta(days=365)
    children = [
        ChildDetails(
            name=f"{rng.choice(FIRST_NAMES)} {surname}",
            ics_number=f"9{number:05d}{n}",
            date_of_birth=born - dt.timedelta(days=rng.randint(0, 15 * 365)),
        )
        for n in range(rng.choice((1, 1, 2, 3)))
    ]
    reference = new_reference(rng)
    worker = rng.choice([*desk.workers, *desk.workers, desk.advanced])
    if worker in desk.workers and rng.random() < 0.8:
        case = hand.open_case(next(ticks), worker, reference, desk.office, children)
    else:
        opener = rng.choice(desk.admins)
        case = hand.open_case(next(ticks), opener, reference, desk.office, children)
        case = hand.allocate(next(ticks), desk.manager, case, worker)
    family = Family(desk, case, worker, children[0].name.split(" ")[0], second)
    home = _lines(rng)
    for relationship in rng.choice(((Relationship.PARENT,), (Relationship.PARENT, Relationship.CARER))):
        title = rng.choice(TITLES)
        details = PersonDetails(
            relationship=relationship,
            name=f"{title} {rng.choice(FIRST_NAMES)} {surname}",
            salutation=f"{title} {surname}",
        )
        _with_address(hand, rng, ticks, family, details, home)
    for job, organisation in rng.sample(PROFESSIONALS, rng.choice((1, 2))):
        title, name = rng.choice(TITLES), rng.choice(CASE_SURNAMES)
        details = PersonDetails(
            relationship=Relationship.PROFESSIONAL,
            name=f"{title} {rng.choice(FIRST_NAMES)} {name}, {job}",
            salutation=f"{title} {name}",
            organisation=organisation,
        )
        _with_address(hand, rng, ticks, family, details, _lines(rng))
    return family


def _with_address(
    hand: CaseHand, rng: Random, ticks: Iterator[dt.datetime], family: Family, details: PersonDetails, lines: str
) -> tuple[CasePerson, Address]:
    """Somebody at an address that the worker verifies a little later."""
    family.case, person = hand.add_case_person(next(ticks), family.worker, family.case, details)
    family.case, address = hand.add_address(
        next(ticks), family.worker, family.case, person, lines, rng.choice(AddressSource.values)
    )
    source = rng.choice((AddressSource.VISIT, AddressSource.PERSON)).value
    family.case = hand.verify_address(next(ticks), family.worker, family.case, address, source)
    family.addressees.append((person, address))
    return person, address


def _verified_again(hand: CaseHand, rng: Random, clock: Clock, family: Family, opened_by: int) -> None:
    """Within the time after which an address counts as stale."""
    recent = clock.second_of(clock.today - dt.timedelta(days=settings.ADDRESS_STALE_AFTER_DAYS * 2 // 3))
    if recent < opened_by:  # before the letters, so that none of them was handed over on a stale address
        second = rng.randint(max(family.opened + 2 * DAY_SECONDS, recent), opened_by - DAY_SECONDS)
    else:  # letters over years
        second = rng.randint(recent, clock.end - DAY_SECONDS)
    ticks = _ticks(rng, clock, second)
    for _, address in family.addressees:
        family.case = hand.verify_address(next(ticks), family.worker, family.case, address, AddressSource.VISIT.value)


def _moved_away(hand: CaseHand, rng: Random, clock: Clock, family: Family, opened_by: int) -> None:
    """Somebody who will get one letter, which comes back."""
    ticks = _ticks(rng, clock, opened_by - 2 * DAY_SECONDS)
    name = f"{rng.choice(FIRST_NAMES)} {rng.choice(CASE_SURNAMES)}"
    details = PersonDetails(relationship=Relationship.RELATIVE, name=f"Mx {name}", salutation=f"Mx {name.split()[-1]}")
    family.moved_away.append(_with_address(hand, rng, ticks, family, details, _lines(rng)))
    family.addressees.pop()


def _unverified(hand: CaseHand, rng: Random, clock: Clock, family: Family) -> None:
    """An address that nobody has verified."""
    ticks = _late(rng, clock)
    details = PersonDetails(relationship=Relationship.RELATIVE, name=f"Ms {rng.choice(FIRST_NAMES)} Unverified")
    family.case, person = hand.add_case_person(next(ticks), family.worker, family.case, details)
    family.case, _ = hand.add_address(
        next(ticks), family.worker, family.case, person, _lines(rng), AddressSource.PROFESSIONAL.value
    )


def _in_doubt(hand: CaseHand, rng: Random, clock: Clock, family: Family) -> None:
    """An address that the worker no longer trusts."""
    ticks = _late(rng, clock)
    details = PersonDetails(relationship=Relationship.RELATIVE, name=f"Mr {rng.choice(FIRST_NAMES)} Doubtful")
    _, address = _with_address(hand, rng, ticks, family, details, _lines(rng))
    family.addressees.pop()
    reason = "A neighbour says that they moved out."
    family.case = hand.doubt_address(next(ticks), family.worker, family.case, address, reason)


def _replaced(hand: CaseHand, rng: Random, clock: Clock, family: Family) -> None:
    """An address that was retired for another."""
    ticks = _late(rng, clock)
    details = PersonDetails(relationship=Relationship.RELATIVE, name=f"Mrs {rng.choice(FIRST_NAMES)} Newhome")
    person, old = _with_address(hand, rng, ticks, family, details, _lines(rng))
    family.addressees.pop()
    family.case, new = hand.add_address(
        next(ticks), family.worker, family.case, person, _lines(rng), AddressSource.PERSON.value, old
    )
    family.case = hand.verify_address(next(ticks), family.worker, family.case, new, AddressSource.VISIT.value)


def _late(rng: Random, clock: Clock) -> Iterator[dt.datetime]:
    """Later than whatever else is done to a case."""
    return _ticks(rng, clock, clock.end - DAY_SECONDS * 3 // 4)


def _ticks(rng: Random, clock: Clock, second: int) -> Iterator[dt.datetime]:
    """Moments a few minutes apart."""
    while True:
        yield clock.at(second)
        second += rng.randint(40, 240)


def _lines(rng: Random) -> str:
    """An invented address of 3 or 4 lines: with name and organisation above it 6 at most, as many as a C5 shows."""
    town, area = rng.choice(TOWNS)
    lines = [f"{rng.randint(1, 180)} {rng.choice(STREETS)}", town, f"{area}{rng.randint(1, 19)} {rng.randint(1, 9)}AB"]
    kind = rng.random()
    if kind < 0.25:
        lines.insert(1, rng.choice(LOCALITIES))
    elif kind < 0.45:
        lines.insert(0, f"Flat {rng.randint(1, 12)}")
    return "\n".join(lines)
