"""Who may do what with the record itself, as data. Pure; no models.

The policies name nobody for it save the District Admin Manager's checks (OGP-10) and information governance's cases; so
these two see whether the record stands, and governance alone touches retention and access requests. Nothing here opens
a letter: what a bundle holds of one needs the right to read that letter besides. The system administrator has no row.
"""

from __future__ import annotations

from enum import StrEnum

from postroom.people.rights import Permission, Rights
from postroom.people.roles import Role


class RecordAction(StrEnum):
    """What can be done with the record; the names stand in the ledger."""

    SEE_RECORD = "see_record"
    EXPORT_LETTER = "export_letter"
    EXPORT_OFFICE = "export_office"
    EXPORT_EVERYTHING = "export_everything"
    SET_HOLD = "set_hold"
    RELEASE_HOLD = "release_hold"
    PROPOSE_DISPOSAL = "propose_disposal"
    APPROVE_DISPOSAL = "approve_disposal"
    REFUSE_DISPOSAL = "refuse_disposal"
    ANSWER_ACCESS = "answer_access"


RECORD_ACTION_NAMES: dict[RecordAction, str] = {
    RecordAction.SEE_RECORD: "See checkpoints, and since when the record is proved",
    RecordAction.EXPORT_LETTER: "Export the audit bundle of one letter",
    RecordAction.EXPORT_OFFICE: "Export the audit bundle of an office and a period",
    RecordAction.EXPORT_EVERYTHING: "Export the audit bundle of everything",
    RecordAction.SET_HOLD: "Hold a case's records from disposal",
    RecordAction.RELEASE_HOLD: "End a hold",
    RecordAction.PROPOSE_DISPOSAL: "Propose records whose time has come for disposal",
    RecordAction.APPROVE_DISPOSAL: "Approve a disposal, which then destroys",
    RecordAction.REFUSE_DISPOSAL: "Refuse a disposal",
    RecordAction.ANSWER_ACCESS: "Find and export all that is held on one person",
}


class RecordCondition(StrEnum):
    """What must be true of the person who acts."""

    READS_IT = "may read the letter"
    NOT_PROPOSER = "did not propose this disposal"
    NOT_INVOLVED = "is not part of what would go"


RECORD_WORDS: dict[str, str] = {
    RecordCondition.READS_IT: "You may not read this letter, so you can't export its record either.",
    RecordCondition.NOT_INVOLVED: "You are part of what would be destroyed here, so somebody else has to decide.",
    RecordCondition.NOT_PROPOSER: "You proposed this disposal, so somebody else has to look at it and decide.",
}

A, K = RecordAction, RecordCondition
_GOVERNANCE, _DAM, _GUARDIAN = Role.INFORMATION_GOVERNANCE, Role.DISTRICT_ADMIN_MANAGER, Role.CALDICOTT_GUARDIAN
_MANAGERS = (Role.TEAM_MANAGER, Role.DEPUTY_TEAM_MANAGER)

RECORD_PERMISSIONS: tuple[Permission, ...] = (
    *(Permission(A.SEE_RECORD, role, (), ("OGP-0",)) for role in (_GOVERNANCE, _DAM)),
    *(Permission(A.EXPORT_LETTER, role, (), ("OGP-0",)) for role in (_GOVERNANCE, _DAM)),
    *(Permission(A.EXPORT_LETTER, role, (K.READS_IT,), ("OGP-0",)) for role in _MANAGERS),
    *(Permission(A.EXPORT_OFFICE, role, (), ("OGP-0",)) for role in (_GOVERNANCE, _DAM)),
    # Breaches are in it, with who held which step: what was decided is for those who decide (OGP-12).
    Permission(A.EXPORT_EVERYTHING, _GOVERNANCE, (), ("OGP-0",)),
    *(
        Permission(action, _GOVERNANCE, (), ("CLS-1",))
        for action in (A.SET_HOLD, A.RELEASE_HOLD, A.PROPOSE_DISPOSAL, A.ANSWER_ACCESS)
    ),
    *(
        Permission(action, role, (K.NOT_PROPOSER, K.NOT_INVOLVED), ("CLS-1",))
        for action in (A.APPROVE_DISPOSAL, A.REFUSE_DISPOSAL)
        for role in (_GOVERNANCE, _DAM, _GUARDIAN)
    ),
)

RECORD_RIGHTS = Rights(RECORD_PERMISSIONS, RECORD_WORDS)
