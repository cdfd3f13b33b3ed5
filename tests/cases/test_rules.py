"""The tables of a case against an expectation written by hand: every action × role × condition, every state. Pure."""

from __future__ import annotations

from itertools import chain, combinations

import pytest

from postroom.cases.states import CASE_ACTION_NAMES, CASE_RULES, CaseAction, CaseCondition, CaseState
from postroom.people.roles import Role
from postroom.steps.table import Grant
from tests.cases.expected_rules import NEEDS_REASON, WHERE_TO, WHO_MAY

IN_WORDS = {
    "allocated": CaseCondition.ALLOCATED,
    "office": CaseCondition.IN_OFFICE,
    "not concerned": CaseCondition.NOT_CONCERNED,
}
EVERY_SET = list(chain.from_iterable(combinations(IN_WORDS, n) for n in range(len(IN_WORDS) + 1)))
by_clause = pytest.mark.parametrize(
    "action", [pytest.param(action, marks=pytest.mark.policy(*clauses)) for action, (clauses, _) in WHO_MAY.items()]
)


def test_the_expectation_speaks_of_every_action_and_no_other() -> None:
    assert set(WHO_MAY) == set(WHERE_TO) == set(CaseAction) == set(CASE_RULES.actions()) == set(CASE_ACTION_NAMES)
    assert set(IN_WORDS.values()) == set(CaseCondition)


@by_clause
@pytest.mark.parametrize("role", list(Role))
def test_who_may(action: str, role: Role) -> None:
    _, who = WHO_MAY[action]
    for holding in EVERY_SET:
        expected = str(role) in who and who[str(role)] <= set(holding)
        decision = CASE_RULES.decide(action, {role}, {IN_WORDS[word] for word in holding})
        assert isinstance(decision, Grant) is expected, f"{role} {action} with {holding}"
        if not isinstance(decision, Grant):
            assert CASE_RULES.explain(decision).endswith(".")


@by_clause
@pytest.mark.parametrize("state", ["", *CaseState])
def test_where_to(action: str, state: str) -> None:
    row = CASE_RULES.transition(action, state)
    assert (row.target if row else None) == WHERE_TO[action].get(str(state))
    if row is not None:
        assert row.reason is (action in NEEDS_REASON)
        assert row.guards == ()
