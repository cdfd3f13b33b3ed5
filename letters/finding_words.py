"""In which letters words stand, newest first: one statement, which takes as long for a million letters as for some.

It reads `LetterWords`, a narrow copy that the database keeps in step. The newest WINDOW letters of an office are gone
through: a word that stands in one of forty is soon met so often that a page is full. Only where it isn't, the index of
words within their office is asked, for all letters at once: they are few then. What somebody has beside an office's
(their own cases' letters, those opened to them) is gone through whole: that is some thousands at most.

SQLite has no such index and reads through its few rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from letters.models import Letter, LetterWords
from letters.selectors import Reach
from postroom.cases.access import not_hidden
from postroom.people.models import User

WINDOW = 2_000
WITHOUT_INDEX = 1 << 40


@dataclass(frozen=True)
class Wanted:
    """Words that must all stand in the subject, or all in the addressee's name, each by its beginning. Letters and
    digits alone, as `postroom.cases.names.words_of` gives them; none in one of the two: it is not looked at."""

    subject: Sequence[str] = ()
    name: Sequence[str] = ()

    def __bool__(self) -> bool:
        return bool(self.subject or self.name)

    def condition(self) -> tuple[str, list[str]]:
        """As SQL over the two columns, with its parameters."""
        sides = [("subject_words", self.subject), ("name_words", self.name)]
        ways = [" AND ".join([f"' ' || {column} LIKE %s"] * len(words)) for column, words in sides if words]
        return " OR ".join(f"({way})" for way in ways), [f"% {word}%" for _, words in sides for word in words]

    def query(self, offices: Sequence[int]) -> str:
        """As PostgreSQL's index of words reads it (migration 0009): letters_words_of marks each with its office."""
        sides = [
            " & ".join(f"'{mark}{office}/{word}':*" for word in words)
            for office in offices
            for mark, words in (("s", self.subject), ("n", self.name))
            if words
        ]
        return " | ".join(f"({side})" for side in sides)


def newest_with(wanted: Wanted, *, user: User, reach: Reach, before: int | None, most: int) -> list[int]:
    """The ids of the newest letters, at most so many, that this person may find by these words. One query.

    `before`: below this id. Scoped as `selectors.visible_to` is; whoever shows them reads them through it.
    """
    if not wanted or not user.is_active:
        return []
    rows = LetterWords.objects.filter(not_hidden(user, "case_id")).order_by()
    if before is not None:
        rows = rows.filter(pk__lt=before)
    parts, asked = [], []
    for name, (sql, values) in (
        ("office", _of_offices(rows, reach, wanted, most)),
        ("own", _own(rows, user, reach, wanted)),
    ):
        if sql:
            parts.append((name, sql))
            asked += values
    if not parts:
        return []
    sql = " UNION ".join(f"SELECT letter_id FROM ({part}) {name}" for name, part in parts)  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} ORDER BY 1 DESC LIMIT %s", [*asked, most])
        return [row[0] for row in cursor.fetchall()]


def _of_offices(rows: QuerySet[LetterWords], reach: Reach, wanted: Wanted, most: int) -> tuple[str, list[Any]]:
    """Of the offices whose every letter somebody reads: a walk through the newest, then the index."""
    if not reach.offices:
        return "", []
    indexed = connection.vendor == "postgresql"
    window = WINDOW if indexed else WITHOUT_INDEX
    each, asked = _union([rows.filter(office=office).order_by("-pk")[:window] for office in reach.offices], " ALL")
    condition, words = wanted.condition()
    # The inner limit is what makes the database walk: it can't know where the matches lie.
    walk = (
        f"SELECT letter_id FROM (SELECT * FROM ({each}) offices ORDER BY letter_id DESC LIMIT %s) newest "  # noqa: S608
        f"WHERE {condition} ORDER BY letter_id DESC LIMIT %s"
    )
    asked += [window, *words, most]
    if not indexed:
        return walk, asked
    # The words are marked with their office; a condition beside would only offer the database another way.
    all_of_them, scope = _columns(rows)
    sql = (
        f"WITH walked AS MATERIALIZED ({walk}), indexed AS MATERIALIZED ({all_of_them} "  # noqa: S608
        "AND letters_words_of(office_id, subject_words, name_words) @@ %s::tsquery "
        "AND (SELECT count(*) FROM walked) < %s) SELECT letter_id FROM walked UNION SELECT letter_id FROM indexed"
    )
    return sql, [*asked, *scope, wanted.query(reach.offices), most]


def _own(rows: QuerySet[LetterWords], user: User, reach: Reach, wanted: Wanted) -> tuple[str, list[Any]]:
    """Of somebody's own cases, what they have with them, and what was opened to them: all of it."""
    own = [rows.filter(letter__in=reach.opened)]
    if reach.cases is not None:
        own += [
            rows.filter(case__in=reach.cases),
            rows.filter(letter__in=Letter.objects.filter(carried_by=user).order_by()),
        ]
    each, asked = _union(own, " ALL")
    condition, words = wanted.condition()
    # Materialised: gathered first, by case and by id, whatever the database guesses of the words.
    sql = f"WITH mine AS MATERIALIZED ({each}) SELECT letter_id FROM mine WHERE {condition}"  # noqa: S608
    return sql, [*asked, *words]


def _columns(rows: QuerySet[LetterWords]) -> tuple[str, list[Any]]:
    """The statement of a queryset, with its parameters."""
    sql, asked = rows.values_list("letter_id", "subject_words", "name_words").query.sql_with_params()
    return sql, list(asked)


def _union(several: Sequence[QuerySet[LetterWords]], how: str) -> tuple[str, list[Any]]:
    parts = [_columns(rows) for rows in several]
    sql = f" UNION{how} ".join(f"SELECT * FROM ({sql}) p{place}" for place, (sql, _) in enumerate(parts))  # noqa: S608
    return sql, [value for _, values in parts for value in values]
