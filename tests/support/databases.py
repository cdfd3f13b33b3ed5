"""A database with committed data, of either make, for tests that use other processes.

SQLite is always to be had; PostgreSQL is when DATABASE_URL names one, as it does under `make test`.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

PROJECT = Path(__file__).resolve().parents[2]
MAKES = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


def one_make(number: int) -> list[Any]:
    """Both makes in a soak, one of them in `make test`: for sweeps of killing, which pass by turns on the one or the
    other. `number` even: SQLite, odd: PostgreSQL."""
    marks = {"sqlite": [], "postgres": [pytest.mark.postgres]}
    return [
        pytest.param(make, marks=[*of_make, *([] if number % 2 == turn else [pytest.mark.soak])])
        for turn, (make, of_make) in enumerate(marks.items())
    ]


@dataclass(frozen=True)
class Database:
    """A database of one's own: PostgreSQL's is migrated, SQLite's made from the models. `env`: what a process needs."""

    make: str
    url: str
    data_dir: Path

    @property
    def env(self) -> dict[str, str]:
        return {"DATABASE_URL": self.url, "POSTROOM_DATA_DIR": str(self.data_dir), "REDIS_URL": ""}

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What a statement returns, in a connection of its own; nothing if it returns no rows. Committed."""
        if self.make == "sqlite":
            with closing(sqlite3.connect(self.url.removeprefix("sqlite:///"), timeout=30)) as connection:
                found = connection.execute(sql).fetchall()
                connection.commit()
                return found
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(sql)
            return cursor.fetchall() if cursor.description else []


@contextmanager
def committed_database(make: str, folder: Path) -> Iterator[Database]:
    """A fresh database (`sqlite` or `postgres`) while the block runs; `folder` becomes its data folder."""
    folder.mkdir(parents=True, exist_ok=True)
    if make == "sqlite":
        file = folder / "postroom.sqlite3"
        shutil.copy(_sqlite_template(), file)
        yield Database(make, f"sqlite:///{file}", folder)
        return
    name = f"test_pr_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(_server(), autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{_postgres_template()}"')
        try:
            yield Database(make, _named(name), folder)
        finally:
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def drop_templates() -> None:
    """Remove what was made for the whole run; called at its end, when no worker of pytest-xdist is left."""
    shutil.rmtree(_templates(), ignore_errors=True)
    if os.environ.get("DATABASE_URL", "").startswith("postgres"):
        with psycopg.connect(_server(), autocommit=True) as admin:
            admin.execute(f'DROP DATABASE IF EXISTS "{_template_name()}" WITH (FORCE)')


def name_run() -> bool:
    """Give the run a name, once, in the process that starts its workers: they share what is migrated for it.

    True in that process, which has to call `drop_templates` at the end.
    """
    if "POSTROOM_TEST_RUN" in os.environ:
        return False
    os.environ["POSTROOM_TEST_RUN"] = uuid.uuid4().hex[:8]
    return True


def _templates() -> Path:
    return Path(tempfile.gettempdir()) / f"postroom-template-{os.environ['POSTROOM_TEST_RUN']}"


def _template_name() -> str:
    return f"test_pr_template_{os.environ['POSTROOM_TEST_RUN']}"


@contextmanager
def _once(what: str) -> Iterator[bool]:
    """True for the first worker of the run that comes here, False for others; they wait until it is made."""
    folder = _templates()
    folder.mkdir(exist_ok=True)
    with (folder / f"{what}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = folder / f"{what}.made"
        yield not made.exists()
        made.touch()


def _server() -> str:
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        pytest.skip("needs PostgreSQL: run it by `make test`, or set DATABASE_URL by tools/services")
    return url


def _named(name: str) -> str:
    """The same server's address with another database."""
    parts = urlsplit(_server())
    return urlunsplit(parts._replace(path=f"/{name}"))


def _make(url: str, folder: Path, *command: str) -> None:
    env = {**os.environ, "DATABASE_URL": url, "POSTROOM_DATA_DIR": str(folder), "REDIS_URL": ""}
    made = subprocess.run(
        [sys.executable, *command],
        cwd=PROJECT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    if made.returncode:
        raise RuntimeError(made.stderr or made.stdout)


@cache
def _sqlite_template() -> Path:
    file = _templates() / "postroom.sqlite3"
    with _once("sqlite") as first:
        if first:
            _make(f"sqlite:///{file}", _templates(), "-m", "tests.support.from_models")
    return file


@cache
def _postgres_template() -> str:
    name = _template_name()
    with _once("postgres") as first:
        if first:
            with psycopg.connect(_server(), autocommit=True) as admin:
                admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')  # half made, if a worker was killed
                admin.execute(f'CREATE DATABASE "{name}"')
            with tempfile.TemporaryDirectory() as folder:
                _make(_named(name), Path(folder), "manage.py", "migrate", "--verbosity", "0")
    return name


def fill_as_migrations_do() -> None:
    """Run what the project's own migrations run beside changing tables (the stocks, the policies), on empty tables."""
    from django.apps import apps
    from django.db import connection, migrations

    for config in apps.get_app_configs():
        folder = Path(config.path) / "migrations"
        if not folder.is_relative_to(PROJECT) or ".venv" in folder.parts:
            continue
        for file in sorted(folder.glob("0*.py")):
            module = import_module(f"{config.name}.migrations.{file.stem}")
            for operation in module.Migration.operations:
                if isinstance(operation, migrations.RunPython):
                    with connection.schema_editor(atomic=False) as editor:
                        operation.code(apps, editor)


def put_rows_of_migrations() -> None:
    """The rows that migrations put in (the stocks, the policies), where the tables have been emptied since."""
    from django.apps import apps

    for label, model, migration in (
        ("letters", "EnvelopeStock", "letters.migrations.0002_four_stocks"),
        ("audit", "PolicyVersion", "audit.migrations.0002_policies_in_force"),
    ):
        if not apps.get_model(label, model)._base_manager.exists():
            import_module(migration).add(apps, None)
