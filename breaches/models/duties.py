"""What is owed after a breach: each duty with its evidence, the meeting that can't be, the letter that tells."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from breaches.duties import DUTIES, PARTY_NAMES, Duty, Party, Row, Unit
from breaches.models.breach import Breach
from letters.models import Letter
from postroom.files.models import StoredFile
from postroom.people.models import User

# What is due at once reads "do it now" for so long; reminders and the time itself are as strict as before.
FOR_NOW = dt.timedelta(hours=1)
ROWS: dict[Duty, Row] = {row.duty: row for row in DUTIES}


class BreachDuty(models.Model):
    """One duty of one breach: due, done with its evidence, or set aside with its reason."""

    class Status(models.TextChoices):
        OPEN = "open", "To do"
        DONE = "done", "Done"
        SET_ASIDE = "set_aside", "Set aside"

    breach = models.ForeignKey(Breach, models.PROTECT, related_name="duties")
    duty = models.CharField(max_length=40, choices=[(d.value, d.value) for d in Duty])
    place = models.PositiveSmallIntegerField(help_text="The order in which people see them.")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OPEN)
    added_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(null=True, blank=True, help_text="Overdue from then on; empty while it waits.")

    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    happened_at = models.DateTimeField(null=True, blank=True, help_text="When it was done: told, met, sent.")
    reference = models.CharField(max_length=80, blank=True)
    note = models.TextField(blank=True, help_text="Who was told and how; the reason of an answer.")
    answer = models.BooleanField(null=True, blank=True, help_text="Of a decision: yes or no.")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", null=True, blank=True)
    file_for_deciders = models.BooleanField(
        default=False,
        editable=False,
        help_text="Kept from before decision 0184: the file says what was decided on staff, and legal advice.",
    )

    class Meta:
        ordering = ["breach", "place"]
        indexes = [models.Index(fields=["status", "due_at"])]
        constraints = [
            models.UniqueConstraint(fields=["breach", "duty"], name="duty_once"),
            models.CheckConstraint(
                condition=Q(status="open", settled_at__isnull=True)
                | Q(status__in=["done", "set_aside"], settled_at__isnull=False),
                name="duty_settled_when",
            ),
            models.CheckConstraint(condition=~Q(status="set_aside") | ~Q(note=""), name="duty_set_aside_with_reason"),
            models.CheckConstraint(
                condition=~Q(status="done") | ~Q(reference="") | ~Q(note="") | Q(file__isnull=False),
                name="duty_done_with_evidence",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.duty} of {self.breach_id}"

    @property
    def row(self) -> Row:
        """What the table says of it."""
        return ROWS[Duty(self.duty)]

    @property
    def whom(self) -> str:
        """Whom it concerns, in words."""
        return PARTY_NAMES[Party(self.row.whom)]

    @property
    def settled(self) -> bool:
        """Done, or set aside."""
        return self.status != self.Status.OPEN

    @property
    def due_day(self) -> dt.date | None:
        """The last day, for what is counted in whole days: overdue from the midnight after it."""
        if self.due_at is None or self.row.due.unit != Unit.WORKING_DAYS:
            return None
        return timezone.localdate(self.due_at - dt.timedelta(microseconds=1))

    def is_for_now(self, now: dt.datetime) -> bool:
        """Is it due at once, and was it only just found to be? Then it is to be done now, and nobody is late yet."""
        at_once = self.due_at is not None and self.due_at <= self.added_at
        return not self.settled and at_once and now - self.added_at < FOR_NOW

    def is_overdue(self, now: dt.datetime | None = None) -> bool:
        """Is it still to do after its time?"""
        return not self.settled and self.due_at is not None and self.due_at <= (now or timezone.now())


class MeetingException(models.Model):
    """The service user can't be met, or must not be told yet: who asked, why, who decided (CLS-14)."""

    class Kind(models.TextChoices):
        REFUSED = "refused", "The service user refuses to meet"
        IMPOSSIBLE = "impossible", "A meeting is not possible"
        DANGER = "danger", "Telling now would endanger somebody"

    breach = models.ForeignKey(Breach, models.PROTECT, related_name="exceptions")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    service_user = models.ForeignKey(
        "ServiceUser", models.PROTECT, related_name="exceptions", null=True, blank=True, help_text="Empty: the meeting."
    )
    reason = models.TextField()
    until = models.DateField(null=True, blank=True, help_text="Put off until then; asked again afterwards.")
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    agreed = models.BooleanField(null=True, blank=True)
    answer = models.TextField(blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["breach"], condition=Q(decided_at__isnull=True), name="exception_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("asked_by")), name="exception_by_another"
            ),
            models.CheckConstraint(condition=~Q(kind="danger") | Q(until__isnull=False), name="deferral_has_an_end"),
        ]

    def __str__(self) -> str:
        return f"exception {self.pk}"


class ServiceUserLetter(models.Model):
    """The letter in which the service user is told in writing; held until the meeting is on record (CLS-14)."""

    breach = models.ForeignKey(Breach, models.PROTECT, related_name="service_user_letters")
    letter = models.OneToOneField(Letter, models.PROTECT, related_name="tells_of")
    person = models.ForeignKey(
        "ServiceUser", models.PROTECT, related_name="letters", null=True, blank=True, help_text="Whom it tells."
    )
    linked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"letter of {self.breach_id}"
