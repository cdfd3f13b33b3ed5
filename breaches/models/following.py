"""What keeps a breach going and from coming again: actions, what people were told of, alerts, half finished reports."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.text import Truncator

from breaches.models.breach import Breach
from breaches.words import CONTROL_NAMES, Control
from postroom.people.models import Office, User
from postroom.steps.references import new_reference


class FollowUp(models.Model):
    """An action with its owner and date, so that it doesn't happen again.

    `for_deciders`: it follows from the disciplinary part of a decision, so only those who decide know of it (OGP-12).
    """

    breach = models.ForeignKey(Breach, models.PROTECT, related_name="follow_ups")
    words = models.TextField()
    owner = models.ForeignKey(User, models.PROTECT, related_name="+")
    due_on = models.DateField()
    added_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    added_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    finished_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    result = models.TextField(blank=True)
    for_deciders = models.BooleanField(
        default=False, editable=False, help_text="What was decided on somebody of ours: for those who decide alone."
    )

    class Meta:
        ordering = ["due_on", "pk"]
        indexes = [models.Index(fields=["owner", "finished_at"])]

    def __str__(self) -> str:
        return f"action {self.pk}"


class Reminder(models.Model):
    """What people were told of, once for each due time, `owed_since`; the row says what was sent.

    `what` is "mark/24/20260723T090000Z" or "overdue/police/20260723T090000Z", the time in UTC; older rows lack it.
    """

    breach = models.ForeignKey(Breach, models.PROTECT, related_name="reminders")
    what = models.CharField(max_length=60)
    at = models.DateTimeField(default=timezone.now)
    owed_since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["breach", "what"], name="reminder_once")]

    def __str__(self) -> str:
        return f"{self.what} of {self.breach_id}"


class TrendAlert(models.Model):
    """Breaches rose at an office, or of one control that failed: told once, until it is over and rises anew."""

    office = models.ForeignKey(Office, models.PROTECT, related_name="+", null=True, blank=True)
    control = models.CharField(
        max_length=30, choices=[(c.value, CONTROL_NAMES[c]) for c in Control], blank=True, default=""
    )
    at = models.DateTimeField(default=timezone.now)
    number = models.PositiveIntegerField(help_text="How many there were when it was told.")
    over_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(office__isnull=False, control="") | Q(office__isnull=True) & ~Q(control=""),
                name="alert_of_one_thing",
            ),
            models.UniqueConstraint(
                fields=["office"], condition=Q(over_at__isnull=True, control=""), name="alert_of_office_once"
            ),
            models.UniqueConstraint(
                fields=["control"], condition=Q(over_at__isnull=True, office__isnull=True), name="alert_of_control_once"
            ),
        ]

    def __str__(self) -> str:
        return f"alert {self.pk}"


class ReportDraft(models.Model):
    """A report half finished, kept for the one who writes it; deleted when it is sent."""

    by = models.ForeignKey(User, models.PROTECT, related_name="breach_drafts")
    key = models.CharField(max_length=12, unique=True, default=new_reference, editable=False)
    fields = models.JSONField(default=dict)
    saved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-saved_at"]

    def __str__(self) -> str:
        return f"draft {self.pk}"

    @property
    def begins(self) -> str:
        """How its words begin, to tell one from another."""
        typed = self.fields.get("what") or [""]
        return Truncator(str(typed[0])).chars(60)
