"""Reads are recorded cheaply, nobody can change the log, and what is done past the triggers is found and named."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from postroom.ledger.errors import Unencodable
from postroom.ledger.models import Entry, ReadBatch, Reading, ReadLog
from postroom.ledger.readings import ids_of, record_read, runs_of, seal_readings
from postroom.ledger.sealing import seal
from postroom.ledger.verify import verify

pytestmark = [pytest.mark.django_db, pytest.mark.policy("CLS-1")]


class Somebody:
    pk = 7
    name = "Anne Example"


def read(times, subject="letter/K7Q2M4XD9", **more):
    return [record_read(subject, by=Somebody(), what="page", **more) for _ in range(times)]


@pytest.fixture
def log(small):
    """Three readings in one batch, two in the next, one in none."""
    small.rows = read(3)
    assert seal_readings() == 3
    small.rows += read(2, "letter/AAAAAAAAA")
    assert seal_readings() == 2
    seal()
    small.rows += read(1)
    return small


def test_a_reading_costs_one_insert(db):
    with CaptureQueriesContext(
        connection,
    ) as queries:
        read(1)
    assert [query["sql"].split()[0] for query in queries] == ["INSERT"]


def test_nothing_to_seal_writes_nothing(log):
    seal_readings()
    before = Entry.objects.count()
    assert (seal_readings(), seal_readings(everything=True), Entry.objects.count()) == (0, 0, before)


def test_clean_it_is_intact(log):
    report = verify()
    assert report.findings == []
    assert report.readings == 6
    assert Entry.objects.filter(subject="readings/log").count() == 2


def test_each_batch_is_under_a_checkpoint_like_any_entry(log):
    log.tamper("DELETE FROM ledger_entry WHERE subject = 'readings/log' AND seq = 2")
    assert any("was sealed at position" in text for text in log.found())
    assert "readings/log entry 2: there is a batch of readings, but no entry sealed it" in log.found()


@pytest.mark.parametrize(
    ("column", "value"),
    [("subject", "letter/BBBBBBBBB"), ("reader_id", 8), ("reader_name", "Bob"), ("what", "pdf"), ("at", 5)],
)
@pytest.mark.parametrize("place", range(5))
def test_a_sealed_reading_changed(log, place, column, value):
    row = log.rows[place]
    log.tamper(f"UPDATE ledger_reading SET {column} = %s WHERE id = %s", [value, row.pk])
    wanted = f"readings/log entry {1 if place < 3 else 2}: reading {row.pk} is not the one that was sealed by it"
    assert log.found() == [wanted]


@pytest.mark.parametrize("place", range(5))
def test_a_sealed_reading_deleted(log, place):
    row = log.rows[place]
    log.tamper("DELETE FROM ledger_reading WHERE id = %s", [row.pk])
    seq = 1 if place < 3 else 2
    assert log.found() == [f"readings/log entry {seq}: reading {row.pk} was sealed by it, and is gone"]


def test_two_readings_swapped(log):
    first, second = log.rows[0], log.rows[3]
    log.tamper("UPDATE ledger_reading SET subject = %s WHERE id = %s", [second.subject, first.pk])
    log.tamper("UPDATE ledger_reading SET subject = %s WHERE id = %s", [first.subject, second.pk])
    assert len(log.found()) == 2


def test_a_reading_slipped_in_with_an_old_time(log):
    moment = ReadBatch.objects.count() and Reading.objects.order_by("pk")[0].at - dt.timedelta(hours=2)
    late = read(1, at=moment)[0]
    assert log.found() == [f"readings/log: reading {late.pk} is in no batch, and says that it was before the last one"]
    seal_readings()
    assert "it was added" in log.found()[0]


@pytest.mark.parametrize("column", ["runs", "leaves"])
def test_a_batch_changed(log, column):
    other = {"runs": "1-2", "leaves": "ab" * 96}[column]
    log.tamper(f"UPDATE ledger_read_batch SET {column} = %s WHERE seq = 1", [other])
    assert log.found()[0].startswith("readings/log entry 1 (id")
    assert "the batch of readings is not the one that it sealed" in log.found()[0]


def test_a_batch_deleted(log):
    log.tamper("DELETE FROM ledger_read_batch WHERE seq = 2")
    assert any("the batch of readings that it sealed is missing" in text for text in log.found())


@pytest.mark.parametrize("table", ["ledger_reading", "ledger_read_batch"])
def test_the_database_refuses(log, table):
    key = "id" if table == "ledger_reading" else "seq"
    for sql in (f"DELETE FROM {table}", f"UPDATE {table} SET {key} = {key}"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)


def test_an_id_that_committed_late_is_sealed_too(log):
    free = Reading.objects.order_by("-pk")[0].pk + 50
    for number in (free, free - 20):
        Reading(
            pk=number, subject="letter/K7Q2M4XD9", reader_id=7, reader_name="A", what="page", at=log.rows[0].at
        ).save(force_insert=True)
        assert seal_readings() >= 1
    assert verify().intact


def test_one_log_only(log):
    with pytest.raises(IntegrityError), transaction.atomic():
        ReadLog(pk=2).save(force_insert=True)


@pytest.mark.parametrize(("subject", "what"), [("letter", "page"), ("letter/K 7", "page"), ("letter/K7", "a page")])
def test_what_is_no_subject_or_word_is_refused(db, subject, what):
    with pytest.raises(Unencodable):
        record_read(subject, by=Somebody(), what=what)


def test_runs():
    assert runs_of([1, 2, 3, 7, 9, 10]) == "1-3,7,9-10"
    assert ids_of("1-3,7,9-10") == [1, 2, 3, 7, 9, 10]
