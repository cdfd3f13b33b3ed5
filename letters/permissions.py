"""Who may do what to a letter, as data (clauses.md, "Who may do what"). Pure; no models.

One row per action and role. `worker` means the person as social worker of the case: the engine gives that role to
the case's allocated worker, whatever their grade. `duty_worker` comes from the rota at that moment. Every other role
counts at the letter's own office only. No row, no right; there is no override for anyone.
"""

from __future__ import annotations

from enum import StrEnum

from letters.states import GUARD_WORDS, TRANSITIONS, Action
from postroom.people.roles import Role
from postroom.steps.table import Permission, Rules


class Condition(StrEnum):
    """What must be true of the person, towards this letter."""

    ALLOCATED = "is the case's allocated worker"
    NOT_ALLOCATED = "is not the case's allocated worker"
    NOT_TYPIST = "did not type this version"
    TEXT_CHECKED = "checked this very text for the letters that say it, and typed none of them"
    OWN_CHECK = "checked this very version"
    CHECK_INHERITED = "checked this very version, or the allocated worker's check of it stands"
    NOT_SIGNER = "did not sign or pp this letter"
    IN_OFFICE = "at the letter's office"
    CARRIER = "has the letter with them"


CONDITION_WORDS: dict[str, str] = {
    Condition.ALLOCATED: "Only the worker the case is allocated to can do this.",
    Condition.NOT_ALLOCATED: "This is your own case: sign the letter yourself, pp is for someone else's.",
    Condition.NOT_TYPIST: "You typed this version, so somebody else has to check and sign it.",
    Condition.TEXT_CHECKED: "Check the text of these letters first; then each address can be checked by itself.",
    Condition.OWN_CHECK: "Check the address and the body of this version first; then you can sign it.",
    Condition.CHECK_INHERITED: "The worker hasn't checked this version. Check address and body yourself first.",
    Condition.NOT_SIGNER: "You signed this letter, so somebody else has to put it in its envelope and initial it.",
    Condition.IN_OFFICE: "This letter belongs to another office.",
    Condition.CARRIER: "Only the person who has taken this letter with them can do this.",
}

A, K = Action, Condition
_PP_ROLES = (Role.DUTY_WORKER, Role.ADVANCED_PRACTITIONER, Role.DEPUTY_TEAM_MANAGER, Role.TEAM_MANAGER)
# "hand deliver: a social worker": the case's own, or whoever stands in for them at its office.
_SOCIAL_WORK = (Role.DUTY_WORKER, Role.ADVANCED_PRACTITIONER, Role.DEPUTY_TEAM_MANAGER, Role.TEAM_MANAGER)
_MANAGERS = (Role.DEPUTY_TEAM_MANAGER, Role.TEAM_MANAGER)
_CHECKS = (K.ALLOCATED, K.NOT_TYPIST)
_STANDS_IN = (K.IN_OFFICE, K.NOT_ALLOCATED, K.NOT_TYPIST)

PERMISSIONS: tuple[Permission, ...] = (
    Permission(A.HAND_OVER, Role.WORKER, (K.ALLOCATED,), ("OGP-1",)),
    Permission(A.ASK, Role.ADMIN, (K.IN_OFFICE,), ("OGP-1",)),
    Permission(A.ANSWER, Role.WORKER, (K.ALLOCATED,), ("OGP-1",)),
    Permission(A.CHANGE_BRIEF, Role.WORKER, (K.ALLOCATED,), ("OGP-1",)),
    Permission(A.TYPE, Role.ADMIN, (K.IN_OFFICE,), ("OGP-2",)),
    *(
        Permission(action, Role.ADMIN, (K.IN_OFFICE,), ("OGP-2",))
        for action in (A.PRINT, A.CONFIRM_PRINT, A.VOID_PRINT)
    ),
    Permission(A.RETURN_TO_WORKER, Role.ADMIN, (K.IN_OFFICE,), ("OGP-2",)),
    Permission(A.CHECK, Role.WORKER, _CHECKS, ("OGP-3a",)),
    *(Permission(A.CHECK, role, _STANDS_IN, ("OGP-3a", "OGP-3b")) for role in _PP_ROLES),
    Permission(A.CHECK_ADDRESS, Role.WORKER, (*_CHECKS, K.TEXT_CHECKED), ("OGP-3a",)),
    *(Permission(A.CHECK_ADDRESS, role, (*_STANDS_IN, K.TEXT_CHECKED), ("OGP-3a", "OGP-3b")) for role in _PP_ROLES),
    # The worker's to say, or the duty worker's in their place; nobody else who may check a letter.
    Permission(A.NAME_OTHERS, Role.WORKER, (K.ALLOCATED,), ("OGP-4b", "CLS-5")),
    Permission(A.NAME_OTHERS, Role.DUTY_WORKER, _STANDS_IN, ("OGP-4b", "CLS-5")),
    # Whoever has it made: the worker, or admin for them.
    Permission(A.RECORD_FORMAT, Role.WORKER, (K.ALLOCATED,), ("OGP-1", "OGP-4b")),
    Permission(A.RECORD_FORMAT, Role.ADMIN, (K.IN_OFFICE,), ("OGP-1", "OGP-4b")),
    Permission(A.SIGN, Role.WORKER, (K.ALLOCATED, K.NOT_TYPIST, K.OWN_CHECK), ("OGP-3a",)),
    *(Permission(A.PP, role, (*_STANDS_IN, K.CHECK_INHERITED), ("OGP-3b",)) for role in _PP_ROLES),
    Permission(A.CONFIRM_SIGNATURE, Role.ADMIN, (K.IN_OFFICE, K.NOT_SIGNER), ("OGP-3a",)),
    Permission(A.ENVELOPE, Role.ADMIN, (K.IN_OFFICE, K.NOT_SIGNER), ("OGP-4b",)),
    Permission(A.POST, Role.ADMIN, (K.IN_OFFICE,), ("OGP-4b",)),
    Permission(A.CHOOSE_WAY, Role.WORKER, (K.ALLOCATED,), ("CLS-6",)),
    *(Permission(A.CHOOSE_WAY, role, (K.IN_OFFICE,), ("CLS-6",)) for role in _MANAGERS),
    Permission(A.CONFIRM_DELIVERY, Role.ADMIN, (K.IN_OFFICE,), ("CLS-6",)),
    Permission(A.LOCK_IN, Role.ADMIN, (K.IN_OFFICE,), ("CLS-1",)),
    Permission(A.GIVE_AT_RECEPTION, Role.ADMIN, (K.IN_OFFICE,), ("CLS-6",)),
    Permission(A.TAKE_OUT, Role.WORKER, (K.ALLOCATED,), ("CLS-2", "CLS-6")),
    *(Permission(A.TAKE_OUT, role, (K.IN_OFFICE,), ("CLS-2", "CLS-6")) for role in _SOCIAL_WORK),
    # Who took it out says what became of it, wherever the case or the rota has gone meanwhile.
    *(Permission(action, Role.WORKER, (K.CARRIER,), ("CLS-6",)) for action in (A.HAND_DELIVER, A.NOT_DELIVERED)),
    Permission(A.BRING_BACK, Role.WORKER, (K.CARRIER,), ("CLS-2",)),
    # They may have left, or be kept from the case by now: a manager who has it before them says that it is back.
    *(Permission(A.BRING_BACK, role, (K.IN_OFFICE,), ("CLS-2",)) for role in _MANAGERS),
    *(Permission(A.CARRY_AGAIN, role, (K.IN_OFFICE,), ("CLS-6",)) for role in _MANAGERS),
    *(Permission(action, Role.ADMIN, (K.IN_OFFICE,), ("OGP-6",)) for action in (A.UPLOAD, A.UPLOAD_CHILD)),
    Permission(A.RETURN_FOR_RETYPING, Role.WORKER, (K.ALLOCATED,), ("OGP-3a",)),
    *(Permission(A.RETURN_FOR_RETYPING, role, (K.IN_OFFICE,), ("OGP-3a", "OGP-3b")) for role in _PP_ROLES),
    Permission(A.EDIT_AFTER_CHECK, Role.ADMIN, (K.IN_OFFICE,), ("OGP-3a",)),
    Permission(A.REOPEN, Role.ADMIN, (K.IN_OFFICE,), ("OGP-4b",)),
    Permission(A.WITHDRAW, Role.WORKER, (K.ALLOCATED,), ("OGP-0",)),
    Permission(A.WITHDRAW, Role.DEPUTY_TEAM_MANAGER, (K.IN_OFFICE,), ("OGP-0",)),
    Permission(A.WITHDRAW, Role.TEAM_MANAGER, (K.IN_OFFICE,), ("OGP-0",)),
    # "Send by secure e-mail; confirm a recipient's right: the allocated worker."
    *(
        Permission(action, Role.WORKER, (K.ALLOCATED,), ("CLS-6",))
        for action in (A.SEND_EMAIL, A.DECIDE_SENT, A.DECIDE_NOT_SENT, A.GIVE_PASSWORD)
    ),
    Permission(A.RETURN_UNDELIVERED, Role.ADMIN, (K.IN_OFFICE,), ("OGP-0",)),
)

RULES: Rules[str] = Rules(PERMISSIONS, TRANSITIONS, {**GUARD_WORDS, **CONDITION_WORDS})
