"""The bench's own databases: made empty, seeded, copied; never the one that DATABASE_URL names."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

NAME = "bench_postroom"


def empty() -> None:
    """The bench's own database, made anew, with tables and nothing in them but what migrations put there."""
    from django.core.management import call_command
    from django.db import connection

    connection.close()
    drop_and_make()
    call_command("migrate", verbosity=0, interactive=False)


def fresh(*, letters: int, first: Callable[[], object] = lambda: None) -> float:
    """Empty the bench's own database and seed it, `first` called before the seeding; the seconds that seeding took."""
    from django.core.management import call_command

    empty()
    first()
    begun = time.monotonic()
    with Path(os.devnull).open("w") as quiet:
        call_command("seed_demo", letters=letters, stdout=quiet)
    return time.monotonic() - begun


def drop_and_make() -> None:
    """A new empty database named bench_…; never the one that DATABASE_URL names."""
    from django.conf import settings
    from django.db import connection

    options = connection.settings_dict
    if connection.vendor == "sqlite":
        path = Path(options["NAME"])
        assert path.name == "bench.sqlite3", path
        for suffix in ("", "-wal", "-shm"):
            Path(f"{path}{suffix}").unlink(missing_ok=True)
        return
    assert options["NAME"] == NAME, options["NAME"]
    copy_to(NAME, of="template1")
    assert settings.DATABASES["default"]["NAME"] == NAME


def copy_to(name: str, *, of: str = NAME) -> None:
    """Make a PostgreSQL database of that name, as the other one stands; nobody may be connected to either."""
    import psycopg

    assert name.startswith("bench_"), name
    with psycopg.connect(os.environ["BENCH_BASE_URL"], autocommit=True) as base:
        base.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        base.execute(f'CREATE DATABASE "{name}" TEMPLATE "{of}"')


def use(name: str) -> None:
    """From now on Django's connection leads to this one of the bench's databases."""
    from django.db import connection

    assert name.startswith("bench_"), name
    if connection.settings_dict["NAME"] != name:
        connection.close()
        connection.settings_dict["NAME"] = name
