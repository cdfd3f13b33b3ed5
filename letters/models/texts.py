"""An office's templates and standard paragraphs, each with all its versions."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from postroom.ledger.history import field_history
from postroom.ledger.subjects import LedgerSubject
from postroom.people.models import Office, User


class OfficeText(LedgerSubject):
    """A template of a whole letter, or a paragraph to put into one. What it says stands in its versions."""

    ledger_kind = "text"

    class Kind(models.TextChoices):
        TEMPLATE = "template", "Template of a letter"
        PARAGRAPH = "paragraph", "Standard paragraph"

    office = models.ForeignKey(Office, models.PROTECT, related_name="texts")
    kind = models.CharField(max_length=9, choices=Kind.choices)
    name = models.CharField(max_length=80)
    is_active = models.BooleanField("in use", default=True)

    history = field_history(excluded_fields=["ledger_seq", "ledger_head"])

    class Meta:
        ordering = ["kind", "name"]
        constraints = [models.UniqueConstraint(fields=["office", "kind", "name"], name="text_name_once")]

    def __str__(self) -> str:
        return self.name

    @property
    def ledger_key(self) -> str:
        return str(self.pk)


class OfficeTextVersion(models.Model):
    """What a template or paragraph said, frozen (a trigger holds it). `body`: Markdown with placeholders."""

    text = models.ForeignKey(OfficeText, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    subject = models.CharField(max_length=120, blank=True, default="")
    body = models.TextField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["text", "-number"]
        constraints = [models.UniqueConstraint(fields=["text", "number"], name="text_version_once")]

    def __str__(self) -> str:
        return f"{self.text_id} version {self.number}"
