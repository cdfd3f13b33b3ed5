"""Owing a job: once, with the step, and never with personal data."""

import datetime as dt

import pytest
from django.db import transaction
from django.utils import timezone

from postroom.outbox.carrier import carry, claim, reap, run_due, settle_done
from postroom.outbox.errors import Drop, LeaseLost, OutsideTransaction, PayloadRefused, UnknownKind
from postroom.outbox.models import Job, JobState
from postroom.outbox.queue import begin_attempt, enqueue, retry_failed
from postroom.outbox.registry import forget, handler, kind_of


@pytest.fixture
def done():
    """A kind of job, "test", that only notes that it was done."""
    done: list[str] = []

    @handler("test", repeatable=True)
    def note(job):
        return lambda: done.append(job.key)

    yield done
    forget("test")


@pytest.mark.django_db
def test_the_same_key_is_one_job_and_its_effect_happens_once(done):
    first = enqueue("test", key="a", subject="letter/K7", payload={"version": 3})
    again = enqueue("test", key="a", payload={"version": 4})
    assert again.pk == first.pk
    assert again.payload == {"version": 3}
    assert run_due() == {"done": 1}
    assert run_due() == {}
    assert done == ["a"]


@pytest.mark.django_db(transaction=True)
def test_a_job_needs_the_steps_transaction_and_goes_with_it(done):
    with pytest.raises(OutsideTransaction):
        enqueue("test", key="a")
    with transaction.atomic():
        enqueue("test", key="a")
        transaction.set_rollback(True)
    assert not Job.objects.exists()
    assert run_due() == {}


HOUR = dt.timedelta(hours=1)


@pytest.mark.django_db
def test_a_slow_worker_whose_job_went_to_another_has_no_effect(done):
    job = enqueue("test", key="a")
    kind = kind_of("test")
    slow = claim(job.pk)
    assert claim(job.pk) is None
    assert reap(now=timezone.now() + HOUR) == 1
    quick = claim(job.pk)
    with pytest.raises(LeaseLost):
        settle_done(slow, kind, lambda: done.append("slow"))
    with pytest.raises(LeaseLost):
        begin_attempt(slow, "id")
    settle_done(quick, kind, lambda: done.append("quick"))
    with pytest.raises(LeaseLost):
        settle_done(quick, kind, lambda: done.append("twice"))
    assert done == ["quick"]


@pytest.mark.django_db
def test_a_late_worker_may_still_say_for_certain_what_became_uncertain(done):
    forget("test")
    handler("test", repeatable=False)(lambda job: None)
    job = enqueue("test", key="a")
    late = claim(job.pk)
    begin_attempt(late, "id")
    reap(now=timezone.now() + HOUR)
    job.refresh_from_db()
    assert job.state == JobState.UNCERTAIN
    settle_done(late, kind_of("test"), None)
    job.refresh_from_db()
    assert job.state == JobState.DONE


@pytest.mark.django_db
def test_an_effect_that_fails_is_not_half_there_and_a_failed_job_can_be_owed_again(done, django_user_model):
    forget("test")
    someone = django_user_model.objects.create_user("ada@example.org", name="Ada Invented", initials="AI")

    @handler("test", repeatable=True, max_attempts=1)
    def breaks(job):
        def effect():
            done.append(job.key)
            django_user_model.objects.update(job_title="half")
            raise ValueError("Mary Invented's address")  # must not be kept anywhere

        return effect

    job = enqueue("test", key="a")
    assert run_due() == {"failed": 1}
    job.refresh_from_db()
    assert job.last_error == "error:ValueError"
    someone.refresh_from_db()
    assert someone.job_title == ""
    retry_failed(job, by=someone)
    assert (job.state, job.attempts, job.decided_by) == (JobState.OWED, 0, someone)
    forget("test")
    assert carry(job.pk) == "not_ours", "without a handler it stays owed"

    @handler("test", repeatable=True)
    def unwanted(job):
        raise Drop("withdrawn")

    assert run_due() == {"dropped": 1}


@pytest.mark.django_db
def test_an_unknown_kind_is_refused_at_once():
    with pytest.raises(UnknownKind):
        enqueue("no-such-kind", key="a")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "bad",
    [
        {"to": "someone@example.org"},
        {"name": "Mary Invented"},
        {"lines": ["1 High Street"]},
        {"x": {"y": "two words"}},
        {"two words": 1},
        {"x": 1.5},
        {"x": b"bytes"},
        {"x": "a" * 201},
        {"x": [1] * 201},
        {"x": "Zoë"},
    ],
)
def test_a_payload_holds_ids_and_references_only(done, bad):
    with pytest.raises(PayloadRefused):
        enqueue("test", key="a", payload=bad)
    with pytest.raises(PayloadRefused):
        enqueue("test", key="Mary Invented")
    with pytest.raises(PayloadRefused):
        enqueue("test", key="")
    with pytest.raises(PayloadRefused):
        enqueue("test", key="a", subject="Mary Invented")
    assert not Job.objects.exists()
