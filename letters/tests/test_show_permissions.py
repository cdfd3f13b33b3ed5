"""The command says what the engine does."""

import json
from io import StringIO

import pytest
from django.core.management import call_command

from letters.tests.expected_rules import WHO_MAY


@pytest.mark.policy("OGP-0")
def test_a_row_for_each_action_and_role():
    out = StringIO()
    call_command("show_permissions", "--json", stdout=out)
    rows = json.loads(out.getvalue())
    assert len(rows) == len({(r["action"], r["role"]) for r in rows}) == len(WHO_MAY) * 12
    for row in rows:
        assert set(row) == {"action", "role", "allowed", "conditions"}
        assert row["allowed"] is (row["role"] in WHO_MAY[row["action"]][1])
        assert bool(row["conditions"]) is row["allowed"]


def test_it_can_be_read_by_people():
    out = StringIO()
    call_command("show_permissions", stdout=out)
    assert "Sign for the worker (pp)" in out.getvalue()
