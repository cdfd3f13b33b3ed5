"""Several at the same moment, and cut off in the middle: on both databases, with committed data and real processes."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from letters.tests.forward import STEPS
from tests.support.databases import PROJECT, Database
from tests.support.kill import Killer

SOAK = bool(os.environ.get("POSTROOM_SOAK"))
LETTERS = 25
POINTS = 4  # of each step, drawn by a fixed seed; a soak takes all of them
HERE = "letters.tests.kill_targets:"


def run(database: Database, *command: str) -> str:
    """Run a command of the project on this database; its output."""
    done = subprocess.run(
        [sys.executable, *command],
        cwd=PROJECT,
        env={**os.environ, **database.env},
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]
    return done.stdout


@pytest.mark.policy("OGP-0")
@pytest.mark.timeout(900)
def test_of_eight_at_once_exactly_one_wins(database: Database):
    result = json.loads(run(database, "-m", "letters.tests.race", str(LETTERS)).splitlines()[-1])
    assert set(result["wins"]) == set(STEPS)
    for step, wins in result["wins"].items():
        assert wins == [1] * len(wins), f"{step}: {wins}"
    assert result["states"] == ["uploaded"] * LETTERS
    assert set(result["refused"]) <= {"Stale", "NotPossible", "NotAllowed"}
    assert "intact" in run(database, "manage.py", "verify_ledger")
    for table in ("letters_check", "letters_signature", "letters_envelope"):
        assert database.rows(f"SELECT count(*) FROM {table}") == [(LETTERS,)]


@pytest.mark.policy("OGP-0")
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("step", STEPS)
def test_killed_anywhere_nothing_is_lost_and_nothing_doubled(database: Database, step: str):
    order = Path(database.data_dir) / "order.json"
    # What the step leaves behind, one row each; letters_print also has the one that the way needs.
    records = {"check": "letters_check", "sign": "letters_signature", "envelope": "letters_envelope"}
    with Killer(database.env) as killer:
        killer.run(HERE + "council")

        def once(k: int | None) -> int:
            order.write_text(json.dumps({"step": step}))
            assert not killer.run(HERE + "prepare").error
            letter = json.loads(order.read_text())
            before = state_of(database, letter["letter"])
            killed = killer.run(HERE + "take", k)
            assert not killed.error, killed.error
            state, version = state_of(database, letter["letter"])
            committed = version == before[1] + 1
            assert committed or (state, version) == before, killed
            assert entries(database, letter["reference"]) == version, killed
            again = killer.run(HERE + "take")
            assert not again.error, again.error
            assert (Path(database.data_dir) / "stale").exists() is committed, killed
            (Path(database.data_dir) / "stale").unlink(missing_ok=True)
            assert state_of(database, letter["letter"])[1] == before[1] + 1, killed
            assert entries(database, letter["reference"]) == before[1] + 1, killed
            if step in records:
                rows = database.rows(f"SELECT count(*) FROM {records[step]} WHERE letter_id = {letter['letter']}")
                assert rows == [(1,)], killed
            return len(killed.events)

        points = once(None)
        assert points > 8
        every = range(1, points + 1)
        for k in every if SOAK else sorted(random.Random(step).sample(every, POINTS)):
            once(k)
        killer.run(HERE + "carry")
    owed = database.rows("SELECT count(*) FROM outbox_job WHERE state NOT IN ('done', 'dropped')")
    assert owed == [(0,)]
    assert "intact" in run(database, "manage.py", "verify_ledger")


def state_of(database: Database, letter: int) -> tuple[str, int]:
    ((state, version),) = database.rows(f"SELECT state, version FROM letters_letter WHERE id = {letter}")
    return state, version


def entries(database: Database, reference: str) -> int:
    ((count,),) = database.rows(f"SELECT count(*) FROM ledger_entry WHERE subject = 'letter/{reference}'")
    return int(count)
