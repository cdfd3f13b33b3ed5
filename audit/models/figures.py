"""Figures kept up to date from the ledger, so that nobody counts a million letters at a look. Nothing but sums.

Derived: everything here can be counted again from the ledger (`rebuild_figures`), and tests hold one to the other.
"""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from letters.models import Letter
from postroom.people.models import Office


class FigureRow(models.Model):
    """One sum: of an office, a day or month (its first day), a measure and a key. `seconds` where time is measured."""

    office = models.ForeignKey(Office, models.PROTECT, related_name="+")
    day = models.DateField()
    measure = models.CharField(max_length=20)
    key = models.CharField(max_length=40, blank=True, default="")
    count = models.BigIntegerField(default=0)
    seconds = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["office", "measure", "day", "key"], name="figure_once")]
        indexes = [models.Index(fields=["measure", "day"])]

    def __str__(self) -> str:
        return f"{self.measure} {self.key} {self.day}"


class FigurePart(models.Model):
    """One letter in one figure of a month: the sums are the sums of these, so the list behind a figure is exactly it.

    `office`: where the letter was at that step, wherever it is now. Kept in the transaction that keeps the sums.
    """

    # No index of their own: parts are read by the figure alone, and neither letters nor offices are ever deleted.
    letter = models.ForeignKey(Letter, models.PROTECT, related_name="+", db_index=False)
    office = models.ForeignKey(Office, models.PROTECT, related_name="+", db_index=False)
    # In this order: two of four bytes side by side take no padding.
    day = models.DateField()
    seconds = models.IntegerField(default=0)  # 68 years
    measure = models.CharField(max_length=20)
    key = models.CharField(max_length=40, blank=True, default="")

    class Meta:
        # A list is read newest first, one figure of one office.
        indexes = [models.Index(fields=["office", "measure", "key", "day", "id"], name="figure_parts")]

    def __str__(self) -> str:
        return f"{self.measure} {self.key} {self.day}"

    @property
    def days(self) -> float:
        """As the average counts it."""
        return self.seconds / 86_400


class FiguresUpTo(models.Model):
    """Up to which sealed position the sums go; one row."""

    position = models.BigIntegerField(default=0)
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"up to {self.position}"
