"""Killed with -9 in the middle: a disposal is whole or not at all; a bundle, a checkpoint is made once (OGP-0)."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path
from typing import Any

import pytest

from tests.support.databases import Database, one_make
from tests.support.kill import Killer, Run

SOAK = bool(os.environ.get("POSTROOM_SOAK"))
POINTS = 1  # drawn by a fixed seed; a soak takes every second point
HERE = "audit.record.tests.kill_targets:"
MAKES = one_make(0)
pytestmark = [pytest.mark.policy("OGP-0", "CLS-1"), pytest.mark.timeout(3600)]


def points_of(name: str, whole: Run) -> list[int]:
    """Before which points it is killed."""
    every = range(1, len(whole.events) + 1)
    return list(every[::2]) if SOAK else sorted(random.Random(name).sample(every, POINTS))


def told(killer: Killer, database: Database) -> dict[str, Any]:
    """What stands an hour later."""
    killer.run(HERE + "later")
    found: dict[str, Any] = json.loads((Path(database.data_dir) / "told.json").read_text())
    assert found["findings"] == []
    return found


@pytest.mark.parametrize("database", MAKES, indirect=True)
def test_a_disposal_is_whole_or_not_at_all(database: Database):
    late = Path(database.data_dir) / "late"
    with Killer(database.env | {"RETENTION_CONTENT_DAYS": "-1"}) as killer:
        killer.run(HERE + "council")

        def once(k: int | None) -> Run:
            killer.run(HERE + "prepare_disposal")
            run = killer.run(HERE + "approve", k)
            stands = told(killer, database)
            done = stands["state"] == "done"
            assert all(stands["bodies"]) is not done, run
            assert (stands["subject"] == "") is done, run
            # Killed after the commit the files are still there; the sweep takes what nobody uses any more.
            assert stands["files"] == [not done] * len(stands["files"]), run
            killer.run(HERE + "approve")
            assert late.exists() is done, run
            late.unlink(missing_ok=True)
            stands = told(killer, database)
            assert (stands["state"], any(stands["bodies"]), any(stands["files"])) == ("done", False, False), run
            subject = json.loads((Path(database.data_dir) / "order.json").read_text())["subject"]
            approved = database.rows(
                f"SELECT count(*) FROM ledger_entry WHERE subject = '{subject}' AND action = 'approve_disposal'"
            )
            assert approved == [(1,)], run
            return run

        for k in points_of("disposal", once(None)):
            once(k)


@pytest.mark.soak
@pytest.mark.parametrize("database", MAKES, indirect=True)
def test_a_bundle_is_made_once(database: Database):
    with Killer(database.env) as killer:
        killer.run(HERE + "council")

        def once(k: int | None) -> Run:
            killer.run(HERE + "prepare_bundle")
            run = killer.run(HERE + "carry", k)
            assert told(killer, database)["made"], run
            return run

        for k in points_of("bundle", once(None)):
            once(k)
    # An e-mail cut off while it was being handed over may have gone: it is never sent again, and says so.
    unsure = "kind = 'notice' AND state = 'uncertain'"
    left = f"SELECT kind, state FROM outbox_job WHERE state NOT IN ('done', 'dropped') AND NOT ({unsure})"
    assert database.rows(left) == []


@pytest.mark.soak
@pytest.mark.parametrize("database", MAKES, indirect=True)
def test_a_checkpoint_leaves_once_and_whole(database: Database, tmp_path: Path):
    folder = tmp_path / "write-once"
    folder.mkdir()
    with Killer(database.env | {"CHECKPOINT_FOLDER": str(folder)}) as killer:
        killer.run(HERE + "council")

        def once(k: int | None) -> Run:
            killer.run(HERE + "prepare_checkpoint")
            run = killer.run(HERE + "owe_and_carry", k)
            killer.run(HERE + "owe_and_carry")
            told(killer, database)
            (newest,) = database.rows("SELECT number, hash FROM ledger_checkpoint ORDER BY number DESC LIMIT 1")
            kept = json.loads((folder / f"checkpoint-{newest[0]:012d}.json").read_text())
            assert (kept["number"], kept["hash"]) == newest, run
            left = f"SELECT count(*) FROM record_departure WHERE way = 'folder' AND number = {newest[0]}"
            assert database.rows(left) == [(1,)], run
            return run

        for k in points_of("checkpoint", once(None)):
            once(k)
