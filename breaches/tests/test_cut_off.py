"""Cut off in the middle: the second decider's hand, what is frozen and kept, people named, cleared
and met, a promise taken back, what only the two who decide know of; with real processes."""

from __future__ import annotations

import hashlib
import json
import os
import random
from pathlib import Path

import pytest

from breaches.tests.kill_targets import STEPS
from tests.support.databases import Database, one_make
from tests.support.kill import Killer

SOAK = bool(os.environ.get("POSTROOM_SOAK"))
POINTS = 1  # of each step, drawn by a fixed seed; a soak takes all of them, and the steps that `make test` leaves out
HERE = "breaches.tests.kill_targets:"
# `make test` kills each step on one of the two databases, a soak each on both.
LEFT_OUT = ("name_people", "clear_person", "withdraw_phase", "finish_follow_up")
KILLED = [
    pytest.param(
        *make.values,
        step,
        marks=[*make.marks, *([pytest.mark.soak] if step in LEFT_OUT else [])],
        id=f"{make.values[0]}-{step}",
    )
    for n, step in enumerate(STEPS)
    for make in one_make(n)
]
# What each step leaves, in all of its tables: one row of it, or none.
LEAVES = {
    "agree_decision": "breaches_decision x WHERE x.breach_id = {pk} AND x.agreed_by_id > 0",
    "sign_report": "breaches_breachduty x WHERE x.breach_id = {pk} AND x.duty = 'records_manager_report' "
    "AND x.status = 'done' AND x.file_id IS NOT NULL",
    "make_notification": "breaches_notification x WHERE x.breach_id = {pk}",
    "name_people": "breaches_serviceuser x WHERE x.breach_id = {pk} AND x.cleared_at IS NULL",
    "clear_person": "breaches_serviceuser x WHERE x.breach_id = {pk} AND x.cleared_by_id > 0",
    # With the last of those named the duty is done, in the same step.
    "meet_person": "breaches_serviceuser x JOIN breaches_breachduty d ON d.breach_id = x.breach_id "
    "WHERE x.breach_id = {pk} AND d.duty = 'service_user_meeting' AND d.status = 'done' AND x.met_by_id > 0",
    "finish_follow_up": "breaches_followup x WHERE x.breach_id = {pk} AND x.for_deciders AND x.finished_by_id > 0",
    "withdraw_phase": "breaches_referral x WHERE x.breach_id = {pk} AND x.withdrawn_at IS NOT NULL",
}


def version(database: Database, pk: int) -> tuple[str, int]:
    """Where the breach stands."""
    ((state, number),) = database.rows(f"SELECT state, version FROM breaches_breach WHERE id = {pk}")
    return state, number


def entries(database: Database, subject: str) -> int:
    """How many steps the ledger has of it."""
    ((count,),) = database.rows(f"SELECT count(*) FROM ledger_entry WHERE subject = '{subject}'")
    return int(count)


def left(database: Database, pk: int, step: str) -> int:
    """How many rows there are of what the step leaves."""
    ((count,),) = database.rows(f"SELECT count(*) FROM {LEAVES[step].format(pk=pk)}")
    return int(count)


def files_of(database: Database, pk: int) -> list[str]:
    """The hash of the report that was signed off, none or one, each with its bytes on disk."""
    done = f"breach_id = {pk} AND duty = 'records_manager_report' AND status = 'done'"
    found = [row[0] for row in database.rows(f"SELECT file_id FROM breaches_breachduty WHERE {done}")]
    for sha256 in found:
        (kept,) = Path(database.data_dir).rglob(f"{sha256[:2]}/{sha256[2:]}")
        assert hashlib.sha256(kept.read_bytes()).hexdigest() == sha256
    return found


@pytest.mark.policy("CLS-11", "CLS-15")
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(("database", "step"), KILLED, indirect=["database"])
def test_killed_anywhere_nothing_is_lost_and_nothing_doubled(database: Database, step: str):
    data = Path(database.data_dir)
    order = data / "order.json"
    with Killer(database.env) as killer:
        killer.run(HERE + "council")

        def once(k: int | None) -> int:
            order.write_text(json.dumps({"step": step}))
            killer.run(HERE + "prepare")
            subject = json.loads(order.read_text())
            pk, before = subject["pk"], version(database, subject["pk"])
            killed = killer.run(HERE + "take", k)
            now = version(database, pk)
            committed = now[1] == before[1] + 1
            assert committed or now == before, killed
            assert entries(database, subject["subject"]) == now[1], killed
            assert len(files_of(database, pk)) == (committed and step == "sign_report"), killed
            assert left(database, pk, step) == committed, killed
            killer.run(HERE + "take")
            assert (data / "stale").exists() is committed, killed
            (data / "stale").unlink(missing_ok=True)
            assert version(database, pk)[1] == before[1] + 1 == entries(database, subject["subject"]), killed
            assert len(files_of(database, pk)) == (step == "sign_report"), killed
            assert left(database, pk, step) == 1, killed
            return len(killed.events)

        points = once(None)
        assert points > 8
        every = range(1, points + 1)
        for k in every if SOAK else sorted(random.Random(step).sample(every, POINTS)):
            once(k)
        killer.run(HERE + "carry")
    assert database.rows("SELECT count(*) FROM outbox_job WHERE state NOT IN ('done', 'dropped')") == [(0,)]
