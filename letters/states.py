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
    HANDED_OVER = "handed_over"
    UNCERTAIN = "uncertain"
    EMAILED = "emailed"
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
    State.HANDED_OVER: "Handed over",
    State.UNCERTAIN: "Uncertain whether sent",
    State.EMAILED: "Sent by secure e-mail",
    State.UPLOADED: "On the case record",
    State.WITHDRAWN: "Withdrawn",
    State.RETURNED: "Returned undelivered",
}
FINAL_STATES = frozenset({State.UPLOADED, State.WITHDRAWN})


class Action(StrEnum):
    """What can be done to a letter."""

    HAND_OVER = "hand_over"
    CHOOSE_WAY = "choose_way"
    TYPE = "type"
    PRINT = "print"
    CONFIRM_PRINT = "confirm_print"
    VOID_PRINT = "void_print"
    RETURN_TO_WORKER = "return_to_worker"
    CHECK = "check"
    CHECK_ADDRESS = "check_address"
    NAME_OTHERS = "name_others"
    RECORD_FORMAT = "record_format"
    SIGN = "sign"
    PP = "pp"
    CONFIRM_SIGNATURE = "confirm_signature"
    ENVELOPE = "envelope"
    POST = "post"
    CONFIRM_DELIVERY = "confirm_delivery"
    TAKE_OUT = "take_out"
    HAND_DELIVER = "hand_deliver"
    GIVE_AT_RECEPTION = "give_at_reception"
    NOT_DELIVERED = "not_delivered"
    BRING_BACK = "bring_back"
    CARRY_AGAIN = "carry_again"
    LOCK_IN = "lock_in"
    SEND_EMAIL = "send_email"
    ATTEMPT = "attempt"
    MARK_SENT = "mark_sent"
    MARK_NOT_SENT = "mark_not_sent"
    FAIL = "fail"
    DECIDE_SENT = "decide_sent"
    DECIDE_NOT_SENT = "decide_not_sent"
    GIVE_PASSWORD = "give_password"  # noqa: S105 - the name of a step
    BOUNCE = "bounce"
    UPLOAD = "upload"
    UPLOAD_CHILD = "upload_child"
    RETURN_FOR_RETYPING = "return_for_retyping"
    EDIT_AFTER_CHECK = "edit_after_check"
    REOPEN = "reopen"
    WITHDRAW = "withdraw"
    RETURN_UNDELIVERED = "return_undelivered"
    VOID_CHECK = "void_check"
    MOVE_OFFICE = "move_office"
    ASK = "ask"
    ANSWER = "answer"
    CHANGE_BRIEF = "change_brief"


ACTION_NAMES: dict[Action, str] = {
    Action.HAND_OVER: "Hand over a draft",
    Action.CHOOSE_WAY: "Choose another way to send it",
    Action.TYPE: "Type",
    Action.PRINT: "Print",
    Action.CONFIRM_PRINT: "Confirm that a print came out whole",
    Action.VOID_PRINT: "Void the sheets of a print",
    Action.RETURN_TO_WORKER: "Return the print to the worker",
    Action.CHECK: "Check address and body",
    Action.CHECK_ADDRESS: "Check the address, the text having been checked for several",
    Action.NAME_OTHERS: "Say that it may name somebody else who gets one",
    Action.RECORD_FORMAT: "Record what was made in the addressee's format",
    Action.SIGN: "Sign",
    Action.PP: "Sign for the worker (pp)",
    Action.CONFIRM_SIGNATURE: "Confirm the signature on paper",
    Action.ENVELOPE: "Put in its envelope and initial",
    Action.POST: "Post",
    Action.CONFIRM_DELIVERY: "Record the proof of delivery (registered post)",
    Action.TAKE_OUT: "Take it out to deliver it by hand",
    Action.HAND_DELIVER: "Deliver by hand",
    Action.GIVE_AT_RECEPTION: "Give out at reception",
    Action.NOT_DELIVERED: "Record that it could not be delivered by hand",
    Action.BRING_BACK: "Bring it back to the office",
    Action.CARRY_AGAIN: "Let it be carried again",
    Action.LOCK_IN: "Lock in overnight",
    Action.SEND_EMAIL: "Send by secure e-mail, the recipient's right confirmed",
    Action.ATTEMPT: "Begin to send by e-mail",
    Action.MARK_SENT: "Record that the mail server took it",
    Action.MARK_NOT_SENT: "Record that it was not sent yet",
    Action.FAIL: "Record that it could not be sent by e-mail",
    Action.DECIDE_SENT: "Decide that an uncertain e-mail was sent",
    Action.DECIDE_NOT_SENT: "Decide that an uncertain e-mail was not sent",
    Action.GIVE_PASSWORD: "Read the password out by phone",
    Action.BOUNCE: "Record that the e-mail came back",
    Action.UPLOAD: "Upload to ICS",
    Action.UPLOAD_CHILD: "Upload to one of several children's records in ICS",
    Action.RETURN_FOR_RETYPING: "Return for retyping",
    Action.EDIT_AFTER_CHECK: "Change after the check",
    Action.REOPEN: "Reopen the envelope",
    Action.WITHDRAW: "Withdraw",
    Action.RETURN_UNDELIVERED: "Record as returned undelivered",
    Action.VOID_CHECK: "Void the check",
    Action.MOVE_OFFICE: "Move with its case to another office",
    Action.ASK: "Ask the worker",
    Action.ANSWER: "Answer admin's question",
    Action.CHANGE_BRIEF: "Change when it must go",
}


class Guard(StrEnum):
    """What must be true of the letter itself."""

    ADDRESS_CURRENT = "address_current"
    LINES_CURRENT = "lines_current"
    COPIES_MAY_KNOW = "copies_may_know"
    NAMES_UNSAID = "names_unsaid"
    NAMES_SAID = "names_said"
    FORMAT_TO_MAKE = "format_to_make"
    FORMAT_MADE = "format_made"
    CHECK_STANDS = "check_stands"
    SIGNATURE_STANDS = "signature_stands"
    SIGNED_SHEETS_IN_HAND = "signed_sheets_in_hand"
    SIGNED_ON_PAPER = "signed_on_paper"
    NOT_HELD = "not_held"
    PRINTED = "printed"
    PRINT_TO_SIGN = "print_to_sign"
    PRINTER_MEASURED = "printer_measured"
    LETTERHEAD_IN_FORCE = "letterhead_in_force"
    PRINT_UNSAID = "print_unsaid"
    UPLOAD_OWED = "upload_owed"
    LAST_CHILD = "last_child"
    MORE_CHILDREN = "more_children"
    ROUTE_OPEN = "route_open"
    ABROAD_ALLOWED = "abroad_allowed"
    BY_ROYAL_MAIL = "by_royal_mail"
    BY_HAND = "by_hand"
    IS_OUT = "is_out"
    NOT_OUT = "not_out"
    COLLECTED = "collected"
    REGISTERED = "registered"
    DELIVERY_OPEN = "delivery_open"
    CAME_BACK_BY_HAND = "came_back_by_hand"
    DELIVERY_DECIDED = "delivery_decided"
    GOES_ON_PAPER = "goes_on_paper"
    BY_EMAIL = "by_email"
    WHOLE_ON_SCREEN = "whole_on_screen"
    EMAIL_ALLOWED = "email_allowed"
    NOT_SENDING = "not_sending"
    PASSWORD_OWED = "password_owed"  # noqa: S105 - the name of a guard


GUARD_WORDS: dict[str, str] = {
    Guard.ADDRESS_CURRENT: (
        "The address on the case has changed or is in doubt since this letter was typed. "
        "Return it for retyping, so that the right address goes on it."
    ),
    Guard.LINES_CURRENT: (
        "The name, organisation or address on the case is not what this letter was typed with, its addressee's or that "
        "of somebody under Copy to: it must be typed anew, once its envelope is open. Whoever is off the case its "
        "worker takes out, under Change day, format or copies, after sending it back."
    ),
    Guard.COPIES_MAY_KNOW: (
        "This letter names as having a copy somebody who must not know of another person on it. It goes back to "
        "admin first; then its worker takes the name out, under Change day, format or copies."
    ),
    Guard.NAMES_UNSAID: "This letter names nobody of whom its worker has still to say that it may.",
    Guard.FORMAT_TO_MAKE: "This letter goes as it is printed: there is nothing to be made of it in another format.",
    Guard.FORMAT_MADE: (
        "Its addressee can't read ordinary print, and it isn't on record that this version was made in their format. "
        "Have it made, then record on the letter's page who made it, when and what it is; a letter in its envelope is "
        "opened first."
    ),
    Guard.NAMES_SAID: (
        "This letter names somebody else who gets one like it. Only its worker, or the duty worker for them, can say "
        "that it may, when they check it; otherwise send it back, so that the name is taken out."
    ),
    Guard.CHECK_STANDS: "The check was of different content. The letter must be checked again.",
    Guard.SIGNATURE_STANDS: "What was signed is not what the letter says now. It must be checked and signed again.",
    Guard.SIGNED_SHEETS_IN_HAND: (
        "The signed sheets are not in hand yet. For a signature on paper, confirm that the print bears it; "
        "for a signature on screen, print the signed letter."
    ),
    Guard.SIGNED_ON_PAPER: "This letter was signed on screen; there is no signature on paper to confirm.",
    Guard.NOT_HELD: "This letter is on hold. Its page says why, and who can release it.",
    Guard.PRINTED: "This version has not been printed yet, or its sheets are void. Print it first.",
    Guard.PRINT_TO_SIGN: "There is no print of this version to sign yet. Admin has to print it first.",
    Guard.PRINTER_MEASURED: (
        "No printer here has a calibration sheet for this letter's envelope that was measured and still counts, so the "
        "address may not show in the window. Print the sheet, measure it and enter it, under Envelopes, Printers."
    ),
    Guard.LETTERHEAD_IN_FORCE: (
        "This letter was typed with other details of its office than those in force today: address, telephone number, "
        "e-mail or the line under the council's name. Finish it again on the typing page, as it stands, so that it "
        "goes out with the right ones; then it is checked again."
    ),
    Guard.PRINT_UNSAID: "Of every print of this version somebody has said already what came out.",
    Guard.UPLOAD_OWED: "This letter is on the case record already.",
    Guard.LAST_CHILD: "This letter is owed to several children's records. Each is recorded with its own reference.",
    Guard.MORE_CHILDREN: "Only one child's record still lacks this letter: with it the letter is on the case record.",
    Guard.ROUTE_OPEN: (
        "The policy doesn't let this letter go the way that was chosen for it: sensitive letters go by registered post "
        "or by hand. Choose another way first; a letter in its envelope has to be opened for that."
    ),
    Guard.ABROAD_ALLOWED: (
        "Its address is abroad, and its office doesn't allow letters abroad now, or names no service that goes there "
        "in place of registered post. Its team manager can allow it under Envelopes; or choose another address or way, "
        "for which a letter in its envelope is opened first."
    ),
    Guard.BY_ROYAL_MAIL: "This letter is not to be posted: it goes into the person's own hands.",
    Guard.BY_HAND: "This letter is not to be carried by a worker. Its page says which way it goes.",
    Guard.IS_OUT: (
        "This letter is in the office: nobody has said that they took it with them. Say so first, then record what "
        "became of it."
    ),
    Guard.NOT_OUT: (
        "This letter is out of the office, with somebody who delivers it by hand. It is brought back or handed over "
        "first."
    ),
    Guard.COLLECTED: "This letter is not to be collected at reception. Its page says which way it goes.",
    Guard.REGISTERED: "This letter did not go by registered post, so there is no proof of delivery to record.",
    Guard.DELIVERY_OPEN: "Its delivery is on record already.",
    Guard.DELIVERY_DECIDED: (
        "This letter could not be delivered by hand. A team manager or deputy first says whether it is carried again; "
        "if not, it is withdrawn."
    ),
    Guard.CAME_BACK_BY_HAND: "This letter did not come back from a delivery by hand.",
    Guard.GOES_ON_PAPER: (
        "This letter goes by secure e-mail, in no envelope. If it is to go on paper, its worker chooses another way "
        "first."
    ),
    Guard.BY_EMAIL: "This letter does not go by secure e-mail. Its page says which way it goes.",
    Guard.WHOLE_ON_SCREEN: (
        "By e-mail goes only what is whole on the screen: signed there, with nothing enclosed on paper and nothing to "
        "be made in another format. Return it for retyping and sign it on screen, or choose another way."
    ),
    Guard.EMAIL_ALLOWED: (
        "Its addressee has no e-mail address to which this office may write. Put it right on the case, have the domain "
        "added under Secure e-mail, or choose another way."
    ),
    Guard.NOT_SENDING: "It is being sent already. Wait a few minutes and look again.",
    Guard.PASSWORD_OWED: (
        "There is no password to give: it was given already, or its addressee is not on the case any more."
    ),
}

D, T, C, S, E = State.DRAFTED, State.TYPED, State.WORKER_CHECKED, State.SIGNED, State.ENVELOPED
P, U, W, R = State.POSTED, State.UPLOADED, State.WITHDRAWN, State.RETURNED
H, N, M = State.HANDED_OVER, State.UNCERTAIN, State.EMAILED
_FRESH = (Guard.ADDRESS_CURRENT, Guard.COPIES_MAY_KNOW)
# Typing anew is what puts right the lines that a version bears, so it alone doesn't ask for them.
_TYPED = (*_FRESH, Guard.LINES_CURRENT)
_CHECKED = (*_TYPED, Guard.NAMES_SAID, Guard.CHECK_STANDS)
_SIGNED = (*_CHECKED, Guard.SIGNATURE_STANDS)
# Asked again at each step outward: the way is open to it, and its address one to which this office sends.
_THERE = (Guard.ROUTE_OPEN, Guard.ABROAD_ALLOWED)
_EMAIL_OPEN = (
    *_SIGNED,
    Guard.NOT_HELD,
    *_THERE,
    Guard.BY_EMAIL,
    Guard.WHOLE_ON_SCREEN,
    Guard.EMAIL_ALLOWED,
)
_LAST_UPLOAD = (Guard.UPLOAD_OWED, Guard.LAST_CHILD)

TRANSITIONS: tuple[Transition, ...] = (
    Transition(Action.HAND_OVER, "", D, clauses=("OGP-1",)),
    # Beside the way: the letter stays where it is.
    *(Transition(Action.ASK, s, s, clauses=("OGP-1",)) for s in (D, T, C, S)),
    *(Transition(Action.ANSWER, s, s, clauses=("OGP-1",)) for s in (D, T, C, S)),
    *(Transition(Action.CHANGE_BRIEF, s, s, clauses=("OGP-1",)) for s in (D, T, C, S, E)),
    Transition(Action.TYPE, D, T, guards=_FRESH, clauses=("OGP-2",)),
    Transition(Action.TYPE, T, T, guards=_FRESH, clauses=("OGP-2",)),
    *(
        Transition(
            Action.PRINT,
            s,
            s,
            # Nobody prints, carries about and signs what can't go.
            guards=(*_TYPED, Guard.PRINTER_MEASURED, Guard.LETTERHEAD_IN_FORCE),
            clauses=("OGP-2", "OGP-3a", "OGP-4a", "OGP-5"),
        )
        for s in (T, C, S)
    ),
    # "Printed" means sent to the printer; what came out is said afterwards.
    *(Transition(Action.CONFIRM_PRINT, s, s, guards=(Guard.PRINT_UNSAID,), clauses=("OGP-2",)) for s in (T, C, S)),
    *(Transition(Action.VOID_PRINT, s, s, guards=(Guard.PRINT_UNSAID,), clauses=("OGP-2",)) for s in (T, C, S)),
    Transition(Action.RETURN_TO_WORKER, T, T, guards=(Guard.PRINTED,), clauses=("OGP-2",)),
    Transition(Action.CHECK, T, C, guards=_TYPED, clauses=("OGP-3a",)),
    Transition(Action.CHECK, C, C, guards=_TYPED, clauses=("OGP-3a",)),
    # One text to many: each address singly, resting on the person's one check of the text.
    Transition(Action.CHECK_ADDRESS, T, C, guards=_TYPED, clauses=("OGP-3a",)),
    Transition(Action.CHECK_ADDRESS, C, C, guards=_TYPED, clauses=("OGP-3a",)),
    # Beside the way, with the check: whom the words of a letter may name is its worker's to say.
    *(Transition(Action.NAME_OTHERS, s, s, guards=(Guard.NAMES_UNSAID,), clauses=("OGP-4b", "CLS-5")) for s in (T, C)),
    # Beside the way: Braille, audio and easy read are made of the version that stands.
    *(
        Transition(Action.RECORD_FORMAT, s, s, guards=(Guard.FORMAT_TO_MAKE,), clauses=("OGP-1", "OGP-4b"))
        for s in (T, C, S)
    ),
    Transition(Action.SIGN, C, S, guards=(*_CHECKED, Guard.PRINT_TO_SIGN, Guard.NOT_HELD), clauses=("OGP-3a",)),
    Transition(Action.PP, C, S, guards=(*_CHECKED, Guard.PRINT_TO_SIGN, Guard.NOT_HELD), clauses=("OGP-3b",)),
    Transition(Action.CONFIRM_SIGNATURE, S, S, guards=(*_SIGNED, Guard.SIGNED_ON_PAPER), clauses=("OGP-3a",)),
    Transition(
        Action.ENVELOPE,
        S,
        E,
        guards=(
            *_SIGNED,
            Guard.SIGNED_SHEETS_IN_HAND,
            Guard.FORMAT_MADE,
            Guard.NOT_HELD,
            *_THERE,
            Guard.GOES_ON_PAPER,
        ),
        clauses=("OGP-4a", "OGP-4b"),
    ),
    Transition(
        Action.POST,
        E,
        P,
        guards=(
            *_SIGNED,
            Guard.FORMAT_MADE,
            Guard.NOT_HELD,
            *_THERE,
            Guard.BY_ROYAL_MAIL,
        ),
        clauses=("OGP-4b", "OGP-5"),
    ),
    # Into the person's own hands, from an envelope like any other: its contents were checked and initialled too.
    *(
        Transition(
            action,
            E,
            H,
            guards=(*_SIGNED, Guard.FORMAT_MADE, Guard.NOT_HELD, *_THERE, *way),
            clauses=("CLS-6",),
        )
        for action, way in (
            (Action.HAND_DELIVER, (Guard.BY_HAND, Guard.IS_OUT)),
            (Action.GIVE_AT_RECEPTION, (Guard.COLLECTED,)),
        )
    ),
    # From when it leaves until it is handed over or back, it is a paper out of the office, in somebody's hands.
    Transition(
        Action.TAKE_OUT,
        E,
        E,
        guards=(
            *_SIGNED,
            Guard.FORMAT_MADE,
            Guard.NOT_HELD,
            *_THERE,
            Guard.BY_HAND,
            Guard.NOT_OUT,
        ),
        clauses=("CLS-2", "CLS-6"),
    ),
    Transition(Action.BRING_BACK, E, E, guards=(Guard.IS_OUT,), clauses=("CLS-2",)),
    Transition(
        Action.NOT_DELIVERED,
        E,
        E,
        guards=(Guard.BY_HAND, Guard.IS_OUT, Guard.NOT_HELD),
        reason=True,
        clauses=("CLS-6",),
    ),
    # It missed the day's collection.
    Transition(Action.LOCK_IN, E, E, guards=(Guard.NOT_OUT,), clauses=("CLS-1",)),
    Transition(Action.CARRY_AGAIN, E, E, guards=(Guard.CAME_BACK_BY_HAND,), reason=True, clauses=("CLS-6",)),
    *(
        Transition(Action.CONFIRM_DELIVERY, s, s, guards=(Guard.REGISTERED, Guard.DELIVERY_OPEN), clauses=("CLS-6",))
        for s in (P, U)
    ),
    # By secure e-mail, in no envelope. Before the first byte of the message leaves, the letter stands at `uncertain`:
    # cut off there, that is what is true, and a person decides.
    Transition(Action.SEND_EMAIL, S, S, guards=(*_EMAIL_OPEN, Guard.NOT_SENDING), clauses=("CLS-6",)),
    Transition(Action.ATTEMPT, S, N, guards=_EMAIL_OPEN, clauses=("CLS-6",)),
    Transition(Action.MARK_SENT, N, M, clauses=("CLS-6",)),
    Transition(Action.MARK_NOT_SENT, N, S, clauses=("CLS-6",)),
    *(Transition(Action.FAIL, s, S, reason=True, clauses=("CLS-6",)) for s in (S, N)),
    Transition(Action.DECIDE_SENT, N, M, reason=True, clauses=("CLS-6",)),
    Transition(Action.DECIDE_NOT_SENT, N, S, reason=True, clauses=("CLS-6",)),
    *(Transition(Action.GIVE_PASSWORD, s, s, guards=(Guard.PASSWORD_OWED,), clauses=("CLS-6",)) for s in (M, U)),
    # What comes back has come back, as from the post; the letter is handed over anew.
    *(Transition(Action.BOUNCE, s, R, guards=(Guard.BY_EMAIL,), reason=True, clauses=("CLS-6",)) for s in (N, M, U)),
    # With the last child's record it is on the case record; the others before it are recorded one by one.
    Transition(Action.UPLOAD, P, U, guards=_LAST_UPLOAD, clauses=("OGP-6",)),
    Transition(Action.UPLOAD, H, U, guards=_LAST_UPLOAD, clauses=("OGP-6",)),
    Transition(Action.UPLOAD, M, U, guards=_LAST_UPLOAD, clauses=("OGP-6",)),
    Transition(Action.UPLOAD, R, R, guards=_LAST_UPLOAD, clauses=("OGP-6",)),
    *(
        Transition(Action.UPLOAD_CHILD, s, s, guards=(Guard.UPLOAD_OWED, Guard.MORE_CHILDREN), clauses=("OGP-6",))
        for s in (P, H, M, R)
    ),
    # Another way, or the mark "sensitive" put on or taken off: before the envelope is made, and with its reason.
    *(Transition(Action.CHOOSE_WAY, s, s, reason=True, clauses=("CLS-6",)) for s in (D, T, C, S)),
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
    Transition(
        Action.REOPEN, E, S, guards=(Guard.DELIVERY_DECIDED, Guard.NOT_OUT), reason=True, clauses=("OGP-4b", "CLS-6")
    ),
    Transition(Action.WITHDRAW, D, W, reason=True, clauses=("OGP-0",)),
    Transition(Action.WITHDRAW, T, W, reason=True, clauses=("OGP-0",)),
    Transition(Action.WITHDRAW, C, W, reason=True, clauses=("OGP-0",)),
    Transition(Action.WITHDRAW, S, W, reason=True, clauses=("OGP-0",)),
    Transition(Action.WITHDRAW, E, W, reason=True, clauses=("OGP-0",)),
    *(
        Transition(
            Action.RETURN_UNDELIVERED,
            s,
            R,
            guards=(Guard.BY_ROYAL_MAIL, Guard.DELIVERY_OPEN),
            reason=True,
            clauses=("OGP-0",),
        )
        for s in (P, U)
    ),
)
