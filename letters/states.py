"""The way of a letter as data: its states, its actions and the table of transitions. Pure; no models, no Django.

Source: Out-going Post in District Offices, version 3 (OGP), and `docs/policy.md`.
"""

from __future__ import annotations

from enum import StrEnum

from postroom.steps.table import Transition


class State(StrEnum):
    """Where a letter stands."""

    DRAFTED = "drafted"
    TYPED = "typed"
    WORKER_CHECKED = "worker_checked"
    SIGNED = "signed"
    ENVELOPED = "enveloped"
    POSTED = "posted"
    UPLOADED = "uploaded"
    WITHDRAWN = "withdrawn"
    RETURNED = "returned"


STATE_NAMES: dict[State, str] = {
    State.DRAFTED: "Drafted",
    State.TYPED: "Typed",
    State.WORKER_CHECKED: "Checked",
    State.SIGNED: "Signed",
    State.ENVELOPED: "In its envelope",
    State.POSTED: "Posted",
    State.UPLOADED: "On the case record",
    State.WITHDRAWN: "Withdrawn",
    State.RETURNED: "Returned undelivered",
}
FINAL_STATES = frozenset({State.UPLOADED, State.WITHDRAWN})


class Action(StrEnum):
    """What can be done to a letter."""

    HAND_OVER = "hand_over"
    TYPE = "type"
    PRINT = "print"
    RETURN_TO_WORKER = "return_to_worker"
    CHECK = "check"
    SIGN = "sign"
    PP = "pp"
    CONFIRM_SIGNATURE = "confirm_signature"
    ENVELOPE = "envelope"
    POST = "post"
    UPLOAD = "upload"
    RETURN_FOR_RETYPING = "return_for_retyping"
    EDIT_AFTER_CHECK = "edit_after_check"
    REOPEN = "reopen"
    WITHDRAW = "withdraw"
    RETURN_UNDELIVERED = "return_undelivered"
    VOID_CHECK = "void_check"
    MOVE_OFFICE = "move_office"


ACTION_NAMES: dict[Action, str] = {
    Action.HAND_OVER: "Hand over a draft",
    Action.TYPE: "Type",
    Action.PRINT: "Print",
    Action.RETURN_TO_WORKER: "Return the print to the worker",
    Action.CHECK: "Check address and body",
    Action.SIGN: "Sign",
    Action.PP: "Sign for the worker (pp)",
    Action.CONFIRM_SIGNATURE: "Confirm the signature on paper",
    Action.ENVELOPE: "Put in its envelope and initial",
    Action.POST: "Post",
    Action.UPLOAD: "Upload to ICS",
    Action.RETURN_FOR_RETYPING: "Return for retyping",
    Action.EDIT_AFTER_CHECK: "Change after the check",
    Action.REOPEN: "Reopen the envelope",
    Action.WITHDRAW: "Withdraw",
    Action.RETURN_UNDELIVERED: "Record as returned undelivered",
    Action.VOID_CHECK: "Void the check",
    Action.MOVE_OFFICE: "Move with its case to another office",
}


class Guard(StrEnum):
    """What must be true of the letter itself."""

    ADDRESS_CURRENT = "address_current"
    CHECK_STANDS = "check_stands"
    SIGNATURE_STANDS = "signature_stands"
    SIGNED_SHEETS_IN_HAND = "signed_sheets_in_hand"
    SIGNED_ON_PAPER = "signed_on_paper"
    NOT_HELD = "not_held"
    PRINTED = "printed"
    PRINT_TO_SIGN = "print_to_sign"
    UPLOAD_OWED = "upload_owed"


GUARD_WORDS: dict[str, str] = {
    Guard.ADDRESS_CURRENT: (
        "The address on the case has changed or is in doubt since this letter was typed. "
        "Return it for retyping, so that the right address goes on it."
    ),
    Guard.CHECK_STANDS: "The check was of different content. The letter must be checked again.",
    Guard.SIGNATURE_STANDS: "What was signed is not what the letter says now. It must be checked and signed again.",
    Guard.SIGNED_SHEETS_IN_HAND: (
        "The signed sheets are not in hand yet. For a signature on paper, confirm that the print bears it; "
        "for a signature on screen, print the signed letter."
    ),
    Guard.SIGNED_ON_PAPER: "This letter was signed on screen; there is no signature on paper to confirm.",
    Guard.NOT_HELD: "This letter is on hold. Its page says why, and who can release it.",
    Guard.PRINTED: "This version has not been printed yet. Print it first.",
    Guard.PRINT_TO_SIGN: "There is no print of this version to sign yet. Admin has to print it first.",
    Guard.UPLOAD_OWED: "This letter is on the case record already.",
}

D, T, C, S, E = State.DRAFTED, State.TYPED, State.WORKER_CHECKED, State.SIGNED, State.ENVELOPED
P, U, W, R = State.POSTED, State.UPLOADED, State.WITHDRAWN, State.RETURNED
_FRESH = (Guard.ADDRESS_CURRENT,)
_CHECKED = (Guard.ADDRESS_CURRENT, Guard.CHECK_STANDS)
_SIGNED = (Guard.ADDRESS_CURRENT, Guard.CHECK_STANDS, Guard.SIGNATURE_STANDS)

TRANSITIONS: tuple[Transition, ...] = (
    Transition(Action.HAND_OVER, "", D, clauses=("OGP-1",)),
    Transition(Action.TYPE, D, T, guards=_FRESH, clauses=("OGP-2",)),
    Transition(Action.TYPE, T, T, guards=_FRESH, clauses=("OGP-2",)),
    Transition(Action.PRINT, T, T, clauses=("OGP-2",)),
    Transition(Action.PRINT, C, C, clauses=("OGP-2",)),
    Transition(Action.PRINT, S, S, clauses=("OGP-2",)),
    Transition(Action.RETURN_TO_WORKER, T, T, guards=(Guard.PRINTED,), clauses=("OGP-2",)),
    Transition(Action.CHECK, T, C, guards=_FRESH, clauses=("OGP-3a",)),
    Transition(Action.CHECK, C, C, guards=_FRESH, clauses=("OGP-3a",)),
    Transition(Action.SIGN, C, S, guards=(*_CHECKED, Guard.PRINT_TO_SIGN, Guard.NOT_HELD), clauses=("OGP-3a",)),
    Transition(Action.PP, C, S, guards=(*_CHECKED, Guard.PRINT_TO_SIGN, Guard.NOT_HELD), clauses=("OGP-3b",)),
    Transition(Action.CONFIRM_SIGNATURE, S, S, guards=(*_SIGNED, Guard.SIGNED_ON_PAPER), clauses=("OGP-3a",)),
    Transition(
        Action.ENVELOPE,
        S,
        E,
        guards=(*_SIGNED, Guard.SIGNED_SHEETS_IN_HAND, Guard.NOT_HELD),
        clauses=("OGP-4a", "OGP-4b"),
    ),
    Transition(Action.POST, E, P, guards=(*_SIGNED, Guard.NOT_HELD), clauses=("OGP-4b", "OGP-5")),
    Transition(Action.UPLOAD, P, U, guards=(Guard.UPLOAD_OWED,), clauses=("OGP-6",)),
    Transition(Action.UPLOAD, R, R, guards=(Guard.UPLOAD_OWED,), clauses=("OGP-6",)),
    # Steps back. Each is named and has a reason; none skips a step.
    Transition(Action.RETURN_FOR_RETYPING, T, D, reason=True, clauses=("OGP-3a",)),
    Transition(Action.RETURN_FOR_RETYPING, C, D, reason=True, clauses=("OGP-3a",)),
    Transition(Action.RETURN_FOR_RETYPING, S, D, reason=True, clauses=("OGP-3a",)),
    Transition(Action.EDIT_AFTER_CHECK, C, T, guards=_FRESH, reason=True, clauses=("OGP-3a",)),
    Transition(Action.EDIT_AFTER_CHECK, S, T, guards=_FRESH, reason=True, clauses=("OGP-3a",)),
    Transition(Action.VOID_CHECK, C, T, reason=True, clauses=("OGP-3a",)),
    Transition(Action.VOID_CHECK, S, T, reason=True, clauses=("OGP-3a",)),
    # Postroom's own, when the case goes to another office: its open letters go with it.
    *(Transition(Action.MOVE_OFFICE, s, s, reason=True, clauses=("CLS-1",)) for s in (D, T, C, S, E)),
    Transition(Action.REOPEN, E, S, reason=True, clauses=("OGP-4b",)),
    Transition(Action.WITHDRAW, D, W, reason=True, clauses=("OGP-0",)),
    Transition(Action.WITHDRAW, T, W, reason=True, clauses=("OGP-0",)),
    Transition(Action.WITHDRAW, C, W, reason=True, clauses=("OGP-0",)),
    Transition(Action.WITHDRAW, S, W, reason=True, clauses=("OGP-0",)),
    Transition(Action.WITHDRAW, E, W, reason=True, clauses=("OGP-0",)),
    Transition(Action.RETURN_UNDELIVERED, P, R, reason=True, clauses=("OGP-0",)),
    Transition(Action.RETURN_UNDELIVERED, U, R, reason=True, clauses=("OGP-0",)),
)
