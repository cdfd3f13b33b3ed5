"""The policies in force, their versions word for word, and who acknowledged which (OGP-0)."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from postroom.ledger.subjects import LedgerSubject
from postroom.people.models import User


class PolicyVersion(LedgerSubject):
    """One version of a policy, frozen: text, and the fields of its header. The newest of a slug is in force.

    `review_on` empty: the text names no review date, and POLICY_REVIEW_MONTHS after its issue stands for it.
    """

    ledger_kind = "policy"

    slug = models.SlugField(max_length=40, help_text="Which policy: the same for all its versions.")
    title = models.CharField(max_length=120)
    version = models.CharField(max_length=40)
    number = models.PositiveIntegerField(help_text="From 1 within the policy; the highest is in force.")
    author = models.CharField(max_length=160, blank=True, default="")
    approval = models.CharField(max_length=160, blank=True, default="", help_text="Who approved it, and when.")
    issued_on = models.DateField()
    issued_words = models.CharField(max_length=80, blank=True, default="", help_text="As the text says it.")
    review_on = models.DateField(null=True, blank=True)
    review_words = models.CharField(max_length=80, blank=True, default="", help_text="As the text says it.")
    audience = models.CharField(max_length=200, blank=True, default="")
    rationale = models.TextField(blank=True, default="")
    text = models.TextField()
    sha256 = models.CharField(max_length=64, help_text="Of the text in UTF-8.")
    added_at = models.DateTimeField(default=timezone.now)
    added_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        ordering = ["slug", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["slug", "number"], name="policy_number_once"),
            models.UniqueConstraint(fields=["slug", "version"], name="policy_version_once"),
            models.CheckConstraint(condition=~Q(text="") & ~Q(sha256=""), name="policy_has_text"),
        ]

    def __str__(self) -> str:
        return f"{self.title}, {self.version}"

    @property
    def ledger_key(self) -> str:
        return f"{self.slug}.{self.number}"

    @property
    def review_due(self) -> dt.date:
        """When it is to be reviewed: as its text says, or so many months after its issue."""
        if self.review_on is not None:
            return self.review_on
        months = self.issued_on.month - 1 + settings.POLICY_REVIEW_MONTHS
        return dt.date(self.issued_on.year + months // 12, months % 12 + 1, 1) - dt.timedelta(days=1)

    @property
    def review_overdue(self) -> bool:
        """Is it past its review?"""
        return self.review_due < timezone.localdate()


class PolicyReading(models.Model):
    """Somebody opened the whole text of a version; without it there is no acknowledgement."""

    version = models.ForeignKey(PolicyVersion, models.PROTECT, related_name="readings")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "user"], name="policy_reading_once")]

    def __str__(self) -> str:
        return f"policy reading {self.pk}"


class Acknowledgement(models.Model):
    """Somebody acknowledged a version, once, after opening its whole text."""

    version = models.ForeignKey(PolicyVersion, models.PROTECT, related_name="acknowledgements")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["user"])]
        constraints = [models.UniqueConstraint(fields=["version", "user"], name="policy_acknowledged_once")]

    def __str__(self) -> str:
        return f"acknowledgement {self.pk}"
