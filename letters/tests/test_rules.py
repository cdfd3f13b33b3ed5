"""The tables of a letter against an expectation written by hand: every action × role × condition, every state.

Pure: no database. `tools/flip_rules` flips each row of the tables and looks for a failure here, under its clause.
"""

from __future__ import annotations

from itertools import chain, combinations

import pytest

from letters.permissions import RULES, Condition
from letters.states import Action, State
from letters.tests.expected_rules import MUST_HOLD, NEEDS_REASON, WHERE_TO, WHO_MAY
from postroom.people.roles import Role
from postroom.steps.table import Grant

IN_WORDS = {
    "allocated": Condition.ALLOCATED,
    "not allocated": Condition.NOT_ALLOCATED,
    "not typist": Condition.NOT_TYPIST,
    "text checked": Condition.TEXT_CHECKED,
    "own check": Condition.OWN_CHECK,
    "check stands": Condition.CHECK_INHERITED,
    "not signer": Condition.NOT_SIGNER,
    "office": Condition.IN_OFFICE,
    "carrier": Condition.CARRIER,
}
EVERY_SET = list(chain.from_iterable(combinations(IN_WORDS, n) for n in range(len(IN_WORDS) + 1)))
by_clause = pytest.mark.parametrize(
    "action", [pytest.param(action, marks=pytest.mark.policy(*clauses)) for action, (clauses, _) in WHO_MAY.items()]
)


def test_the_expectation_speaks_of_every_action_and_no_other():
    assert set(WHO_MAY) == set(WHERE_TO) == set(Action) == set(RULES.actions())
    assert set(IN_WORDS.values()) == set(Condition)


@by_clause
@pytest.mark.parametrize("role", list(Role))
def test_who_may(action: str, role: Role):
    """For one role alone: allowed exactly if all that the policy asks of the person holds (512 combinations)."""
    _, who = WHO_MAY[action]
    for holding in EVERY_SET:
        expected = str(role) in who and who[str(role)] <= set(holding)
        decision = RULES.decide(action, {role}, {IN_WORDS[word] for word in holding})
        assert isinstance(decision, Grant) is expected, f"{role} {action} with {holding}"
        if isinstance(decision, Grant):
            assert decision.role == role
        else:
            assert RULES.explain(decision).endswith(".")


@by_clause
@pytest.mark.parametrize("state", ["", *State])
def test_where_to(action: str, state: str):
    """Each action leads where the policy says, asks for what it says, and is possible nowhere else."""
    row = RULES.transition(action, state)
    expected = WHERE_TO[action].get(str(state))
    assert (row.target if row else None) == expected
    if row is not None:
        assert set(row.guards) == MUST_HOLD.get(action, set())
        assert row.reason is (action in NEEDS_REASON)


@by_clause
def test_one_row_for_each_state(action: str):
    sources = RULES.sources(action)
    assert len(sources) == len(set(sources))


def test_every_row_names_its_clause_and_every_condition_its_words():
    for row in (*RULES.permissions, *RULES.transitions):
        assert row.clauses, row
    named = {c for p in RULES.permissions for c in p.conditions} | {g for t in RULES.transitions for g in t.guards}
    assert named <= set(RULES.words)


@pytest.mark.policy("OGP-3b")
def test_no_role_overrides():
    """Holding every role at once but the four gives no pp; no administrator override."""
    others = set(Role) - {Role.DUTY_WORKER, Role.ADVANCED_PRACTITIONER, Role.DEPUTY_TEAM_MANAGER, Role.TEAM_MANAGER}
    assert not isinstance(RULES.decide(Action.PP, others, set(Condition)), Grant)
