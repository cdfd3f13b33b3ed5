"""The people on cases whose data it was: each is met and written to (CLS-14)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from breaches.models.breach import Breach
from breaches.models.duties import MeetingException
from postroom.cases.models import CasePerson
from postroom.people.models import User


class ServiceUser(models.Model):
    """Somebody of one of the breach's cases, to be told face to face and then in writing; or named by mistake."""

    breach = models.ForeignKey(Breach, models.PROTECT, related_name="service_users")
    person = models.ForeignKey(CasePerson, models.PROTECT, related_name="+")
    named_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    named_at = models.DateTimeField(default=timezone.now)
    met_at = models.DateTimeField(null=True, blank=True)
    met_note = models.TextField(blank=True, help_text="Who met them, and what was said.")
    met_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True, help_text="Who recorded.")
    excused = models.ForeignKey(
        MeetingException, models.PROTECT, related_name="+", null=True, blank=True, help_text="Why they aren't met."
    )
    cleared_at = models.DateTimeField(null=True, blank=True)
    cleared_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["breach", "person"], condition=Q(cleared_at__isnull=True), name="service_user_named_once"
            ),
            models.CheckConstraint(
                condition=Q(met_at__isnull=True, met_by__isnull=True)
                | Q(met_at__isnull=False, met_by__isnull=False) & ~Q(met_note=""),
                name="service_user_met_by_whom",
            ),
        ]

    def __str__(self) -> str:
        return f"service user {self.pk}"

    @property
    def settled(self) -> bool:
        """Met, or a manager agreed that they can't be."""
        return self.met_at is not None or self.excused_id is not None
