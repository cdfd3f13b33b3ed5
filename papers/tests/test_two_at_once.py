"""Several at the same moment, on both databases, with committed data and real threads."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.support.databases import PROJECT, Database

ENTRIES = 6


@pytest.mark.policy("CLS-3", "CLS-7")
@pytest.mark.timeout(600)
def test_of_eight_at_once_exactly_one_wins(database: Database):
    """One answer, one removal, one loss with its one breach; eight schedulers send each reminder once."""
    done = subprocess.run(
        [sys.executable, "-m", "papers.tests.race", str(ENTRIES)],
        cwd=PROJECT,
        env={**os.environ, **database.env},
        capture_output=True,
        text=True,
        check=False,
        timeout=500,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]
    result = json.loads(done.stdout.splitlines()[-1])
    for step, wins in result["wins"].items():
        assert wins == [1] * ENTRIES, f"{step}: {wins}"
    assert result["states"] == ["lost"] * ENTRIES
    assert result["breaches"] == ENTRIES
    assert set(result["refused"]) <= {"Stale", "NotPossible", "NotAllowed"}
    assert result["chased"] == result["reminders"] == result["notices"] > ENTRIES * 3
