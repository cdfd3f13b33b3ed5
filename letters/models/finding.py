"""What letters are found by: their words, and filters that somebody keeps by a name of their own."""

from __future__ import annotations

from django.db import models

from letters.models.letter import Letter
from postroom.cases.models import Case
from postroom.people.models import Office, User


class LetterWords(models.Model):
    """A letter's words as the search reads them, with what says who may find it. A copy that the database itself keeps
    in step (letters.protection): nobody writes here. So narrow that thousands of rows are read in a millisecond.

    PostgreSQL has an index of the words within their office (letters.finding_words).
    """

    letter = models.OneToOneField(Letter, models.CASCADE, primary_key=True, related_name="words")
    office = models.ForeignKey(Office, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False)
    case = models.ForeignKey(Case, models.DO_NOTHING, related_name="+", db_constraint=False)
    subject_words = models.CharField(max_length=240)
    name_words = models.CharField(max_length=120)

    class Meta:
        # With all that the walk reads: whatever else was written meanwhile, an office's newest lie side by side here.
        indexes = [
            models.Index(
                fields=["office", "-letter"],
                include=["case", "subject_words", "name_words"],
                name="words_office_newest",
            )
        ]

    def __str__(self) -> str:
        return f"words of {self.letter_id}"


class SavedFilter(models.Model):
    """A list of letters that somebody looks at often. `query` holds filters alone, never what was typed."""

    user = models.ForeignKey(User, models.CASCADE, related_name="saved_filters")
    name = models.CharField(max_length=40)
    query = models.CharField(max_length=200)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="saved_filter_once")]

    def __str__(self) -> str:
        return f"filter {self.pk}"
