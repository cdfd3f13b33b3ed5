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
from letters.greetings import fits
from letters.models import Letter, LetterFormat
from letters.states import State
from postroom.cases.access import not_hidden
from postroom.cases.models import Address, CasePerson, Relationship
from postroom.cases.names import address_traces, compact, first_name, name_key, names_alone, plain_words, runs
from postroom.cases.selectors import apart_from
from postroom.people.models import User

MOST_NAMES = 10


class Kind(StrEnum):
    """What was found, and what it means (`STOPS`, `WORKERS`); the rest is a question to whoever checks it."""

    ADDRESS = "address"
    APART = "apart"
    APART_FIRST = "apart_first"
    RECIPIENT = "recipient"
    NAME = "name"
    GREETING = "greeting"


# Full names and addresses that the addressee must not know of can't be confirmed away, by anybody.
STOPS = frozenset({Kind.ADDRESS, Kind.APART})
# Whether it may stand there is the letter's worker's to say, or the duty worker's for them (`letters.named`).
WORKERS = frozenset({Kind.APART_FIRST, Kind.RECIPIENT})
WHO_SAYS = "Only its worker, or the duty worker for them, can say so."


@dataclass(frozen=True)
class Found:
    """One finding: its kind, and a sentence that says what to do. It never holds the address itself."""

    kind: Kind
    words: str
    # Of a name on the letter's own case: whose.
    person_id: int | None = None

    @property
    def stops(self) -> bool:
        """Can the letter not go on like this?"""
        return self.kind in STOPS

    @property
    def is_workers(self) -> bool:
        """Is it for the letter's worker alone to say that it may stand there?"""
        return self.kind in WORKERS


# Other texts that go with a letter (the words of enclosed files): each gives texts.
more_texts: list[Callable[[Letter], Iterable[str]]] = []


def look_for(letter: Letter, texts: Iterable[str], *, user: User, greeting: str = "") -> list[Found]:
    """What these words, and those that go with the letter, give away. Five queries at most, however long they are; one
    more for a letter that was handed over together with others.

    `texts`: subject, greeting, body, enclosures' titles; never the address block. `greeting`: compared with whom the
    letter goes to, too. Names on cases that are kept from
    `user` aren't looked for: that would say that the case exists.
    """
    text = "\n\n".join([*texts, *(words for others in more_texts for words in others(letter))])
    apart = apart_from(letter.addressee)
    return [*_greeting(letter, greeting), *_addresses(letter, text, apart), *_names(letter, text, apart, user)]


def texts_of(letter: Letter) -> list[str]:
    """The words of the letter as it stands, without its address."""
    if letter.current is None:
        return []
    content = letter.current.as_content
    titles = [str(item["title"]) for item in content["enclosures"]]
    words = words_of_files(content["enclosures"])
    return [content["subject"], content["salutation"], content["body"], content["sign_off"], *titles, *words]


def greeting_of(letter: Letter) -> str:
    """The greeting of the letter as it stands; "" for one that is a document, or isn't typed."""
    return "" if letter.current is None else str(letter.current.as_content["salutation"])


def _greeting(letter: Letter, greeting: str) -> list[Found]:
    if not greeting.strip():
        return []
    to = letter.addressee
    known_as, foreign = (to.name, to.salutation, to.organisation), letter.letter_format == LetterFormat.LANGUAGE
    if fits(greeting, known_as, foreign=foreign):
        others = CasePerson.objects.filter(case_id=letter.case_id).exclude(pk=to.pk).values_list("name", flat=True)
        if not foreign or fits(greeting, known_as, others=others, foreign=True):
            return []
    words = f"The greeting is “{greeting.strip()}”, and the letter goes to {to.name}. Is that whom it greets?"
    return [Found(Kind.GREETING, words)]


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
    wanted, alone = runs(text), names_alone(text)
    if not alone:
        return []
    people = list(CasePerson.objects.filter(case_id=letter.case_id).order_by("name_key", "pk"))
    here = {one.name_key for one in people}
    found = _of_the_case(letter, people, wanted, alone, apart)
    elsewhere = (
        CasePerson.objects.filter(name_key__in=wanted - here)
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


def _of_the_case(
    letter: Letter, people: list[CasePerson], wanted: set[str], alone: set[str], apart: set[int]
) -> list[Found]:
    """Who of the case is named that mustn't be, or that gets a letter of their own: in full, or by their first name."""
    others = apart | _others_who_get_one(letter)
    if not others:
        return []
    # Whom the letter is to or about is not "somebody else", whoever has the same name.
    own = [one for one in people if one.pk == letter.addressee_id or (_is_child(one) and one.pk not in others)]
    own_keys, own_firsts = {one.name_key for one in own}, {first_name(one.name_key) for one in own}
    if letter.case.allocated_worker is not None:
        own_firsts.add(first_name(name_key(letter.case.allocated_worker.name)))
    found = []
    for one in people:
        if one.pk not in others:
            continue
        first = first_name(one.name_key)
        if one.name_key in wanted and one.name_key not in own_keys:
            found.append(_in_full(one, one.pk in apart))
        elif first in alone and first not in own_firsts:
            found.append(_by_first_name(one, first, one.pk in apart))
    return sorted(found, key=lambda one: not one.stops)


def _is_child(person: CasePerson) -> bool:
    return person.relationship == Relationship.CHILD


def _in_full(person: CasePerson, is_apart: bool) -> Found:
    if is_apart:
        words = f"{person.name} is named in the text, and the addressee must not know of them. Take the name out."
        return Found(Kind.APART, words, person.pk)
    words = f"{person.name} is named in the text, and gets a letter like this one. Is the addressee to read that name?"
    return Found(Kind.RECIPIENT, f"{words} {WHO_SAYS}", person.pk)


def _by_first_name(person: CasePerson, first: str, is_apart: bool) -> Found:
    name = next(word for word in plain_words(person.name) if word.casefold() == first)
    if is_apart:
        words = (
            f"The addressee must not know of {person.name}, and the text has the name {name}. Is somebody else meant?"
        )
        return Found(Kind.APART_FIRST, f"{words} {WHO_SAYS}", person.pk)
    words = f"The text has the name {name}, and {person.name} gets a letter like this one. Is the addressee to read it?"
    return Found(Kind.RECIPIENT, f"{words} {WHO_SAYS}", person.pk)


def _others_who_get_one(letter: Letter) -> set[int]:
    """Ids of those who were handed the same text, but for whom the letter names as having a copy. At most one query."""
    if not letter.together:
        return set()
    named = Letter.copies_to.through.objects.filter(letter_id=letter.pk).values("caseperson_id")
    others = Letter.objects.filter(case_id=letter.case_id, together=letter.together).exclude(pk=letter.pk)
    others = others.exclude(state=State.WITHDRAWN).exclude(addressee_id__in=named)
    return set(others.values_list("addressee_id", flat=True))
