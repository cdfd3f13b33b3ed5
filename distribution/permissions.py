"""Who may do what to a report or minutes, as data (clauses.md, "Who may do what"). Pure; no models.

`worker` means the case's allocated worker, whatever their grade (condition ALLOCATED), or a social worker who has the
paper with them (CARRIER): a case that changes hands, or a turn on the rota that ends, takes no paper out of a hand.
`safeguarding` is the unit that issues. Every other role counts at the office of the case only. No row, no right; there
is no override for anyone.
"""

from __future__ import annotations

from enum import StrEnum

from distribution.states import GUARD_WORDS, TRANSITIONS, Action
from postroom.people.roles import Role
from postroom.steps.table import Permission, Rules


class Condition(StrEnum):
    """What must be true of the person, towards this item."""

    ALLOCATED = "is the case's allocated worker"
    IN_OFFICE = "at the office of the case"
    NOT_REQUESTER = "did not ask for this approval"
    CARRIER = "took the paper out"
    NOT_RELEASER = "did not release it"


CONDITION_WORDS: dict[str, str] = {
    Condition.ALLOCATED: "Only the worker the case is allocated to can do this.",
    Condition.IN_OFFICE: "This case belongs to another office.",
    Condition.NOT_REQUESTER: "You asked for this approval, so another manager has to decide on it.",
    Condition.CARRIER: "Somebody else took the paper out. Only they can say what became of it.",
    Condition.NOT_RELEASER: "You released this, so somebody else has to put it in its envelope and initial it.",
}

A, K = Action, Condition
_OWN = (K.ALLOCATED,)
_HERE = (K.IN_OFFICE,)
_MANAGERS = (Role.DEPUTY_TEAM_MANAGER, Role.TEAM_MANAGER)
# "Hand deliver: a social worker": the allocated worker, or a social worker who stands in at the office.
_STAND_INS = (Role.DUTY_WORKER, Role.ADVANCED_PRACTITIONER, *_MANAGERS)
_BY_HAND = ("OGP-7", "OGP-9")

PERMISSIONS: tuple[Permission, ...] = (
    Permission(A.ISSUE, Role.SAFEGUARDING, (), ("OGP-7", "OGP-9")),
    Permission(A.REPLACE_VERSION, Role.SAFEGUARDING, (), ("CLS-6",)),
    Permission(A.CHOOSE_ROUTE, Role.WORKER, _OWN, ("OGP-7", "OGP-8", "OGP-9")),
    Permission(A.CONFIRM_RIGHT, Role.WORKER, _OWN, ("CLS-6",)),
    Permission(A.ASK_APPROVAL, Role.WORKER, _OWN, ("OGP-8",)),
    *(Permission(A.APPROVE, role, (*_HERE, K.NOT_REQUESTER), ("OGP-8",)) for role in _MANAGERS),
    *(Permission(A.DECLINE, role, (*_HERE, K.NOT_REQUESTER), ("OGP-8",)) for role in _MANAGERS),
    Permission(A.RELEASE, Role.WORKER, _OWN, ("OGP-7", "OGP-8", "OGP-9", "CLS-6")),
    Permission(A.TAKE_OUT, Role.WORKER, _OWN, _BY_HAND),
    *(Permission(A.TAKE_OUT, role, _HERE, _BY_HAND) for role in _STAND_INS),
    Permission(A.HAND_OVER, Role.WORKER, (K.CARRIER,), _BY_HAND),
    *(Permission(A.HAND_OVER, role, (*_HERE, K.CARRIER), _BY_HAND) for role in _STAND_INS),
    Permission(A.NOT_POSSIBLE, Role.WORKER, (K.CARRIER,), _BY_HAND),
    *(Permission(A.NOT_POSSIBLE, role, (*_HERE, K.CARRIER), _BY_HAND) for role in _STAND_INS),
    Permission(A.BRING_BACK, Role.WORKER, (K.CARRIER,), ("CLS-2",)),
    *(Permission(A.BRING_BACK, role, (*_HERE, K.CARRIER), ("CLS-2",)) for role in _STAND_INS if role not in _MANAGERS),
    # Who took it out may have left, or be kept from the case by now: a manager who has it before them says so.
    *(Permission(A.BRING_BACK, role, _HERE, ("CLS-2",)) for role in _MANAGERS),
    Permission(A.ENVELOPE, Role.ADMIN, (*_HERE, K.NOT_RELEASER), ("OGP-4b",)),
    Permission(A.POST, Role.ADMIN, _HERE, ("OGP-8",)),
    Permission(A.PROVE_DELIVERY, Role.ADMIN, _HERE, ("OGP-8",)),
    Permission(A.RETURN_UNDELIVERED, Role.ADMIN, _HERE, ("OGP-8",)),
    Permission(A.SEND, Role.WORKER, _OWN, ("OGP-9", "CLS-6")),
    Permission(A.DECIDE_SENT, Role.WORKER, _OWN, ("OGP-9", "CLS-6")),
    Permission(A.DECIDE_NOT_SENT, Role.WORKER, _OWN, ("OGP-9", "CLS-6")),
    Permission(A.GIVE_PASSWORD, Role.WORKER, _OWN, ("CLS-6",)),
    Permission(A.TEXT_PASSWORD, Role.WORKER, _OWN, ("CLS-6",)),
    Permission(A.PREPARE_AGAIN, Role.WORKER, _OWN, ("CLS-6",)),
    Permission(A.SET_ASIDE, Role.TEAM_MANAGER, _HERE, ("OGP-9",)),
    Permission(A.UPLOAD, Role.ADMIN, _HERE, ("OGP-6",)),
)

RULES: Rules[str] = Rules(PERMISSIONS, TRANSITIONS, {**GUARD_WORDS, **CONDITION_WORDS})
