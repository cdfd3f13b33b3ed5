"""The demonstration's script carried out by the real actions, each at its own moment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any
from unittest import mock

import time_machine
from django.utils import timezone
from simple_history.models import HistoricalRecords

from letters import actions
from letters.actions.enveloping import sheets_to_count
from letters.actions.printers import add_printer, measure
from letters.actions.stock import set_office_post
from letters.completed import children_owed
from letters.models import EnvelopeStock, Letter, OfficePost, Printer
from postroom.cases.actions import addresses, allocation, opening, persons
from postroom.cases.models import Address, Case
from postroom.people.actions import deputies, offices, roles, rota
from postroom.people.actions import persons as people
from postroom.people.models import Office, User
from postroom.steps.engine import Seen


@contextmanager
def moment(at: dt.datetime, by: User | None) -> Iterator[None]:
    """At that time, in a request of that person's, as the history's middleware has it."""
    request = SimpleNamespace(user=by) if by is not None else None
    HistoricalRecords.context.request = request
    try:
        with time_machine.travel(at, tick=False):
            yield
    finally:
        del HistoricalRecords.context.request


def fixed_reference(model: Any, reference: str) -> Any:
    """Rows of `model` made meanwhile have this reference."""
    return mock.patch.object(model._meta.get_field("reference"), "_get_default", return_value=reference)


class RealHand:
    """Each verb is the real action, on the row as the database has it."""

    def add_first_administrator(self, at: dt.datetime, details: Any) -> User:
        with moment(at, None):
            return people.add_first_administrator(details=details)

    def add_office(self, at: dt.datetime, by: User, code: str, details: Any) -> Office:
        with moment(at, by):
            return offices.add_office(code=code, details=details, by=by)

    def set_post(self, at: dt.datetime, by: User, office: Office, chosen: Any) -> OfficePost:
        with moment(at, by):
            return set_office_post(
                office=office,
                by=by,
                stock=EnvelopeStock.objects.get(slug=chosen.stock),
                signature_medium=chosen.medium,
                return_mark=chosen.mark,
            )

    def add_printer(self, at: dt.datetime, by: User, office: Office, name: str, place: str) -> Printer:
        with moment(at, by):
            return add_printer(office=office, by=by, name=name, place=place)

    def measure(self, at: dt.datetime, by: User, printer: Printer, stock: EnvelopeStock, measured: Any) -> None:
        seen = Printer.objects.get(pk=printer.pk).ledger_seq
        with moment(at, by):
            measure(printer=printer, stock=stock, by=by, seen=seen, measured=measured, in_envelope=True)

    def add_team(self, at: dt.datetime, by: User, office: Office, name: str) -> Any:
        with moment(at, by):
            return offices.add_team(office=office, name=name, by=by)

    def add_person(self, at: dt.datetime, by: User, details: Any) -> User:
        with moment(at, by):
            return people.add_person(details=details, by=by)

    def grant_role(self, at: dt.datetime, by: User, person: User, role: Any, office: Any) -> None:
        seen = User.objects.get(pk=person.pk).ledger_seq
        with moment(at, by):
            starts = timezone.localdate(at)
            roles.grant_role(person=person, role=role, by=by, seen=seen, starts=starts, office=office)

    def put_on_duty(self, at: dt.datetime, by: User, person: User, office: Office, day: Any, half: Any) -> None:
        with moment(at, by):
            rota.put_on_duty(person=person, office=office, day=day, half=half, by=by)

    def name_deputy(self, at: dt.datetime, by: User, person: User, role: Any, starts: Any, ends: Any) -> None:
        with moment(at, by):
            deputies.name_deputy(person=person, role=role, starts=starts, ends=ends, by=by)

    def open_case(self, at: dt.datetime, by: User, reference: str, office: Office, children: Any) -> Case:
        with moment(at, by), fixed_reference(Case, reference):
            return opening.open_case(office=office, children=children, by=by)

    def _case(self, at: dt.datetime, by: User, case: Case, verb: Callable[..., Case], **what: Any) -> Case:
        fresh = Case.objects.get(pk=case.pk)
        with moment(at, by):
            return verb(case=fresh, by=by, seen=Seen.of(fresh), **what)

    def allocate(self, at: dt.datetime, by: User, case: Case, worker: User) -> Case:
        return self._case(at, by, case, allocation.allocate, worker=worker)

    def add_case_person(self, at: dt.datetime, by: User, case: Case, details: Any) -> Any:
        case = self._case(at, by, case, persons.add_person, details=details)
        return case, case.people.latest("pk")

    def add_address(
        self, at: dt.datetime, by: User, case: Case, person: Any, lines: str, source: str, replaces: Any = None
    ) -> Any:
        what = {"person": person, "lines": lines, "source": source, "replaces": replaces}
        case = self._case(at, by, case, addresses.add_address, **what)
        return case, person.addresses.latest("pk")

    def verify_address(self, at: dt.datetime, by: User, case: Case, address: Address, source: str) -> Case:
        return self._case(at, by, case, addresses.verify_address, address=address, source=source)

    def doubt_address(self, at: dt.datetime, by: User, case: Case, address: Address, reason: str) -> Case:
        return self._case(at, by, case, addresses.doubt_address, address=address, reason=reason)

    def hand_over(self, at: dt.datetime, by: User, *, reference: str, **what: Any) -> Letter:
        what["address"] = Address.objects.get(pk=what["address"].pk)
        what["case"] = Case.objects.get(pk=what["case"].pk)
        with moment(at, by), fixed_reference(Letter, reference):
            return actions.hand_over(by=by, still_right=True, **what)

    def _letter(self, now: dt.datetime, by: User, letter: Letter, verb: Callable[..., Letter], **what: Any) -> Letter:
        fresh = Letter.objects.get(pk=letter.pk)
        with moment(now, by):
            return verb(letter=fresh, by=by, seen=Seen.of(fresh), **what)

    def type_letter(self, at: dt.datetime, by: User, letter: Letter, typed: Any, reason: str = "") -> Letter:
        return self._letter(at, by, letter, actions.type_letter, typed=typed, reason=reason)

    def print_letter(self, at: dt.datetime, by: User, letter: Letter, printer: Printer) -> Letter:
        return self._letter(at, by, letter, actions.print_letter, printer=printer)

    def confirm_print(self, at: dt.datetime, by: User, letter: Letter) -> Letter:
        fresh = Letter.objects.get(pk=letter.pk)
        with moment(at, by):
            return actions.confirm_print(letter=fresh, by=by, printed=fresh.prints.latest("pk"))

    def return_to_worker(self, at: dt.datetime, by: User, letter: Letter) -> Letter:
        return self._letter(at, by, letter, actions.return_to_worker)

    def check(self, at: dt.datetime, by: User, letter: Letter) -> Letter:
        return self._letter(at, by, letter, actions.check, address_confirmed=True, body_confirmed=True)

    def sign(self, at: dt.datetime, by: User, letter: Letter) -> Letter:
        return self._letter(at, by, letter, actions.sign)

    def pp(self, at: dt.datetime, by: User, letter: Letter) -> Letter:
        return self._letter(at, by, letter, actions.pp)

    def confirm_signature(self, at: dt.datetime, by: User, letter: Letter) -> Letter:
        return self._letter(at, by, letter, actions.confirm_signature, bears_signature=True)

    def return_for_retyping(self, at: dt.datetime, by: User, letter: Letter, reason: str, proposed_body: str) -> Letter:
        return self._letter(at, by, letter, actions.return_for_retyping, reason=reason, proposed_body=proposed_body)

    def envelope(self, at: dt.datetime, by: User, letter: Letter) -> Letter:
        confirmed = dict.fromkeys(("contents_checked", "new_envelope", "return_mark_on", "initials_written"), True)
        return self._letter(at, by, letter, actions.envelope, sheets=sheets_to_count(letter), **confirmed)

    def reopen(self, at: dt.datetime, by: User, letter: Letter, reason: str) -> Letter:
        return self._letter(at, by, letter, actions.reopen, reason=reason)

    def post(self, at: dt.datetime, by: User, letter: Letter, posted_on: dt.date, post_class: str) -> Letter:
        return self._letter(at, by, letter, actions.post, posted_on=posted_on, post_class=post_class)

    def choose_way(self, at: dt.datetime, by: User, letter: Letter, way: str, reason: str) -> Letter:
        return self._letter(at, by, letter, actions.choose_way, way=way, sensitive=False, reason=reason)

    def take_out(self, at: dt.datetime, by: User, letter: Letter) -> Letter:
        return self._letter(at, by, letter, actions.take_out)

    def hand_deliver(self, at: dt.datetime, by: User, letter: Letter, place: str) -> Letter:
        how = {"place": place, "identity": "known", "own_hands": True}
        return self._letter(at, by, letter, actions.hand_deliver, at=at, **how)

    def upload(self, at: dt.datetime, by: User, letter: Letter, ics_reference: str) -> Letter:
        for number, child in enumerate(children_owed(Letter.objects.get(pk=letter.pk)), 1):
            reference = f"{ics_reference}-{number}" if number > 1 else ics_reference
            letter = self._letter(at, by, letter, actions.upload, ics_reference=reference, child=child)
        return letter

    def withdraw(self, at: dt.datetime, by: User, letter: Letter, reason: str) -> Letter:
        return self._letter(at, by, letter, actions.withdraw, reason=reason)

    def return_undelivered(
        self, at: dt.datetime, by: User, letter: Letter, reason: str, came_back_on: dt.date, was_opened: bool
    ) -> Letter:
        return self._letter(
            at,
            by,
            letter,
            actions.return_undelivered,
            reason=reason,
            came_back_on=came_back_on,
            was_opened=was_opened,
        )
