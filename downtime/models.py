"""Downtimes, and the steps that were entered for them."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django_fsm import FSMField

from downtime.states import DOWNTIME_RULES, LATE_ACTIONS, DowntimeState
from letters.models import Letter
from letters.states import ACTION_NAMES
from postroom.files.models import StoredFile
from postroom.people.models import Office, User
from postroom.steps.models import StepSubject, declare_transitions
from postroom.steps.references import new_reference


class Downtime(declare_transitions(DOWNTIME_RULES), StepSubject):  # type: ignore[misc]
    """A time in which an office worked on paper. `began_at` and `ended_at` are aware; steps may lie between them."""

    ledger_kind = "downtime"
    rules = DOWNTIME_RULES

    reference = models.CharField(max_length=12, unique=True, default=new_reference, editable=False)
    office = models.ForeignKey(Office, models.PROTECT, related_name="downtimes")
    state = FSMField(
        default=DowntimeState.OPEN, choices=[(s.value, s.value.title()) for s in DowntimeState], protected=True
    )
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    reason = models.CharField(max_length=200)
    opened_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(default=timezone.now, editable=False)
    closed_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True, editable=False)
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["office", "-id"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at__gt=F("began_at"), opened_at__gte=F("ended_at")), name="downtime_is_over"
            ),
            models.CheckConstraint(condition=Q(state__in=list(DowntimeState)), name="downtime_state_known"),
            models.CheckConstraint(
                condition=Q(state=DowntimeState.OPEN.value, closed_at__isnull=True)
                | Q(state=DowntimeState.CLOSED.value, closed_at__isnull=False, closed_by__isnull=False),
                name="downtime_closed_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def ledger_key(self) -> str:
        return self.reference


class LateEntry(models.Model):
    """One step of a letter, entered afterwards: when it happened, who took it, who entered it, the paper's scan."""

    downtime = models.ForeignKey(Downtime, models.PROTECT, related_name="entries")
    letter = models.ForeignKey(Letter, models.PROTECT, related_name="late_entries")
    action = models.CharField(max_length=40, choices=[(a.value, ACTION_NAMES[a]) for a in LATE_ACTIONS])
    happened_at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    entered_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField(default=timezone.now)
    # The letter's version that this step made: one entry a step.
    letter_version = models.PositiveIntegerField()
    scan = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["letter", "letter_version"], name="late_entry_once"),
            models.CheckConstraint(condition=Q(entered_at__gte=F("happened_at")), name="late_entry_is_later"),
        ]

    def __str__(self) -> str:
        return f"late entry {self.pk}"
