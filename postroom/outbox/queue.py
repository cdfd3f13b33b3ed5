"""Owing something to the outside, and a person's word on what is stuck. Doing it is in `carrier`."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from functools import partial
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone

from postroom.outbox.errors import LeaseLost, NotDecidable, NotFailed, OutsideTransaction, PayloadRefused
from postroom.outbox.models import Job, JobState
from postroom.outbox.registry import kind_of
from postroom.people.models import User

log = structlog.get_logger(__name__)

# The sweeper leaves a new job this long to the message that was sent at its commit.
GRACE = dt.timedelta(seconds=30)
# Ids and references: no blank, no @, so that no name, sentence or e-mail address can pass.
REFERENCE = re.compile(r"[A-Za-z0-9_./:+=#-]{0,200}")
MAX_ITEMS = 200


def enqueue(
    kind: str,
    *,
    key: str,
    subject: str = "",
    payload: dict[str, Any] | None = None,
    run_after: dt.datetime | None = None,
) -> Job:
    """Owe one job to the outside, in the caller's transaction; returns the row.

    `kind` has a handler; `key` is what makes it this job (a reference with a version, say): the same kind and key
    again is the same job, and the first payload stays. `subject`: the ledger's subject. `payload`: ids and references
    only, as JSON. `run_after`: aware time, not before which it is done; None: at once.

    After the commit the worker is told; if that message is lost, the sweeper finds the row. A rollback takes the row
    with it. Raises OutsideTransaction, UnknownKind, PayloadRefused.
    """
    if not transaction.get_connection().in_atomic_block:
        raise OutsideTransaction(kind)
    kind_of(kind)
    if not key:
        raise PayloadRefused("key")
    _only_references(key, "key")
    _only_references(subject, "subject")
    _only_references(payload or {}, "payload")
    now = timezone.now()
    due = run_after or now
    job = Job(kind=kind, key=key, subject=subject, payload=payload or {}, run_after=due, created_at=now)
    job.send_after = due if due > now else now + GRACE
    # One statement decides who is first, without an error that would spoil the caller's transaction.
    Job.objects.bulk_create([job], ignore_conflicts=True)
    owed = Job.objects.get(kind=kind, key=key)
    if owed.pk == job.pk and due <= now:
        transaction.on_commit(partial(tell_worker, str(owed.pk)), robust=True)
    return owed


def tell_worker(job_id: str) -> bool:
    """Send the worker the id of one job. False, and a line in the log, if the queue can't be reached."""
    from postroom.outbox.tasks import carry

    try:
        carry.apply_async(args=[job_id], retry=False)
    except Exception as error:  # whatever the broker's library raises: the row stays owed and the sweeper looks again
        log.warning("outbox_queue_unreachable", job=job_id, error=type(error).__name__)
        return False
    return True


def begin_attempt(job: Job, attempt_id: str, effect: Callable[[], None] | None = None) -> None:
    """Commit that an outward call which can't be repeated is about to be made, under this id (a Message-ID, say).

    Called by a handler right before the call. `effect` runs in the same transaction, after the job's row is locked: the
    subject's own word that it is being sent; whatever it raises takes the attempt back. Raises LeaseLost if the job is
    somebody else's by now: then the call must not be made.
    """
    _only_references(attempt_id.strip("<>").replace("@", "."), "attempt_id")
    now = timezone.now()
    with transaction.atomic(durable=True):
        ours = Job.objects.filter(
            pk=job.pk, state=JobState.LEASED, lease_token=job.lease_token, lease_until__gt=now
        ).update(attempt_id=attempt_id, attempted_at=now)
        if not ours:
            raise LeaseLost(str(job.pk))
        if effect is not None:
            effect()
    job.attempt_id, job.attempted_at = attempt_id, now


def decide_uncertain(job: Job, *, sent: bool, by: User) -> Job:
    """A person's word on a job that may or may not have reached the outside.

    `sent`: it did, and the job is done; otherwise it is owed again, at once. The kind's `when_decided` runs in the
    same transaction. Raises NotDecidable if the job isn't uncertain (any more).
    """
    now = timezone.now()
    with transaction.atomic():
        changes: dict[str, Any] = {"decided_at": now, "decided_by": by, "lease_token": None, "lease_until": None}
        if sent:
            changes |= {"state": JobState.DONE, "done_at": now}
        else:
            changes |= {"state": JobState.OWED, "attempted_at": None, "attempts": 0, "run_after": now}
            changes["send_after"] = now + GRACE
        if not Job.objects.filter(pk=job.pk, state=JobState.UNCERTAIN).update(**changes):
            raise NotDecidable(str(job.pk))
        job.refresh_from_db()
        decided = kind_of(job.kind).when_decided
        if decided is not None:
            decided(job, sent, by)
        if not sent:
            transaction.on_commit(partial(tell_worker, str(job.pk)), robust=True)
    log.info("outbox_decided", job=str(job.pk), kind=job.kind, sent=sent, by=by.pk)
    return job


def proved_sent(job: Job) -> bool:
    """The outside itself shows that an uncertain job reached it (a delivery report, say): nobody has to decide on it.

    False, and nothing is changed, if the job isn't uncertain. `when_decided` isn't called: nobody decided.
    """
    now = timezone.now()
    done = Job.objects.filter(pk=job.pk, state=JobState.UNCERTAIN).update(
        state=JobState.DONE, done_at=now, lease_token=None, lease_until=None
    )
    if done:
        log.info("outbox_proved_sent", job=str(job.pk), kind=job.kind)
    return bool(done)


def retry_failed(job: Job, *, by: User) -> Job:
    """Owe a failed job again, from its first attempt. Raises NotFailed if it isn't failed (any more)."""
    now = timezone.now()
    with transaction.atomic():
        again = Job.objects.filter(pk=job.pk, state=JobState.FAILED).update(
            state=JobState.OWED, attempts=0, run_after=now, send_after=now + GRACE, decided_at=now, decided_by=by
        )
        if not again:
            raise NotFailed(str(job.pk))
        transaction.on_commit(partial(tell_worker, str(job.pk)), robust=True)
    job.refresh_from_db()
    return job


def _only_references(value: object, where: str) -> None:
    """Refuse whatever could be personal data: anything but numbers, yes or no, and short words without blanks."""
    if value is None or isinstance(value, bool | int):
        return
    if isinstance(value, str):
        if not REFERENCE.fullmatch(value):
            raise PayloadRefused(f"{where} may hold ids and references only")
    elif isinstance(value, dict) and len(value) <= MAX_ITEMS:
        for name, inner in value.items():
            _only_references(name, where)
            _only_references(inner, f"{where}.{name}")
    elif isinstance(value, list | tuple) and len(value) <= MAX_ITEMS:
        for inner in value:
            _only_references(inner, where)
    else:
        raise PayloadRefused(f"{where} may hold ids and references only")
