"""The desk's acts beside the way at the same moment, and the same button twice: on both databases, committed."""

from __future__ import annotations

import json

import pytest

from letters.tests.test_two_at_once import run
from tests.support.databases import Database

MAKES = [pytest.param("postgres", marks=pytest.mark.postgres), pytest.param("sqlite", marks=pytest.mark.soak)]


@pytest.mark.parametrize("database", MAKES, indirect=True)
@pytest.mark.policy("OGP-0", "OGP-2", "OGP-4a", "OGP-6")
@pytest.mark.timeout(300)
def test_of_four_at_once_one_is_done_and_nothing_doubled(database: Database) -> None:
    result = json.loads(run(database, "-m", "letters.tests.desk_race").splitlines()[-1])
    # Done for one of the four, leaving one row; a run of two letters leaves two.
    assert result == {
        "came out": [1, 1],
        "measure": [1, 1],
        "answer": [1, 1],
        "brief": [1, 1],
        "one child's upload": [1, 1],
        "what came out of a run": [1, 2],
    }
    assert "intact" in run(database, "manage.py", "verify_ledger")
