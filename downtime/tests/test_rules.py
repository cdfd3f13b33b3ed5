"""The tables of a downtime against the expectation by hand. Pure; `tools/flip_rules` flips each row."""

from __future__ import annotations

import pytest

from downtime.states import DOWNTIME_RULES, DowntimeAction, DowntimeCondition, DowntimeState
from downtime.tests.expected import WHERE_TO, WHO_MAY
from postroom.people.roles import Role
from postroom.steps.table import Grant

pytestmark = pytest.mark.policy("OGP-0")


@pytest.mark.policy("OGP-0")
@pytest.mark.parametrize("action", list(DowntimeAction))
@pytest.mark.parametrize("role", list(Role))
def test_who_may(action: str, role: Role):
    for holding in (set(), {DowntimeCondition.IN_OFFICE}):
        decision = DOWNTIME_RULES.decide(action, {role}, holding)
        assert isinstance(decision, Grant) is (str(role) in WHO_MAY[str(action)] and bool(holding))


@pytest.mark.policy("OGP-0")
@pytest.mark.parametrize("action", list(DowntimeAction))
@pytest.mark.parametrize("state", ["", *DowntimeState])
def test_where_to(action: str, state: str):
    row = DOWNTIME_RULES.transition(action, state)
    assert (row.target if row else None) == WHERE_TO[str(action)].get(str(state))
    if row is not None:
        assert (row.guards, row.reason) == ((), False)
