"""The suite's two databases: the one this run names, and once more all main journeys on SQLite and the file queue."""

import os
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest
from django.db import connection

PROJECT = Path(__file__).resolve().parents[2]


@pytest.mark.both_databases
@pytest.mark.django_db
def test_connection_is_as_the_settings_say():
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            assert cursor.execute("PRAGMA recursive_triggers").fetchone() == (1,)
            assert cursor.execute("PRAGMA journal_mode").fetchone() == ("wal",)
            assert connection.transaction_mode == "IMMEDIATE"
        else:
            cursor.execute("SHOW server_encoding")
            assert cursor.fetchone() == ("UTF8",)


def settings_of_pytest(name: str) -> list[str]:
    """The words of a setting in pytest.ini."""
    ini = ConfigParser()
    ini.read(PROJECT / "pytest.ini")
    return ini["pytest"][name].split()


@pytest.mark.postgres
@pytest.mark.timeout(1800)
def test_main_journeys_on_sqlite():
    """One summary for both databases: the second pass is a test of the first, and shows its own output if it fails."""
    ours = ("DATABASE_URL", "REDIS_URL", "POSTROOM_TEST_FULL", "DJANGO_ALLOW_ASYNC_UNSAFE")
    env = {key: value for key, value in os.environ.items() if key not in ours and not key.startswith("PYTEST_")}
    # Only the files that have such a test are read: to collect all of them takes longer than to run these.
    names = subprocess.run(
        ["grep", "-rl", "--include=test_*.py", "mark.both_databases", *settings_of_pytest("testpaths")],
        cwd=PROJECT, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-m", "both_databases", "-q", "-p", "no:cacheprovider", "-n", "0", *names],
        cwd=PROJECT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert " passed" in done.stdout
