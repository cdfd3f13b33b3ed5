"""The password by text killed with -9 at every point there is, against a service that keeps what it takes: nobody waits
for a text that never comes, and what comes twice is the same text to the same phone (CLS-6, docs/decisions/0148)."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from distribution.tests.notify import GATEWAY, KEY, Notify, notify_service
from distribution.tests.test_killed import COPY
from tests.support.databases import Database, one_make
from tests.support.kill import Killer, Run
from tests.support.mail_kills import SOAK
from tests.support.smtp import Mailroom

pytestmark = [pytest.mark.policy("CLS-6"), pytest.mark.timeout(3600)]


@pytest.fixture
def env(database: Database, room: Mailroom, certificate: Path) -> dict[str, str]:
    """The environment of a worker with this database and mail server."""
    server = {"EMAIL_URL": f"smtp+tls://{room.host}:{room.port}", "SSL_CERT_FILE": str(certificate)}
    gateway = {"SMS_GATEWAY": GATEWAY, "NOTIFY_API_KEY": KEY, "NOTIFY_TEMPLATE": "a-template"}
    return database.env | server | gateway


def stands(database: Database) -> tuple[Any, ...]:
    """(the item's state, whether a text is under way, the job's state, how the password was given, is it kept)."""
    item = COPY.order(database)["item"]
    ((pk, state, sending),) = database.rows(
        f"SELECT id, state, sending FROM distribution_item WHERE reference = '{item}'"
    )
    jobs = database.rows("SELECT state FROM outbox_job WHERE kind = 'item_text'")
    ((how, sealed),) = database.rows(f"SELECT given_how, sealed FROM distribution_emailpassword WHERE item_id = {pk}")
    return state, bool(sending), jobs[0][0] if jobs else "", how, bool(sealed)


def told(database: Database) -> int:
    """How many people are owed the word that it could not be sent."""
    ((count,),) = database.rows("SELECT count(*) FROM outbox_job WHERE key LIKE 'item_not_texted%'")
    return int(count)


def telling(whole: Run) -> list[int]:
    """Four points: before and after the lease, before the service has it all, and before it stands that it has."""
    commits = [number for number, event in enumerate(whole.events, 1) if event == "COMMIT"]
    words = [number for number, event in enumerate(whole.events, 1) if event.startswith("socket send")]
    return sorted({max(c for c in commits if c < words[0]), words[0], words[-1] + 1, commits[-1]})


@pytest.mark.parametrize("database", one_make(0), indirect=True)
@pytest.mark.parametrize("mode", ["up", pytest.param("400", marks=pytest.mark.soak)])
def test_a_worker_killed_anywhere_leaves_it_to_the_next(
    database: Database, env: dict[str, str], room: Mailroom, mode: str
):
    came: Counter[int] = Counter()
    with notify_service() as notify, Killer(env | {"NOTIFY_URL": notify.url}) as killer:
        notify.mode = mode
        killer.run(COPY.targets + "council")

        def once(k: int | None) -> Run:
            database.rows("DELETE FROM outbox_job")
            notify.kept.clear()
            killer.run(COPY.targets + "sent")
            killer.run(COPY.targets + "ask_text")
            run = killer.run(COPY.targets + "text", k)
            killer.run(COPY.targets + "text_days_later")
            ends_well(database, notify, run) if mode == "up" else comes_back(database, notify, run)
            came[len(notify.kept)] += 1
            return run

        whole = once(None)
        for k in range(1, len(whole.events) + 1) if SOAK else telling(whole):
            once(k)
    if mode == "up":
        assert came[1] >= 2  # not killed; and killed before the service had it
        assert came[2] >= 1  # killed after it had


def ends_well(database: Database, notify: Notify, run: Run) -> None:
    """The recipient has the password, once or the same text twice; nothing of it is kept."""
    assert stands(database) == ("delivered", False, "done", "text", False), run
    assert COPY.steps(database)[-2:] == ["text_password", "mark_texted"], run
    assert 1 <= len(notify.kept) <= 2, run
    assert len({str(message) for message in notify.kept}) == 1, run
    assert COPY.order(database)["password"] in str(notify.kept[0]), run
    assert told(database) == 0, run


def comes_back(database: Database, notify: Notify, run: Run) -> None:
    """The service refuses it: the password waits for the phone, and whoever asked is told, once."""
    assert stands(database) in (("sent", False, state, "", True) for state in ("failed", "dropped")), run
    assert COPY.steps(database)[-2:] == ["text_password", "mark_not_texted"], run
    assert (notify.kept, told(database)) == ([], 1), run


@pytest.mark.soak
@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
def test_asking_for_it_killed_anywhere_is_whole_or_nothing(database: Database, env: dict[str, str], room: Mailroom):
    """The step and the job stand together or not at all."""
    with Killer(env) as killer:
        killer.run(COPY.targets + "council")
        for k in range(1, 500):
            database.rows("DELETE FROM outbox_job")
            killer.run(COPY.targets + "sent")
            run = killer.run(COPY.targets + "ask_text", k)
            asked = COPY.steps(database).count("text_password")
            state, sending, job, how, kept = stands(database)
            assert (state, how, kept) == ("sent", "", True), run
            assert (sending, job == "owed") == (bool(asked), bool(asked)), run
            killer.run(COPY.targets + "ask_text")
            assert COPY.order(database)["stale"] is bool(asked), run
            assert COPY.steps(database).count("text_password") == 1, run
            if not run.killed:
                return
    raise AssertionError("there are still points to be killed at")
