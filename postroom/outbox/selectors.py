"""What pages and checks read of the outbox."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q
from django.utils import timezone

from postroom.outbox.models import Job, JobQuerySet, JobState

# Owed for longer than this past its time means that no worker is at work.
OVERDUE = dt.timedelta(minutes=15)


def stuck_jobs(*, now: dt.datetime | None = None) -> JobQuerySet:
    """Jobs a person must look at, oldest first: failed, uncertain, or owed and not done though long due."""
    late = (now or timezone.now()) - OVERDUE
    stuck = Q(state__in=[JobState.FAILED, JobState.UNCERTAIN]) | Q(state=JobState.OWED, run_after__lte=late)
    return Job.objects.filter(stuck).order_by("created_at", "pk")


def jobs_of(subject: str) -> JobQuerySet:
    """What is or was owed for one ledger subject (`letter/K7Q2M4XD9`), oldest first."""
    return Job.objects.filter(subject=subject).order_by("created_at", "pk")
