"""Opening a case with its ICS numbers (clauses.md: a worker, admin)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from postroom.cases.actions.common import ICS_TAKEN, can_be_allocated, save_person
from postroom.cases.models import Case, CasePerson, Relationship
from postroom.cases.policy import POLICY
from postroom.cases.states import CaseAction
from postroom.people.authority import authority_of
from postroom.people.models import Office, User
from postroom.people.roles import Role
from postroom.steps.engine import Taken, create
from postroom.steps.errors import InvalidStep


@dataclass(frozen=True, kw_only=True)
class ChildDetails:
    """A child as ICS knows them."""

    name: str
    ics_number: str
    date_of_birth: dt.date | None = None


def open_case(*, office: Office, children: Sequence[ChildDetails], by: User) -> Case:
    """A new case of `office` with one or more children.

    Opened by a social worker it is allocated to them; opened by admin, or by somebody who covers there for some days,
    it waits for a manager to allocate it.
    Raises NotAllowed, InvalidStep.
    """
    _check(children)
    at_office = authority_of(by).at_office(office.pk)
    worker = by if Role.WORKER in at_office and can_be_allocated(by, office.pk) else None
    if not office.is_active:
        raise InvalidStep("This office is closed. Choose another.", "office")

    def add_children(case: Case, taken: Taken) -> None:
        for child in children:
            save_person(
                CasePerson(
                    case=case,
                    relationship=Relationship.CHILD,
                    name=" ".join(child.name.split()),
                    ics_number=_number(child),
                    date_of_birth=child.date_of_birth,
                ),
                taken.by,
            )

    details = {"office": office.pk, "worker": worker.pk if worker else None, "children": len(children)}
    case = Case(office=office, allocated_worker=worker)
    return create(case, action=CaseAction.OPEN_CASE, by=by, policy=POLICY, details=details, after=add_children)


def _number(child: ChildDetails) -> str:
    return "".join(child.ics_number.split())


def _check(children: Sequence[ChildDetails]) -> None:
    if not children:
        raise InvalidStep("A case has at least one child. Enter name and ICS number.", "name")
    if any(not child.name.strip() for child in children):
        raise InvalidStep("Enter the child's name.", "name")
    numbers = [_number(child) for child in children]
    if not all(numbers):
        raise InvalidStep("Enter the child's ICS number. A case is opened with it.", "ics_number")
    if len({number.casefold() for number in numbers}) < len(numbers):
        raise InvalidStep("Two children have the same ICS number. Check the numbers.", "ics_number")
    if CasePerson.objects.filter(ics_number__in=numbers).exists():
        raise InvalidStep(ICS_TAKEN, "ics_number")
