"""Who sees the figures, and who keeps the policies, as data. Pure; no models.

clauses.md: "District Admin Manager: figures for all"; managers answer for their own office's post. A new version of a
policy is entered by those who answer for its keeping: the District Admin Manager for the post, information governance
for confidentiality; each may enter either. Reading and acknowledging a policy is everybody's and needs no row.
"""

from __future__ import annotations

from enum import StrEnum

from postroom.people.roles import Role
from postroom.steps.table import Permission, Rules


class FloorAction(StrEnum):
    """What can be done."""

    SEE_FIGURES = "see_figures"
    ADD_VERSION = "add_version"
    SEE_ACKNOWLEDGED = "see_acknowledged"


FLOOR_ACTION_NAMES: dict[FloorAction, str] = {
    FloorAction.SEE_FIGURES: "See compliance figures",
    FloorAction.ADD_VERSION: "Enter a new version of a policy",
    FloorAction.SEE_ACKNOWLEDGED: "See who has not acknowledged a policy",
}


class FloorCondition(StrEnum):
    """What must be true of the person."""

    OWN_OFFICE = "holds the role at the office in question"


FLOOR_WORDS: dict[str, str] = {
    FloorCondition.OWN_OFFICE: "You can only see this for your own office.",
}

A, K = FloorAction, FloorCondition
_DAM, _GOVERNANCE = Role.DISTRICT_ADMIN_MANAGER, Role.INFORMATION_GOVERNANCE
_MANAGERS = (Role.DEPUTY_TEAM_MANAGER, Role.TEAM_MANAGER)

FLOOR_RULES: Rules[str] = Rules(
    (
        Permission(A.SEE_FIGURES, _DAM, (), ("OGP-10",)),
        *(Permission(A.SEE_FIGURES, role, (K.OWN_OFFICE,), ("OGP-10",)) for role in _MANAGERS),
        Permission(A.ADD_VERSION, _DAM, (), ("OGP-0",)),
        Permission(A.ADD_VERSION, _GOVERNANCE, (), ("OGP-0",)),
        Permission(A.SEE_ACKNOWLEDGED, _DAM, (), ("OGP-0",)),
        Permission(A.SEE_ACKNOWLEDGED, _GOVERNANCE, (), ("OGP-0",)),
        *(Permission(A.SEE_ACKNOWLEDGED, role, (K.OWN_OFFICE,), ("OGP-0",)) for role in _MANAGERS),
    ),
    (),
    FLOOR_WORDS,
)
