"""Who works a case, at which office, and whether it is open (team manager, deputy team manager)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from postroom.cases import hooks
from postroom.cases.actions.access import name_worker
from postroom.cases.actions.common import can_be_allocated
from postroom.cases.actions.handing_on import case_handed_on
from postroom.cases.models import Case
from postroom.cases.policy import POLICY
from postroom.cases.states import CaseAction
from postroom.people.models import Office, User
from postroom.steps.engine import Seen, Taken, take
from postroom.steps.errors import InvalidStep


def allocate(*, case: Case, worker: User, by: User, seen: Seen) -> Case:
    """Give the case to a social worker of its office, with what is open on it: both see the list (decision 0107).

    A check that isn't signed yet is void (clauses.md).
    """
    before: list[int | None] = []

    def change(locked: Case, taken: Taken) -> Mapping[str, Any]:
        if locked.allocated_worker_id == worker.pk:
            raise InvalidStep("The case is allocated to this worker already.", "worker")
        _check_worker(worker, locked.office_id)
        name_worker(locked, worker, taken)
        before.append(locked.allocated_worker_id)
        locked.allocated_worker = worker
        return {"worker": {"from": before[0], "to": worker.pk}}

    def after(locked: Case, taken: Taken) -> None:
        hooks.worker_changed(locked)
        case_handed_on(locked, taken, from_worker=before[0], from_office=locked.office_id)

    return take(case, action=CaseAction.ALLOCATE, by=by, policy=POLICY, seen=seen, change=change, after=after)


def move(*, case: Case, office: Office, by: User, seen: Seen, reason: str, worker: User | None = None) -> Case:
    """Move the case to another office, to a worker there or to none as yet. Its open letters go with it."""
    workers: list[int | None] = []
    offices: list[int] = []

    def change(locked: Case, taken: Taken) -> Mapping[str, Any]:
        if locked.office_id == office.pk:
            raise InvalidStep("The case is at this office already.", "office")
        if not office.is_active:
            raise InvalidStep("This office is closed. Choose another.", "office")
        if worker is not None:
            _check_worker(worker, office.pk)
        name_worker(locked, worker, taken)
        from_office, from_worker = locked.office_id, locked.allocated_worker_id
        offices.append(from_office)
        workers.extend([from_worker, worker.pk if worker else None])
        locked.office, locked.team, locked.allocated_worker = office, None, worker
        return {
            "office": {"from": from_office, "to": office.pk},
            "worker": {"from": from_worker, "to": worker.pk if worker else None},
        }

    def after(locked: Case, taken: Taken) -> None:
        hooks.office_changed(locked)
        if workers[0] != workers[1]:
            hooks.worker_changed(locked)
        case_handed_on(locked, taken, from_worker=workers[0], from_office=offices[0])

    return take(
        case, action=CaseAction.MOVE, by=by, policy=POLICY, seen=seen, reason=reason, change=change, after=after
    )


def close_case(*, case: Case, by: User, seen: Seen, reason: str) -> Case:
    """Close the case: no new letter starts on it."""
    return take(case, action=CaseAction.CLOSE_CASE, by=by, policy=POLICY, seen=seen, reason=reason)


def reopen_case(*, case: Case, by: User, seen: Seen, reason: str) -> Case:
    """Open a closed case again."""
    return take(case, action=CaseAction.REOPEN_CASE, by=by, policy=POLICY, seen=seen, reason=reason)


def _check_worker(worker: User, office_id: int) -> None:
    if not can_be_allocated(worker, office_id):
        raise InvalidStep("Choose a social worker who works at the case's office today.", "worker")
