"""What the tests run in other processes, against a committed database. Each function takes its orders from nothing
but the environment, so that it can be killed at any point and run again."""

from __future__ import annotations

import datetime as dt
import os
import threading

from django.db import close_old_connections, connection, transaction
from django.utils import timezone

from postroom.files.store import store
from postroom.outbox.carrier import carry, run_due, sweep
from postroom.outbox.mail import notify
from postroom.outbox.models import Job
from postroom.outbox.queue import enqueue, tell_worker
from postroom.outbox.registry import handler
from postroom.people.models import User

PDF = b"%PDF-1.7 not a real one, but bytes that must be whole"
THREADS = 8


@handler("count", repeatable=True)
def count(job):
    """Store a file, then leave a mark that a second run would double: one more on its person's job title."""
    store(PDF + job.key.encode(), "application/pdf")

    def mark():
        person = User.objects.select_for_update().get(email="marks@example.org")
        person.job_title = str(int(person.job_title or 0) + 1)
        person.save(update_fields=["job_title"])

    return mark


def person():
    """The invented person on whom the marks are made; made once."""
    User.objects.get_or_create(email="marks@example.org", defaults={"name": "Mark Invented", "initials": "MI"})


def owe_and_do():
    """A step owes a job, and the job is done."""
    with transaction.atomic():
        enqueue("count", key="one", subject="letter/K7Q2M4XD9")
    run_due()
    connection.close()


def owe_notice():
    """Owe one e-mail."""
    someone = User.objects.get(email="marks@example.org")
    with transaction.atomic():
        notify([someone.pk], "JOB_STUCK", "letter/K7Q2M4XD9", "/letters/K7Q2M4XD9/", occasion=1)
    connection.close()


def send_notice():
    """Send what is owed."""
    run_due()
    connection.close()


def an_hour_later():
    """What the sweeper and the next worker do once the dead one's lease is over."""
    run_due(now=timezone.now() + dt.timedelta(hours=1))
    connection.close()


def owe_many():
    """Owe 25 jobs."""
    with transaction.atomic():
        for number in range(25):
            enqueue("count", key=f"k{number}")
    connection.close()


def owe_steps():
    """Owe as many jobs as JOBS says, each in a transaction of its own, as steps do."""
    for number in range(int(os.environ["JOBS"])):
        with transaction.atomic():
            enqueue("count", key=f"k{number}")
    connection.close()


def tell_five_times():
    """The queue delivers every message again and again."""
    for job in Job.objects.filter(kind="count"):
        for _ in range(5):
            tell_worker(str(job.pk))
    connection.close()


def sweep_an_hour_later():
    """The sweeper, when every lease is over, even those of workers that are only slow, and every message is old."""
    sweep(now=timezone.now() + dt.timedelta(hours=1))
    connection.close()


def eight_threads():
    """Eight threads carry the same jobs, all at once."""
    ids = list(Job.objects.filter(kind="count").values_list("pk", flat=True))
    gate = threading.Barrier(THREADS)
    wrong: list[BaseException] = []

    def work():
        try:
            gate.wait(timeout=20)
            for job_id in ids:
                carry(job_id)
        except BaseException as error:
            wrong.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    close_old_connections()
    if wrong:
        raise wrong[0]
