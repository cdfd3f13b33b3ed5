"""What retention destroyed of a letter, and the leave to do so: without such a row the database refuses."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from letters.models.letter import Letter


class Disposed(models.Model):
    """Drafts, content, or proofs, of a letter are destroyed. Written first, in that transaction; never taken back."""

    class What(models.TextChoices):
        DRAFTS = "drafts", "Drafts and dictation"
        CONTENT = "content", "Content, files and field history"
        PROOFS = "proofs", "Receipts and records of delivery"

    letter = models.ForeignKey(Letter, models.PROTECT, related_name="disposed")
    what = models.CharField(max_length=8, choices=What.choices)
    at = models.DateTimeField(default=timezone.now)
    under = models.CharField(max_length=60, help_text="The disposal's subject in the ledger.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["letter", "what"], name="disposed_once"),
            models.CheckConstraint(condition=Q(what__in=["drafts", "content", "proofs"]), name="disposed_what_known"),
        ]

    def __str__(self) -> str:
        return f"{self.what} of {self.letter_id} disposed of"
