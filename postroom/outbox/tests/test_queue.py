"""Owing a job: once, with the step, and never with personal data."""

import pytest
from django.db import transaction

from postroom.outbox.carrier import run_due
from postroom.outbox.errors import OutsideTransaction, PayloadRefused, UnknownKind
from postroom.outbox.models import Job
from postroom.outbox.queue import enqueue
from postroom.outbox.registry import forget, handler


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
