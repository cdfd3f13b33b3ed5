"""Offices, people, roles and rota as rows in memory, each as the verbs of postroom.people write it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from letters.actions.printers import MEANT, measurement_details
from letters.demo.rows import Rows
from letters.demo.words import DemoOffice
from letters.models import Calibration, EnvelopeStock, OfficePost, Printer
from letters.rendering.calibration import Measured, judge
from letters.stock_rights import StockAction
from postroom.ledger.recording import SYSTEM, Actor, Step
from postroom.ledger.subjects import LedgerSubject
from postroom.people.actions.offices import OfficeDetails
from postroom.people.actions.persons import PersonDetails
from postroom.people.models import Deputy, DutySlot, HalfDay, Office, RoleGrant, Team, User
from postroom.people.permissions import PeopleAction
from postroom.people.roles import ROLE_NAMES, Role


class BulkPeople:
    """The people's part of BulkHand."""

    rows: Rows

    def add_first_administrator(self, at: dt.datetime, details: PersonDetails) -> User:
        """The account that adds all others; nobody gave it its role."""
        person = self._person(at, None, SYSTEM, details)
        grant = self.rows.add(RoleGrant(user=person, role=Role.SYSTEM_ADMINISTRATOR, starts=_day(at)))
        self.rows.note(grant, None, at, "+")
        self._keep(person, PeopleAction.GRANT_ROLE, SYSTEM, None, at, _grant_details(grant))
        return person

    def add_office(self, at: dt.datetime, by: User, code: str, details: OfficeDetails) -> Office:
        """A new office."""
        values = {"name": details.name, "address": details.address, "phone": details.phone, "email": details.email}
        office = self.rows.add(Office(code=code, letterhead=details.letterhead, **values))
        changed = [name for name in (*values, "letterhead") if getattr(office, name)]
        self._keep(office, PeopleAction.ADD_OFFICE, administrator(by), by, at, {"changed": changed})
        return office

    def set_post(self, at: dt.datetime, by: User, office: Office, chosen: DemoOffice) -> OfficePost:
        """Which envelopes the office uses, where it signs, what goes on the back."""
        post = OfficePost(
            office=office,
            stock=EnvelopeStock.objects.get(slug=chosen.stock),
            signature_medium=chosen.medium,
            return_mark=chosen.mark,
        )
        self.rows.note(self.rows.add(post), by, at, "+")
        details: dict[str, Any] = {"stock": chosen.stock, "signature": chosen.medium, "return_mark": chosen.mark}
        details |= {
            "keeping": "marked",
            "ics_way": "manual",
            "collection": "",
            "originals_kept": False,
            "usual_class": "",
            "sheet_scan": "offered",
            "next_stock": "",
            "next_stock_from": "",
            "letters_by_email_from": "",
            "letters_by_email_until": "",
            "letters_abroad_from": "",
            "letters_abroad_until": "",
            "abroad_service": "",
        }
        step = Step(action=StockAction.SET_OFFICE_POST.value, actor=administrator(by), at=at, details=details)
        self.rows.enter(office, step)
        return post

    def add_printer(self, at: dt.datetime, by: User, office: Office, name: str, place: str) -> Printer:
        """A printer of an office."""
        printer = self.rows.add(Printer(office=office, name=name, place=place))
        self.rows.note(printer, by, at, "+")
        details: dict[str, Any] = {"office": office.code, "is_active": True, "both_sides": False}
        actor = at_office(by, Role.TEAM_MANAGER, office)
        self.rows.enter(printer, Step(action="add_printer", actor=actor, at=at, details=details))
        return printer

    def measure(self, at: dt.datetime, by: User, printer: Printer, stock: EnvelopeStock, measured: Measured) -> None:
        """A calibration sheet measured, right in its envelope."""
        verdict = judge(measured, stock.geometry(), settings.PRINTER_TOLERANCE_MM)
        row = Calibration(
            printer=printer,
            stock=stock,
            by=by,
            at=at,
            **{name: Decimal(str(getattr(measured, name))) for name in MEANT},
            in_envelope=True,
            shift=Decimal(str(verdict.shift)),
            holds=verdict.holds,
            expires_on=_day(at) + dt.timedelta(days=settings.CALIBRATION_DAYS),
            stock_figures=stock.geometry().as_dict(),
        )
        self.rows.add(row)
        actor = at_office(by, Role.ADMIN, printer.office)
        self.rows.enter(printer, Step(action="measure_printer", actor=actor, at=at, details=measurement_details(row)))

    def add_team(self, at: dt.datetime, by: User, office: Office, name: str) -> Team:
        """A team of an office."""
        team = self.rows.add(Team(office=office, name=name))
        self._keep(office, PeopleAction.CHANGE_OFFICE, administrator(by), by, at, {"team_added": team.pk})
        return team

    def add_person(self, at: dt.datetime, by: User, details: PersonDetails) -> User:
        """An account without a password."""
        return self._person(at, by, administrator(by), details)

    def grant_role(self, at: dt.datetime, by: User, person: User, role: Role, office: Office | None) -> None:
        """A role from that day on, until changed."""
        grant = self.rows.add(RoleGrant(user=person, role=role, office=office, starts=_day(at), granted_by=by))
        self.rows.note(grant, by, at, "+")
        self._keep(person, PeopleAction.GRANT_ROLE, administrator(by), by, at, _grant_details(grant))

    def put_on_duty(self, at: dt.datetime, by: User, person: User, office: Office, day: dt.date, half: HalfDay) -> None:
        """A half-day of the rota, by the office's team manager."""
        slot = self.rows.add(DutySlot(office=office, user=person, day=day, half=half, set_by=by))
        actor = at_office(by, Role.TEAM_MANAGER, office)
        details = {"slot": slot.pk, "office": office.pk, "day": str(day), "half": str(half)}
        self._keep(person, PeopleAction.PUT_ON_DUTY, actor, by, at, details)

    def name_deputy(self, at: dt.datetime, by: User, person: User, role: Role, starts: dt.date, ends: dt.date) -> None:
        """Somebody acts for the one holder of a role."""
        deputy = self.rows.add(Deputy(role=role, user=person, starts=starts, ends=ends, named_by=by))
        details = {"deputy": deputy.pk, "role": str(role), "starts": str(starts), "ends": str(ends)}
        self._keep(person, PeopleAction.NAME_DEPUTY, administrator(by), by, at, details)

    def _person(self, at: dt.datetime, by: User | None, actor: Actor, details: PersonDetails) -> User:
        person = User(
            name=details.name,
            email=details.email,
            initials=details.initials,
            job_title=details.job_title,
            office=details.office,
            team=details.team,
            line_manager=details.line_manager,
            password=make_password(None),
        )
        self.rows.add(person)
        texts = [name for name in ("name", "email", "initials", "job_title") if getattr(person, name)]
        changed: dict[str, Any] = {"changed": texts}
        for name in ("office", "team", "line_manager"):
            if (value := getattr(person, f"{name}_id")) is not None:
                changed[name] = {"from": None, "to": value}
        self._keep(person, PeopleAction.ADD_PERSON, actor, by, at, changed)
        return person

    def _keep(
        self,
        subject: LedgerSubject,
        action: PeopleAction,
        actor: Actor,
        by: User | None,
        at: dt.datetime,
        details: dict[str, Any],
    ) -> None:
        """As people.actions.common.keep: the entry, then the row saved, which leaves its history."""
        self.rows.enter(subject, Step(action=str(action), actor=actor, at=at, details=details))
        self.rows.note(subject, by, at, "~")


def administrator(user: User) -> Actor:
    """The system administrator, as the ledger names them."""
    words = ROLE_NAMES[Role.SYSTEM_ADMINISTRATOR]
    return Actor(id=user.pk, name=user.name, role=words, authority=words)


def at_office(user: User, role: Role, office: Office) -> Actor:
    """Somebody in a role of an office, as the ledger names them."""
    words = ROLE_NAMES[role]
    return Actor(id=user.pk, name=user.name, role=words, authority=f"{words}, {office.name}")


def _day(at: dt.datetime) -> dt.date:
    return timezone.localdate(at)


def _grant_details(grant: RoleGrant) -> dict[str, Any]:
    return {
        "grant": grant.pk,
        "role": str(grant.role),
        "office": grant.office_id,
        "starts": str(grant.starts),
        "ends": None,
    }
