"""Which letters words stand in, looked up in PostgreSQL's two indexes of words; SQLite reads through its few rows.

The database can't know that the letters in which a word stands are none of those that somebody may read: told to give
the newest of both, it would walk through all letters, newest first, and perhaps find none. So the index is asked first,
for so many letters as can be looked at one by one (MOST_…); only a word that stands in more of them is looked for by
walking, where the next match is never far.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import BooleanField, F, Func, Q, Value

from postroom.cases.models import CasePerson

MOST_ABOUT, MOST_TO = 4_000, 10_000
# So many people of that name are looked at; where there are more, the walk.
MOST_PEOPLE = 10_000

_PEOPLE = """
SELECT id FROM cases_caseperson WHERE to_tsvector('simple', name_key) @@ to_tsquery('simple', %s) LIMIT %s
"""
# The limit inside makes the database look up each person's letters by themselves, whatever it would guess.
_TO_PEOPLE = """
SELECT newest.id FROM unnest(%s::bigint[]) AS named (id),
LATERAL (SELECT id FROM letters_letter WHERE addressee_id = named.id ORDER BY id DESC LIMIT %s) newest LIMIT %s
"""
_BY_SUBJECT = """
SELECT id FROM letters_letter WHERE to_tsvector('simple', subject) @@ to_tsquery('simple', %s) LIMIT %s
"""


def to_somebody_named(words: Sequence[str]) -> Any:
    """The condition that the addressee's name has all these words, each by its beginning. Two queries, made now."""
    walk = Q(addressee_id__in=CasePerson.objects.filter(all_words("name_key", words)).values("pk"))
    if connection.vendor != "postgresql":
        return walk
    people = _ids(_PEOPLE, [_asked(words), MOST_PEOPLE + 1])
    known = len(people) <= MOST_PEOPLE
    letters = _ids(_TO_PEOPLE, [people if known else [], MOST_TO + 1, MOST_TO + 1])
    return Q(pk__in=letters) if known and len(letters) <= MOST_TO else walk


def about(words: Sequence[str]) -> Any:
    """The condition that all these words stand in the subject, each by its beginning. One query, made now."""
    walk = all_words("subject", words)
    if connection.vendor != "postgresql":
        return walk
    letters = _ids(_BY_SUBJECT, [_asked(words), MOST_ABOUT + 1])
    return Q(pk__in=letters) if len(letters) <= MOST_ABOUT else walk


def _ids(sql: str, asked: list[Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, asked)
        return [row[0] for row in cursor.fetchall()]


def _asked(words: Sequence[str]) -> str:
    return " & ".join(f"{word}:*" for word in words)


def all_words(column: str, words: Sequence[str]) -> Any:
    """The condition that every word stands in the column, by its beginning."""
    if connection.vendor == "postgresql":
        return Func(
            F(column),
            Value(_asked(words)),
            template="to_tsvector('simple', %(expressions)s)",
            arg_joiner=") @@ to_tsquery('simple', ",
            output_field=BooleanField(),
        )
    found = Q()
    for word in words:
        found &= Q(**{f"{column}__istartswith": word}) | Q(**{f"{column}__icontains": f" {word}"})
    return found
