"""Who may do what to a breach, as data (clauses.md, "Who may do what"). Pure; no models.

Nobody who is involved runs, advises or decides: the dated deputy of their office acts then. No row, no right.
"""

from __future__ import annotations

from enum import StrEnum

from breaches.states import BREACH_GUARD_WORDS, BREACH_TRANSITIONS, BreachAction
from postroom.people.roles import Role
from postroom.steps.table import Permission, Rules


class BreachCondition(StrEnum):
    """What must be true of the person, towards this breach."""

    NOT_INVOLVED = "is not involved in the breach"
    OTHER_HAND = "did not write the decision, and holds the other of the two offices"
    NOT_ASKER = "did not ask for it"
    IN_OFFICE = "at the office where it happened"
    OWN_DUTY = "the duty concerns their own office"
    OWNER = "the action is theirs"
    OPEN_ACTION = "the action is not of the disciplinary part"
    LINE_MANAGER = "is the line manager who is to be told, and the duty is that"


BREACH_WORDS: dict[str, str] = {
    BreachCondition.NOT_INVOLVED: "You are involved in this breach or barred from its case; somebody else must do it.",
    BreachCondition.OTHER_HAND: "It takes both, each by their own hand: the other of the two has to agree.",
    BreachCondition.NOT_ASKER: "You asked for this, so somebody else has to decide on it.",
    BreachCondition.IN_OFFICE: "This is for a manager of the office where it happened.",
    BreachCondition.OWN_DUTY: "You can settle the duties of your own office. Information governance has the others.",
    BreachCondition.OWNER: "This action belongs to somebody else.",
    BreachCondition.OPEN_ACTION: "This action is for those who decide on the breach.",
    BreachCondition.LINE_MANAGER: "This is for the line manager of whoever reported it, or for information governance.",
}

B, K = BreachAction, BreachCondition
_IG, _AD, _CG = Role.INFORMATION_GOVERNANCE, Role.ASSISTANT_DIRECTOR, Role.CALDICOTT_GUARDIAN
_MANAGERS = (Role.DEPUTY_TEAM_MANAGER, Role.TEAM_MANAGER)
_OWNERS = (_CG, Role.DIRECTOR, Role.BUSINESS_IMPROVEMENT_MANAGER, Role.RECORDS_MANAGER)
_OUT = (K.NOT_INVOLVED,)


def _run(action: str, *clauses: str) -> Permission:
    """For whoever runs the case: information governance, never somebody involved."""
    return Permission(action, _IG, _OUT, clauses)


BREACH_PERMISSIONS: tuple[Permission, ...] = (
    Permission(B.REPORT, Role.SIGNED_IN, (), ("OGP-11",)),
    _run(B.AMEND, "CLS-8"),
    _run(B.CHANGE_AWARE, "CLS-15"),
    _run(B.FIND_MORE, "CLS-8"),
    _run(B.NAME_INVOLVED, "OGP-12"),
    _run(B.CLEAR_INVOLVED, "OGP-12"),
    _run(B.DO_DUTY, "CLS-9"),
    *(Permission(B.DO_DUTY, role, (K.NOT_INVOLVED, K.OWN_DUTY), ("CLS-9",)) for role in _OWNERS),
    # Whoever is the line manager, in whatever role, says themselves that the details reached them.
    Permission(B.DO_DUTY, Role.SIGNED_IN, (K.NOT_INVOLVED, K.LINE_MANAGER), ("CLS-7",)),
    _run(B.SET_ASIDE_DUTY, "CLS-9"),
    # Their own hand: whoever runs the case may set the report aside with a reason, never sign it for them.
    Permission(B.SIGN_REPORT, Role.RECORDS_MANAGER, _OUT, ("CLS-11",)),
    _run(B.ASK_EXCEPTION, "CLS-14"),
    *(
        Permission(B.APPROVE_NO_MEETING, role, (K.IN_OFFICE, K.NOT_INVOLVED, K.NOT_ASKER), ("CLS-14",))
        for role in _MANAGERS
    ),
    Permission(B.APPROVE_DEFERRAL, _CG, (K.NOT_INVOLVED, K.NOT_ASKER), ("CLS-14",)),
    _run(B.NAME_PEOPLE, "CLS-14"),
    _run(B.CLEAR_PERSON, "CLS-14"),
    _run(B.MEET_PERSON, "CLS-14"),
    _run(B.LINK_LETTER, "CLS-14"),
    _run(B.ASSESS, "CLS-8"),
    _run(B.ASK_ADVICE, "CLS-15"),
    Permission(B.ADVISE, Role.DATA_PROTECTION_OFFICER, _OUT, ("CLS-15",)),
    Permission(B.PROPOSE_DECISION, _AD, _OUT, ("CLS-15",)),
    Permission(B.PROPOSE_DECISION, _CG, _OUT, ("CLS-15",)),
    Permission(B.AGREE_DECISION, _AD, (K.NOT_INVOLVED, K.OTHER_HAND), ("CLS-15",)),
    Permission(B.AGREE_DECISION, _CG, (K.NOT_INVOLVED, K.OTHER_HAND), ("CLS-15",)),
    _run(B.MAKE_NOTIFICATION, "CLS-15"),
    _run(B.REFER, "CLS-15"),
    _run(B.WITHDRAW_PHASE, "CLS-15"),
    _run(B.RECORD_CAUSE, "OGP-12"),
    _run(B.ADD_FOLLOW_UP, "CLS-8"),
    Permission(B.FINISH_FOLLOW_UP, _IG, (K.NOT_INVOLVED, K.OPEN_ACTION), ("CLS-8", "OGP-12")),
    Permission(B.FINISH_FOLLOW_UP, Role.SIGNED_IN, (K.OWNER, K.OPEN_ACTION), ("CLS-8", "OGP-12")),
    # What follows from the disciplinary part belongs to both of them.
    *(Permission(B.FINISH_FOLLOW_UP, role, (K.NOT_INVOLVED, K.OWNER), ("CLS-8", "OGP-12")) for role in (_AD, _CG)),
    _run(B.CLOSE, "CLS-9", "CLS-15"),
    _run(B.CLOSE_NEAR_MISS, "CLS-10"),
)

BREACH_RULES: Rules[str] = Rules(BREACH_PERMISSIONS, BREACH_TRANSITIONS, {**BREACH_GUARD_WORDS, **BREACH_WORDS})
