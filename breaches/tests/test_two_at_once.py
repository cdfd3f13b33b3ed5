"""Several at once on the same breach (PostgreSQL): one wins, nothing is lost or doubled."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from breaches import actions, reminders
from breaches.alerts import raise_all
from breaches.duties import Duty
from breaches.models import Breach, Reminder, ServiceUser, TrendAlert
from breaches.tests.scene import Scene
from postroom.cases.models import Relationship
from postroom.ledger.models import Entry
from postroom.outbox.models import Job
from postroom.people.models import User
from postroom.steps.engine import Seen
from postroom.steps.errors import StepError

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
THREADS = 6


def at_once(*works: Callable[[], object], threads: int = THREADS) -> int:
    """How many of six that start together, on one of `works` each, were let through; the others met a StepError."""
    barrier = Barrier(threads)

    def one(work: Callable[[], object]) -> bool:
        try:
            barrier.wait(timeout=60)
            work()
        except StepError:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(threads) as pool:
        return sum(each.result() for each in [pool.submit(one, works[n % len(works)]) for n in range(threads)])


def raced(scene: Scene, breach: Breach, name: str, one: dict[str, Any], other: dict[str, Any]) -> None:
    """Six at once on the same page: three with `one`, three with `other`; one wins, and the ledger has one step."""
    verbs: list[Callable[..., Breach]] = [getattr(actions, name)] * 2
    if name == "meet_person":
        person = ServiceUser.objects.get(breach=breach)
        verbs[1] = actions.clear_person
        one, other = one | {"service_user": person}, {"service_user": person, "reason": "Not hers."}
    if name == "withdraw_phase":
        breach = scene.referred(breach, more_to_come=True, more_by=timezone.localdate())
    before = Entry.objects.filter(subject=breach.ledger_subject).count()
    works = [
        partial(verb, breach=breach, by=scene.ig, seen=Seen.of(breach), **more)
        for verb, more in zip(verbs, (one, other), strict=True)
    ]
    assert at_once(*works) == 1, name
    assert Entry.objects.filter(subject=breach.ledger_subject).count() == before + 1


@pytest.mark.policy("OGP-12", "CLS-15")
def test_an_action_of_the_two_is_finished_once_by_eight_hands_of_theirs():
    """Four times each of them at once; and sent again it is told that it is finished."""
    scene = Scene()
    breach = scene.decided(scene.reported(), disciplinary=True)
    action, before = breach.follow_ups.get(), Entry.objects.filter(subject=breach.ledger_subject).count()

    def finish(by: User, result: str) -> Breach:
        seen = Seen.of(breach)
        return actions.finish_follow_up(breach=breach, by=by, seen=seen, follow_up=action, result=result)

    works = [partial(finish, by, f"As {by.pk}.") for by in (scene.ad, scene.cg)]
    assert at_once(*works, threads=8) == 1
    action.refresh_from_db()
    assert action.finished_by is not None
    assert action.result == f"As {action.finished_by.pk}."
    breach.refresh_from_db()
    for by in (scene.ad, scene.cg):
        with pytest.raises(StepError, match="finished already"):
            finish(by, "Again.")
    assert Entry.objects.filter(subject=breach.ledger_subject).count() == before + 1


@pytest.mark.policy("CLS-9", "CLS-14", "CLS-15")
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
    child = scene.desk.case.people.filter(relationship=Relationship.CHILD).get()
    for verbs in (
        # Two named in the same moment: one of them is, the other's page is old.
        ("name_people", {"people": [scene.desk.parent]}, {"people": [child]}),
        # Met and taken off in the same moment: one of both.
        ("meet_person", {"happened_at": timezone.now(), "note": "At home."}, {}),
        ("withdraw_phase", {"reason": "No more."}, {"reason": "Nothing more."}),
    ):
        raced(scene, Breach.objects.get(pk=breach.pk), *verbs)
    named = ServiceUser.objects.filter(breach=breach)
    assert named.count() == 1
    assert named.filter(met_at__isnull=True).count() == named.filter(cleared_at__isnull=False).count()
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
