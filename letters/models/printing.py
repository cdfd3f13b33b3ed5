"""Print runs: several letters sent to the printer in one PDF, made by the worker."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from letters.models.letter import Letter
from letters.models.printers import Printer
from letters.models.records import Print
from postroom.people.models import Office, User


class PrintRun(models.Model):
    """One PDF of several letters. `pdf` is the hash of its bytes, kept for a day; empty until it is made."""

    office = models.ForeignKey(Office, models.PROTECT, related_name="print_runs")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    done = models.PositiveSmallIntegerField(default=0, help_text="Letters gone through so far.")
    total = models.PositiveSmallIntegerField()
    pdf = models.CharField(max_length=64, blank=True, default="")
    printer = models.ForeignKey(Printer, models.PROTECT, related_name="+", null=True)
    made_at = models.DateTimeField(null=True, blank=True)
    looked_at = models.DateTimeField(null=True, blank=True, help_text="When somebody said what came out.")

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["office", "-id"])]

    def __str__(self) -> str:
        return f"print run {self.pk}"


class PrintRunLetter(models.Model):
    """A letter of a run, as it was seen when it was chosen, and what came of it. `words`: why it was left out."""

    run = models.ForeignKey(PrintRun, models.PROTECT, related_name="letters")
    letter = models.ForeignKey(Letter, models.PROTECT, related_name="print_runs")
    place = models.PositiveSmallIntegerField()
    seen_version = models.PositiveIntegerField()
    seen_hash = models.CharField(max_length=64, blank=True, default="")
    printed = models.OneToOneField(Print, models.PROTECT, related_name="run_letter", null=True, blank=True)
    words = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        ordering = ["run", "place"]
        constraints = [models.UniqueConstraint(fields=["run", "letter"], name="run_letter_once")]

    def __str__(self) -> str:
        return f"letter {self.place} of run {self.run_id}"
