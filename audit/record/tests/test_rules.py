"""The whole product of action, role and condition, against what is written by hand. Pure."""

import itertools

import pytest

from audit.record import permissions
from audit.record.permissions import RECORD_ACTION_NAMES, RecordAction, RecordCondition
from audit.record.tests.expected_rules import EXPECTED
from postroom.people.rights import Grant, decide
from postroom.people.roles import Role

WORDS = [str(condition) for condition in RecordCondition]
HOLDING = [frozenset(some) for size in range(len(WORDS) + 1) for some in itertools.combinations(WORDS, size)]


@pytest.mark.policy("OGP-0", "CLS-1")
def test_every_action_role_and_condition():
    for action, role, holding in itertools.product(RecordAction, Role, HOLDING):
        wanted = EXPECTED.get((str(action), str(role)))
        allowed = isinstance(decide(permissions.RECORD_PERMISSIONS, action, {role}, holding), Grant)
        assert allowed == (wanted is not None and wanted <= holding), (action, role, holding)


def test_every_action_has_words():
    assert set(RECORD_ACTION_NAMES) == set(RecordAction)
