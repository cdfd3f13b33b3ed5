"""The tables of papers out against an expectation written by hand: every action × role × condition, every state.

Pure: no database. `tools/flip_rules` flips each row of the tables and looks for a failure here, under its clause.
"""

from __future__ import annotations

import datetime as dt
from itertools import chain, combinations

import pytest

from papers.chasing import stages_by
from papers.states import (
    AGREEMENT_RULES,
    PAPERS_RULES,
    AgreementAction,
    AgreementCondition,
    AgreementState,
    PapersAction,
    PapersCondition,
    PapersState,
)
from papers.tests import expected_rules as expected
from postroom.people.roles import Role
from postroom.steps.table import Grant

IN_WORDS = {
    "office": PapersCondition.IN_OFFICE,
    "case": PapersCondition.ON_CASE,
    "own": PapersCondition.HOLDER,
    "another's": PapersCondition.NOT_HOLDER,
    "line manager": PapersCondition.LINE_MANAGER,
    "next manager": PapersCondition.NEXT_MANAGER,
    "manager away": PapersCondition.MANAGER_AWAY,
    "agreed task": PapersCondition.AGREED_TASK,
}
EVERY_SET = [frozenset(s) for s in chain.from_iterable(combinations(IN_WORDS, n) for n in range(len(IN_WORDS) + 1))]
AGREEMENT_WORDS = {
    "another": AgreementCondition.NOT_ONESELF,
    "line manager": AgreementCondition.LINE_MANAGER,
    "office manager": AgreementCondition.OFFICE_MANAGER,
}
by_clause = pytest.mark.parametrize(
    "action",
    [pytest.param(action, marks=pytest.mark.policy(*clauses)) for action, (clauses, _) in expected.WHO_MAY.items()],
)


def test_the_expectation_speaks_of_every_action_and_no_other():
    assert set(expected.WHO_MAY) == set(expected.WHERE_TO) == set(PapersAction) == set(PAPERS_RULES.actions())
    assert set(IN_WORDS.values()) == set(PapersCondition)


@by_clause
@pytest.mark.parametrize("role", list(Role))
def test_who_may(action: str, role: Role):
    """For one role alone: allowed exactly if one of the ways the policy leaves is open (256 combinations)."""
    ways = expected.WHO_MAY[action][1].get(str(role), [])
    for holding in EVERY_SET:
        decision = PAPERS_RULES.decide(action, {role}, {IN_WORDS[word] for word in holding})
        assert isinstance(decision, Grant) is any(way <= holding for way in ways), f"{role} {action} with {holding}"
        if not isinstance(decision, Grant):
            assert PAPERS_RULES.explain(decision).endswith(".")


@pytest.mark.policy("CLS-2", "CLS-3", "CLS-4", "CLS-7")
@pytest.mark.parametrize("action", expected.WHERE_TO)
@pytest.mark.parametrize("state", ["", *PapersState])
def test_where_to(action: str, state: str):
    """Each action leads where the policy says, asks for what it says, and is possible nowhere else."""
    row = PAPERS_RULES.transition(action, state)
    assert (row.target if row else None) == expected.WHERE_TO[action].get(str(state))
    if row is not None:
        assert set(row.guards) == expected.MUST_HOLD.get(action, set())
        assert row.reason is (action in expected.NEEDS_REASON)


@pytest.mark.policy("CLS-1")
@pytest.mark.parametrize("action", list(AgreementAction))
@pytest.mark.parametrize("role", list(Role))
def test_who_agrees_to_work_away(action: str, role: Role):
    for holding in chain.from_iterable(combinations(AGREEMENT_WORDS, n) for n in range(4)):
        ways = expected.AGREEMENT_WHO.get(str(role), [])
        decision = AGREEMENT_RULES.decide(action, {role}, {AGREEMENT_WORDS[word] for word in holding})
        assert isinstance(decision, Grant) is any(way <= set(holding) for way in ways), f"{role} with {holding}"


@pytest.mark.policy("CLS-1")
@pytest.mark.parametrize("state", ["", *AgreementState])
def test_where_an_agreement_leads(state: str):
    for action in AgreementAction:
        row = AGREEMENT_RULES.transition(action, state)
        assert (row.target if row else None) == expected.AGREEMENT_WHERE[action].get(str(state))
        assert row is None or row.reason is (action in expected.AGREEMENT_REASON)


def test_every_row_names_its_clause_and_every_condition_its_words():
    for rules in (PAPERS_RULES, AGREEMENT_RULES):
        for row in (*rules.permissions, *rules.transitions):
            assert row.clauses, row
        named = {c for p in rules.permissions for c in p.conditions} | {g for t in rules.transitions for g in t.guards}
        assert named <= set(rules.words)
        places = [(t.action, t.source) for t in rules.transitions]
        assert len(places) == len(set(places))


@pytest.mark.policy("CLS-3")
@pytest.mark.parametrize(
    ("due", "today", "numbers"),
    [
        ("2026-11-20", "2026-11-20", []),  # its own Friday
        ("2026-11-20", "2026-11-22", []),  # the weekend after it
        ("2026-11-20", "2026-11-23", [1]),
        ("2026-11-20", "2026-11-24", [1, 2]),
        ("2026-11-20", "2026-11-25", [1, 2, 3]),
        ("2026-11-20", "2026-12-01", [1, 2, 3]),
        ("2026-11-20", "2026-12-02", [1, 2, 3, 4]),
        ("2026-12-24", "2026-12-28", []),  # Christmas, and Boxing Day's substitute on the Monday
        ("2026-12-24", "2026-12-29", [1]),
        ("2026-03-27", "2026-03-30", [1]),  # the clocks change between
    ],
)
def test_stages_count_working_days(due: str, today: str, numbers: list[int]):
    found = stages_by(dt.date.fromisoformat(due), dt.date.fromisoformat(today), manager_after=3, manager_every=5)
    assert [stage.number for stage in found] == numbers
    assert [stage.to_manager for stage in found] == [number > 2 for number in numbers]
