"""The database refuses to change what is written, whoever asks, and nothing starts where it wouldn't."""

import pytest
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, transaction

from postroom.ledger import triggers
from postroom.ledger.apps import lift_triggers
from postroom.ledger.checks import refuse_without_triggers
from postroom.ledger.models import Checkpoint, Disposal, Entry, Reason, Seal
from postroom.ledger.recording import SYSTEM
from postroom.ledger.retention import dispose_of_reasons
from postroom.ledger.testing import lifted_flush
from postroom.ledger.triggers import Keeper, Trigger, drop_sql, expected, install, missing, register
from postroom.ledger.verify import verify

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases, pytest.mark.policy("OGP-0")]

TABLES = ["ledger_entry", "ledger_seal", "ledger_checkpoint", "ledger_reason", "ledger_disposal"]
KEY = {"ledger_seal": "position", "ledger_checkpoint": "number"}
on_postgres = pytest.mark.skipif("connection.vendor != 'postgresql'")
on_sqlite = pytest.mark.skipif("connection.vendor != 'sqlite'")


@pytest.fixture
def kept(small):
    """The small ledger with a row in every table."""
    dispose_of_reasons(subject=small.case, up_to_seq=2, by=SYSTEM)
    return small


def refused(sql, params=()):
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, params)


def whole(table):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} ORDER BY 1")
        return cursor.fetchall()


@pytest.mark.parametrize("table", TABLES)
def test_update_and_delete_are_refused(kept, table):
    before = whole(table)
    assert before
    key = KEY.get(table, "id")
    refused(f"UPDATE {table} SET {key} = {key}")
    refused(f"DELETE FROM {table}")
    assert whole(table) == before


@pytest.mark.parametrize("model", [Entry, Seal, Checkpoint, Reason, Disposal])
def test_the_orm_is_refused_in_bulk_and_row_by_row(kept, model):
    field = "hash" if hasattr(model, "hash") else "subject" if hasattr(model, "subject") else "entry_hash"
    for change in (
        lambda: model.objects.update(**{field: "x"}),
        lambda: model.objects.all().delete(),
        lambda: model.objects.all()[0].delete(),
        lambda: model.objects.all()[0].save(force_update=True),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


@pytest.mark.parametrize("how", [{"ignore_conflicts": False}, {"update_conflicts": True}])
def test_bulk_create_over_an_entry_is_refused(kept, how):
    entry = Entry.objects.get(subject="office/hil", seq=2)
    before = entry.hash
    entry.action, entry.hash = "forged", "f" * 64
    if how.get("update_conflicts"):
        how = {**how, "unique_fields": ["subject", "seq"], "update_fields": ["action", "hash"]}
    entry.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        Entry.objects.bulk_create([entry], **how)
    assert Entry.objects.get(subject="office/hil", seq=2).hash == before


@on_postgres
@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("setting", ["origin", "replica"])
def test_truncate_and_a_replicas_session_are_refused(kept, table, setting):
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL session_replication_role = {setting}")
    refused(f"TRUNCATE {table}")
    refused(f"TRUNCATE {table} CASCADE")
    refused(f"DELETE FROM {table}")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = origin")


@on_postgres
def test_a_temporary_table_cannot_stand_in_for_the_disposals(small):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE ledger_disposal (subject text, up_to_seq bigint) ON COMMIT DROP")
        cursor.execute("INSERT INTO pg_temp.ledger_disposal SELECT subject, seq FROM ledger_reason")
    refused("DELETE FROM ledger_reason")


@on_sqlite
@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("recursive", ["ON", "OFF"])
def test_insert_or_replace_is_refused(kept, table, recursive):
    before = whole(table)
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA recursive_triggers = {recursive}")
    try:
        refused(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")
        refused(f"REPLACE INTO {table} SELECT * FROM {table}")
        refused(f"UPDATE OR REPLACE {table} SET {KEY.get(table, 'id')} = 1")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA recursive_triggers = ON")
    assert whole(table) == before


def test_upsert_is_refused(kept):
    refused(
        "INSERT INTO ledger_entry (subject, seq, at, action, actor_name, actor_role, actor_authority, from_state, "
        "to_state, version, content_hash, reason_hash, payload, previous_hash, hash) SELECT subject, seq, at, action, "
        "actor_name, actor_role, actor_authority, from_state, to_state, version, content_hash, reason_hash, payload, "
        "previous_hash, hash FROM ledger_entry WHERE seq = 1 ON CONFLICT (subject, seq) DO UPDATE SET action = 'forged'"
    )


def test_a_reason_goes_only_with_its_disposal_and_the_chain_still_verifies(small):
    refused("DELETE FROM ledger_reason")
    assert dispose_of_reasons(subject=small.case, up_to_seq=2, by=SYSTEM) == 1
    assert Reason.objects.get().text == "Not."
    refused("DELETE FROM ledger_reason")
    assert Entry.objects.filter(action="dispose_of_reasons", payload='{"up_to":2}').count() == 1
    assert verify().findings == []


def test_they_are_found_missing_and_put_back(small):
    assert missing(connection) == []
    small.disarm()
    absent = missing(connection)
    assert absent == expected(connection)
    assert install(connection) == absent
    assert missing(connection) == []
    assert install(connection) == []
    refused("DELETE FROM ledger_entry")


@on_postgres
@pytest.mark.parametrize(
    "weaken",
    [
        "ALTER TABLE ledger_entry DISABLE TRIGGER ledger_entry_no_update",
        "ALTER TABLE ledger_entry ENABLE TRIGGER ledger_entry_no_update",
        "CREATE OR REPLACE FUNCTION ledger_entry_no_update() RETURNS trigger LANGUAGE plpgsql "
        "AS $$ BEGIN RETURN NEW; END $$",
        "DROP TRIGGER ledger_entry_no_update ON ledger_entry; CREATE TRIGGER ledger_entry_no_update BEFORE UPDATE "
        "ON ledger_entry FOR EACH ROW WHEN (false) EXECUTE FUNCTION ledger_entry_no_update(); "
        "ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER ledger_entry_no_update",
    ],
)
def test_a_trigger_made_harmless_counts_as_missing(db, weaken):
    with connection.cursor() as cursor:
        cursor.execute(weaken)
    assert [trigger.name for trigger in missing(connection)] == ["ledger_entry_no_update"]


@on_sqlite
def test_a_trigger_of_the_same_name_that_does_nothing_counts_as_missing(db):
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER ledger_entry_no_update")
        cursor.execute("CREATE TRIGGER ledger_entry_no_update BEFORE UPDATE ON ledger_entry BEGIN SELECT 1; END")
    assert [trigger.name for trigger in missing(connection)] == ["ledger_entry_no_update"]


def test_the_system_check_says_which(small):
    assert checks.run_checks(tags=[checks.Tags.database], databases=["default"]) == []
    small.disarm()
    found = checks.run_checks(tags=[checks.Tags.database], databases=["default"])
    assert {message.id for message in found} == {"ledger.E001"}
    assert len(found) == len(expected(connection))


@pytest.mark.django_db(transaction=True)
def test_nothing_starts_without_them_and_migrate_puts_them_back():
    refuse_without_triggers()
    trigger = next(t for t in expected(connection) if t.name == "ledger_entry_no_delete")
    with connection.cursor() as cursor:
        cursor.execute(drop_sql(connection, trigger))
    with pytest.raises(ImproperlyConfigured, match="ledger_entry_no_delete"):
        refuse_without_triggers()
    call_command("migrate", verbosity=0, skip_checks=False)
    refuse_without_triggers()


@on_sqlite
@pytest.mark.django_db(transaction=True)
def test_a_rebuilt_table_gets_its_triggers_back(monkeypatch):
    """SQLite drops them silently when Django rebuilds the table for an AlterField.

    And it refuses to rebuild a table that a trigger of another looks into: migrate lifts them all first.
    """
    watching = Trigger(
        name="office_watched",
        table="people_office",
        event="DELETE",
        message="no",
        when="EXISTS (SELECT 1 FROM ledger_entry)",
    )
    monkeypatch.setitem(triggers._registry, watching.name, watching)
    install(connection)
    lift_triggers("default", plan=[])
    assert missing(connection) == []
    lift_triggers("default", plan=["a migration"])
    field = Entry._meta.get_field("content_hash")
    longer = field.clone()
    longer.null = True
    longer.set_attributes_from_name("content_hash")
    with connection.schema_editor() as editor:
        editor.alter_field(Entry, field, longer)
        editor.alter_field(Entry, longer, field)
    assert missing(connection)
    call_command("migrate", verbosity=0)
    assert missing(connection) == []
    with connection.cursor() as cursor:
        cursor.execute(drop_sql(connection, watching))


@pytest.mark.django_db(transaction=True)
def test_flush_passes_on_a_test_database_only_and_leaves_them_standing(monkeypatch):
    Seal.objects.create(position=1, entry_id=1, entry_hash="f" * 64)
    call_command("flush", interactive=False, verbosity=0)
    assert not Seal.objects.exists()
    assert missing(connection) == []
    monkeypatch.setitem(connection.settings_dict, "NAME", "postroom")
    with pytest.raises(RuntimeError, match="not a test database"):
        lifted_flush(connection, ["ledger_seal"], ["DELETE FROM ledger_seal"])


def test_two_triggers_cannot_share_a_name():
    one = expected(connection)[0]
    register(one)
    with pytest.raises(ValueError, match="another trigger"):
        register(Trigger(name=one.name, table=one.table, event=one.event, message="other"))


@pytest.mark.parametrize(
    "bad", [{"name": 'x"; DROP'}, {"event": "SELECT"}, {"message": "it's"}, {"when": "$fn$"}, {"table": "A"}]
)
def test_a_trigger_that_would_break_its_own_sql_is_refused(bad):
    with pytest.raises(ValueError, match=r"names are|unknown event"):
        Trigger(**{"name": "some_name", "table": "some_table", "event": "UPDATE", "message": "no", **bad})


def test_a_condition_both_databases_read_alike(db):
    """As the letters' own trigger will: a state moves only along the table of transitions."""
    rule = Trigger(
        name="office_phone_moves",
        table="people_office",
        event="UPDATE OF phone",
        message="that move is not in the table",
        when="OLD.phone IS DISTINCT FROM NEW.phone AND NOT ((OLD.phone, NEW.phone) IN (VALUES ('1', '2'), ('2', '3')))",
    )
    from postroom.ledger.tests.conftest import make_office
    from postroom.ledger.triggers import create_sql

    office = make_office("abc")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE people_office SET phone = '1'")
        for sql in create_sql(connection, rule):
            cursor.execute(sql)
        for move in ("1", "2", "3"):
            cursor.execute("UPDATE people_office SET phone = %s", [move])
    with pytest.raises(DatabaseError), transaction.atomic():
        type(office).objects.update(phone="1")
    assert type(office).objects.get(pk=office.pk).phone == "3"


def test_a_keeper_stands_once_the_table_that_it_fills_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """A release brings keeper and table together: before its migrations ran, nothing is missing yet."""
    keeper = Keeper(
        name="ledger_trial_keeper",
        table="ledger_entry",
        event="INSERT",
        does="DELETE FROM ledger_trial",
        fills="ledger_trial",
    )
    monkeypatch.setattr(triggers, "_registry", {keeper.name: keeper})
    assert expected(connection) == []
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE ledger_trial (id integer)")
        assert missing(connection) == [keeper]
        assert install(connection) == [keeper]
        assert missing(connection) == []
        cursor.execute(drop_sql(connection, keeper))
        cursor.execute("DROP TABLE ledger_trial")


def test_a_trigger_on_a_column_stands_once_the_column_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """A release brings trigger and column together: before its migrations ran, nothing is missing, nothing fails."""
    trigger = Trigger(name="ledger_trial", table="ledger_trial", event="UPDATE OF b, c", message="No", when="TRUE")
    monkeypatch.setattr(triggers, "_registry", {trigger.name: trigger})
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE ledger_trial (a integer, b integer)")
        assert expected(connection) == [trigger]
        assert install(connection) == missing(connection) == []
        cursor.execute("ALTER TABLE ledger_trial ADD COLUMN c integer")
        assert install(connection) == [trigger]
        cursor.execute(drop_sql(connection, trigger))
        cursor.execute("DROP TABLE ledger_trial")
