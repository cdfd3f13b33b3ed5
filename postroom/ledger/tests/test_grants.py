"""In production the application's role reads and adds to the ledger, and nothing else (PostgreSQL)."""

import os

import pytest
from django.apps import apps
from django.db import ProgrammingError, connection, transaction
from django.db.migrations.recorder import MigrationRecorder

from postroom.ledger.grants import append_only_tables, grant_statements
from postroom.ledger.readings import record_read, seal_readings
from postroom.ledger.recording import SYSTEM, record_and_save
from postroom.ledger.retention import dispose_of_reasons
from postroom.ledger.sealing import seal
from postroom.ledger.tests.conftest import make_office
from postroom.ledger.verify import verify

pytestmark = [pytest.mark.django_db, pytest.mark.postgres, pytest.mark.policy("OGP-0")]
LEDGER = {
    "ledger_entry", "ledger_seal", "ledger_checkpoint", "ledger_disposal", "ledger_reading", "ledger_read_batch",
    "ledger_reason",
}  # fmt: skip


class Somebody:
    pk = 7
    name = "Anne Example"


@pytest.fixture
def as_app():
    """The application's own role, for the rest of the test; all of it is rolled back."""
    connection.check_constraints()
    MigrationRecorder(connection).ensure_schema()  # tests make their tables from the models
    role = f"test_app_role_{os.getpid()}"  # roles are the server's, and tests side by side share it
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {role}")
        for statement in grant_statements(connection, role):
            cursor.execute(statement)
        cursor.execute(f"SET LOCAL ROLE {role}")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")


def refused(sql):
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)


def test_the_ledgers_tables_are_among_the_append_only():
    assert append_only_tables(connection) >= LEDGER


def test_the_application_works_with_it(as_app):
    office = make_office("app")
    record_and_save(office, action="rename", actor=SYSTEM, reason="A new sign.")
    record_read(office, by=Somebody(), what="page")
    assert seal_readings() == 1
    assert seal().entries == 2
    assert dispose_of_reasons(subject=office, up_to_seq=1, by=SYSTEM) == 1
    assert verify().findings == []


def test_nothing_is_changed_deleted_or_given_an_id(as_app):
    record_and_save(make_office("app"), action="rename", actor=SYSTEM)
    for table in sorted(LEDGER):
        key = {"ledger_seal": "position", "ledger_checkpoint": "number", "ledger_read_batch": "seq"}.get(table, "id")
        refused(f"UPDATE {table} SET {key} = {key}")
        refused(f"TRUNCATE {table}")
        if table != "ledger_reason":
            refused(f"DELETE FROM {table}")
    refused("INSERT INTO ledger_entry (id, subject, seq) VALUES (1, 'a/b', 1)")
    refused("INSERT INTO ledger_reading (id, subject) VALUES (1, 'a/b')")
    refused("DELETE FROM django_migrations")


def test_no_trigger_is_lifted_and_no_table_made(as_app):
    for sql in ("CREATE TEMPORARY TABLE ledger_entry2 (id int)", "CREATE TABLE more (id int)"):
        refused(sql)
    for sql in (
        "ALTER TABLE ledger_entry DISABLE TRIGGER ALL",
        "DROP TRIGGER ledger_entry_no_update ON ledger_entry",
        "DROP TABLE ledger_entry",
    ):
        with (
            pytest.raises(ProgrammingError, match="must be owner"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(sql)
    refused("SET session_replication_role = replica")


def test_every_other_table_is_the_applications(as_app):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace "
            "AND NOT has_table_privilege(current_user, c.oid, 'SELECT')"
        )
        assert cursor.fetchall() == []
    assert apps.get_model("people", "Office").objects.update(phone="") >= 0
