"""One text to many: what the letters of a set have in common, and who confirmed it once for all of them (OGP-3a)."""

from __future__ import annotations

import secrets

from django.db import models
from django.db.models import Q
from django.utils import timezone

from letters.models.letter import LetterVersion
from postroom.cases.models import Case, CasePerson
from postroom.people.models import User


def new_salt() -> str:
    """What the hashes of one set's texts are salted with, so that they tell nothing to whoever has only them."""
    return secrets.token_hex(16)


class SharedText(models.Model):
    """The letters of a case that were handed over together with one text: those whose `together` is `word`.

    `salt`: of the hashes of their texts; destroyed with the content of the last of them.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="shared_texts")
    word = models.CharField(max_length=16, unique=True)
    salt = models.CharField(max_length=32, blank=True, default=new_salt)

    def __str__(self) -> str:
        return f"shared text {self.pk}"


class TextCheck(models.Model):
    """Somebody confirmed the words that letters of a set have in common. It is no check of any of them by itself: each
    letter's own check confirms its address and rests on this (`Check.text_check`). Only voided, never changed."""

    shared = models.ForeignKey(SharedText, models.PROTECT, related_name="checks")
    # The letter's version in which they were read; `text_hash` is that of each version that says the same.
    version = models.ForeignKey(LetterVersion, models.PROTECT, related_name="+")
    text_hash = models.CharField(max_length=64)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    role = models.CharField(max_length=40)
    at = models.DateTimeField(default=timezone.now)
    voided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(text_hash=""), name="text_check_of_a_text"),
            models.UniqueConstraint(
                fields=["shared", "text_hash", "by"], condition=Q(voided_at__isnull=True), name="text_check_once"
            ),
        ]

    def __str__(self) -> str:
        return f"text check {self.pk}"


class NamedOther(models.Model):
    """Somebody else who gets a letter like this one, or of whom its addressee must not know, is named in the words of a
    version (decision 0166). Until the letter's worker says that it may, the letter takes no step onward."""

    version = models.ForeignKey(LetterVersion, models.PROTECT, related_name="names_others")
    person = models.ForeignKey(CasePerson, models.PROTECT, related_name="+")
    said_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    said_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["version", "person"], name="named_other_once"),
            models.CheckConstraint(
                condition=Q(said_by__isnull=True, said_at__isnull=True)
                | Q(said_by__isnull=False, said_at__isnull=False),
                name="named_other_said_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"named other {self.pk}"
