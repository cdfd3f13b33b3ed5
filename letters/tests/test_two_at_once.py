"""Several at the same moment, and cut off in the middle: on both databases, with committed data and real processes."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from letters.tests.forward import ASIDE, STEPS
from letters.tests.race import aside_of_each
from tests.support.databases import PROJECT, Database, committed_database, one_make
from tests.support.kill import Killer

SOAK = bool(os.environ.get("POSTROOM_SOAK"))
# 25 letters in a soak, three for each step beside the way; `make test` takes eight, and one.
LETTERS = 25 if SOAK else 8
POINTS = 1  # of each step, drawn by a fixed seed; a soak takes all of them
# `make test` kills each step on one of the two databases, a soak each on both.
KILLED = [
    pytest.param(*make.values, step, marks=make.marks, id=f"{make.values[0]}-{step}")
    for n, step in enumerate([*STEPS, *ASIDE])
    for make in one_make(n)
]
Ground = tuple[Database, Killer]
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
    letters = LETTERS
    result = json.loads(run(database, "-m", "letters.tests.race", str(letters)).splitlines()[-1])
    assert set(result["wins"]) == {*STEPS, *ASIDE}
    for step, wins in result["wins"].items():
        assert wins == [1] * len(wins), f"{step}: {wins}"
    assert result["states"] == ["uploaded"] * letters
    assert set(result["refused"]) <= {"Stale", "NotPossible", "NotAllowed", "InvalidStep"}
    assert "intact" in run(database, "manage.py", "verify_ledger")
    # A letter taken out eight times at once, or brought back, is one trip.
    assert database.rows("SELECT count(*) FROM downtime_lateentry") == [(aside_of_each(letters),)]
    trips = database.rows("SELECT state, count(*) FROM papers_papersout GROUP BY state ORDER BY state")
    assert trips == [(where, aside_of_each(letters)) for where in ("back", "out")]
    for table in ("letters_check", "letters_signature", "letters_envelope"):
        of_way = "WHERE letter_id IN (SELECT id FROM letters_letter WHERE state = 'uploaded')"
        assert database.rows(f"SELECT count(*) FROM {table} {of_way}") == [(letters,)]
    ((moved,),) = database.rows("SELECT count(*) FROM letters_letter WHERE state = 'returned'")
    assert database.rows("SELECT count(*) FROM letters_return") == [(moved,)]


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Ground]]:
    """By make, a database with a council in it and a process to kill: for all the steps, each with its own case."""
    with ExitStack() as ends:

        @cache
        def of(make: str) -> Ground:
            folder = tmp_path_factory.mktemp(f"killed-{make}")
            database = ends.enter_context(committed_database(make, folder))
            killer = ends.enter_context(Killer(database.env))
            killer.run(HERE + "council")
            return database, killer

        yield of


@pytest.mark.policy("OGP-0", "CLS-2", "CLS-3")
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(("make", "step"), KILLED)
def test_killed_anywhere_nothing_is_lost_and_nothing_doubled(ground: Callable[[str], Ground], make: str, step: str):
    database, killer = ground(make)
    order = Path(database.data_dir) / "order.json"
    # What the step leaves behind, one row each; letters_print also has the one that the way needs.
    records = {
        "check": "letters_check",
        "check_address": "letters_check",
        "record_format": "letters_madeinformat JOIN letters_letterversion ON version_id = letters_letterversion.id",
        "enter_later": "downtime_lateentry",
        "sign": "letters_signature",
        "envelope": "letters_envelope",
        "send_email": "letters_letterpassword",
    }
    # Carried by hand: what the register of papers that are out has of it, before the step and after.
    trips = {"take_out": ([], ["out"]), "bring_back": (["out"], ["back"])}

    def once(k: int | None) -> int:
        order.write_text(json.dumps({"step": step}))
        assert not killer.run(HERE + "prepare").error
        subject = json.loads(order.read_text())
        before = state_of(database, subject)
        killed = killer.run(HERE + "take", k)
        assert not killed.error, killed.error
        state, count = state_of(database, subject)
        committed = count == before[1] + 1
        assert committed or (state, count) == before, killed
        assert entries(database, subject["subject"]) == count, killed
        if step in trips:
            assert trips_of(database, subject["subject"]) == trips[step][committed], killed
        again = killer.run(HERE + "take")
        assert not again.error, again.error
        assert (Path(database.data_dir) / "stale").exists() is committed, killed
        (Path(database.data_dir) / "stale").unlink(missing_ok=True)
        assert state_of(database, subject)[1] == before[1] + 1, killed
        assert entries(database, subject["subject"]) == before[1] + 1, killed
        if step in records:
            rows = database.rows(f"SELECT count(*) FROM {records[step]} WHERE letter_id = {subject['letter']}")
            assert rows == [(1,)], killed
        if step in trips:
            assert trips_of(database, subject["subject"]) == trips[step][True], killed
        return len(killed.events)

    points = once(None)
    assert points > 8
    every = range(1, points + 1)
    for k in every if SOAK else sorted(random.Random(step).sample(every, POINTS)):
        once(k)
    killer.run(HERE + "carry")
    owed = database.rows("SELECT count(*) FROM outbox_job WHERE state NOT IN ('done', 'dropped')")
    assert owed == [(0,)]
    killer.run(HERE + "verify")


@pytest.mark.policy("OGP-0", "CLS-6")
@pytest.mark.timeout(300)
@pytest.mark.parametrize("make", one_make(0))
def test_killed_while_it_is_set_how_an_office_does_its_post(ground: Callable[[str], Ground], make: str):
    database, killer = ground(make)
    subject = "office/riv"

    def stands() -> tuple[bool, int]:
        """Are letters abroad on, and how many entries of it are there."""
        ((on,),) = database.rows(
            "SELECT count(*) FROM letters_officepost p JOIN people_office o ON o.id = p.office_id "
            "WHERE o.code = 'riv' AND p.letters_abroad_from IS NOT NULL"
        )
        return bool(on), entries(database, subject)

    before = stands()
    assert not before[0]
    whole = (True, before[1] + 1)
    points = [2, 5, 8, 11, 14, None] if not SOAK else [*range(1, 30), None]
    for k in points:
        killed = killer.run(HERE + "set_post", k)
        assert not killed.error, killed.error
        assert stands() in (before, whole), killed
    assert stands() == whole
    killer.run(HERE + "set_post")
    assert stands() == whole
    killer.run(HERE + "verify")


def state_of(database: Database, subject: dict[str, Any]) -> tuple[str, int]:
    """Where it stands, and how many entries it has by its own row: an act beside the way changes no version."""
    ((state, entries),) = database.rows(f"SELECT state, ledger_seq FROM {subject['table']} WHERE id = {subject['pk']}")
    return state, entries


def entries(database: Database, subject: str) -> int:
    ((count,),) = database.rows(f"SELECT count(*) FROM ledger_entry WHERE subject = '{subject}'")
    return int(count)


def trips_of(database: Database, subject: str) -> list[str]:
    """In what state each trip of the letter is in the register, and that the ledger has as many steps as it took."""
    found = database.rows(
        f"SELECT id, reference, state, version FROM papers_papersout WHERE entered_by LIKE '{subject}/%' ORDER BY id"
    )
    for _, reference, _, version in found:
        assert entries(database, f"papers/{reference}") == version
    return [state for _, _, state, _ in found]
