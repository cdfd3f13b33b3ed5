"""Real workers on real queues: each job's effect once, whatever is killed, lost or delivered again."""

import os
import time

import pytest
import redis

from tests.support.databases import one_make
from tests.support.kill import Killer
from tests.support.smtp import free_port
from tests.support.waiting import wait_for
from tests.support.workers import start_worker, workers

HERE = "postroom.outbox.tests.targets:"
INCLUDE = "postroom.outbox.tests.targets"
MARKS = "SELECT job_title FROM people_user WHERE email = 'marks@example.org'"
DONE = "SELECT count(*) FROM outbox_job WHERE state = 'done'"


def marks(database):
    return int(database.rows(MARKS)[0][0] or 0)


def done(database):
    return database.rows(DONE)[0][0]


@pytest.fixture
def queue(database):
    """The queue that goes with the database in the two installations there are: a folder, or Redis."""
    if database.make == "sqlite":
        yield {"REDIS_URL": ""}
        return
    url = os.environ.get("REDIS_URL", "")
    if not url:
        pytest.skip("needs Redis: run it by `make test`, or set REDIS_URL by tools/services")
    # Runs side by side have the numbers 1, 2, ... for themselves (conftest.py); a queue of each is behind those.
    number = 9 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    mine = f"{url.rsplit('/', 1)[0]}/{number}"
    client = redis.Redis.from_url(mine)
    client.flushdb()
    yield {"REDIS_URL": mine}
    client.flushdb()
    client.close()


@pytest.mark.parametrize("database", one_make(1), indirect=True)
@pytest.mark.parametrize("jobs", [50, pytest.param(200, marks=pytest.mark.soak)])
def test_two_workers_one_killed_in_the_middle(database, queue, jobs):
    env = database.env | queue | {"JOBS": str(jobs)}
    with Killer(env) as killer:
        killer.run(HERE + "person")
        killer.run(HERE + "owe_steps")
        with workers(env, 2, include=INCLUDE) as running:
            wait_for(lambda: done(database) >= 10)
            running[0].kill()
            running[0].wait()
            assert done(database) < jobs, "the kill was to come in the middle"
            running[0] = start_worker(env, include=INCLUDE, name="w3")
            for _ in range(6):
                # Also takes leases away from the living, and tells them of jobs they have been told of.
                killer.run(HERE + "sweep_an_hour_later")
                time.sleep(1)
                if done(database) == jobs:
                    break
            wait_for(lambda: done(database) == jobs)
            assert all(worker.poll() is None for worker in running), "no worker has given up"
    assert marks(database) == jobs


@pytest.mark.parametrize("database", one_make(0), indirect=True)
def test_a_message_delivered_again_has_no_effect(database, queue):
    env = database.env | queue
    with Killer(env) as killer:
        killer.run(HERE + "person")
        killer.run(HERE + "owe_many")
        killer.run(HERE + "tell_five_times")
        with workers(env, 2, include=INCLUDE):
            wait_for(lambda: done(database) == 25)
            killer.run(HERE + "tell_five_times")
            time.sleep(1)
    assert marks(database) == 25
    assert database.rows("SELECT DISTINCT attempts FROM outbox_job") == [(1,)]


@pytest.mark.parametrize("database", one_make(1), indirect=True)
def test_with_the_queue_down_the_step_stands_and_the_sweeper_sends_it(database, queue):
    nobody = {"REDIS_URL": f"redis://127.0.0.1:{free_port()}/0"}
    with Killer(database.env | nobody) as killer:
        killer.run(HERE + "person")
        killer.run(HERE + "owe_many")
        killer.run(HERE + "sweep_an_hour_later")
    assert database.rows("SELECT state, count(*) FROM outbox_job GROUP BY 1") == [("owed", 25)]
    env = database.env | queue
    with workers(env, 1, include=INCLUDE), Killer(env) as killer:
        killer.run(HERE + "sweep_an_hour_later")
        wait_for(lambda: done(database) == 25)
    assert marks(database) == 25
