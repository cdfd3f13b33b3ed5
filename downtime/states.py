"""A downtime of an office as data: its states, what can be done to it, who may. Pure; no models, no Django.

While Postroom can't be reached, letters are checked, signed, enveloped and posted on paper (the paper pack). Afterwards
a manager opens a downtime, and each such step is entered with when and by whom it really happened (OGP-0).
"""

from __future__ import annotations

from enum import StrEnum

from letters.states import Action as LetterAction
from letters.states import Guard
from letters.states import State as LetterState
from postroom.people.roles import Role
from postroom.steps.table import Permission, Rules, Transition


class DowntimeState(StrEnum):
    """Open: steps are entered. Closed: all is entered."""

    OPEN = "open"
    CLOSED = "closed"


class DowntimeAction(StrEnum):
    """What can be done to a downtime."""

    OPEN_DOWNTIME = "open_downtime"
    ENTER_LATER = "enter_later"
    CLOSE_DOWNTIME = "close_downtime"


DOWNTIME_ACTION_NAMES: dict[DowntimeAction, str] = {
    DowntimeAction.OPEN_DOWNTIME: "Open a downtime",
    DowntimeAction.ENTER_LATER: "Enter a step that happened on paper",
    DowntimeAction.CLOSE_DOWNTIME: "Close a downtime",
}


class DowntimeCondition(StrEnum):
    """What must be true of the person, towards this downtime."""

    IN_OFFICE = "at the downtime's office"


DOWNTIME_WORDS: dict[str, str] = {DowntimeCondition.IN_OFFICE: "This downtime is another office's."}

A, K, OPEN, CLOSED = DowntimeAction, DowntimeCondition, DowntimeState.OPEN, DowntimeState.CLOSED
_MANAGERS = (Role.DEPUTY_TEAM_MANAGER, Role.TEAM_MANAGER)

DOWNTIME_PERMISSIONS: tuple[Permission, ...] = (
    *(Permission(A.OPEN_DOWNTIME, role, (K.IN_OFFICE,), ("OGP-0",)) for role in _MANAGERS),
    *(Permission(A.ENTER_LATER, role, (K.IN_OFFICE,), ("OGP-0",)) for role in (Role.ADMIN, *_MANAGERS)),
    *(Permission(A.CLOSE_DOWNTIME, role, (K.IN_OFFICE,), ("OGP-0",)) for role in _MANAGERS),
)
DOWNTIME_TRANSITIONS: tuple[Transition, ...] = (
    Transition(A.OPEN_DOWNTIME, "", OPEN, clauses=("OGP-0",)),
    Transition(A.ENTER_LATER, OPEN, OPEN, clauses=("OGP-0",)),
    Transition(A.CLOSE_DOWNTIME, OPEN, CLOSED, clauses=("OGP-0",)),
)
DOWNTIME_RULES: Rules[str] = Rules(DOWNTIME_PERMISSIONS, DOWNTIME_TRANSITIONS, DOWNTIME_WORDS)

# The steps of a letter that can be entered later, by the state it stands in. Typing isn't one of them: what a letter
# says, and the window proof, are made by Postroom; a text that was typed elsewhere is typed in first.
LATE_STEPS: dict[LetterState, tuple[LetterAction, ...]] = {
    LetterState.TYPED: (LetterAction.CHECK,),
    LetterState.WORKER_CHECKED: (LetterAction.SIGN, LetterAction.PP),
    LetterState.SIGNED: (LetterAction.CONFIRM_SIGNATURE, LetterAction.ENVELOPE),
    LetterState.ENVELOPED: (
        LetterAction.POST,
        LetterAction.TAKE_OUT,
        LetterAction.HAND_DELIVER,
        LetterAction.NOT_DELIVERED,
        LetterAction.BRING_BACK,
        LetterAction.GIVE_AT_RECEPTION,
        LetterAction.LOCK_IN,
    ),
    # Of several children's records, each is entered by itself (UPLOAD_CHILD, until the last).
    LetterState.POSTED: (LetterAction.UPLOAD, LetterAction.RETURN_UNDELIVERED),
    LetterState.HANDED_OVER: (LetterAction.UPLOAD,),
    LetterState.UPLOADED: (LetterAction.RETURN_UNDELIVERED,),
    LetterState.RETURNED: (LetterAction.UPLOAD,),
}
LATE_ACTIONS: tuple[LetterAction, ...] = (
    *dict.fromkeys(action for actions in LATE_STEPS.values() for action in actions),
    LetterAction.UPLOAD_CHILD,
)
# Those of them that ask these of the letter itself: the others aren't offered where they don't hold.
OFFERED_IF: tuple[Guard, ...] = (
    Guard.BY_ROYAL_MAIL,
    Guard.BY_HAND,
    Guard.COLLECTED,
    Guard.IS_OUT,
    Guard.NOT_OUT,
    Guard.UPLOAD_OWED,
    Guard.DELIVERY_OPEN,
)
