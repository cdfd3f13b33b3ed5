"""The tables as migrations make them are those of the models, with which the other tests run."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from tests.support.databases import PROJECT, Database

HOMES = (PROJECT, PROJECT / "postroom", PROJECT / "audit")


def test_no_migration_is_missing(tmp_path: Path) -> None:
    env = {**os.environ, "POSTROOM_DATA_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"],
        cwd=PROJECT, env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def ours(rows: list[tuple[Any, ...]]) -> set[tuple[Any, ...]]:
    """The rows about tables of the project's own apps; the first column names the table."""
    own = {
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if Path(apps.get_app_config(model._meta.app_label).path).parent in HOMES
    }
    return {row for row in rows if str(row[0]).strip('"') in own}


@pytest.mark.django_db
@pytest.mark.postgres
def test_migrated_and_made_from_models_are_alike_on_postgresql(database: Database) -> None:
    if database.make != "postgres":
        pytest.skip("the other make is the next test's")
    listed = {
        "columns": "SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns "
        "WHERE table_schema = 'public' AND table_name <> 'django_migrations'",
        "constraints": "SELECT conrelid::regclass::text, contype::text, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE connamespace = 'public'::regnamespace AND conrelid <> 0 "
        "AND conrelid::regclass::text <> 'django_migrations'",
        "triggers": "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal",
        "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' "
        "AND tablename <> 'django_migrations'",
        "collations": "SELECT table_name, column_name, collation_name FROM information_schema.columns "
        "WHERE table_schema = 'public' AND collation_name IS NOT NULL",
    }
    for what, sql in listed.items():
        with connection.cursor() as cursor:
            cursor.execute(sql)
            made = ours(cursor.fetchall())
        migrated = ours(database.rows(sql))
        assert made - migrated == set(), f"{what} of the models alone"
        assert migrated - made == set(), f"{what} of the migrations alone"


@pytest.mark.skipif(os.environ.get("DATABASE_URL", "").startswith("postgres"), reason="for the run on SQLite")
@pytest.mark.django_db
def test_migrated_and_made_from_models_have_the_same_tables_on_sqlite(tmp_path: Path) -> None:
    file = tmp_path / "migrated.sqlite3"
    env = {**os.environ, "DATABASE_URL": f"sqlite:///{file}", "POSTROOM_DATA_DIR": str(tmp_path), "REDIS_URL": ""}
    subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity", "0"], cwd=PROJECT, env=env, check=True)
    sql = "SELECT type, name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' AND name <> 'django_migrations'"
    with connection.cursor() as cursor:
        cursor.execute(sql)
        made = set(cursor.fetchall())
    with closing(sqlite3.connect(file)) as migrated:
        assert made == set(migrated.execute(sql).fetchall())
