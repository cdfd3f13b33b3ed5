"""Who keeps envelopes, printers and an office's post, against an expectation written by hand.

Pure; `tools/flip_rules` flips the rows of the table and looks for a failure here, under the row's clause.
"""

from __future__ import annotations

import pytest

from letters.stock_rights import STOCK_RULES, StockAction, StockCondition
from postroom.people.roles import Role
from postroom.steps.table import Grant

OFFICE_MANAGERS = {"team_manager", "deputy_team_manager"}
# action -> who may wherever they are, and who may at their own office; and its clause.
WHO: dict[str, tuple[str, set[str], set[str]]] = {
    # Envelopes are bought for all offices.
    "add_stock": ("OGP-4a", {"system_administrator", "district_admin_manager"}, set()),
    "change_stock": ("OGP-4a", {"system_administrator", "district_admin_manager"}, set()),
    # "manage offices": the system administrator; where it signs, the office chooses.
    "set_office_post": ("OGP-4a", {"system_administrator"}, OFFICE_MANAGERS),
    "print_labels": ("OGP-5", set(), {"admin"}),
    # Those who stand at the printer.
    "keep_printer": ("OGP-4a", set(), {"admin"} | OFFICE_MANAGERS),
    "measure_printer": ("OGP-4a", set(), {"admin"} | OFFICE_MANAGERS),
}
EACH = [pytest.param(action, marks=pytest.mark.policy(clause)) for action, (clause, _, _) in WHO.items()]


def test_the_expectation_speaks_of_every_action():
    assert set(WHO) == set(StockAction) == set(STOCK_RULES.actions())


@pytest.mark.parametrize("action", EACH)
@pytest.mark.parametrize("role", list(Role))
def test_who_may(action: str, role: Role):
    _, anywhere, at_office = WHO[action]
    for holding in (set(), {StockCondition.IN_OFFICE}):
        decision = STOCK_RULES.decide(action, {role}, holding)
        expected = str(role) in anywhere or (str(role) in at_office and bool(holding))
        assert isinstance(decision, Grant) is expected
        if not isinstance(decision, Grant):
            assert STOCK_RULES.explain(decision).endswith(".")
