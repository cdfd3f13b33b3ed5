"""Several at once on the same breach (PostgreSQL): one wins, nothing is lost or doubled."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from breaches import actions, reminders
from breaches.alerts import raise_all
from breaches.duties import Duty
from breaches.models import Breach, Reminder, TrendAlert
from breaches.tests.scene import Scene
from postroom.ledger.models import Entry
from postroom.outbox.models import Job
from postroom.steps.engine import Seen
from postroom.steps.errors import StepError

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
THREADS = 6


def at_once(work: Callable[[], object]) -> int:
    """How many of six that start together were let through; the others met a StepError."""
    barrier = Barrier(THREADS)

    def one() -> bool:
        try:
            barrier.wait(timeout=60)
            work()
        except StepError:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(THREADS) as pool:
        return sum(each.result() for each in [pool.submit(one) for _ in range(THREADS)])


@pytest.mark.policy("CLS-9", "CLS-15")
def test_one_of_six_wins_each_step_and_a_scheduler_that_beats_six_times_tells_once():
    scene = Scene()
    breach = scene.reported(aware_at=timezone.now() - dt.timedelta(hours=50), occurred_at=None)
    for step in (scene.assessed, scene.asked_once, scene.given_once, scene.proposed, scene.agreed):
        now = Breach.objects.get(pk=breach.pk)
        before = Entry.objects.filter(subject=now.ledger_subject).count()
        assert at_once(lambda step=step, now=now: step(now)) == 1
        assert Entry.objects.filter(subject=now.ledger_subject).count() == before + 1
    now = Breach.objects.get(pk=breach.pk)
    seen = Seen.of(now)

    def police() -> object:
        return actions.do_duty(breach=now, by=scene.ig, seen=seen, duty=Duty.FORM, reference="F-1")

    assert at_once(police) == 1
    second = scene.reported(aware_at=timezone.now() - dt.timedelta(hours=50), occurred_at=None)
    assert at_once(lambda: reminders.remind(second.pk, timezone.now())) == THREADS
    marks = Reminder.objects.filter(breach=second, what__startswith="mark")
    assert sorted(what.split("/")[1] for what in marks.values_list("what", flat=True)) == ["24", "48"]
    sent = [job for job in Job.objects.filter(subject=second.ledger_subject) if job.payload["notice"] == "breach_mark"]
    assert len(sent) == 2 * 3
    # A third event is a rise at this office: six beats at once tell of it once.
    scene.reported()
    assert at_once(raise_all) == THREADS
    assert TrendAlert.objects.count() == 1
    assert Job.objects.filter(payload__notice="breach_trend").count() == 1
