"""Choosing a colleague by typing part of the name: for councils with more people than a select can hold."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from postroom.people.models import User
from postroom.searching import MOST, Found, SearchField, Typed


class PersonField(SearchField):
    """One person with an open account. Gives a User, or None for an empty box that isn't required.

    The full name of one person alone is enough; else the form comes back with those that the words found. Nobody is
    ever taken on part of a name: who is meant decides who is kept out of a case, or is told.
    """

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", "Type their name, or part of it.")
        super().__init__(**kwargs)

    def people(self) -> QuerySet[User]:
        """Among whom it searches."""
        return User.objects.filter(is_active=True).select_related("office")

    def called(self, words: str) -> QuerySet[User]:
        """Those whose names have every one of the words in it."""
        rows = self.people()
        for word in words.split()[:6]:
            rows = rows.filter(name__icontains=word)
        return rows.order_by("name", "pk")

    def find(self, words: str) -> list[Found]:
        """Those people, with office and job; nobody where the words are one person's whole name."""
        found = list(self.called(words)[: MOST + 1])
        if len(found) == 1 and found[0].name.casefold() == " ".join(words.split()).casefold():
            return []
        return [
            Found(
                str(one.pk), one.name, ", ".join(filter(None, [one.job_title, one.office.name if one.office else ""]))
            )
            for one in found
        ]

    def meant(self, typed: Typed) -> User | None:
        """The one chosen of those found, or the one whose whole name it is."""
        if not typed.words:
            return None
        rows = self.called(typed.words)
        chosen = [pk for pk in typed.chosen[:1] if pk.isascii() and pk.isdecimal() and len(pk) < 19]
        if chosen and (one := rows.filter(pk=int(chosen[0])).first()):
            return one
        named = list(rows.filter(name__iexact=typed.words)[:2])
        if len(named) == 1:
            return named[0]
        found = rows[: MOST + 1].count()
        if not found:
            raise ValidationError(
                "Nobody with an account is called that. Check the spelling, or type only part of the name."
            )
        if found > MOST:
            raise ValidationError(f"More than {MOST} people are called that. Type more of the name, or choose one.")
        raise ValidationError("Choose whom you mean, below the box.")

    def prepare_value(self, value: Any) -> Any:
        """A person that is there already: the name in the box, and chosen."""
        if isinstance(value, User):
            return Typed(value.name, (str(value.pk),))
        return value
