"""Who sees figures and keeps policies, against an expectation written by hand. Pure; flipped by `tools/flip_rules`."""

from __future__ import annotations

import pytest

from audit.floor_rules import FLOOR_RULES, FloorAction, FloorCondition
from postroom.people.roles import Role
from postroom.steps.table import Grant

# clauses.md: "District Admin Manager what was drawn (figures for all)"; a manager answers for their own office.
WHO_MAY: dict[str, tuple[str, dict[str, set[str]]]] = {
    "see_figures": (
        "OGP-10",
        {"district_admin_manager": set(), "team_manager": {"own office"}, "deputy_team_manager": {"own office"}},
    ),
    "add_version": ("OGP-0", {"district_admin_manager": set(), "information_governance": set()}),
    "see_acknowledged": (
        "OGP-0",
        {
            "district_admin_manager": set(),
            "information_governance": set(),
            "team_manager": {"own office"},
            "deputy_team_manager": {"own office"},
        },
    ),
}


def test_the_expectation_speaks_of_every_action():
    assert set(WHO_MAY) == {str(action) for action in FloorAction} == set(FLOOR_RULES.actions())


@pytest.mark.parametrize(
    "action", [pytest.param(action, marks=pytest.mark.policy(clause)) for action, (clause, _) in WHO_MAY.items()]
)
def test_who_may(action: str):
    who = WHO_MAY[action][1]
    for role in Role:
        for holding in (set(), {"own office"}):
            expected = str(role) in who and who[str(role)] <= holding
            decision = FLOOR_RULES.decide(action, {role}, {FloorCondition.OWN_OFFICE} if holding else set())
            assert isinstance(decision, Grant) is expected, f"{role} {action} {holding}"
