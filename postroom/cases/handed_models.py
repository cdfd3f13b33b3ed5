"""What changed hands: a case that went to another worker or office, or what somebody held who left."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from postroom.people.models import Office, User


class HandedOn(models.Model):
    """One change of hands, at one office or from one to another. Of a case, or of what `person` held there.

    Written with the step that makes it, by whoever took it (None: Postroom, when a role ended); never changed.
    """

    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="handed_on", null=True, blank=True)
    person = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    at = models.DateTimeField(default=timezone.now)
    from_worker = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    to_worker = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    from_office = models.ForeignKey(Office, models.PROTECT, related_name="+", null=True, blank=True)
    to_office = models.ForeignKey(Office, models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["from_office", "-id"]), models.Index(fields=["to_office", "-id"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(case__isnull=False, person__isnull=True) | Q(case__isnull=True, person__isnull=False),
                name="handed_on_case_or_person",
            )
        ]

    def __str__(self) -> str:
        return f"handed on {self.pk}"

    @property
    def title(self) -> str:
        """What this is about, for a link."""
        if self.case is not None:
            return f"Case {self.case.reference}"
        return f"What {self.person.name} held" if self.person else ""


class HandedOnItem(models.Model):
    """One thing that went along: what it is, and who has it now (None: it goes with its case or its office's desk).

    No personal data: kind, reference and state in fixed words. `case`: so that it is kept from whom the case is.
    """

    handed = models.ForeignKey(HandedOn, models.PROTECT, related_name="items")
    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="+", null=True, blank=True)
    kind = models.CharField(max_length=40)
    reference = models.CharField(max_length=20)
    words = models.CharField(max_length=120, blank=True)
    link = models.CharField(max_length=200, blank=True)
    now_with = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"


class HandedOnSeen(models.Model):
    """Somebody has looked at it, and it is off their list."""

    handed = models.ForeignKey(HandedOn, models.PROTECT, related_name="seen")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["handed", "user"], name="handed_on_seen_once")]

    def __str__(self) -> str:
        return f"{self.user_id} saw {self.handed_id}"
