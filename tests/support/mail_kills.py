"""Secure e-mail killed with -9 at the points there are, against a real mail server: what copies and letters share.

A module of targets beside each kind's tests has `council`, `prepare`, `ask`, `send`, `days_later` and `decide`; each
runs in a process of its own, and what they tell each other lies in the data folder as `order.json`.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from postroom.outbox.carrier import carry, reap
from postroom.outbox.models import Job
from tests.support.databases import Database
from tests.support.kill import Killer, Run
from tests.support.smtp import Mailroom

SOAK = bool(os.environ.get("POSTROOM_SOAK"))
End = tuple[str, str]


@dataclass(frozen=True)
class Kind:
    """One kind of what goes by secure e-mail, as the database has it.

    `targets`: its module; `job`: its kind in the outbox; `table`, `passwords`: its own and its passwords', which name
    it in the column `owner`; `subject`: how its subject in the ledger begins; `ask`: the step that has it sent;
    `sent`: its state then; `to_do`: what its worker's list says where it is uncertain.
    """

    targets: str
    job: str
    table: str
    passwords: str
    owner: str
    subject: str
    ask: str
    sent: str
    to_do: str

    def order(self, database: Database) -> dict[str, Any]:
        """What the targets told last."""
        found: dict[str, Any] = json.loads((Path(database.data_dir) / "order.json").read_text())
        return found

    def stands(self, database: Database) -> End:
        """(its state, its job's)."""
        reference = self.order(database)["item"]
        ((state,),) = database.rows(f"SELECT state FROM {self.table} WHERE reference = '{reference}'")
        jobs = database.rows(f"SELECT state FROM outbox_job WHERE kind = '{self.job}'")
        return state, jobs[0][0] if jobs else ""

    def steps(self, database: Database) -> list[str]:
        """What the ledger has of it, oldest first."""
        subject = f"{self.subject}/{self.order(database)['item']}"
        found = database.rows(f"SELECT action FROM ledger_entry WHERE subject = '{subject}' ORDER BY seq")
        return [row[0] for row in found]


def telling(whole: Run) -> list[int]:
    """Three points: right before the attempt is committed, right after, and when the server has it all."""
    commits = [number for number, event in enumerate(whole.events, 1) if event == "COMMIT"]
    last_word = max(number for number, event in enumerate(whole.events, 1) if event.startswith("socket send"))
    attempt = max(number for number in commits if number < last_word)
    return [attempt, attempt + 1, commits[-1]]


def worker_env(database: Database, room: Mailroom, certificate: Path) -> dict[str, str]:
    """The environment of a worker with this database and mail server."""
    server = {"EMAIL_URL": f"smtp+tls://{room.host}:{room.port}", "SSL_CERT_FILE": str(certificate)}
    return database.env | server | {"SECURE_MAIL_NEEDS_TLS": "1"}


def never_twice(kind: Kind, database: Database, room: Mailroom, certificate: Path) -> Counter[End]:
    """Kill the worker that sends at each telling point (a soak: at each there is): nobody gets it twice, and what
    nobody can know stands as uncertain on the worker's list, under the Message-ID that was committed before DATA."""
    ended: Counter[End] = Counter()
    went = (kind.sent, "done")
    with Killer(worker_env(database, room, certificate)) as killer:
        killer.run(kind.targets + "council")

        def once(k: int | None) -> Run:
            database.rows("DELETE FROM outbox_job")
            room.kept.clear()
            killer.run(kind.targets + "prepare")
            killer.run(kind.targets + "ask")
            run = killer.run(kind.targets + "send", k)
            killer.run(kind.targets + "days_later")
            now = kind.stands(database)
            ended[now] += 1
            ((attempt,),) = database.rows(f"SELECT attempt_id FROM outbox_job WHERE kind = '{kind.job}'")
            assert attempt, run
            assert room.ids in ([], [attempt]), run
            if now == went:
                assert len(room.kept) == 1, run
            else:
                assert now == ("uncertain", "uncertain"), run
                assert kind.order(database)["waiting"].count(kind.to_do) == 1, run
                before = len(room.kept)
                killer.run(kind.targets + "decide")
                killer.run(kind.targets + "days_later")
                assert kind.stands(database) == went, run
                assert len(room.kept) == before, run
            steps = kind.steps(database)
            assert steps.count(kind.ask) == 1, run
            assert steps.count("mark_sent") + steps.count("decide_sent") == 1, run
            return run

        whole = once(None)
        for k in range(1, len(whole.events) + 1) if SOAK else telling(whole):
            once(k)
    assert ended[went] >= 1  # not killed
    if SOAK:  # how often the socket is read varies, and with it where a numbered point lies
        assert ended[went] >= 2  # killed before the attempt, too
        assert ended[("uncertain", "uncertain")] >= 2
    return ended


def asked_whole_or_nothing(kind: Kind, database: Database, room: Mailroom, certificate: Path) -> None:
    """Kill whoever asks for it to be sent, at every point: the step, the password and the job stand together or not at
    all."""
    with Killer(worker_env(database, room, certificate)) as killer:
        killer.run(kind.targets + "council")
        for k in range(1, 500):
            database.rows("DELETE FROM outbox_job")
            killer.run(kind.targets + "prepare")
            run = killer.run(kind.targets + "ask", k)
            asked = kind.steps(database).count(kind.ask)
            it = f"SELECT id FROM {kind.table} WHERE reference = '{kind.order(database)['item']}'"
            kept = database.rows(f"SELECT count(*) FROM {kind.passwords} WHERE {kind.owner} = ({it})")
            assert kept == [(asked,)], run
            assert (kind.stands(database)[1] == "owed") is bool(asked), run
            killer.run(kind.targets + "ask")
            assert kind.order(database)["stale"] is bool(asked), run
            assert kind.steps(database).count(kind.ask) == 1, run
            if not run.killed:
                return
    raise AssertionError("there are still points to be killed at")


# --- In the process that is killed ---------------------------------------------------------------


def _file() -> Path:
    return Path(settings.DATA_DIR) / "order.json"


def told() -> dict[str, Any]:
    """What was noted last."""
    found: dict[str, Any] = json.loads(_file().read_text())
    return found


def note(**more: Any) -> None:
    """Note this beside what was noted before."""
    _file().write_text(json.dumps((told() if _file().exists() else {}) | more))


def carry_due(kind: str, now: dt.datetime | None = None) -> None:
    """Carry what is due of this kind, once."""
    reap(now=now)
    due = Job.objects.due(now or timezone.now()).filter(kind=kind)
    for key in list(due.values_list("pk", flat=True)):
        carry(key, now=now)


def carry_for_days(kind: str, days: int = 3) -> None:
    """What the next workers do, day after day, once the dead one's lease is over."""
    for day in range(1, days + 1):
        carry_due(kind, timezone.now() + dt.timedelta(days=day))
