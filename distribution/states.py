"""The way of one recipient's copy as data: its states, its actions and the table of transitions. Pure; no models.

Source: OGP-7, OGP-8, OGP-9 (Out-going Post in District Offices, version 3) and CLS-5, CLS-6 (1.1.4 Confidentiality).
"""

from __future__ import annotations

from enum import StrEnum

from postroom.steps.table import Transition


class State(StrEnum):
    """Where one recipient's copy stands."""

    PREPARED = "prepared"
    RELEASED = "released"
    HANDED_OVER = "handed_over"
    SENT = "sent"
    DELIVERED = "delivered"
    HELD = "held"
    UNCERTAIN = "uncertain"
    SET_ASIDE = "set_aside"


STATE_NAMES: dict[State, str] = {
    State.PREPARED: "To be made ready",
    State.RELEASED: "Ready to go",
    State.HANDED_OVER: "Handed over",
    State.SENT: "Sent",
    State.DELIVERED: "Delivered",
    State.HELD: "On hold",
    State.UNCERTAIN: "Uncertain",
    State.SET_ASIDE: "Set aside",
}
# The recipient has theirs, or somebody decided that they get none: a set whose items all stand here is complete.
SETTLED = frozenset({State.HANDED_OVER, State.DELIVERED, State.SET_ASIDE})
# Ready to leave, or gone: the database holds the route in these (models.py).
OUTWARD = (State.RELEASED, State.UNCERTAIN, State.SENT, State.HANDED_OVER, State.DELIVERED)
# Left the council by post or e-mail, or may have.
GONE = (State.UNCERTAIN, State.SENT, State.DELIVERED)


class Action(StrEnum):
    """What can be done to one recipient's copy."""

    ISSUE = "issue"
    REPLACE_VERSION = "replace_version"
    CHOOSE_ROUTE = "choose_route"
    CONFIRM_RIGHT = "confirm_right"
    ASK_APPROVAL = "ask_approval"
    APPROVE = "approve"
    DECLINE = "decline"
    RELEASE = "release"
    TAKE_OUT = "take_out"
    HAND_OVER = "hand_over"
    NOT_POSSIBLE = "not_possible"
    BRING_BACK = "bring_back"
    ENVELOPE = "envelope"
    POST = "post"
    PROVE_DELIVERY = "prove_delivery"
    RETURN_UNDELIVERED = "return_undelivered"
    SEND = "send"
    ATTEMPT = "attempt"
    MARK_SENT = "mark_sent"
    MARK_NOT_SENT = "mark_not_sent"
    FAIL = "fail"
    DECIDE_SENT = "decide_sent"
    DECIDE_NOT_SENT = "decide_not_sent"
    GIVE_PASSWORD = "give_password"  # noqa: S105 - the name of a step
    TEXT_PASSWORD = "text_password"  # noqa: S105 - the name of a step
    MARK_TEXTED = "mark_texted"
    MARK_NOT_TEXTED = "mark_not_texted"
    BOUNCE = "bounce"
    HOLD = "hold"
    ASK_AGAIN = "ask_again"
    PREPARE_AGAIN = "prepare_again"
    SET_ASIDE = "set_aside"
    UPLOAD = "upload"


ACTION_NAMES: dict[Action, str] = {
    Action.ISSUE: "Issue",
    Action.REPLACE_VERSION: "Give this recipient a version of their own",
    Action.CHOOSE_ROUTE: "Choose the way it goes",
    Action.CONFIRM_RIGHT: "Confirm the recipient's right to it",
    Action.ASK_APPROVAL: "Ask a manager for approval",
    Action.APPROVE: "Approve",
    Action.DECLINE: "Decline",
    Action.RELEASE: "Release",
    Action.TAKE_OUT: "Take it out to hand it over",
    Action.HAND_OVER: "Hand over",
    Action.NOT_POSSIBLE: "Record that it could not be handed over",
    Action.BRING_BACK: "Bring it back to the office",
    Action.ENVELOPE: "Put in its envelope and initial",
    Action.POST: "Send by registered post",
    Action.PROVE_DELIVERY: "Record the proof of delivery",
    Action.RETURN_UNDELIVERED: "Record as returned undelivered",
    Action.SEND: "Send by secure e-mail",
    Action.ATTEMPT: "Begin the e-mail",
    Action.MARK_SENT: "Mark as sent",
    Action.MARK_NOT_SENT: "Mark as not sent, to try again",
    Action.FAIL: "Mark as refused by the mail server",
    Action.DECIDE_SENT: "Decide that it was sent",
    Action.DECIDE_NOT_SENT: "Decide that it was not sent",
    Action.GIVE_PASSWORD: "Give the password by another channel",
    Action.TEXT_PASSWORD: "Have the password sent by text",
    Action.MARK_TEXTED: "Mark the password as sent by text",
    Action.MARK_NOT_TEXTED: "Mark the text as not sent",
    Action.BOUNCE: "Record that the e-mail came back",
    Action.HOLD: "Put on hold",
    Action.ASK_AGAIN: "Void what was confirmed before a change",
    Action.PREPARE_AGAIN: "Make ready again",
    Action.SET_ASIDE: "Set aside",
    Action.UPLOAD: "Record on ICS",
}


class Guard(StrEnum):
    """What must be true of the item itself."""

    RECIPIENT_CURRENT = "recipient_current"
    RIGHT_CONFIRMED = "right_confirmed"
    VERSION_CONFIRMED = "version_confirmed"
    ROUTE_OPEN = "route_open"
    ADDRESS_CURRENT = "address_current"
    APPROVAL_WANTED = "approval_wanted"
    APPROVAL_ASKED = "approval_asked"
    BY_HAND = "by_hand"
    BY_POST = "by_post"
    BY_EMAIL = "by_email"
    EMAIL_ALLOWED = "email_allowed"
    STILL_ON_CASE = "still_on_case"
    CAN_BE_TEXTED = "can_be_texted"
    NOT_SENDING = "not_sending"
    IS_OUT = "is_out"
    NOT_OUT = "not_out"
    IN_ENVELOPE = "in_envelope"
    ICS_OWED = "ics_owed"


GUARD_WORDS: dict[str, str] = {
    Guard.RECIPIENT_CURRENT: (
        "This recipient has changed on the case since this was prepared. Look at them on the case, then make it ready "
        "again."
    ),
    Guard.RIGHT_CONFIRMED: "Nobody has confirmed yet that this person has a right to this document. Confirm it first.",
    Guard.VERSION_CONFIRMED: (
        "Nobody has confirmed yet that this version is right for this recipient. Read it, and confirm it first."
    ),
    Guard.ROUTE_OPEN: (
        "The way chosen is not open for this document and recipient now. Choose another way, or ask a manager for the "
        "approval that it needs."
    ),
    Guard.ADDRESS_CURRENT: (
        "The address is in doubt, was replaced, or nothing may be posted there. Verify it on the case, or choose "
        "another way."
    ),
    Guard.APPROVAL_WANTED: "This way needs no approval, or it was asked for already.",
    Guard.APPROVAL_ASKED: "Nobody has asked for an approval here, or it was decided already.",
    Guard.BY_HAND: "This does not go by hand.",
    Guard.BY_POST: "This does not go by registered post.",
    Guard.BY_EMAIL: "This does not go by secure e-mail.",
    Guard.EMAIL_ALLOWED: (
        "This e-mail address may not be written to from this office. Its managers keep the list of allowed domains."
    ),
    Guard.STILL_ON_CASE: (
        "This recipient is not on the case any more, so they get no password. If that is right, a team manager sets "
        "them aside; else put them back on the case first."
    ),
    Guard.CAN_BE_TEXTED: "No text can be sent to this recipient. Read the password out by phone.",
    Guard.NOT_SENDING: "It is being sent already. Wait a few minutes and look again.",
    Guard.IS_OUT: "Nobody has taken this out of the office. Take it out first.",
    Guard.NOT_OUT: "The paper is out of the office. It has to be brought back, or handed over, first.",
    Guard.IN_ENVELOPE: "It is not in its envelope, checked and initialled, yet.",
    Guard.ICS_OWED: "This is on the case record already.",
}

P, R, Y, S, D = State.PREPARED, State.RELEASED, State.HANDED_OVER, State.SENT, State.DELIVERED
H, U, X = State.HELD, State.UNCERTAIN, State.SET_ASIDE
A, G = Action, Guard
# Asked again at every step that moves it outward: a rule, a person or an address can have changed meanwhile.
_CHOSEN = (G.RECIPIENT_CURRENT, G.RIGHT_CONFIRMED, G.ROUTE_OPEN)
_DECIDED = (G.APPROVAL_ASKED, G.RECIPIENT_CURRENT, G.ADDRESS_CURRENT)
_ROUTE = (*_CHOSEN, G.VERSION_CONFIRMED)
_REPORTS, _MINUTES_POST, _EMAIL = ("OGP-7", "OGP-9"), ("OGP-8",), ("OGP-9", "CLS-6")

TRANSITIONS: tuple[Transition, ...] = (
    Transition(A.ISSUE, "", P, clauses=("OGP-7", "OGP-9")),
    Transition(A.REPLACE_VERSION, P, P, clauses=("CLS-6",)),
    Transition(A.REPLACE_VERSION, H, H, clauses=("CLS-6",)),
    Transition(A.CHOOSE_ROUTE, P, P, clauses=("OGP-7", "OGP-8", "OGP-9")),
    Transition(A.CONFIRM_RIGHT, P, P, clauses=("CLS-6",)),
    Transition(A.ASK_APPROVAL, P, P, guards=(G.APPROVAL_WANTED,), reason=True, clauses=_MINUTES_POST),
    Transition(
        A.APPROVE,
        P,
        P,
        guards=(G.APPROVAL_ASKED, G.RECIPIENT_CURRENT, G.ADDRESS_CURRENT),
        reason=True,
        clauses=_MINUTES_POST,
    ),
    Transition(A.DECLINE, P, P, guards=(G.APPROVAL_ASKED,), reason=True, clauses=_MINUTES_POST),
    # The version is confirmed by the step itself.
    Transition(A.RELEASE, P, R, guards=(*_CHOSEN, G.ADDRESS_CURRENT), clauses=("OGP-7", "OGP-8", "OGP-9", "CLS-6")),
    # By hand.
    Transition(A.TAKE_OUT, R, R, guards=(*_ROUTE, G.BY_HAND, G.NOT_OUT), clauses=_REPORTS),
    Transition(A.HAND_OVER, R, Y, guards=(*_ROUTE, G.BY_HAND, G.IS_OUT), clauses=_REPORTS),
    Transition(A.NOT_POSSIBLE, R, H, guards=(G.BY_HAND, G.IS_OUT), reason=True, clauses=_REPORTS),
    Transition(A.BRING_BACK, R, R, guards=(G.IS_OUT,), clauses=("CLS-2",)),
    Transition(A.BRING_BACK, H, H, guards=(G.IS_OUT,), clauses=("CLS-2",)),
    # By registered post.
    Transition(A.ENVELOPE, R, R, guards=(*_ROUTE, G.ADDRESS_CURRENT, G.BY_POST), clauses=("OGP-4a", "OGP-4b")),
    Transition(A.POST, R, S, guards=(*_ROUTE, G.ADDRESS_CURRENT, G.BY_POST, G.IN_ENVELOPE), clauses=_MINUTES_POST),
    Transition(A.PROVE_DELIVERY, S, D, guards=(G.BY_POST,), clauses=_MINUTES_POST),
    Transition(A.RETURN_UNDELIVERED, S, H, guards=(G.BY_POST,), reason=True, clauses=_MINUTES_POST),
    # By secure e-mail. Before the first byte of the message leaves, the item stands at `uncertain`: cut off there, that
    # is what is true, and a person decides.
    Transition(A.SEND, R, R, guards=(*_ROUTE, G.BY_EMAIL, G.EMAIL_ALLOWED, G.NOT_SENDING), clauses=_EMAIL),
    Transition(A.ATTEMPT, R, U, guards=(*_ROUTE, G.BY_EMAIL, G.EMAIL_ALLOWED), clauses=_EMAIL),
    Transition(A.MARK_SENT, U, S, clauses=_EMAIL),
    Transition(A.MARK_NOT_SENT, U, R, clauses=_EMAIL),
    Transition(A.FAIL, U, H, reason=True, clauses=_EMAIL),
    Transition(A.FAIL, R, H, reason=True, clauses=_EMAIL),
    Transition(A.DECIDE_SENT, U, S, reason=True, clauses=_EMAIL),
    Transition(A.DECIDE_NOT_SENT, U, R, reason=True, clauses=_EMAIL),
    # Without its password the file tells nobody anything: giving it is what moves the document outward.
    Transition(A.GIVE_PASSWORD, S, D, guards=(G.BY_EMAIL, G.STILL_ON_CASE), clauses=("CLS-6",)),
    # By text: asked for, taken by the gateway or not. Meanwhile it can be read out by phone all the same.
    Transition(
        A.TEXT_PASSWORD,
        S,
        S,
        guards=(G.BY_EMAIL, G.STILL_ON_CASE, G.CAN_BE_TEXTED, G.NOT_SENDING),
        clauses=("CLS-6",),
    ),
    Transition(A.MARK_TEXTED, S, D, guards=(G.BY_EMAIL,), clauses=("CLS-6",)),
    Transition(A.MARK_NOT_TEXTED, S, S, guards=(G.BY_EMAIL,), reason=True, clauses=("CLS-6",)),
    Transition(A.BOUNCE, S, H, guards=(G.BY_EMAIL,), reason=True, clauses=_EMAIL),
    Transition(A.BOUNCE, D, H, guards=(G.BY_EMAIL,), reason=True, clauses=_EMAIL),
    Transition(A.BOUNCE, U, H, guards=(G.BY_EMAIL,), reason=True, clauses=_EMAIL),
    # Postroom's own, when the ground moves under an item; and the ways back.
    Transition(A.HOLD, R, H, reason=True, clauses=("CLS-6",)),
    Transition(A.ASK_AGAIN, P, P, reason=True, clauses=("CLS-6",)),
    Transition(A.ASK_AGAIN, H, H, reason=True, clauses=("CLS-6",)),
    Transition(A.PREPARE_AGAIN, H, P, guards=(G.NOT_OUT,), reason=True, clauses=("CLS-6",)),
    Transition(A.PREPARE_AGAIN, R, P, guards=(G.NOT_OUT, G.NOT_SENDING), reason=True, clauses=("CLS-6",)),
    Transition(A.SET_ASIDE, P, X, guards=(G.NOT_OUT,), reason=True, clauses=("OGP-9",)),
    Transition(A.SET_ASIDE, R, X, guards=(G.NOT_OUT, G.NOT_SENDING), reason=True, clauses=("OGP-9",)),
    Transition(A.SET_ASIDE, H, X, guards=(G.NOT_OUT,), reason=True, clauses=("OGP-9",)),
    # E-mailed, and they get no password.
    Transition(A.SET_ASIDE, S, X, guards=(G.BY_EMAIL, G.NOT_SENDING), reason=True, clauses=("OGP-9",)),
    Transition(A.UPLOAD, Y, Y, guards=(G.ICS_OWED,), clauses=("OGP-6",)),
    Transition(A.UPLOAD, S, S, guards=(G.ICS_OWED,), clauses=("OGP-6",)),
    Transition(A.UPLOAD, D, D, guards=(G.ICS_OWED,), clauses=("OGP-6",)),
)
