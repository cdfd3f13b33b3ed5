"""Two roles of PostgreSQL end to end: the owner migrates, the application runs as one that owns nothing (OGP-0).

`docs/deploy.md`, "Two database roles": real processes, real passwords and both addresses, as an operator sets it up.
"""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from tests.support.databases import PROJECT

pytestmark = [pytest.mark.postgres, pytest.mark.soak, pytest.mark.policy("OGP-0")]
WORK = """
import django; django.setup()
from django.conf import settings
settings.RETENTION_CONTENT_DAYS = -1
from audit.record.actions import retention
from letters.states import State
from postroom.ledger.readings import record_read, seal_readings
from postroom.ledger.sealing import seal
from postroom.ledger.verify import verify
from postroom.people.roles import Role
from tests.support import world
from django.core.management import call_command
desk = world.Desk(world.make_office("riv", "Riverside"))
letter = world.letter_in(desk, State.UPLOADED)
record_read(letter, by=desk.manager, what="page")
seal_readings(); seal(everything=True)
one, two = (world.make_user(name, None, Role.INFORMATION_GOVERNANCE) for name in ("Gwen One", "Greta Two"))
made = retention.propose_disposal(what="content", by=one)
retention.approve_disposal(disposal=made, by=two)
print([str(f) for f in verify().findings if not str(f).startswith("case/")])
"""


@dataclass(frozen=True)
class Roles:
    """Addresses of one database: as the owner of its tables, and as the application."""

    owner: str
    app: str
    folder: Path

    def run(self, *command: str, owner: bool = False) -> subprocess.CompletedProcess[str]:
        """A process of the project; `owner`: with the owner's address beside the application's, as for migrate."""
        env = os.environ | {"DATABASE_URL": self.app, "POSTROOM_DATA_DIR": str(self.folder), "REDIS_URL": "",
                            "DJANGO_SETTINGS_MODULE": "postroom.settings", "PYTHONPATH": str(PROJECT)}  # fmt: skip
        env |= {"MIGRATE_DATABASE_URL": self.owner} if owner else {}
        return subprocess.run(
            [sys.executable, *command], cwd=PROJECT, env=env, capture_output=True, text=True, check=False, timeout=300
        )


def _as(role: str, password: str, name: str) -> str:
    parts = urlsplit(os.environ["DATABASE_URL"])
    host = f"{role}:{password}@{parts.hostname}:{parts.port}"
    return urlunsplit(("postgres", host, f"/{name}", "", ""))


@pytest.fixture
def roles(tmp_path: Path) -> Iterator[Roles]:
    """A database owned by one role, and another role that may connect to it."""
    end = uuid.uuid4().hex[:8]
    name, owner, app = f"test_pr_roles_{end}", f"test_owner_{end}", f"test_app_{end}"
    server = urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path="/postgres"))
    with psycopg.connect(server, autocommit=True) as admin:
        for role in (owner, app):
            admin.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{end}'")
        admin.execute(f"CREATE DATABASE {name} OWNER {owner}")
        try:
            yield Roles(_as(owner, end, name), _as(app, end, name), tmp_path)
        finally:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
            for role in (app, owner):
                admin.execute(f"DROP ROLE {role}")


def test_the_owner_migrates_and_the_application_runs_as_another(roles: Roles):
    made = roles.run("manage.py", "migrate", "--verbosity", "0", owner=True)
    assert made.returncode == 0, made.stderr
    worked = roles.run("-c", WORK)
    assert worked.returncode == 0, worked.stderr
    assert worked.stdout.strip().endswith("[]"), worked.stdout
    assert roles.run("manage.py", "check", "--deploy", "--fail-level", "ERROR").returncode == 0
    with psycopg.connect(roles.app, autocommit=True) as connection:
        for sql in (
            "UPDATE ledger_entry SET action = 'x'",
            "DELETE FROM ledger_entry",
            "TRUNCATE ledger_entry",
            "UPDATE ledger_checkpoint SET root = ''",
            "DELETE FROM ledger_reading",
            "DELETE FROM ledger_disposal",
            "UPDATE record_departure SET hash = ''",
            "DELETE FROM letters_disposed",
            "INSERT INTO ledger_entry (id, subject, seq) VALUES (1, 'a/b', 1)",
            "CREATE TABLE more (id int)",
            "CREATE TEMPORARY TABLE more (id int)",
            "DROP TABLE ledger_entry",
            "ALTER TABLE ledger_entry DISABLE TRIGGER ALL",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(sql)
        assert connection.execute("SELECT count(*) FROM ledger_entry").fetchone() != (0,)
    again = roles.run("manage.py", "migrate", "--verbosity", "0", owner=True)
    assert again.returncode == 0, again.stderr
    assert roles.run("manage.py", "migrate", "--check").returncode == 0
