"""Spot checks as data (OGP-10): what can happen to a check, to a drawn item and to a finding, and who may. Pure.

The order is the point: the frame is fixed and published, only then a seed comes to be (dice are confirmed by whoever
saw them, with their own sign-in), only then is drawn, only then looked at. No step is skipped; a draw that does not
please can't be drawn anew, only given up with a reason that stays.
"""

from __future__ import annotations

from enum import StrEnum

from postroom.people.roles import Role
from postroom.steps.table import Permission, Rules, Transition


class CheckState(StrEnum):
    """Where a spot check stands."""

    FIXED = "fixed"
    SEEDED = "seeded"
    DRAWN = "drawn"
    CHECKING = "checking"
    FINISHED = "finished"
    ABANDONED = "abandoned"


CHECK_STATE_NAMES: dict[str, str] = {
    CheckState.FIXED: "Waits for the dice",
    CheckState.SEEDED: "Seed taken",
    CheckState.DRAWN: "Drawn",
    CheckState.CHECKING: "Being checked",
    CheckState.FINISHED: "Finished",
    CheckState.ABANDONED: "Given up",
}


class CheckAction(StrEnum):
    """What can be done to a spot check."""

    FIX_FRAME = "fix_frame"
    TAKE_SEED = "take_seed"
    CONFIRM_DICE = "confirm_dice"
    REFUSE_DICE = "refuse_dice"
    DRAW = "draw"
    BEGIN = "begin"
    PICK = "pick"
    FINISH = "finish"
    ABANDON = "abandon"


CHECK_ACTION_NAMES: dict[CheckAction, str] = {
    CheckAction.FIX_FRAME: "Fix and publish what can be drawn",
    CheckAction.TAKE_SEED: "Enter the seed",
    CheckAction.CONFIRM_DICE: "Confirm that these are the dice I saw",
    CheckAction.REFUSE_DICE: "Say that these are not the dice I saw",
    CheckAction.DRAW: "Draw by the rule",
    CheckAction.BEGIN: "Begin checking",
    CheckAction.PICK: "Pick an item by hand beside the draw",
    CheckAction.FINISH: "Finish, with the result and its bound",
    CheckAction.ABANDON: "Give up the spot check",
}


class ItemState(StrEnum):
    """Where a drawn or picked letter stands in its check."""

    WAITING = "waiting"
    CHECKED = "checked"
    NOT_FOUND = "not_found"


ITEM_STATE_NAMES: dict[str, str] = {
    ItemState.WAITING: "To check",
    ItemState.CHECKED: "Checked",
    ItemState.NOT_FOUND: "Can't be found",
}


class ItemAction(StrEnum):
    """What can be done to an item."""

    PUT_ON_LIST = "put_on_list"
    CHECK_ITEM = "check_item"
    CANNOT_FIND = "cannot_find"
    CORRECT = "correct"


ITEM_ACTION_NAMES: dict[ItemAction, str] = {
    ItemAction.PUT_ON_LIST: "Put it on the list to look at",
    ItemAction.CHECK_ITEM: "Answer the checklist",
    ItemAction.CANNOT_FIND: "Record that it can't be found",
    ItemAction.CORRECT: "Open an answered checklist again",
}


class FindingState(StrEnum):
    """Where a finding stands."""

    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"


FINDING_STATE_NAMES: dict[str, str] = {
    FindingState.OPEN: "Waits for its owner",
    FindingState.ANSWERED: "Answered, to look at",
    FindingState.CLOSED: "Closed",
}


class FindingAction(StrEnum):
    """What can be done to a finding."""

    RAISE = "raise_finding"
    ANSWER = "answer"
    HAND_ON = "hand_on"
    ACCEPT = "accept"
    SEND_BACK = "send_back"


FINDING_ACTION_NAMES: dict[FindingAction, str] = {
    FindingAction.RAISE: "Raise a finding",
    FindingAction.ANSWER: "Say what was done about it",
    FindingAction.HAND_ON: "Give it another owner or date",
    FindingAction.ACCEPT: "Follow up and close it",
    FindingAction.SEND_BACK: "Send it back to its owner",
}


class Guard(StrEnum):
    """What must be true of the thing itself."""

    SEED_IS_DUE = "seed_is_due"
    LIST_HAS_LEFT = "list_has_left"
    LEFT_IN_TIME = "left_in_time"
    DICE_CONFIRMED = "dice_confirmed"
    NOT_YET_CONFIRMED = "not_yet_confirmed"
    ALL_LOOKED_AT = "all_looked_at"
    BEING_CHECKED = "being_checked"


class Condition(StrEnum):
    """What must be true of the person."""

    NOT_OWN_WORK = "took no step on this letter or copy, and is not its worker"
    WITNESS = "was named as having seen the dice, threw none of them, and has a part in that office's post"
    OWNER = "is the owner of the finding"
    NOT_OWNER = "is not the owner of the finding"


WORDS: dict[str, str] = {
    Guard.SEED_IS_DUE: "The value that was announced for the seed is not known yet. Come back when it is.",
    Guard.LIST_HAS_LEFT: (
        "The list has not left the house yet. Its checkpoint goes out by itself within a minute or two; take the seed "
        "after that, so that anybody outside can see that the list came first."
    ),
    Guard.LEFT_IN_TIME: (
        "The list left the house only when the announced value was known already, so nobody outside can see which came "
        "first. Give this spot check up and fix a new list."
    ),
    Guard.DICE_CONFIRMED: (
        "Whoever saw the dice has not confirmed them yet. They find it under My work; nothing is drawn before."
    ),
    Guard.NOT_YET_CONFIRMED: "The dice are confirmed already. Once confirmed they stand.",
    Guard.ALL_LOOKED_AT: "Nobody has looked at some of the items yet. Check them, or say they can't be found.",
    Guard.BEING_CHECKED: "This spot check is not being checked now, so its items can't be answered.",
    Condition.NOT_OWN_WORK: "You worked on this yourself, so your deputy has to check it.",
    Condition.WITNESS: "Only the person who was named as having seen these dice can say whether they did.",
    Condition.OWNER: "Only the owner of this finding can say what was done about it.",
    Condition.NOT_OWNER: "You own this finding, so somebody else has to decide whether it is done.",
}

DAM = Role.DISTRICT_ADMIN_MANAGER
# Who can own a finding: whoever can have a part in the post.
OWNERS = (
    Role.WORKER,
    Role.ADVANCED_PRACTITIONER,
    Role.DEPUTY_TEAM_MANAGER,
    Role.TEAM_MANAGER,
    Role.ADMIN,
    Role.SAFEGUARDING,
    DAM,
)
# Who can have seen the dice, and says so with their own sign-in: the same people.
WITNESSES = OWNERS
WITNESSED = (CheckAction.CONFIRM_DICE, CheckAction.REFUSE_DICE)
_CLAUSES = ("OGP-10",)
_BEFORE_SEED = (Guard.SEED_IS_DUE, Guard.LIST_HAS_LEFT, Guard.LEFT_IN_TIME)
F, S, D, C = CheckState.FIXED, CheckState.SEEDED, CheckState.DRAWN, CheckState.CHECKING

CHECK_RULES: Rules[str] = Rules(
    (
        *(Permission(action, DAM, (), _CLAUSES) for action in CheckAction if action not in WITNESSED),
        *(Permission(action, role, (Condition.WITNESS,), _CLAUSES) for action in WITNESSED for role in WITNESSES),
    ),
    (
        Transition(CheckAction.FIX_FRAME, "", F, clauses=_CLAUSES),
        Transition(CheckAction.TAKE_SEED, F, S, guards=_BEFORE_SEED, clauses=_CLAUSES),
        Transition(CheckAction.CONFIRM_DICE, S, S, guards=(Guard.NOT_YET_CONFIRMED,), clauses=_CLAUSES),
        # The seed goes, its entry stays: another is thrown, and both are on record.
        Transition(CheckAction.REFUSE_DICE, S, F, guards=(Guard.NOT_YET_CONFIRMED,), reason=True, clauses=_CLAUSES),
        Transition(CheckAction.DRAW, S, D, guards=(Guard.DICE_CONFIRMED,), clauses=_CLAUSES),
        Transition(CheckAction.BEGIN, D, C, clauses=_CLAUSES),
        # Beside the draw, never in its estimate; only once the draw stands, so that it can't be bent towards them.
        Transition(CheckAction.PICK, C, C, reason=True, clauses=_CLAUSES),
        Transition(CheckAction.FINISH, C, CheckState.FINISHED, guards=(Guard.ALL_LOOKED_AT,), clauses=_CLAUSES),
        *(
            Transition(CheckAction.ABANDON, s, CheckState.ABANDONED, reason=True, clauses=_CLAUSES)
            for s in (F, S, D, C)
        ),
    ),
    WORDS,
)

_W = ItemState.WAITING
ITEM_RULES: Rules[str] = Rules(
    tuple(
        Permission(action, DAM, (Condition.NOT_OWN_WORK,), _CLAUSES)
        for action in (ItemAction.CHECK_ITEM, ItemAction.CANNOT_FIND, ItemAction.CORRECT)
    ),
    (
        # Postroom's own, by the draw or the pick; nobody puts a letter there by hand.
        Transition(ItemAction.PUT_ON_LIST, "", _W, clauses=_CLAUSES),
        Transition(ItemAction.CHECK_ITEM, _W, ItemState.CHECKED, guards=(Guard.BEING_CHECKED,), clauses=_CLAUSES),
        Transition(ItemAction.CANNOT_FIND, _W, ItemState.NOT_FOUND, guards=(Guard.BEING_CHECKED,), clauses=_CLAUSES),
        *(
            Transition(ItemAction.CORRECT, s, _W, guards=(Guard.BEING_CHECKED,), reason=True, clauses=_CLAUSES)
            for s in (ItemState.CHECKED, ItemState.NOT_FOUND)
        ),
    ),
    WORDS,
)

_O, _A = FindingState.OPEN, FindingState.ANSWERED
FINDING_RULES: Rules[str] = Rules(
    (
        Permission(FindingAction.RAISE, DAM, (Condition.NOT_OWN_WORK,), _CLAUSES),
        *(Permission(FindingAction.ANSWER, role, (Condition.OWNER,), _CLAUSES) for role in OWNERS),
        Permission(FindingAction.HAND_ON, DAM, (), _CLAUSES),
        Permission(FindingAction.ACCEPT, DAM, (Condition.NOT_OWNER,), _CLAUSES),
        Permission(FindingAction.SEND_BACK, DAM, (Condition.NOT_OWNER,), _CLAUSES),
    ),
    (
        Transition(FindingAction.RAISE, "", _O, clauses=_CLAUSES),
        Transition(FindingAction.ANSWER, _O, _A, clauses=_CLAUSES),
        Transition(FindingAction.HAND_ON, _O, _O, reason=True, clauses=_CLAUSES),
        Transition(FindingAction.ACCEPT, _A, FindingState.CLOSED, clauses=_CLAUSES),
        Transition(FindingAction.SEND_BACK, _A, _O, reason=True, clauses=_CLAUSES),
    ),
    WORDS,
)
