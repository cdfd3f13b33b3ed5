"""The tables of spot checks against an expectation written by hand. Pure; `tools/flip_rules` flips each row."""

from __future__ import annotations

from itertools import chain, combinations

import pytest

from audit.spotchecks.checklist import EMAIL_QUESTIONS, QUESTIONS, Answer, Stage, is_faulty, what_is_missing
from audit.spotchecks.rules import (
    CHECK_RULES,
    FINDING_RULES,
    ITEM_RULES,
    CheckState,
    Condition,
    FindingState,
    ItemState,
)
from audit.tests.expected_spotchecks import MUST_HOLD, NEEDS_REASON, WHERE_TO, WHO_MAY
from postroom.people.roles import Role
from postroom.steps.table import Grant

pytestmark = pytest.mark.policy("OGP-10")
RULES = {"check": CHECK_RULES, "item": ITEM_RULES, "finding": FINDING_RULES}
STATES = {"check": CheckState, "item": ItemState, "finding": FindingState}
IN_WORDS = {
    "not own work": Condition.NOT_OWN_WORK,
    "witness": Condition.WITNESS,
    "owner": Condition.OWNER,
    "not owner": Condition.NOT_OWNER,
}
EVERY_SET = list(chain.from_iterable(combinations(IN_WORDS, n) for n in range(len(IN_WORDS) + 1)))
EVERY = [(kind, action) for kind, actions in WHO_MAY.items() for action in actions]


@pytest.mark.parametrize("kind", list(RULES))
def test_the_expectation_speaks_of_every_action_and_no_other(kind: str):
    assert set(WHO_MAY[kind]) == set(WHERE_TO[kind]) == {str(action) for action in RULES[kind].actions()}


@pytest.mark.parametrize(("kind", "action"), EVERY)
def test_who_may(kind: str, action: str):
    for role in Role:
        for holding in EVERY_SET:
            who = WHO_MAY[kind][action]
            expected = str(role) in who and who[str(role)] <= set(holding)
            decision = RULES[kind].decide(action, {role}, {IN_WORDS[word] for word in holding})
            assert isinstance(decision, Grant) is expected, f"{role} {action} with {holding}"


@pytest.mark.parametrize(("kind", "action"), EVERY)
def test_where_to(kind: str, action: str):
    for state in ["", *STATES[kind]]:
        row = RULES[kind].transition(action, str(state))
        assert (str(row.target) if row else None) == WHERE_TO[kind][action].get(str(state))
        if row:
            assert {str(guard) for guard in row.guards} == MUST_HOLD.get(action, set())
            assert row.reason is (action in NEEDS_REASON)


def test_every_condition_and_guard_has_its_words():
    for rules in RULES.values():
        for row in (*rules.permissions, *rules.transitions):
            assert row.clauses
            assert set(getattr(row, "conditions", ())) | set(getattr(row, "guards", ())) <= set(rules.words)


def test_the_checklist_is_that_of_the_facts():
    """facts.md: recipient and address, order, pp, window, contents, initials, label, channel, out of area, notes
    date, tray, hand delivery."""
    assert len(QUESTIONS) == 12
    on_paper = {q.code for q in QUESTIONS if q.must == frozenset({Stage.TRAY})}
    assert on_paper == {"window", "contents", "initials", "return_label", "tray"}


@pytest.mark.policy("OGP-9", "CLS-6")
def test_the_checklist_of_an_e_mail_is_that_of_the_clauses():
    """CLS-6: encrypted, the password never in the same message, right address, addressee and their right to it.
    OGP-9: to professionals by encrypted e-mail. OGP-6: the date in the notes."""
    asked = {q.code: q.must for q in EMAIL_QUESTIONS}
    assert list(asked) == [
        "addressee", "right", "channel", "encrypted", "password", "subject", "domain", "arrived", "ics_date",
    ]  # fmt: skip
    assert {code for code, must in asked.items() if Stage.EMAILED in must} == set(asked) - {"password", "ics_date"}
    nothing = dict.fromkeys(asked, "na")
    missing = what_is_missing(nothing, {}, Stage.EMAILED, copy=True, checklist="email")
    assert set(missing) == set(asked) - {"password", "ics_date"}
    assert "ics_date" in what_is_missing(nothing, {}, Stage.UPLOADED, copy=True, checklist="email")
    given = dict.fromkeys(asked, "yes")
    assert what_is_missing(given, {}, Stage.EMAILED, copy=True, checklist="email") == {}
    assert set(what_is_missing(given | {"right": "no"}, {}, Stage.EMAILED, checklist="email")) == {"right"}


def test_what_a_checklist_still_needs():
    everything = {q.code: str(Answer.YES) for q in QUESTIONS}
    assert what_is_missing(everything, {}, Stage.TRAY) == {}
    assert not is_faulty(everything)
    assert set(what_is_missing({}, {}, Stage.TRAY)) == {q.code for q in QUESTIONS}
    wrong = everything | {"initials": "no"}
    assert set(what_is_missing(wrong, {}, Stage.TRAY)) == {"initials"}
    assert what_is_missing(wrong, {"initials": "none on it"}, Stage.TRAY) == {}
    assert is_faulty(wrong)
    unseen = everything | {"window": "na"}
    assert set(what_is_missing(unseen, {}, Stage.TRAY)) == {"window"}
    assert what_is_missing(unseen, {}, Stage.POSTED) == {}
