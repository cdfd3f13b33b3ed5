"""What a Hand can do: each verb of the real actions that the script uses, with the moment it happens added.

`at`: aware moment. `by`: who. What comes back is the row as it stands after the step.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Protocol

from letters.content import Typed
from letters.demo.words import DemoOffice
from letters.models import Letter, OfficePost
from postroom.cases.actions.opening import ChildDetails
from postroom.cases.actions.persons import PersonDetails as CasePersonDetails
from postroom.cases.models import Address, Case, CasePerson
from postroom.people.actions.offices import OfficeDetails
from postroom.people.actions.persons import PersonDetails
from postroom.people.models import HalfDay, Office, Team, User
from postroom.people.roles import Role


class PeopleHand(Protocol):
    """Offices, people, roles, the rota."""

    def add_first_administrator(self, at: dt.datetime, details: PersonDetails) -> User: ...
    def add_office(self, at: dt.datetime, by: User, code: str, details: OfficeDetails) -> Office: ...
    def set_post(self, at: dt.datetime, by: User, office: Office, chosen: DemoOffice) -> OfficePost: ...
    def add_team(self, at: dt.datetime, by: User, office: Office, name: str) -> Team: ...
    def add_person(self, at: dt.datetime, by: User, details: PersonDetails) -> User: ...
    def grant_role(self, at: dt.datetime, by: User, person: User, role: Role, office: Office | None) -> None: ...
    def put_on_duty(
        self, at: dt.datetime, by: User, person: User, office: Office, day: dt.date, half: HalfDay
    ) -> None: ...
    def name_deputy(
        self, at: dt.datetime, by: User, person: User, role: Role, starts: dt.date, ends: dt.date
    ) -> None: ...


class CaseHand(Protocol):
    """Cases and where their people can be written to."""

    def open_case(
        self, at: dt.datetime, by: User, reference: str, office: Office, children: Sequence[ChildDetails]
    ) -> Case: ...
    def allocate(self, at: dt.datetime, by: User, case: Case, worker: User) -> Case: ...
    def add_case_person(
        self, at: dt.datetime, by: User, case: Case, details: CasePersonDetails
    ) -> tuple[Case, CasePerson]: ...
    def add_address(
        self,
        at: dt.datetime,
        by: User,
        case: Case,
        person: CasePerson,
        lines: str,
        source: str,
        replaces: Address | None = None,
    ) -> tuple[Case, Address]: ...
    def verify_address(self, at: dt.datetime, by: User, case: Case, address: Address, source: str) -> Case: ...
    def doubt_address(self, at: dt.datetime, by: User, case: Case, address: Address, reason: str) -> Case: ...


class LetterHand(Protocol):
    """The steps of a letter."""

    def hand_over(
        self,
        at: dt.datetime,
        by: User,
        *,
        reference: str,
        case: Case,
        addressee: CasePerson,
        address: Address,
        draft_text: str,
        subject: str,
        instructions: str,
    ) -> Letter: ...
    def type_letter(self, at: dt.datetime, by: User, letter: Letter, typed: Typed, reason: str = "") -> Letter: ...
    def print_letter(self, at: dt.datetime, by: User, letter: Letter) -> Letter: ...
    def return_to_worker(self, at: dt.datetime, by: User, letter: Letter) -> Letter: ...
    def check(self, at: dt.datetime, by: User, letter: Letter) -> Letter: ...
    def sign(self, at: dt.datetime, by: User, letter: Letter) -> Letter: ...
    def pp(self, at: dt.datetime, by: User, letter: Letter) -> Letter: ...
    def confirm_signature(self, at: dt.datetime, by: User, letter: Letter) -> Letter: ...
    def return_for_retyping(
        self, at: dt.datetime, by: User, letter: Letter, reason: str, proposed_body: str
    ) -> Letter: ...
    def envelope(self, at: dt.datetime, by: User, letter: Letter) -> Letter: ...
    def reopen(self, at: dt.datetime, by: User, letter: Letter, reason: str) -> Letter: ...
    def post(self, at: dt.datetime, by: User, letter: Letter, posted_on: dt.date, post_class: str) -> Letter: ...
    def choose_way(self, at: dt.datetime, by: User, letter: Letter, way: str, reason: str) -> Letter: ...
    def hand_deliver(self, at: dt.datetime, by: User, letter: Letter, to_name: str, place: str) -> Letter: ...
    def upload(self, at: dt.datetime, by: User, letter: Letter, ics_reference: str) -> Letter: ...
    def withdraw(self, at: dt.datetime, by: User, letter: Letter, reason: str) -> Letter: ...
    def return_undelivered(
        self, at: dt.datetime, by: User, letter: Letter, reason: str, came_back_on: dt.date, was_opened: bool
    ) -> Letter: ...


class Hand(PeopleHand, CaseHand, LetterHand, Protocol):
    """All of it."""
