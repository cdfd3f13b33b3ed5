"""Doing what is owed: claim in one short transaction, work outside any, settle in a second short one."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from typing import Any

import structlog
from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from postroom.outbox.errors import Drop, Fail, LeaseLost, Retry, Uncertain, UnknownKind
from postroom.outbox.models import Job, JobState
from postroom.outbox.queue import tell_worker
from postroom.outbox.registry import Effect, Kind, kind_of, known_kinds

log = structlog.get_logger(__name__)

NOT_OURS = "not_ours"
BATCH = 500
# A job that the sweeper has told a worker of is not told again before this.
RESEND = dt.timedelta(minutes=1)


def claim(job_id: uuid.UUID, *, now: dt.datetime | None = None) -> Job | None:
    """Lease one job that is owed and due; None if it isn't, or somebody else was quicker. Raises UnknownKind."""
    now = now or timezone.now()
    job = Job.objects.filter(pk=job_id).due(now).first()
    if job is None:
        return None
    kind = kind_of(job.kind)
    token = uuid.uuid4()
    lease_until = timezone.now() + kind.lease
    with transaction.atomic(durable=True):
        # The UPDATE's own condition decides the race, on both databases alike.
        won = (
            Job.objects.filter(pk=job_id)
            .due(now)
            .update(state=JobState.LEASED, lease_token=token, lease_until=lease_until, attempts=F("attempts") + 1)
        )
    if not won:
        return None
    job.state, job.lease_token, job.lease_until = JobState.LEASED, token, lease_until
    job.attempts += 1
    return job


def carry(job_id: uuid.UUID, *, now: dt.datetime | None = None) -> str:
    """Do one job, if it is owed and due. Returns the state it was left in; `not_ours` if it wasn't to be had.

    A handler's errors end on the job's row as codes; nothing is raised for them.
    """
    try:
        job = claim(job_id, now=now)
    except UnknownKind as error:
        log.error("outbox_unknown_kind", job=str(job_id), kind=str(error))
        return NOT_OURS
    if job is None:
        return NOT_OURS
    kind = kind_of(job.kind)
    try:
        effect = kind.work(job)
        settle_done(job, kind, effect)
    except LeaseLost:
        log.warning("outbox_lease_lost", job=str(job.pk), kind=job.kind)
        return NOT_OURS
    except Exception as error:
        return _settle_badly(job, kind, error, now or timezone.now())
    return JobState.DONE.value


def settle_done(job: Job, kind: Kind, effect: Effect | None) -> None:
    """Mark the job done and run its effect, together or not at all. Raises LeaseLost if it isn't ours any more."""
    with transaction.atomic(durable=True):
        now = timezone.now()
        if not _still_ours(job, kind).update(
            state=JobState.DONE, done_at=now, lease_token=None, lease_until=None, last_error=""
        ):
            raise LeaseLost(str(job.pk))
        if effect is not None:
            effect()


def reap(*, now: dt.datetime | None = None, batch: int = BATCH) -> int:
    """Take back the jobs of workers that didn't return: owed again, or uncertain if a call had begun. How many."""
    now = now or timezone.now()
    with transaction.atomic(durable=True):
        found = list(_skip_locked(Job.objects.expired(now).order_by("lease_until"))[:batch])
        for job in found:
            # The token stays on an uncertain job: its worker may yet come back and tell for certain.
            if job.attempted_at is not None:
                changes: dict[str, Any] = {"state": JobState.UNCERTAIN, "last_error": "worker_lost"}
            else:
                changes = _owed_again(job, job.run_after, "worker_lost")  # the lease was wait enough
            taken = Job.objects.filter(pk=job.pk, state=JobState.LEASED, lease_token=job.lease_token).update(**changes)
            _given_up(job, changes if taken else {})
    for job in found:
        log.warning("outbox_lease_expired", job=str(job.pk), kind=job.kind, tried=job.attempted_at is not None)
    return len(found)


def sweep(*, now: dt.datetime | None = None, batch: int = BATCH) -> int:
    """Take back expired leases, then tell workers of what is owed and due. Returns how many were told."""
    now = now or timezone.now()
    reap(now=now, batch=batch)
    with transaction.atomic(durable=True):
        waiting = Job.objects.to_send(now).filter(kind__in=known_kinds()).order_by("send_after")
        ids = list(_skip_locked(waiting).values_list("pk", flat=True)[:batch])
        Job.objects.filter(pk__in=ids, state=JobState.OWED).update(send_after=now + RESEND)
    for told, job_id in enumerate(ids):
        if not tell_worker(str(job_id)):  # the queue is down: the others would only wait for it one by one
            Job.objects.filter(pk__in=ids[told:], state=JobState.OWED).update(send_after=now)
            return told
    return len(ids)


def run_due(*, now: dt.datetime | None = None, limit: int = 1000) -> Counter[str]:
    """Do everything that is due, here and now, without a queue or worker; also what it leads to. Bounded by `limit`.

    `now`: an aware time to take for now, None for the clock. Returns how many jobs ended in which state.
    """
    ended: Counter[str] = Counter()
    reap(now=now)
    while ended.total() < limit:
        due = Job.objects.due(now or timezone.now()).filter(kind__in=known_kinds()).order_by("run_after", "created_at")
        ids = list(due.values_list("pk", flat=True)[: min(BATCH, limit - ended.total())])
        if not ids:
            break
        ended.update(carry(job_id, now=now) for job_id in ids)
    return ended


def _skip_locked(jobs: QuerySet[Job]) -> QuerySet[Job]:
    """Rows nobody else is at. SQLite has one writer at a time anyway."""
    return jobs.select_for_update(skip_locked=True) if connection.features.has_select_for_update_skip_locked else jobs


def _still_ours(job: Job, kind: Kind) -> QuerySet[Job]:
    """The row, if this run still holds it. A late worker may still settle what became uncertain meanwhile."""
    states = [JobState.LEASED] if kind.repeatable else [JobState.LEASED, JobState.UNCERTAIN]
    return Job.objects.filter(pk=job.pk, lease_token=job.lease_token, state__in=states)


def _owed_again(job: Job, when: dt.datetime, code: str) -> dict[str, Any]:
    """The changes that put a job back, or end it as failed if it has been tried often enough."""
    free: dict[str, Any] = {"lease_token": None, "lease_until": None, "attempted_at": None, "last_error": code}
    try:
        most = kind_of(job.kind).max_attempts
    except UnknownKind:
        most = job.attempts + 1
    if job.attempts >= most:
        return free | {"state": JobState.FAILED}
    return free | {"state": JobState.OWED, "run_after": when, "send_after": when}


def _given_up(job: Job, changes: dict[str, Any]) -> None:
    """Tell whoever owes the job that it failed after its last try; with the row's own change or not at all."""
    if changes.get("state") == JobState.FAILED and job.kind in known_kinds():
        told = kind_of(job.kind).when_given_up
        if told is not None:
            try:
                with transaction.atomic():
                    told(job)
            except Exception as error:  # the other jobs of the sweep are taken back all the same
                log.error("outbox_given_up_untold", job=str(job.pk), kind=job.kind, error=type(error).__name__)


def _settle_badly(job: Job, kind: Kind, error: Exception, now: dt.datetime) -> str:
    """Put on the row how the job ended; returns its state. Only codes and class names are kept: messages may tell."""
    certain = isinstance(error, Retry | Fail | Drop)
    code = error.code if isinstance(error, Retry | Fail | Drop | Uncertain) else f"error:{type(error).__name__}"[:80]
    free: dict[str, Any] = {"lease_token": None, "lease_until": None, "last_error": code}
    if isinstance(error, Drop):
        changes = free | {"state": JobState.DROPPED, "done_at": now}
    elif isinstance(error, Fail):
        changes = free | {"state": JobState.FAILED, "attempted_at": None}
    elif not certain and job.attempted_at is not None:
        changes = free | {"state": JobState.UNCERTAIN}
    else:
        wait = (error.after if isinstance(error, Retry) else None) or kind.wait_after(job.attempts)
        changes = _owed_again(job, now + wait, code)
    with transaction.atomic(durable=True):
        ours = _still_ours(job, kind).update(**changes)
        _given_up(job, changes if ours and not isinstance(error, Fail) else {})
    state = str(changes["state"].value) if ours else NOT_OURS
    log.warning("outbox_job", job=str(job.pk), kind=job.kind, state=state, error=code, at=_place(error))
    return state


def _place(error: Exception) -> str:
    """Where it was raised: file and line, without the message, which may hold personal data."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}" if trace else ""
