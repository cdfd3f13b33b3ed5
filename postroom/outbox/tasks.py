"""What Celery runs. Each task is harmless when run again: the job's row decides, not the queue."""

from __future__ import annotations

import uuid

from celery import shared_task

from postroom.outbox import carrier, summary


@shared_task(name="postroom.outbox.carry")
def carry(job_id: str) -> str:
    """Do one job, if it is still owed. Returns the state it was left in, or `not_ours`."""
    return carrier.carry(uuid.UUID(job_id))


@shared_task(name="postroom.outbox.sweep")
def sweep() -> int:
    """Take back expired leases and send what is owed and was not told to a worker. Returns how many were sent."""
    return carrier.sweep()


@shared_task(name="postroom.outbox.plan_summaries")
def plan_summaries() -> int:
    """Owe the morning's summaries that are not owed yet; returns how many."""
    return summary.plan()
