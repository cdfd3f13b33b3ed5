"""Killed with -9 at every point there is: nothing lost, nothing doubled. On both databases, with committed data."""

import hashlib
import os
import signal
import subprocess
import sys

import pytest

from postroom.outbox.tests import targets
from tests.support.databases import one_make
from tests.support.kill import Killer
from tests.support.smtp import mail_server
from tests.support.waiting import wait_for

HERE = "postroom.outbox.tests.targets:"
SOAK = bool(os.environ.get("POSTROOM_SOAK"))
POINTS = 12
MARKS = "SELECT job_title FROM people_user WHERE email = 'marks@example.org'"
JOBS = "SELECT state, last_error FROM outbox_job ORDER BY key"


def points_of(killer, target, *, and_last=()):
    """The target's runs: killed at every point in a soak, else at a few of each kind; the last goes to its end.

    `and_last`: kinds of point at whose last the sample, too, always kills.
    """
    if SOAK:
        yield from killer.every_point(HERE + target)
        return
    yield killer.run(HERE + target)  # makes folders that later runs find there
    whole = killer.run(HERE + target)
    yield whole
    for kind in and_last:
        yield killer.run(HERE + target, max(k for k, event in enumerate(whole.events, start=1) if event == kind))
    yield from killer.sampled_points(HERE + target, whole, POINTS)


def start_again(database):
    """Back to nothing owed and nothing done."""
    database.rows("DELETE FROM outbox_job")
    database.rows("DELETE FROM files_storedfile")
    database.rows("UPDATE people_user SET job_title = ''")


@pytest.mark.parametrize("database", one_make(0), indirect=True)
def test_a_job_killed_anywhere_is_done_once(database):
    points = set()
    with Killer(database.env) as killer:
        killer.run(HERE + "person")
        for run in points_of(killer, "owe_and_do"):
            points.add(run.events[-1].split(" ")[0])
            committed = database.rows(JOBS)
            killer.run(HERE + "an_hour_later")
            assert database.rows(JOBS) == ([("done", "")] if committed else []), run
            assert database.rows(MARKS) == [("1" if committed else "",)], run
            if committed:
                sha256 = hashlib.sha256(targets.PDF + b"one").hexdigest()
                kept = database.data_dir / "files" / sha256[:2] / sha256[2:]
                assert hashlib.sha256(kept.read_bytes()).hexdigest() == sha256, run
                assert database.rows("SELECT sha256 FROM files_storedfile") == [(sha256,)], run
                kept.unlink()
            start_again(database)
    assert len(run.events) > 15
    assert points >= {"SQL", "COMMIT", "fsync", "rename"}


@pytest.mark.parametrize("database", one_make(1), indirect=True)
def test_an_email_killed_anywhere_is_sent_once_or_waits_for_a_person(database):
    uncertain = sent_once = 0
    with mail_server() as room:
        env = database.env | {"EMAIL_URL": f"smtp://{room.host}:{room.port}"}
        with Killer(env) as killer:
            killer.run(HERE + "person")
            killer.run(HERE + "owe_notice")
            for run in points_of(killer, "send_notice", and_last=["socket sendall"]):
                killer.run(HERE + "an_hour_later")
                (job,) = database.rows(JOBS)
                if job == ("done", ""):
                    assert len(room.kept) == 1, run
                    sent_once += 1
                else:
                    assert job == ("uncertain", "worker_lost"), run
                    assert len(room.kept) <= 1, run
                    uncertain += 1
                room.kept.clear()
                start_again(database)
                killer.run(HERE + "owe_notice")
    assert not run.killed
    assert "socket sendall" in run.events
    # Before the attempt is committed it is sent later; after it, nobody can know. A sample meets both: how often the
    # socket is read differs from run to run, so the last thing said to the server is in it by name.
    assert uncertain >= 1
    assert sent_once >= 1
    if SOAK:
        assert sent_once > uncertain > 1


@pytest.mark.parametrize("database", one_make(0), indirect=True)
def test_a_message_that_was_kept_is_never_called_unsent(database):
    """Killed while the server takes its time over the whole message: it is kept, and the job says `uncertain`."""
    with mail_server("slow", delay=3) as room:
        env = database.env | {"EMAIL_URL": f"smtp://{room.host}:{room.port}"}
        with Killer(env) as killer:
            killer.run(HERE + "person")
            killer.run(HERE + "owe_notice")
            worker = subprocess.Popen([sys.executable, "manage.py", "run_outbox", "--once"], env=os.environ | env)
            try:
                wait_for(lambda: room.kept)
            finally:
                worker.kill()
                worker.wait()
            assert worker.returncode == -signal.SIGKILL, "it was waiting for the answer"
            assert database.rows(JOBS) == [("leased", "")]
            killer.run(HERE + "an_hour_later")
            killer.run(HERE + "an_hour_later")
            assert database.rows(JOBS) == [("uncertain", "worker_lost")]
            assert len(room.kept) == 1


@pytest.mark.parametrize("database", one_make(1), indirect=True)
def test_eight_threads_at_the_same_jobs_do_each_once(database):
    with Killer(database.env) as killer:
        killer.run(HERE + "person")
        killer.run(HERE + "owe_many")
        killer.run(HERE + "eight_threads")
        assert database.rows("SELECT state, attempts, count(*) FROM outbox_job GROUP BY 1, 2") == [("done", 1, 25)]
        assert database.rows(MARKS) == [("25",)]


@pytest.mark.parametrize("database", one_make(0), indirect=True)
def test_the_killer_itself_tells_a_kill_from_an_end_and_from_an_error(database):
    with Killer(database.env) as killer:
        killer.run(HERE + "person")
        whole = killer.run(HERE + "owe_and_do")
        assert not whole.killed
        start_again(database)
        third = killer.run(HERE + "owe_and_do", 3)
        assert third.killed
        assert third.events == whole.events[:3]
        with pytest.raises(RuntimeError, match="no attribute 'nothing'"):
            killer.run(HERE + "nothing")
        assert not killer.run(HERE + "person").killed, "it goes on after an error"
