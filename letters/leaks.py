"""What a letter's words give away: confidential addresses, people of other cases (facts.md, "Causes of real post
breaches"). Looked for while it is typed and again at the check.

Runs of words are asked of an index of names, so it is always current and keeps no second copy of anybody's name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Q

from letters.file_words import words_of_files
from letters.models import Letter
from letters.states import State
from postroom.cases.access import not_hidden
from postroom.cases.models import Address, CasePerson, Relationship
from postroom.cases.names import address_traces, compact, runs
from postroom.cases.selectors import apart_from
from postroom.people.models import User

MOST_NAMES = 10


class Kind(StrEnum):
    """What was found. An address stops the letter; a name is a question to whoever checks it."""

    ADDRESS = "address"
    APART = "apart"
    RECIPIENT = "recipient"
    NAME = "name"


@dataclass(frozen=True)
class Found:
    """One finding: its kind, and a sentence that says what to do. It never holds the address itself."""

    kind: Kind
    words: str

    @property
    def stops(self) -> bool:
        """Can the letter not go on like this?"""
        return self.kind == Kind.ADDRESS


# Other texts that go with a letter (the words of enclosed files): each gives texts.
more_texts: list[Callable[[Letter], Iterable[str]]] = []


def look_for(letter: Letter, texts: Iterable[str], *, user: User) -> list[Found]:
    """What these words, and those that go with the letter, give away. Four queries, however long they are; one
    more for a letter that was handed over together with others.

    `texts`: subject, greeting, body, enclosures' titles; never the address block. Names on cases that are kept from
    `user` aren't looked for: that would say that the case exists.
    """
    text = "\n\n".join([*texts, *(words for others in more_texts for words in others(letter))])
    apart = apart_from(letter.addressee)
    return [*_addresses(letter, text, apart), *_names(letter, text, apart, user)]


def texts_of(letter: Letter) -> list[str]:
    """The words of the letter as it stands, without its address."""
    if letter.current is None:
        return []
    content = letter.current.as_content
    titles = [str(item["title"]) for item in content["enclosures"]]
    words = words_of_files(content["enclosures"])
    return [content["subject"], content["salutation"], content["body"], *titles, *words]


def stopped_by(found: Iterable[Found]) -> str:
    """The sentence of the first finding that stops the letter; "" if none does."""
    return next((one.words for one in found if one.stops), "")


def _addresses(letter: Letter, text: str, apart: set[int]) -> list[Found]:
    hidden = Q(is_confidential=True) | Q(person_id__in=apart)
    rows = Address.objects.filter(hidden, person__case_id=letter.case_id).exclude(pk=letter.address_id)
    own = set(address_traces(letter.address.line_list))
    squeezed = compact(text)
    found = []
    for row in rows.select_related("person").order_by("pk"):
        if any(trace in squeezed for trace in address_traces(row.line_list) if trace not in own):
            why = (
                f"an address of {row.person.name}, whom the addressee must not know of"
                if row.person_id in apart
                else "an address that is marked confidential on this case"
            )
            found.append(Found(Kind.ADDRESS, f"The text gives away {why}. Take it out, postcode and street too."))
    return list(dict.fromkeys(found))


def _names(letter: Letter, text: str, apart: set[int], user: User) -> list[Found]:
    wanted = runs(text)
    if not wanted:
        return []
    here: dict[str, list[tuple[int, str]]] = {}
    for pk, key, name in CasePerson.objects.filter(case_id=letter.case_id).values_list("pk", "name_key", "name"):
        here.setdefault(key, []).append((pk, name))
    found = [
        Found(Kind.APART, f"{name} is named in the text. The addressee must not know of them: is that right?")
        for key in sorted(wanted & here.keys())
        for pk, name in here[key]
        if pk in apart
    ]
    gets_one = _others_who_get_one(letter)
    found += [
        Found(
            Kind.RECIPIENT,
            f"{name} is named in the text, and gets a letter like this one. Is the addressee to read that name?",
        )
        for key in sorted(wanted & here.keys())
        for pk, name in here[key]
        if pk in gets_one and pk not in apart
    ]
    elsewhere = (
        CasePerson.objects.filter(name_key__in=wanted - here.keys())
        .exclude(relationship=Relationship.PROFESSIONAL)
        .exclude(case_id=letter.case_id)
        .filter(not_hidden(user, "case_id"))
        .order_by("name_key")
        .values_list("name_key", "name")
    )
    names = dict(elsewhere[: MOST_NAMES * 5])
    return found + [
        Found(Kind.NAME, f"{name} is named in the text, and isn't on this case. Is this the right letter?")
        for name in list(names.values())[:MOST_NAMES]
    ]


def _others_who_get_one(letter: Letter) -> set[int]:
    """Ids of those who were handed the same text, but for whom the letter names as having a copy. At most one query."""
    if not letter.together:
        return set()
    named = Letter.copies_to.through.objects.filter(letter_id=letter.pk).values("caseperson_id")
    others = Letter.objects.filter(case_id=letter.case_id, together=letter.together).exclude(pk=letter.pk)
    others = others.exclude(state=State.WITHDRAWN).exclude(addressee_id__in=named)
    return set(others.values_list("addressee_id", flat=True))
