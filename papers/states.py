"""Papers out as data: states, actions and the tables of who may do what from where. Pure; no models, no Django.

Source: 1.1.4 Confidentiality and Loss of Sensitive Data, section 1 (CLS-1 to CLS-5).
"""

from __future__ import annotations

from enum import StrEnum

from postroom.people.roles import Role
from postroom.steps.table import Permission, Rules, Transition


class Purpose(StrEnum):
    """What the papers are taken for. The first three are the agreed professional tasks (CLS-2)."""

    COURT = "court"
    PROFESSIONAL_MEETING = "professional_meeting"
    SERVICE_USER_MEETING = "service_user_meeting"
    OTHER = "other"


PURPOSE_NAMES: dict[Purpose, str] = {
    Purpose.COURT: "Court",
    Purpose.PROFESSIONAL_MEETING: "Professional meeting",
    Purpose.SERVICE_USER_MEETING: "Meeting with service users",
    Purpose.OTHER: "Another purpose",
}
AGREED_TASKS = (Purpose.COURT, Purpose.PROFESSIONAL_MEETING, Purpose.SERVICE_USER_MEETING)


class PapersState(StrEnum):
    """Where an entry of the papers-out register stands."""

    ASKED = "asked"
    AGREED = "agreed"
    REFUSED = "refused"
    OUT = "out"
    BACK = "back"
    DESTROYED = "destroyed"
    LOST = "lost"
    NOT_TAKEN = "not_taken"
    HANDED_ON = "handed_on"


PAPERS_STATE_NAMES: dict[PapersState, str] = {
    PapersState.ASKED: "Waits for the line manager",
    PapersState.AGREED: "Agreed, not taken yet",
    PapersState.REFUSED: "Refused",
    PapersState.OUT: "Out of the office",
    PapersState.BACK: "Back in the office",
    PapersState.DESTROYED: "Destroyed",
    PapersState.LOST: "Lost or stolen",
    PapersState.NOT_TAKEN: "Not taken after all",
    PapersState.HANDED_ON: "Handed over to whom it was for",
}


class PapersAction(StrEnum):
    """What can be done with an entry."""

    TAKE = "take"
    ASK = "ask"
    AGREE = "agree"
    REFUSE = "refuse"
    LEAVE = "leave"
    NOT_TAKE = "not_take"
    EXTEND = "extend"
    GIVE_BACK = "give_back"
    DESTROY = "destroy"
    LOSE = "lose"
    FIND = "find"
    KEEP_RECORD = "keep_record"
    CHASE = "chase"
    HAND_ON = "hand_on"


PAPERS_ACTION_NAMES: dict[PapersAction, str] = {
    PapersAction.TAKE: "Take for an agreed task",
    PapersAction.ASK: "Ask to take for another purpose",
    PapersAction.AGREE: "Agree to the removal",
    PapersAction.REFUSE: "Refuse the removal",
    PapersAction.LEAVE: "Take what was agreed",
    PapersAction.NOT_TAKE: "Say that they are not taken after all",
    PapersAction.EXTEND: "Change when they are due",
    PapersAction.GIVE_BACK: "Record as back in the office",
    PapersAction.DESTROY: "Record as destroyed",
    PapersAction.LOSE: "Report as lost or stolen",
    PapersAction.FIND: "Record lost papers as found and back",
    PapersAction.KEEP_RECORD: "Keep the reference of the running record",
    PapersAction.CHASE: "Remind that papers are late",
    PapersAction.HAND_ON: "End with the hand delivery that entered them",
}


class PapersCondition(StrEnum):
    """What must be true of the person, towards this entry."""

    IN_OFFICE = "at the office the papers belong to"
    ON_CASE = "may read the case the papers belong to, or they belong to none"
    HOLDER = "holds the papers, or asked for them"
    NOT_HOLDER = "does not hold the papers, nor asked for them"
    LINE_MANAGER = "is the holder's line manager"
    NEXT_MANAGER = "is the line manager's own line manager"
    MANAGER_AWAY = "the line manager is away"
    AGREED_TASK = "the papers are out for an agreed task"


class PapersGuard(StrEnum):
    """What must be true of the papers themselves."""

    IS_AGREED_TASK = "is_agreed_task"
    IS_OTHER_PURPOSE = "is_other_purpose"
    OF_A_DELIVERY = "of_a_delivery"
    DELIVERY_OVER = "delivery_over"
    SECURED = "secured"
    NOT_ORIGINAL = "not_original"


PAPERS_WORDS: dict[str, str] = {
    PapersCondition.IN_OFFICE: "These papers belong to another office.",
    PapersCondition.ON_CASE: "This case is not open to you, so its papers are not yours to take.",
    PapersCondition.HOLDER: "Only the person who has these papers can do this.",
    PapersCondition.NOT_HOLDER: "These are your own papers: somebody else has to do this.",
    PapersCondition.LINE_MANAGER: "Only the line manager of the person who asked can answer.",
    PapersCondition.NEXT_MANAGER: "Only the line manager of the person who asked can answer.",
    PapersCondition.MANAGER_AWAY: (
        "The line manager answers this. You can answer in their place once they are known to be away, "
        "or have not answered in time."
    ),
    PapersCondition.AGREED_TASK: "These papers left with the line manager's agreement: a later day needs it too.",
    PapersGuard.IS_AGREED_TASK: (
        "This purpose is not one of the agreed tasks (court, professional meeting, meeting with service users). "
        "Ask the line manager first."
    ),
    PapersGuard.IS_OTHER_PURPOSE: "This is an agreed task: the papers may be taken without asking.",
    PapersGuard.OF_A_DELIVERY: "These papers were not entered by a hand delivery.",
    PapersGuard.DELIVERY_OVER: (
        "These papers are carried to somebody. That they were handed over, or are back, is recorded with the delivery "
        "itself; this entry then ends by itself."
    ),
    PapersGuard.SECURED: (
        "Papers travel in a lockable bag, and a laptop that goes with them is password protected. "
        "Confirm this, or leave them in the office."
    ),
    PapersGuard.NOT_ORIGINAL: "Originals come back to the office. Only copies and notebooks are destroyed.",
}

A, C, G, S = PapersAction, PapersCondition, PapersGuard, PapersState
# Who works with case papers at an office.
TAKERS = (Role.WORKER, Role.ADVANCED_PRACTITIONER, Role.DEPUTY_TEAM_MANAGER, Role.TEAM_MANAGER, Role.ADMIN)
OFFICE_MANAGERS = (Role.DEPUTY_TEAM_MANAGER, Role.TEAM_MANAGER)
# Roles in which somebody can be a line manager, wherever they hold them.
LINE_MANAGERS = (
    Role.ADVANCED_PRACTITIONER,
    Role.DEPUTY_TEAM_MANAGER,
    Role.TEAM_MANAGER,
    Role.ADMIN,
    Role.DISTRICT_ADMIN_MANAGER,
    Role.ASSISTANT_DIRECTOR,
)
# Who takes papers in again at the office, or learns that they are gone.
KEEPERS = (Role.ADMIN, *OFFICE_MANAGERS)


def _answers(action: PapersAction) -> tuple[Permission, ...]:
    """The line manager; away: the office's manager or deputy, or the next manager up. Never for oneself (CLS-3)."""
    return (
        *(Permission(action, role, (C.NOT_HOLDER, C.LINE_MANAGER), ("CLS-3",)) for role in LINE_MANAGERS),
        *(
            Permission(action, role, (C.NOT_HOLDER, C.NEXT_MANAGER, C.MANAGER_AWAY), ("CLS-3",))
            for role in LINE_MANAGERS
        ),
        *(
            Permission(action, role, (C.NOT_HOLDER, C.IN_OFFICE, C.MANAGER_AWAY), ("CLS-3",))
            for role in OFFICE_MANAGERS
        ),
    )


def _own(action: PapersAction, *conditions: str, clause: str = "CLS-3") -> tuple[Permission, ...]:
    return tuple(Permission(action, role, (C.HOLDER, *conditions), (clause,)) for role in TAKERS)


def _keepers(action: PapersAction, clause: str = "CLS-3") -> tuple[Permission, ...]:
    return tuple(Permission(action, role, (C.NOT_HOLDER, C.IN_OFFICE), (clause,)) for role in KEEPERS)


PAPERS_PERMISSIONS: tuple[Permission, ...] = (
    *(Permission(A.TAKE, role, (C.IN_OFFICE, C.ON_CASE), ("CLS-2",)) for role in TAKERS),
    *(Permission(A.ASK, role, (C.IN_OFFICE, C.ON_CASE), ("CLS-3",)) for role in TAKERS),
    *_answers(A.AGREE),
    *_answers(A.REFUSE),
    *_own(A.LEAVE),
    *_own(A.NOT_TAKE),
    *_own(A.EXTEND, C.AGREED_TASK),
    *_answers(A.EXTEND),
    *_own(A.GIVE_BACK),
    *_keepers(A.GIVE_BACK),
    *_own(A.DESTROY),
    *_keepers(A.DESTROY),
    *_own(A.LOSE, clause="CLS-7"),
    *_keepers(A.LOSE, clause="CLS-7"),
    *_own(A.FIND),
    *_keepers(A.FIND),
    *_own(A.KEEP_RECORD),
    *_keepers(A.KEEP_RECORD),
)

_RECORDED = (S.AGREED, S.REFUSED, S.OUT, S.BACK, S.DESTROYED, S.LOST)

PAPERS_TRANSITIONS: tuple[Transition, ...] = (
    Transition(A.TAKE, "", S.OUT, guards=(G.IS_AGREED_TASK, G.SECURED), clauses=("CLS-2", "CLS-4")),
    Transition(A.ASK, "", S.ASKED, guards=(G.IS_OTHER_PURPOSE,), clauses=("CLS-3",)),
    Transition(A.AGREE, S.ASKED, S.AGREED, clauses=("CLS-3",)),
    Transition(A.REFUSE, S.ASKED, S.REFUSED, reason=True, clauses=("CLS-3",)),
    # How agreed papers travel is asked as they leave: the step takes it with it, and the database holds it.
    Transition(A.LEAVE, S.AGREED, S.OUT, clauses=("CLS-3", "CLS-4")),
    Transition(A.NOT_TAKE, S.ASKED, S.NOT_TAKEN, clauses=("CLS-3",)),
    Transition(A.NOT_TAKE, S.AGREED, S.NOT_TAKEN, clauses=("CLS-3",)),
    Transition(A.EXTEND, S.OUT, S.OUT, reason=True, clauses=("CLS-3",)),
    Transition(A.GIVE_BACK, S.OUT, S.BACK, guards=(G.DELIVERY_OVER,), clauses=("CLS-3",)),
    Transition(A.DESTROY, S.OUT, S.DESTROYED, guards=(G.NOT_ORIGINAL, G.DELIVERY_OVER), clauses=("CLS-3",)),
    Transition(A.LOSE, S.OUT, S.LOST, reason=True, clauses=("CLS-7",)),
    Transition(A.FIND, S.LOST, S.BACK, guards=(G.DELIVERY_OVER,), reason=True, clauses=("CLS-3",)),
    *(Transition(A.KEEP_RECORD, state, state, clauses=("CLS-3",)) for state in _RECORDED),
    # Postroom's own.
    Transition(A.CHASE, S.OUT, S.OUT, clauses=("CLS-3",)),
    Transition(A.HAND_ON, S.OUT, S.HANDED_ON, guards=(G.OF_A_DELIVERY,), clauses=("CLS-2",)),
)

PAPERS_RULES: Rules[str] = Rules(PAPERS_PERMISSIONS, PAPERS_TRANSITIONS, PAPERS_WORDS)


class AgreementState(StrEnum):
    """An agreement to work on records from home or another base stands until its last day, or until ended."""

    STANDING = "standing"
    ENDED = "ended"


class AgreementAction(StrEnum):
    """What can be done with such an agreement."""

    REGISTER = "register"
    END = "end"


AGREEMENT_ACTION_NAMES: dict[AgreementAction, str] = {
    AgreementAction.REGISTER: "Agree to work from home or another base",
    AgreementAction.END: "End the agreement before its last day",
}


class AgreementCondition(StrEnum):
    """What must be true of who agrees, towards the person it is for."""

    LINE_MANAGER = "is the person's line manager"
    OFFICE_MANAGER = "manages the person's office"
    NOT_ONESELF = "is not the person themselves"


AGREEMENT_WORDS: dict[str, str] = {
    AgreementCondition.LINE_MANAGER: "Only the person's line manager can agree to this.",
    AgreementCondition.OFFICE_MANAGER: "Only the person's line manager, or a manager of their office, can do this.",
    AgreementCondition.NOT_ONESELF: "Nobody agrees to this for themselves. Ask your line manager.",
}
_AC = AgreementCondition
AGREEMENT_RULES: Rules[str] = Rules(
    tuple(
        Permission(action, role, conditions, ("CLS-1",))
        for action in AgreementAction
        for role, conditions in (
            *((role, (_AC.NOT_ONESELF, _AC.LINE_MANAGER)) for role in LINE_MANAGERS),
            *((role, (_AC.NOT_ONESELF, _AC.OFFICE_MANAGER)) for role in OFFICE_MANAGERS),
        )
    ),
    (
        Transition(AgreementAction.REGISTER, "", AgreementState.STANDING, clauses=("CLS-1",)),
        Transition(AgreementAction.END, AgreementState.STANDING, AgreementState.ENDED, reason=True, clauses=("CLS-1",)),
    ),
    AGREEMENT_WORDS,
)
