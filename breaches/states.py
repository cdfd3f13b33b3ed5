"""The way of a breach or near miss as data: states, actions, transitions. Pure; no models, no Django.

Source: CLS-7 to CLS-15, OGP-11 and OGP-12. The duties are data of their own (`breaches.duties`).
"""

from __future__ import annotations

from enum import StrEnum

from letters.states import State as LetterState
from postroom.steps.table import Transition


class BreachState(StrEnum):
    """Where a breach stands."""

    REPORTED = "reported"
    ASSESSED = "assessed"
    DECIDED = "decided"
    CLOSED = "closed"


BREACH_STATE_NAMES: dict[BreachState, str] = {
    BreachState.REPORTED: "Reported",
    BreachState.ASSESSED: "Assessed",
    BreachState.DECIDED: "Decided",
    BreachState.CLOSED: "Closed",
}


# Where a letter stands once it went to its addressee; UPLOADED can follow either.
TOLD = (LetterState.POSTED, LetterState.UPLOADED, LetterState.HANDED_OVER, LetterState.EMAILED)


class BreachAction(StrEnum):
    """What can be done to a breach."""

    REPORT = "report"
    AMEND = "amend"
    CHANGE_AWARE = "change_aware"
    FIND_MORE = "find_more"
    NAME_INVOLVED = "name_involved"
    CLEAR_INVOLVED = "clear_involved"
    DO_DUTY = "do_duty"
    SET_ASIDE_DUTY = "set_aside_duty"
    SIGN_REPORT = "sign_report"
    ASK_EXCEPTION = "ask_exception"
    APPROVE_NO_MEETING = "approve_no_meeting"
    APPROVE_DEFERRAL = "approve_deferral"
    NAME_PEOPLE = "name_people"
    CLEAR_PERSON = "clear_person"
    MEET_PERSON = "meet_person"
    LINK_LETTER = "link_letter"
    ASSESS = "assess"
    ASK_ADVICE = "ask_advice"
    ADVISE = "advise"
    PROPOSE_DECISION = "propose_decision"
    AGREE_DECISION = "agree_decision"
    MAKE_NOTIFICATION = "make_notification"
    REFER = "refer"
    WITHDRAW_PHASE = "withdraw_phase"
    RECORD_CAUSE = "record_cause"
    ADD_FOLLOW_UP = "add_follow_up"
    FINISH_FOLLOW_UP = "finish_follow_up"
    CLOSE = "close"
    CLOSE_NEAR_MISS = "close_near_miss"


BREACH_ACTION_NAMES: dict[BreachAction, str] = {
    BreachAction.REPORT: "Report a breach or near miss",
    BreachAction.AMEND: "Put the facts right",
    BreachAction.CHANGE_AWARE: "Change when the council became aware",
    BreachAction.FIND_MORE: "Add what was found later",
    BreachAction.NAME_INVOLVED: "Name a person involved",
    BreachAction.CLEAR_INVOLVED: "Take back that a person is involved",
    BreachAction.DO_DUTY: "Record a duty as done",
    BreachAction.SET_ASIDE_DUTY: "Set a duty aside",
    BreachAction.SIGN_REPORT: "Sign off the Information & Records Manager's report",
    BreachAction.ASK_EXCEPTION: "Ask to put off or leave out the meeting",
    BreachAction.APPROVE_NO_MEETING: "Decide that no meeting is possible",
    BreachAction.APPROVE_DEFERRAL: "Decide to put off telling the service user",
    BreachAction.NAME_PEOPLE: "Name the people whose data it was",
    BreachAction.CLEAR_PERSON: "Take back that it was a person's data",
    BreachAction.MEET_PERSON: "Record the meeting with a person",
    BreachAction.LINK_LETTER: "Link the letter to the service user",
    BreachAction.ASSESS: "Assess the risk",
    BreachAction.ASK_ADVICE: "Ask the Data Protection Officer",
    BreachAction.ADVISE: "Give advice",
    BreachAction.PROPOSE_DECISION: "Decide, as the first of the two",
    BreachAction.AGREE_DECISION: "Agree to the decision, as the second",
    BreachAction.MAKE_NOTIFICATION: "Make the notification to the Commissioner",
    BreachAction.REFER: "Record a report to the Commissioner",
    BreachAction.WITHDRAW_PHASE: "Withdraw the phase promised to the Commissioner",
    BreachAction.RECORD_CAUSE: "Record the cause and the control that failed",
    BreachAction.ADD_FOLLOW_UP: "Add an action",
    BreachAction.FINISH_FOLLOW_UP: "Record an action as finished",
    BreachAction.CLOSE: "Close the breach",
    BreachAction.CLOSE_NEAR_MISS: "Close the near miss",
}


class BreachGuard(StrEnum):
    """What must be true of the breach itself."""

    IS_BREACH = "is_breach"
    IS_NEAR_MISS = "is_near_miss"
    DUTIES_SETTLED = "duties_settled"
    BOTH_DECIDED = "both_decided"
    CAUSE_RECORDED = "cause_recorded"
    ADVICE_GIVEN = "advice_given"
    PROPOSAL_STANDS = "proposal_stands"
    NOTIFICATION_MADE = "notification_made"
    PHASE_PROMISED = "phase_promised"


BREACH_GUARD_WORDS: dict[str, str] = {
    BreachGuard.IS_BREACH: "This is a near miss: nothing is assessed or decided. Close it when its duties are done.",
    BreachGuard.IS_NEAR_MISS: "This is a breach: it closes after both deciders have decided.",
    BreachGuard.DUTIES_SETTLED: (
        "A duty is neither done nor set aside with a reason: look at the list, at each person named, at a letter that "
        "came back, and at a phase promised to the Commissioner. Settle each first."
    ),
    BreachGuard.BOTH_DECIDED: (
        "The Assistant Director and the Caldicott Guardian must both have decided, and neither may be involved. If one "
        "was named as involved since, enter that under “More was found”: it is then decided anew, by their deputy."
    ),
    BreachGuard.CAUSE_RECORDED: "Record first what caused it and which control should have held.",
    BreachGuard.ADVICE_GIVEN: "The Data Protection Officer has not given advice yet. Ask for it; the decision waits.",
    BreachGuard.PROPOSAL_STANDS: "There is no decision to agree to. The first of the two writes it.",
    BreachGuard.NOTIFICATION_MADE: "Make the notification first: what goes to the Commissioner is kept as it is sent.",
    BreachGuard.PHASE_PROMISED: "No further phase is promised to the Commissioner, so there is none to withdraw.",
}

R, A, D, C = BreachState.REPORTED, BreachState.ASSESSED, BreachState.DECIDED, BreachState.CLOSED
_G, _B = BreachGuard, BreachAction
_OPEN = (R, A, D)


def _stays(action: str, states: tuple[str, ...], *clauses: str, reason: bool = False) -> tuple[Transition, ...]:
    return tuple(Transition(action, state, state, reason=reason, clauses=clauses) for state in states)


BREACH_TRANSITIONS: tuple[Transition, ...] = (
    Transition(_B.REPORT, "", R, clauses=("OGP-11",)),
    *_stays(_B.AMEND, _OPEN, "CLS-8"),
    *_stays(_B.CHANGE_AWARE, _OPEN, "CLS-15", reason=True),
    # What is found later has not been assessed or decided on; what is done stays done.
    *(Transition(_B.FIND_MORE, state, R, reason=True, clauses=("CLS-8",)) for state in (R, A, D, C)),
    *_stays(_B.NAME_INVOLVED, _OPEN, "OGP-12"),
    *_stays(_B.CLEAR_INVOLVED, _OPEN, "OGP-12", reason=True),
    *_stays(_B.DO_DUTY, _OPEN, "CLS-9"),
    *_stays(_B.SET_ASIDE_DUTY, _OPEN, "CLS-9", reason=True),
    *(Transition(_B.SIGN_REPORT, state, state, guards=(_G.IS_BREACH,), clauses=("CLS-11",)) for state in _OPEN),
    *_stays(_B.ASK_EXCEPTION, _OPEN, "CLS-14", reason=True),
    *_stays(_B.APPROVE_NO_MEETING, _OPEN, "CLS-14", reason=True),
    *_stays(_B.APPROVE_DEFERRAL, _OPEN, "CLS-14", reason=True),
    *_stays(_B.NAME_PEOPLE, _OPEN, "CLS-14"),
    *_stays(_B.CLEAR_PERSON, _OPEN, "CLS-14", reason=True),
    *_stays(_B.MEET_PERSON, _OPEN, "CLS-14"),
    *_stays(_B.LINK_LETTER, _OPEN, "CLS-14"),
    Transition(_B.ASSESS, R, A, guards=(_G.IS_BREACH,), clauses=("CLS-8",)),
    Transition(_B.ASSESS, A, A, guards=(_G.IS_BREACH,), clauses=("CLS-8",)),
    *_stays(_B.ASK_ADVICE, (R, A), "CLS-15"),
    *_stays(_B.ADVISE, (R, A), "CLS-15"),
    Transition(_B.PROPOSE_DECISION, A, A, guards=(_G.ADVICE_GIVEN,), clauses=("CLS-15",)),
    Transition(_B.AGREE_DECISION, A, D, guards=(_G.ADVICE_GIVEN, _G.PROPOSAL_STANDS), clauses=("CLS-15",)),
    # No pending step stops the 72 hours: a report to the Commissioner can be made before anything is assessed.
    *(Transition(_B.MAKE_NOTIFICATION, state, state, guards=(_G.IS_BREACH,), clauses=("CLS-15",)) for state in _OPEN),
    *(
        Transition(_B.REFER, state, state, guards=(_G.IS_BREACH, _G.NOTIFICATION_MADE), clauses=("CLS-15",))
        for state in _OPEN
    ),
    *(
        Transition(_B.WITHDRAW_PHASE, state, state, guards=(_G.PHASE_PROMISED,), reason=True, clauses=("CLS-15",))
        for state in _OPEN
    ),
    *_stays(_B.RECORD_CAUSE, _OPEN, "OGP-12"),
    *_stays(_B.ADD_FOLLOW_UP, _OPEN, "CLS-8"),
    *_stays(_B.FINISH_FOLLOW_UP, (R, A, D, C), "CLS-8"),
    Transition(
        _B.CLOSE, D, C, guards=(_G.BOTH_DECIDED, _G.DUTIES_SETTLED, _G.CAUSE_RECORDED), clauses=("CLS-9", "CLS-15")
    ),
    Transition(
        _B.CLOSE_NEAR_MISS,
        R,
        C,
        guards=(_G.IS_NEAR_MISS, _G.DUTIES_SETTLED, _G.CAUSE_RECORDED),
        clauses=("CLS-10",),
    ),
)
