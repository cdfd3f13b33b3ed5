"""The few states of a case and what can be done to it, as data (clauses.md, "Who may do what"). Pure; no models."""

from __future__ import annotations

from enum import StrEnum

from postroom.people.roles import Role
from postroom.steps.table import Permission, Rules, Transition


class CaseState(StrEnum):
    """Open, or closed: a closed case starts no new letter."""

    OPEN = "open"
    CLOSED = "closed"


class CaseAction(StrEnum):
    """What can be done to a case."""

    OPEN_CASE = "open_case"
    AMEND_CASE = "amend_case"
    VERIFY_ADDRESS = "verify_address"
    ALLOCATE = "allocate"
    MOVE = "move"
    CLOSE_CASE = "close_case"
    REOPEN_CASE = "reopen_case"


CASE_ACTION_NAMES: dict[CaseAction, str] = {
    CaseAction.OPEN_CASE: "Open a case",
    CaseAction.AMEND_CASE: "Add or change people and addresses",
    CaseAction.VERIFY_ADDRESS: "Verify an address, or mark it as in doubt",
    CaseAction.ALLOCATE: "Allocate to a worker",
    CaseAction.MOVE: "Move to another office",
    CaseAction.CLOSE_CASE: "Close",
    CaseAction.REOPEN_CASE: "Open again",
}


class CaseCondition(StrEnum):
    """What must be true of the person, towards this case."""

    ALLOCATED = "is the case's allocated worker"
    IN_OFFICE = "at the case's office"


CASE_WORDS: dict[str, str] = {
    CaseCondition.ALLOCATED: "Only the worker the case is allocated to can do this.",
    CaseCondition.IN_OFFICE: "This case belongs to another office.",
}

A, K, OPEN, CLOSED = CaseAction, CaseCondition, CaseState.OPEN, CaseState.CLOSED

CASE_PERMISSIONS: tuple[Permission, ...] = (
    Permission(A.OPEN_CASE, Role.WORKER, (K.IN_OFFICE,), ("CLS-1",)),
    Permission(A.OPEN_CASE, Role.ADMIN, (K.IN_OFFICE,), ("CLS-1",)),
    Permission(A.AMEND_CASE, Role.WORKER, (K.ALLOCATED,), ("CLS-1",)),
    Permission(A.AMEND_CASE, Role.ADMIN, (K.IN_OFFICE,), ("CLS-1",)),
    Permission(A.VERIFY_ADDRESS, Role.WORKER, (K.ALLOCATED,), ("CLS-6",)),
    Permission(A.ALLOCATE, Role.DEPUTY_TEAM_MANAGER, (K.IN_OFFICE,), ("CLS-1",)),
    Permission(A.ALLOCATE, Role.TEAM_MANAGER, (K.IN_OFFICE,), ("CLS-1",)),
    Permission(A.MOVE, Role.DEPUTY_TEAM_MANAGER, (K.IN_OFFICE,), ("CLS-1",)),
    Permission(A.MOVE, Role.TEAM_MANAGER, (K.IN_OFFICE,), ("CLS-1",)),
    Permission(A.CLOSE_CASE, Role.DEPUTY_TEAM_MANAGER, (K.IN_OFFICE,), ("CLS-1",)),
    Permission(A.CLOSE_CASE, Role.TEAM_MANAGER, (K.IN_OFFICE,), ("CLS-1",)),
    Permission(A.REOPEN_CASE, Role.DEPUTY_TEAM_MANAGER, (K.IN_OFFICE,), ("CLS-1",)),
    Permission(A.REOPEN_CASE, Role.TEAM_MANAGER, (K.IN_OFFICE,), ("CLS-1",)),
)

CASE_TRANSITIONS: tuple[Transition, ...] = (
    Transition(A.OPEN_CASE, "", OPEN, clauses=("CLS-1",)),
    Transition(A.AMEND_CASE, OPEN, OPEN, clauses=("CLS-1",)),
    Transition(A.VERIFY_ADDRESS, OPEN, OPEN, clauses=("CLS-6",)),
    Transition(A.ALLOCATE, OPEN, OPEN, clauses=("CLS-1",)),
    Transition(A.MOVE, OPEN, OPEN, reason=True, clauses=("CLS-1",)),
    Transition(A.CLOSE_CASE, OPEN, CLOSED, reason=True, clauses=("CLS-1",)),
    Transition(A.REOPEN_CASE, CLOSED, OPEN, reason=True, clauses=("CLS-1",)),
)

CASE_RULES: Rules[str] = Rules(CASE_PERMISSIONS, CASE_TRANSITIONS, CASE_WORDS)
