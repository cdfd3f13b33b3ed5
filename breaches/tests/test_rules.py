"""The tables of a breach against an expectation written by hand: every action × role × condition, every state.

Pure: no database. `tools/flip_rules` flips each row of the tables and looks for a failure here, under its clause.
"""

from __future__ import annotations

from itertools import chain, combinations

import pytest

from breaches.permissions import BREACH_RULES as RULES
from breaches.permissions import BreachCondition as Condition
from breaches.states import BreachAction, BreachState
from breaches.tests.expected_rules import MUST_HOLD, NEEDS_REASON, WHERE_TO, WHO_MAY
from breaches.words import CONTROL_OF, Cause, Level, level_of
from postroom.people.roles import Role
from postroom.steps.table import Grant

IN_WORDS = {
    "not involved": Condition.NOT_INVOLVED,
    "other hand": Condition.OTHER_HAND,
    "not asker": Condition.NOT_ASKER,
    "office": Condition.IN_OFFICE,
    "own duty": Condition.OWN_DUTY,
    "owner": Condition.OWNER,
    "not disciplinary": Condition.OPEN_ACTION,
    "their reporter's line manager": Condition.LINE_MANAGER,
}
EVERY_SET = list(chain.from_iterable(combinations(IN_WORDS, n) for n in range(len(IN_WORDS) + 1)))
by_clause = pytest.mark.parametrize(
    "action", [pytest.param(action, marks=pytest.mark.policy(*clauses)) for action, (clauses, _) in WHO_MAY.items()]
)


def test_the_expectation_speaks_of_every_action_and_no_other():
    assert set(WHO_MAY) == set(WHERE_TO) == set(BreachAction) == set(RULES.actions())
    assert set(IN_WORDS.values()) == set(Condition)


@by_clause
@pytest.mark.parametrize("role", list(Role))
def test_who_may(action: str, role: Role):
    """For one role alone: allowed exactly if all that the policy asks of the person holds (256 combinations)."""
    _, who = WHO_MAY[action]
    for holding in EVERY_SET:
        expected = str(role) in who and who[str(role)] <= set(holding)
        decision = RULES.decide(action, {role}, {IN_WORDS[word] for word in holding})
        assert isinstance(decision, Grant) is expected, f"{role} {action} with {holding}"
        if not isinstance(decision, Grant):
            assert RULES.explain(decision).endswith(".")


@by_clause
@pytest.mark.parametrize("state", ["", *BreachState])
def test_where_to(action: str, state: str):
    """Each action leads where the policy says, asks for what it says, and is possible nowhere else."""
    row = RULES.transition(action, state)
    assert (row.target if row else None) == WHERE_TO[action].get(str(state))
    if row is not None:
        assert set(row.guards) == MUST_HOLD.get(action, set())
        assert row.reason is (action in NEEDS_REASON)


def test_every_row_names_its_clause_and_every_condition_its_words():
    assert all(row.clauses for row in (*RULES.permissions, *RULES.transitions))
    named = {c for p in RULES.permissions for c in p.conditions} | {g for t in RULES.transitions for g in t.guards}
    assert named <= set(RULES.words)


@pytest.mark.policy("CLS-8")
def test_the_grid_rises_with_each_step_and_danger_to_life_is_never_low():
    order = list(Level)
    for likelihood in range(1, 6):
        for severity in range(1, 6):
            here = order.index(level_of(likelihood, severity))
            assert likelihood == 5 or order.index(level_of(likelihood + 1, severity)) >= here
            assert severity == 5 or order.index(level_of(likelihood, severity + 1)) >= here
    assert level_of(1, 1) == Level.LOW
    assert level_of(1, 5) == Level.MEDIUM
    assert level_of(5, 5) == level_of(3, 5) == Level.HIGH
    assert set(CONTROL_OF) == set(Cause)
    with pytest.raises(ValueError, match="1 to 5"):
        level_of(0, 3)
