"""Cases, their people and addresses as rows in memory, each as the verbs of postroom.cases write it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.utils import timezone

from letters.demo.rows import Rows
from postroom.cases.access import Kept
from postroom.cases.actions.opening import ChildDetails
from postroom.cases.actions.persons import PersonDetails
from postroom.cases.area import proposed_area
from postroom.cases.models import Address, Case, CasePerson, Relationship
from postroom.cases.policy import standing_of
from postroom.cases.states import CASE_RULES, CaseAction
from postroom.ledger.recording import SYSTEM, Actor, Step
from postroom.people.authority import Authority, authority_of
from postroom.people.models import DutySlot, Office, User, half_day_at
from postroom.people.roles import ROLE_NAMES, Role
from postroom.steps.engine import Standing
from postroom.steps.table import Grant, Rules


class Authorities:
    """What people might act as, read once: it changes with the rota alone, the demo's roles being held throughout."""

    def __init__(self) -> None:
        self._on_duty = set(DutySlot.objects.values_list("user_id", "day", "half"))
        self._known: dict[tuple[int, Any], Authority] = {}

    def of(self, user: User, at: dt.datetime) -> Authority:
        """As `authority_of`, without its queries where nothing can have changed."""
        day, half = half_day_at(at)
        shift = (day, str(half)) if (user.pk, day, str(half)) in self._on_duty else None
        if (user.pk, shift) not in self._known:
            self._known[user.pk, shift] = authority_of(user, at)
        return self._known[user.pk, shift]


def actor_of(rules: Rules[str], action: str, user: User, standing: Standing) -> tuple[Actor, Grant]:
    """Who it is, for the ledger, by the very table that the engine asks. Raises AssertionError if they may not."""
    decision = rules.decide(action, standing.roles, standing.holding)
    if not isinstance(decision, Grant):
        raise AssertionError(f"The demo's script has {action} taken by somebody who may not: {decision}")
    authority = standing.authority.get(decision.role, "")
    return Actor(id=user.pk, name=user.name, role=ROLE_NAMES[decision.role], authority=authority), decision


class BulkCases:
    """The cases' part of BulkHand."""

    rows: Rows
    authorities: Authorities

    def open_case(
        self, at: dt.datetime, by: User, reference: str, office: Office, children: Sequence[ChildDetails]
    ) -> Case:
        """A new case with its children; opened by a worker it is theirs."""
        authority = self.authorities.of(by, at)
        worker = by if Role.WORKER in authority.at_office(office.pk) else None
        case = Case(reference=reference, office=office, allocated_worker=worker, opened_at=at)
        # Before it has its id: towards a case that is being opened, others count as worker.
        standing = standing_of(case, by, authority)
        self.rows.add(case)
        case.version = 1
        self.rows.note(case, by, at, "+")
        details = {"office": office.pk, "worker": worker.pk if worker else None, "children": len(children)}
        self._record_case(at, by, case, CaseAction.OPEN_CASE, standing, "", details)
        self.rows.note(case, by, at, "~")
        for child in children:
            row = CasePerson(
                case=case,
                relationship=Relationship.CHILD,
                name=child.name,
                ics_number=child.ics_number,
                date_of_birth=child.date_of_birth,
            )
            self.rows.note(self.rows.add(row), by, at, "+")
        return case

    def allocate(self, at: dt.datetime, by: User, case: Case, worker: User) -> Case:
        """Give the case to a worker."""
        standing = standing_of(case, by, self.authorities.of(by, at), kept=Kept.NOT)
        before, case.allocated_worker = case.allocated_worker_id, worker
        details = {"worker": {"from": before, "to": worker.pk}}
        return self._take_case(at, by, case, CaseAction.ALLOCATE, details, standing=standing)

    def add_case_person(self, at: dt.datetime, by: User, case: Case, details: PersonDetails) -> tuple[Case, CasePerson]:
        """Somebody on the case."""
        person = self.rows.add(CasePerson(case=case, **details.tidy()))
        self.rows.note(person, by, at, "+")
        what = {"person_added": person.pk, "relationship": details.relationship}
        return self._take_case(at, by, case, CaseAction.AMEND_CASE, what), person

    def add_address(
        self,
        at: dt.datetime,
        by: User,
        case: Case,
        person: CasePerson,
        lines: str,
        source: str,
        replaces: Address | None = None,
    ) -> tuple[Case, Address]:
        """An address, not verified as yet; the one that it replaces is retired."""
        area = proposed_area(lines.split("\n"), settings.COUNCIL_POSTCODES)
        address = self.rows.add(Address(person=person, lines=lines, source=source, area=area, created_at=at))
        self.rows.note(address, by, at, "+")
        if replaces is not None:
            replaces.retired_at = at
            self.rows.update(replaces, "retired_at")
            self.rows.note(replaces, by, at, "~")
        details = {
            "person": person.pk,
            "address_added": address.pk,
            "address_retired": replaces.pk if replaces else None,
        }
        return self._take_case(at, by, case, CaseAction.AMEND_CASE, details), address

    def verify_address(self, at: dt.datetime, by: User, case: Case, address: Address, source: str) -> Case:
        """The allocated worker knows that it is right."""
        address.verified_on, address.verified_by, address.source = timezone.localdate(at), by, source
        address.in_doubt, address.doubt_reason = False, ""
        self.rows.update(address, "verified_on", "verified_by", "source", "in_doubt", "doubt_reason")
        self.rows.note(address, by, at, "~")
        details = {"address": address.pk, "verified": True, "source": source}
        return self._take_case(at, by, case, CaseAction.VERIFY_ADDRESS, details)

    def doubt_address(self, at: dt.datetime, by: User, case: Case, address: Address, reason: str) -> Case:
        """No letter goes there any more."""
        address.in_doubt, address.doubt_reason = True, reason
        self.rows.update(address, "in_doubt", "doubt_reason")
        self.rows.note(address, by, at, "~")
        details = {"address": address.pk, "in_doubt": True}
        return self._take_case(at, by, case, CaseAction.VERIFY_ADDRESS, details, reason=reason)

    def doubt_after_return(self, at: dt.datetime, case: Case, address: Address, reason: str) -> None:
        """Postroom's own step, for a letter that came back."""
        address.in_doubt, address.doubt_reason = True, reason
        self.rows.update(address, "in_doubt", "doubt_reason")
        self.rows.note(address, None, at, "~")
        details = {"address": address.pk, "in_doubt": True}
        self._take_case(at, None, case, CaseAction.VERIFY_ADDRESS, details, reason=reason)

    def _take_case(
        self,
        at: dt.datetime,
        by: User | None,
        case: Case,
        action: CaseAction,
        details: Mapping[str, Any],
        *,
        reason: str = "",
        standing: Standing | None = None,
    ) -> Case:
        """As steps.engine.take, without its database; `by` None is Postroom itself."""
        if by is not None and standing is None:
            standing = standing_of(case, by, self.authorities.of(by, at), kept=Kept.NOT)
        before = str(case.state)
        getattr(case, f"fsm_{action}")()
        case.version += 1
        self._record_case(at, by, case, action, standing, before, details, reason)
        self.rows.update(case, "version", "ledger_seq", "ledger_head")
        self.rows.note(case, by, at, "~")
        return case

    def _record_case(
        self,
        at: dt.datetime,
        by: User | None,
        case: Case,
        action: CaseAction,
        standing: Standing | None,
        before: str,
        details: Mapping[str, Any],
        reason: str = "",
    ) -> None:
        actor = SYSTEM if by is None or standing is None else actor_of(CASE_RULES, action, by, standing)[0]
        self.rows.enter(
            case,
            Step(
                action=str(action),
                actor=actor,
                at=at,
                from_state=before,
                to_state=str(case.state),
                version=case.version,
                reason=reason,
                details=details,
            ),
        )
