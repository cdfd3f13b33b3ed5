"""Who keeps an office's templates, against an expectation written by hand. Pure; `tools/flip_rules` flips its rows."""

from __future__ import annotations

import pytest

from letters.text_rights import TEXT_RULES, TextAction, TextCondition
from postroom.people.roles import Role
from postroom.steps.table import Grant

MAY = {"admin", "team_manager", "deputy_team_manager"}


@pytest.mark.policy("OGP-2")
@pytest.mark.parametrize("role", list(Role))
def test_who_keeps_texts(role: Role):
    for holding in ((), (TextCondition.IN_OFFICE,)):
        decision = TEXT_RULES.decide(TextAction.KEEP_TEXTS, {role}, set(holding))
        assert isinstance(decision, Grant) is (str(role) in MAY and bool(holding))
        if not isinstance(decision, Grant):
            assert TEXT_RULES.explain(decision).endswith(".")
