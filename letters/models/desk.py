"""What goes to and fro between worker and admin: what was handed over, questions and answers."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from letters.formats import MADE, MAY_BE_THE_LETTER
from letters.models.letter import Letter, LetterVersion
from postroom.files.models import StoredFile
from postroom.people.models import User
from postroom.uploads import Kind

KIND_NAMES = {
    Kind.PDF: "PDF",
    Kind.WORD: "Word file",
    Kind.PICTURE: "Photo or scan",
    Kind.AUDIO: "Dictation",
    Kind.TEXT: "Text file",
}


class Source(models.Model):
    """A file that the worker handed over as the draft (OGP-1); its bytes are stored once, whoever else uses them.

    `text`: what can be read in it (Word, plain text). `seconds`: of a dictation. Never changed (a trigger holds it).
    """

    letter = models.ForeignKey(Letter, models.PROTECT, related_name="sources")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=[(kind.value, name) for kind, name in KIND_NAMES.items()])
    media_type = models.CharField(max_length=100)
    pages = models.PositiveSmallIntegerField(default=0)
    seconds = models.PositiveIntegerField(default=0)
    text = models.TextField(blank=True, default="", help_text="As the editor writes it (Markdown).")
    scanned = models.BooleanField("scanned for viruses", default=False)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["file"], name="source_file")]

    def __str__(self) -> str:
        return f"source {self.pk}"

    @property
    def length_words(self) -> str:
        """How much there is of it: "3 pages", "2 minutes 5 seconds"; "" where it can't be said."""
        if self.kind == Kind.AUDIO and self.seconds:
            minutes, seconds = divmod(self.seconds, 60)
            parts = [f"{minutes} minute{'' if minutes == 1 else 's'}"] if minutes else []
            parts += [f"{seconds} second{'' if seconds == 1 else 's'}"] if seconds or not minutes else []
            return " ".join(parts)
        if self.kind == Kind.PDF:
            return f"{self.pages} page{'' if self.pages == 1 else 's'}"
        return ""

    @property
    def page_numbers(self) -> range:
        """Of a PDF, from 1."""
        return range(1, self.pages + 1)


class Question(models.Model):
    """Admin asks the worker about a letter; the answer stays with it (OGP-1). Answered once (a trigger holds it)."""

    letter = models.ForeignKey(Letter, models.PROTECT, related_name="questions")
    text = models.TextField()
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    answer = models.TextField(blank=True, default="")
    answered_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["letter"], condition=Q(answered_at__isnull=True), name="question_open"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(answer="", answered_by__isnull=True, answered_at__isnull=True)
                | ~Q(answer="") & Q(answered_by__isnull=False, answered_at__isnull=False),
                name="question_answered_whole",
            )
        ]

    def __str__(self) -> str:
        return f"question {self.pk}"


class LetterFile(models.Model):
    """A PDF or picture that admin added while typing: an enclosure, or a finished document that is the letter itself.

    Which of them go with the letter, and in which order, is part of the version's content and so of its hash; the
    bytes are stored once, however many letters use them. Never changed (a trigger holds it).
    """

    class Purpose(models.TextChoices):
        ENCLOSURE = "enclosure", "Enclosure"
        DOCUMENT = "document", "Finished document"
        FORMAT = "format", "In the addressee's format"

    letter = models.ForeignKey(Letter, models.PROTECT, related_name="files")
    purpose = models.CharField(max_length=9, choices=Purpose.choices)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    media_type = models.CharField(max_length=100)
    pages = models.PositiveSmallIntegerField()
    scanned = models.BooleanField("scanned for viruses", default=False)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["file"], name="letterfile_file")]
        constraints = [models.CheckConstraint(condition=Q(pages__gte=1), name="letterfile_has_pages")]

    def __str__(self) -> str:
        return f"letter file {self.pk}"


class MadeInFormat(models.Model):
    """What was made of a version in the addressee's format (Braille, audio, easy read): by whom, when, what it is and
    how many of it are counted into the envelope. The newest counts; rows never change (a trigger holds it).

    `is_letter`: what is printed is itself in the format. `file`: as it was made, where there is one.
    """

    version = models.ForeignKey(LetterVersion, models.PROTECT, related_name="made_in_format")
    letter_format = models.CharField(max_length=11)
    is_letter = models.BooleanField(default=False)
    what = models.CharField(max_length=80)
    count = models.PositiveSmallIntegerField()
    made_by = models.CharField(max_length=120)
    made_on = models.DateField()
    file = models.ForeignKey(LetterFile, models.SET_NULL, related_name="+", null=True, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_letter=False, count__gte=1)
                | Q(is_letter=True, count=0, letter_format__in=MAY_BE_THE_LETTER),
                name="made_in_format_is_something",
            ),
            models.CheckConstraint(
                condition=Q(letter_format__in=MADE) & ~Q(what="") & ~Q(made_by=""), name="made_in_format_says_what"
            ),
        ]

    def __str__(self) -> str:
        return f"made in format {self.pk}"
