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
    MARK_ADDRESS = "mark_address"
    MARK_PERSON = "mark_person"
    KEEP_APART = "keep_apart"
    LET_KNOW = "let_know"
    RESTRICT_CASE = "restrict_case"
    LIFT_RESTRICTION = "lift_restriction"
    NAME_PERSON = "name_person"
    UNNAME_PERSON = "unname_person"
    BAR_PERSON = "bar_person"
    LIFT_BAR = "lift_bar"
    TAKE_FROM_ICS = "take_from_ics"
    QUERY_ICS = "query_ics"
    SETTLE_ICS = "settle_ics"


CASE_ACTION_NAMES: dict[CaseAction, str] = {
    CaseAction.OPEN_CASE: "Open a case",
    CaseAction.AMEND_CASE: "Add or change people and addresses",
    CaseAction.VERIFY_ADDRESS: "Verify an address, or mark it as in doubt",
    CaseAction.ALLOCATE: "Allocate to a worker",
    CaseAction.MOVE: "Move to another office",
    CaseAction.CLOSE_CASE: "Close",
    CaseAction.REOPEN_CASE: "Open again",
    CaseAction.MARK_ADDRESS: "Mark an address: area, safe to post, confidential",
    CaseAction.MARK_PERSON: "Say whether post is safe for somebody",
    CaseAction.KEEP_APART: "Say that two people must not know of each other",
    CaseAction.LET_KNOW: "Say that they may know of each other again",
    CaseAction.RESTRICT_CASE: "Restrict to named people",
    CaseAction.LIFT_RESTRICTION: "Lift the restriction",
    CaseAction.NAME_PERSON: "Name somebody on a restricted case",
    CaseAction.UNNAME_PERSON: "Take a name off a restricted case",
    CaseAction.BAR_PERSON: "Bar somebody from the case",
    CaseAction.LIFT_BAR: "Lift a bar",
    CaseAction.TAKE_FROM_ICS: "Take over what ICS says",
    CaseAction.QUERY_ICS: "Say that ICS is wrong",
    CaseAction.SETTLE_ICS: "Settle what was wrong in ICS",
}


class CaseCondition(StrEnum):
    """What must be true of the person, towards this case."""

    ALLOCATED = "is the case's allocated worker"
    IN_OFFICE = "at the case's office"
    NOT_CONCERNED = "is not the person concerned, nor barred from the case"


CASE_WORDS: dict[str, str] = {
    CaseCondition.ALLOCATED: "Only the worker the case is allocated to can do this.",
    CaseCondition.IN_OFFICE: "This case belongs to another office.",
    CaseCondition.NOT_CONCERNED: "This concerns you: somebody else who may has to do it.",
}

# Who sees a case is decided on open and closed cases alike.
ACCESS_ACTIONS = (
    CaseAction.RESTRICT_CASE,
    CaseAction.LIFT_RESTRICTION,
    CaseAction.NAME_PERSON,
    CaseAction.UNNAME_PERSON,
    CaseAction.BAR_PERSON,
    CaseAction.LIFT_BAR,
)
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
    Permission(A.MARK_ADDRESS, Role.WORKER, (K.ALLOCATED,), ("CLS-5", "CLS-6")),
    Permission(A.MARK_PERSON, Role.WORKER, (K.ALLOCATED,), ("CLS-5", "CLS-6")),
    *(
        Permission(action, role, (condition,), ("CLS-5",))
        for action in (A.KEEP_APART, A.LET_KNOW)
        for role, condition in (
            (Role.WORKER, K.ALLOCATED),
            (Role.DEPUTY_TEAM_MANAGER, K.IN_OFFICE),
            (Role.TEAM_MANAGER, K.IN_OFFICE),
        )
    ),
    Permission(A.TAKE_FROM_ICS, Role.ADMIN, (K.IN_OFFICE,), ("CLS-6",)),
    Permission(A.QUERY_ICS, Role.WORKER, (K.ALLOCATED,), ("CLS-6",)),
    Permission(A.QUERY_ICS, Role.ADMIN, (K.IN_OFFICE,), ("CLS-6",)),
    Permission(A.SETTLE_ICS, Role.ADMIN, (K.IN_OFFICE,), ("CLS-6",)),
    *(
        row
        for action in ACCESS_ACTIONS
        for row in (
            Permission(action, Role.TEAM_MANAGER, (K.IN_OFFICE, K.NOT_CONCERNED), ("CLS-1",)),
            Permission(action, Role.INFORMATION_GOVERNANCE, (K.NOT_CONCERNED,), ("CLS-1",)),
        )
    ),
)

CASE_TRANSITIONS: tuple[Transition, ...] = (
    Transition(A.OPEN_CASE, "", OPEN, clauses=("CLS-1",)),
    Transition(A.AMEND_CASE, OPEN, OPEN, clauses=("CLS-1",)),
    Transition(A.VERIFY_ADDRESS, OPEN, OPEN, clauses=("CLS-6",)),
    Transition(A.ALLOCATE, OPEN, OPEN, clauses=("CLS-1",)),
    Transition(A.MOVE, OPEN, OPEN, reason=True, clauses=("CLS-1",)),
    Transition(A.CLOSE_CASE, OPEN, CLOSED, reason=True, clauses=("CLS-1",)),
    Transition(A.REOPEN_CASE, CLOSED, OPEN, reason=True, clauses=("CLS-1",)),
    Transition(A.MARK_ADDRESS, OPEN, OPEN, clauses=("CLS-5", "CLS-6")),
    Transition(A.MARK_PERSON, OPEN, OPEN, clauses=("CLS-5", "CLS-6")),
    Transition(A.KEEP_APART, OPEN, OPEN, reason=True, clauses=("CLS-5",)),
    Transition(A.LET_KNOW, OPEN, OPEN, reason=True, clauses=("CLS-5",)),
    Transition(A.TAKE_FROM_ICS, OPEN, OPEN, clauses=("CLS-6",)),
    Transition(A.QUERY_ICS, OPEN, OPEN, clauses=("CLS-6",)),
    *(Transition(A.SETTLE_ICS, state, state, reason=True, clauses=("CLS-6",)) for state in (OPEN, CLOSED)),
    *(
        Transition(action, state, state, reason=True, clauses=("CLS-1",))
        for action in ACCESS_ACTIONS
        for state in (OPEN, CLOSED)
    ),
)

CASE_RULES: Rules[str] = Rules(CASE_PERMISSIONS, CASE_TRANSITIONS, CASE_WORDS)
