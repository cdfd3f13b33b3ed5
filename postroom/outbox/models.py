"""The rows that say what is owed to the outside. Celery only carries their ids; the row is the truth."""

from __future__ import annotations

import datetime as dt
import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone


class JobState(models.TextChoices):
    """Where a job stands. Times are UTC."""

    OWED = "owed", "Owed"
    LEASED = "leased", "Being done"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    UNCERTAIN = "uncertain", "Uncertain"
    DROPPED = "dropped", "Not wanted any more"


class JobQuerySet(models.QuerySet["Job"]):
    """Reads that the outbox and its pages make."""

    def due(self, now: dt.datetime) -> JobQuerySet:
        """Owed, and its time has come."""
        return self.filter(state=JobState.OWED, run_after__lte=now)

    def to_send(self, now: dt.datetime) -> JobQuerySet:
        """Owed, and nobody can be relied on to have told the worker of it."""
        return self.filter(state=JobState.OWED, send_after__lte=now)

    def expired(self, now: dt.datetime) -> JobQuerySet:
        """Leased by a worker that has not come back in time."""
        return self.filter(state=JobState.LEASED, lease_until__lte=now)


class Job(models.Model):
    """One thing owed to the outside: a PDF to make, an e-mail to send, a document to upload.

    `key` with `kind` is what makes it this job: owed twice is owed once. `payload` holds ids and references only.
    `attempt_id` and `attempted_at` are committed before an outward call that can't be repeated; they stand for as
    long as that call may have had an effect that nobody knows of.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=200)
    subject = models.CharField(max_length=80, blank=True, help_text="The ledger's subject, letter/K7Q2M4XD9.")
    payload = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=JobState.choices, default=JobState.OWED)
    run_after = models.DateTimeField(default=timezone.now)
    send_after = models.DateTimeField(default=timezone.now, help_text="When the sweeper tells a worker of it.")
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_token = models.UUIDField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    attempt_id = models.CharField(max_length=200, blank=True)
    attempted_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=80, blank=True, help_text="A code, never a message.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    done_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="jobs_decided", null=True, blank=True
    )

    objects = JobQuerySet.as_manager()

    class Meta:
        db_table = "outbox_job"
        constraints = [
            models.UniqueConstraint(fields=["kind", "key"], name="outbox_owed_once"),
            models.CheckConstraint(condition=Q(state__in=JobState.values), name="outbox_state_known"),
            models.CheckConstraint(
                condition=~Q(state=JobState.LEASED) | Q(lease_token__isnull=False, lease_until__isnull=False),
                name="outbox_lease_whole",
            ),
            models.CheckConstraint(
                condition=~Q(state=JobState.UNCERTAIN) | Q(attempted_at__isnull=False),
                name="outbox_uncertain_was_tried",
            ),
            models.CheckConstraint(
                condition=~Q(state=JobState.OWED) | Q(attempted_at__isnull=True, lease_token__isnull=True),
                name="outbox_owed_is_free",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[JobState.DONE, JobState.DROPPED]) | Q(done_at__isnull=False),
                name="outbox_done_has_time",
            ),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decided_by__isnull=True)
                | Q(decided_at__isnull=False, decided_by__isnull=False),
                name="outbox_decided_by_somebody",
            ),
        ]
        # Partial: the sweeper's reads stay small however many jobs are done.
        indexes = [
            models.Index(fields=["run_after"], name="outbox_due", condition=Q(state=JobState.OWED)),
            models.Index(fields=["send_after"], name="outbox_to_send", condition=Q(state=JobState.OWED)),
            models.Index(fields=["lease_until"], name="outbox_leases", condition=Q(state=JobState.LEASED)),
            models.Index(
                fields=["created_at"],
                name="outbox_stuck",
                condition=Q(state__in=[JobState.FAILED, JobState.UNCERTAIN]),
            ),
            models.Index(fields=["subject"], name="outbox_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id} ({self.state})"


class When(models.TextChoices):
    """When the e-mails come that say it is somebody's turn."""

    AT_ONCE = "at_once", "At once, one e-mail each time"
    MORNING = "morning", "Each working morning, all in one e-mail"
    NONE = "none", "Not at all: I look at My work"


class NoticeChoice(models.Model):
    """What somebody chose on their own page. No row: nothing chosen yet (postroom.outbox.choices)."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, related_name="notice_choice")
    when = models.CharField(max_length=7, choices=When.choices)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "outbox_notice_choice"
        constraints = [models.CheckConstraint(condition=Q(when__in=When.values), name="outbox_when_known")]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.when}"


class HeldNotice(models.Model):
    """A notice that waits for its person's morning summary. The same one asked for twice is one row.

    `settled_at`: it was told in the summary `told_in`, or isn't wanted any more.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="notices_held")
    notice = models.CharField(max_length=60)
    subject = models.CharField(max_length=80)
    link = models.CharField(max_length=200)
    key = models.CharField(max_length=200, unique=True)
    at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True, blank=True)
    told_in = models.ForeignKey(Job, models.PROTECT, related_name="notices_told", null=True, blank=True)

    class Meta:
        db_table = "outbox_held_notice"
        ordering = ["at", "pk"]
        indexes = [
            models.Index(fields=["user", "at"], name="outbox_held", condition=Q(settled_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.notice} for {self.user_id}"
