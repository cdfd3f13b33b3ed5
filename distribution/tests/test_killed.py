"""Secure e-mail killed with -9 at every point there is, against a real mail server: no recipient gets it twice, and
what nobody can know stands as uncertain on the worker's list (OGP-9, CLS-6)."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.support.databases import Database, one_make
from tests.support.kill import Killer, Run
from tests.support.smtp import Mailroom

SOAK = bool(os.environ.get("POSTROOM_SOAK"))
HERE = "distribution.tests.kill_targets:"
MAKES = one_make(0)
pytestmark = [pytest.mark.policy("OGP-9", "CLS-6"), pytest.mark.timeout(3600)]


def order_of(database: Database) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((Path(database.data_dir) / "order.json").read_text())
    return found


def stands(database: Database) -> tuple[str, str]:
    """(the item's state, its job's)."""
    reference = order_of(database)["item"]
    ((state,),) = database.rows(f"SELECT state FROM distribution_item WHERE reference = '{reference}'")
    jobs = database.rows("SELECT state FROM outbox_job WHERE kind = 'item_email'")
    return state, jobs[0][0] if jobs else ""


def steps(database: Database) -> list[str]:
    """What the ledger has of the item, oldest first."""
    subject = f"item/{order_of(database)['item']}"
    found = database.rows(f"SELECT action FROM ledger_entry WHERE subject = '{subject}' ORDER BY seq")
    return [row[0] for row in found]


def telling(whole: Run) -> list[int]:
    """Three points: right before the attempt is committed, right after, and when the server has it all."""
    commits = [number for number, event in enumerate(whole.events, 1) if event == "COMMIT"]
    last_word = max(number for number, event in enumerate(whole.events, 1) if event.startswith("socket send"))
    attempt = max(number for number in commits if number < last_word)
    return [attempt, attempt + 1, commits[-1]]


@pytest.fixture
def env(database: Database, room: Mailroom, certificate: Path) -> dict[str, str]:
    """The environment of a worker with this database and mail server."""
    server = {"EMAIL_URL": f"smtp+tls://{room.host}:{room.port}", "SSL_CERT_FILE": str(certificate)}
    return database.env | server | {"SECURE_MAIL_NEEDS_TLS": "1"}


@pytest.mark.parametrize("database", MAKES, indirect=True)
def test_a_worker_killed_anywhere_never_sends_it_twice(database: Database, env: dict[str, str], room: Mailroom):
    ended: Counter[tuple[str, str]] = Counter()
    with Killer(env) as killer:
        killer.run(HERE + "council")

        def once(k: int | None) -> Run:
            database.rows("DELETE FROM outbox_job")
            room.kept.clear()
            killer.run(HERE + "prepare")
            killer.run(HERE + "ask")
            run = killer.run(HERE + "send", k)
            killer.run(HERE + "days_later")
            now = stands(database)
            ended[now] += 1
            if now == ("sent", "done"):
                assert len(room.kept) == 1, run
            else:
                assert now == ("uncertain", "uncertain"), run
                assert len(room.kept) <= 1, run
                assert order_of(database)["waiting"].count("Say whether it arrived") == 1, run
                before = len(room.kept)
                killer.run(HERE + "decide")
                killer.run(HERE + "days_later")
                assert stands(database) == ("sent", "done"), run
                assert len(room.kept) == before, run
            assert steps(database).count("send") == 1, run
            assert steps(database).count("mark_sent") + steps(database).count("decide_sent") == 1, run
            return run

        whole = once(None)
        for k in range(1, len(whole.events) + 1) if SOAK else telling(whole):
            once(k)
    assert ended[("sent", "done")] >= 1  # not killed
    if SOAK:  # how often the socket is read varies, and with it where a numbered point lies
        assert ended[("sent", "done")] >= 2  # killed before the attempt, too
        assert ended[("uncertain", "uncertain")] >= 2


@pytest.mark.soak
@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
def test_asking_for_it_killed_anywhere_is_whole_or_nothing(database: Database, env: dict[str, str], room: Mailroom):
    """The step, the password and the job stand together or not at all."""
    with Killer(env) as killer:
        killer.run(HERE + "council")
        for k in range(1, 500):
            database.rows("DELETE FROM outbox_job")
            killer.run(HERE + "prepare")
            run = killer.run(HERE + "ask", k)
            asked = steps(database).count("send")
            item = f"SELECT id FROM distribution_item WHERE reference = '{order_of(database)['item']}'"
            kept = database.rows(f"SELECT count(*) FROM distribution_emailpassword WHERE item_id = ({item})")
            assert kept == [(asked,)], run
            assert (stands(database)[1] == "owed") is bool(asked), run
            killer.run(HERE + "ask")
            assert order_of(database)["stale"] is bool(asked), run
            assert steps(database).count("send") == 1, run
            if not run.killed:
                return
    raise AssertionError("there are still points to be killed at")
