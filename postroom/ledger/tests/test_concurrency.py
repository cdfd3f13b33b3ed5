"""Real threads, each with a connection of its own, on a database with committed rows."""

import os
import random
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, connections

from postroom.ledger import sealing
from postroom.ledger.models import Checkpoint, Entry, Seal
from postroom.ledger.recording import SYSTEM, record_and_save
from postroom.ledger.sealing import seal
from postroom.ledger.tests.conftest import make_office
from postroom.ledger.verify import verify

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.policy("OGP-0")]
THREADS, SUBJECTS, STEPS = 8, 25, 30


def in_threads(work, count):
    """Run work(0) … work(count - 1) at once; their results, or the first error."""

    def run(number):
        try:
            return work(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def test_eight_writers_on_the_same_25_subjects_lose_nothing_and_fork_nothing():
    keys = [make_office(f"o{number}").pk for number in range(SUBJECTS)]
    model = apps.get_model("people", "Office")
    stop = threading.Event()

    def write(number):
        chosen = random.Random(number)
        for step in range(STEPS):
            office = model.objects.get(pk=chosen.choice(keys))
            record_and_save(office, action=f"{number}.{step}", actor=SYSTEM, details={"by": number})

    def seal_meanwhile():
        try:
            while not stop.wait(0.02):
                seal()
        finally:
            connections.close_all()

    sealers = [threading.Thread(target=seal_meanwhile) for _ in range(2)]
    for sealer in sealers:
        sealer.start()
    try:
        in_threads(write, THREADS)
    finally:
        stop.set()
        for sealer in sealers:
            sealer.join()
    written = set(Entry.objects.values_list("action", flat=True))
    assert written == {f"{number}.{step}" for number in range(THREADS) for step in range(STEPS)}
    assert Entry.objects.count() == THREADS * STEPS
    seal(everything=True)
    report = verify()
    assert report.findings == []
    assert report.sealed == report.entries == THREADS * STEPS


def test_of_two_sealers_with_the_same_entries_one_gives_way(monkeypatch):
    office = make_office("riv")
    for _ in range(20):
        record_and_save(office, action="look", actor=SYSTEM)
    both_have_read = threading.Barrier(2, timeout=20)
    read = sealing._unsealed
    waited = threading.local()

    def read_together(*args):
        rows = read(*args)
        if not getattr(waited, "once", False):
            waited.once = True
            both_have_read.wait()
        return rows

    monkeypatch.setattr(sealing, "_unsealed", read_together)
    outcomes = in_threads(lambda _: seal(), 2)
    assert sorted(outcome.gave_way for outcome in outcomes) == [False, True]
    assert sorted(outcome.entries for outcome in outcomes) == [0, 20]
    assert Checkpoint.objects.count() == 1
    assert Seal.objects.count() == 20
    assert verify().intact


def test_an_entry_that_commits_after_a_higher_id_was_sealed_is_sealed_too():
    """Ids are given out in one order and commit in another; "all above the last" would leave this one out."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    slow, quick = make_office("slow"), make_office("quick")
    written, may_commit = threading.Event(), threading.Event()

    def write_slowly(_):
        from django.db import transaction

        with transaction.atomic():
            record_and_save(slow, action="slow", actor=SYSTEM)
            written.set()
            may_commit.wait(20)

    with ThreadPoolExecutor(1) as pool:
        slow_one = pool.submit(in_threads, write_slowly, 1)
        written.wait(20)
        record_and_save(quick, action="quick", actor=SYSTEM)
        assert seal().entries == 1
        may_commit.set()
        slow_one.result()
    first, second = Entry.objects.order_by("id").values_list("action", flat=True)
    assert (first, second) == ("slow", "quick")
    assert seal().entries == 1
    assert verify().intact


def test_verifying_keeps_no_writer_waiting(monkeypatch):
    """One snapshot for all its reads, and others write meanwhile."""
    from postroom.ledger import verify as module

    office = make_office("riv")
    record_and_save(office, action="before", actor=SYSTEM)
    keep = module._keep

    def write_meanwhile(*args):
        in_threads(lambda _: record_and_save(office, action="meanwhile", actor=SYSTEM), 1)
        keep(*args)

    monkeypatch.setattr(module, "_keep", write_meanwhile)
    report = verify()
    assert report.findings == []
    assert report.entries == 1
    assert Entry.objects.count() == 2


@pytest.mark.soak  # those that depend on what the database itself does are marked both_databases
@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="this run is on SQLite itself")
@pytest.mark.timeout(700)
def test_all_of_this_holds_on_sqlite_too(tmp_path):
    """The ledger's tests once more, in a process of its own on the embedded database."""
    # Not the whole suite's demand for real servers: this run is the one without.
    own = {name: value for name, value in os.environ.items() if name != "POSTROOM_TEST_FULL"}
    env = {
        **own,
        "REDIS_URL": "",
        "DATABASE_URL": f"sqlite:///{tmp_path}/postroom.sqlite3",
        "POSTROOM_DATA_DIR": str(tmp_path),
    }
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "postroom/ledger/tests"],
        cwd=settings.BASE_DIR,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert ran.returncode == 0, ran.stdout[-4000:]
