"""Advice, the decision of both, the reports to the Commissioner (CLS-15)."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from breaches.models.breach import Breach
from postroom.files.models import StoredFile
from postroom.people.models import User
from postroom.people.roles import Role


class Advice(models.Model):
    """Asked of the Data Protection Officer, and what they answered."""

    breach = models.ForeignKey(Breach, models.PROTECT, related_name="advice")
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    question = models.TextField()
    given_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    given_at = models.DateTimeField(null=True, blank=True)
    text = models.TextField(blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["breach"], condition=Q(given_at__isnull=True), name="advice_one_at_a_time")
        ]

    def __str__(self) -> str:
        return f"advice {self.pk}"


class Decision(models.Model):
    """What the Assistant Director and the Caldicott Guardian decided, each by their own hand (CLS-15).

    The disciplinary part is shown to those who decide and to nobody else (OGP-12). The newest row that isn't
    superseded stands; a proposal written anew supersedes the one before, and its hand with it.
    """

    breach = models.ForeignKey(Breach, models.PROTECT, related_name="decisions")
    disciplinary = models.BooleanField()
    disciplinary_reason = models.TextField()
    commissioner = models.BooleanField()
    commissioner_reason = models.TextField()
    professional_body = models.BooleanField()
    professional_body_reason = models.TextField()
    legal_advice = models.TextField(blank=True)

    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    proposed_as = models.CharField(
        max_length=40, choices=[(r.value, r.value) for r in (Role.ASSISTANT_DIRECTOR, Role.CALDICOTT_GUARDIAN)]
    )
    proposed_authority = models.CharField(max_length=160)
    proposed_at = models.DateTimeField(default=timezone.now)
    agreed_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    agreed_authority = models.CharField(max_length=160, blank=True)
    agreed_at = models.DateTimeField(null=True, blank=True)
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["breach"], condition=Q(superseded_at__isnull=True), name="one_decision_stands"
            ),
            models.CheckConstraint(
                condition=~Q(disciplinary_reason="") & ~Q(commissioner_reason="") & ~Q(professional_body_reason=""),
                name="decision_gives_each_reason",
            ),
            models.CheckConstraint(
                condition=Q(agreed_by__isnull=True) | ~Q(agreed_by=F("proposed_by")), name="decision_takes_two"
            ),
        ]

    def __str__(self) -> str:
        return f"decision {self.pk}"


class Notification(models.Model):
    """One phase of the report to the Commissioner as it was made to be sent: its words and its PDF never change.

    The one that hasn't ended is the one to send; another made instead, or its sending, ends it.
    """

    breach = models.ForeignKey(Breach, models.PROTECT, related_name="notifications")
    phase = models.PositiveSmallIntegerField()
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    note = models.TextField(blank=True)
    late_reason = models.TextField(blank=True)
    more_by = models.DateField(null=True, blank=True, help_text="A further phase is promised by the end of this day.")
    content = models.JSONField(help_text="Title and sections, as they stand in the PDF.")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True, help_text="Sent, or another was made instead.")

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["breach"], condition=Q(ended_at__isnull=True), name="one_notification_to_send"
            ),
        ]

    def __str__(self) -> str:
        return f"notification {self.pk}"


class Referral(models.Model):
    """A report to the Commissioner, in phases; a late one says why (Article 33). Kept as it was sent: `notification`.

    A further phase that it promises is owed by the end of `more_by` until it is sent, or withdrawn with a reason.
    """

    breach = models.ForeignKey(Breach, models.PROTECT, related_name="referrals")
    phase = models.PositiveSmallIntegerField()
    at = models.DateTimeField(help_text="When it was sent.")
    reference = models.CharField(max_length=80)
    note = models.TextField(blank=True)
    late_reason = models.TextField(blank=True)
    more_to_come = models.BooleanField(default=False)
    more_by = models.DateField(null=True, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    notification = models.OneToOneField(
        Notification, models.PROTECT, related_name="sent", null=True, blank=True, help_text="Empty: sent before 0144."
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    withdrawn_reason = models.TextField(blank=True)

    class Meta:
        ordering = ["phase"]
        constraints = [
            models.UniqueConstraint(fields=["breach", "phase"], name="referral_phase_once"),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True)
                | Q(more_to_come=True, withdrawn_by__isnull=False) & ~Q(withdrawn_reason=""),
                name="promise_withdrawn_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"referral {self.pk}"

    @property
    def promised_until(self) -> dt.datetime:
        """From when the further phase is overdue: the end of the promised day; one without a day is owed at once."""
        if self.more_by is None:
            return self.at
        return timezone.make_aware(dt.datetime.combine(self.more_by + dt.timedelta(days=1), dt.time.min))
