"""Who sees how much of a breach and of its decision, against a list written by hand from OGP-12 and CLS-8 to CLS-15.

Pure: no database. `tools/flip_rules` flips each row of both tables and looks for a failure here.
"""

from __future__ import annotations

import pytest

from breaches.sight import Part, Sight, sees, sight_by_role
from postroom.people.roles import Role

# Clauses.md: "decide on a breach: Assistant Director with Caldicott Guardian"; "run a breach case: information
# governance"; the Director and the Information & Records Manager have reports to read and to write, the Data Protection
# Officer advises. Only governance is told of near misses (CLS-10).
BREACH = {
    "assistant_director": "decider",
    "caldicott_guardian": "decider",
    "information_governance": "full",
    "data_protection_officer": "full",
    "director": "full",
    "records_manager": "full",
}
NEAR_MISS = {"information_governance": "full"}
ALL = {"the answer on the Commissioner"}
# OGP-12: "that part is visible only to those who decide".
STAFF = {
    "the answers on staff, and legal advice",
    "the actions that follow from those",
    "the steps of those actions in the history",
    "a report kept as it was when it still had those answers",
}
SHOWN = {"decider": ALL | STAFF, "full": ALL, "owner": set(), "reporter": set()}
every_clause = pytest.mark.policy("OGP-12", "CLS-8", "CLS-10", "CLS-11", "CLS-15")


@every_clause
def test_who_sees_how_much_by_their_role() -> None:
    for role in Role:
        for near_miss, expected in ((False, BREACH), (True, NEAR_MISS)):
            assert sight_by_role({role}, near_miss=near_miss) == expected.get(str(role)), (role, near_miss)
    # Roles add up: with a decider's beside it, governance sees what those who decide see, of what they decide on.
    both = {Role.INFORMATION_GOVERNANCE, Role.CALDICOTT_GUARDIAN}
    assert sight_by_role(both, near_miss=False) == "decider"
    assert sight_by_role(both, near_miss=True) == "full"


@every_clause
@pytest.mark.parametrize("sight", Sight)
def test_which_part_of_a_decision_is_shown(sight: Sight) -> None:
    assert set(Part) == ALL | STAFF
    assert {str(part) for part in Part if sees(part, sight)} == SHOWN[str(sight)]
