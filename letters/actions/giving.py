"""One text to many is typed once: the words of a typed letter given to others of its set (OGP-2, decision 0163)."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from letters.actions.tray import Result
from letters.actions.typing import type_letter
from letters.content import Typed
from letters.models import Letter, LetterFile
from letters.rendering.content import EnclosedItem
from letters.shared import why_not_given, why_not_taken, words_in
from postroom.cases.models import Address
from postroom.cases.selectors import apart_from
from postroom.people.models import User
from postroom.steps.engine import Seen, require_seen
from postroom.steps.errors import NotPossible, StepError

OF_ANOTHER_SET = "It was not handed over together with this letter."
APART = "The two addressees must not know of each other. Put the words in on its own typing page."
A_DOCUMENT = "A finished document was put in for it. Type it on its own page."


@dataclass(frozen=True)
class Given:
    """A letter as the person saw it, which is to say the same. `kept`: the edition of what was begun of it (or 0).

    `typed`: all that stays its own (greeting, enclosures, envelope), whatever its words; `address`: where it goes.
    `enclose`: it encloses nothing, and is to enclose what the letter does whose words it is given.
    """

    letter: Letter
    seen: Seen
    kept: int
    typed: Typed
    address: Address
    enclose: bool = False


def give_words(*, letter: Letter, by: User, seen: Seen, chosen: Iterable[Given]) -> list[Result]:
    """The words of `letter` as they stand, typed into each of `chosen`: subject, text, closing and date.

    Each is a `type` step of its own, with its rights, guards, window proof and result: one that can't be stops no
    other. Raises Stale if `letter` isn't as it was seen, NotPossible where its words are no others' to have.
    """
    source = Letter.objects.select_related("addressee", "current").get(pk=letter.pk)
    require_seen(source, seen)
    if why := why_not_given(source):
        raise NotPossible(why)
    results = []
    for one in chosen:
        try:
            results.append(Result(_give(source, one, by), True))
        except StepError as error:
            results.append(Result(one.letter, False, str(error)))
    return results


def _give(source: Letter, one: Given, by: User) -> Letter:
    letter = Letter.objects.select_related("current").get(pk=one.letter.pk)
    of_set = (letter.case_id, letter.office_id, letter.together) == (source.case_id, source.office_id, source.together)
    if not of_set or letter.pk == source.pk:
        raise NotPossible(OF_ANOTHER_SET)
    if letter.addressee_id in apart_from(source.addressee):
        raise NotPossible(APART)
    if why := why_not_taken(letter):
        raise NotPossible(why)
    if one.typed.document is not None:
        raise NotPossible(A_DOCUMENT)
    version = source.typed_version
    content = version.as_content
    words, files = words_in(content), list[LetterFile]()
    typed = dataclasses.replace(
        one.typed,
        subject=words["subject"],
        body=words["body"],
        sign_off=words["sign_off"],
        letter_date=dt.date.fromisoformat(words["letter_date"]),
        texts=tuple(version.texts.all()),
        # The worker's own words are recorded as such on each letter for which they were handed over.
        taken_over=version.taken_over and letter.draft_text == source.draft_text,
    )
    if one.enclose and not typed.enclosures:
        typed = dataclasses.replace(typed, enclosures=enclosed_by(content))
        wanted, have = {item.sha256 for item in enclosed_by(content)}, {row.file_id for row in letter.files.all()}
        files = list({row.file_id: row for row in source.files.filter(file__in=wanted - have)}.values())
    return type_letter(
        letter=letter,
        by=by,
        seen=one.seen,
        typed=typed,
        address=one.address,
        kept=one.kept,
        same_as=version,
        files=files,
    )


def enclosed_by(content: Mapping[str, Any]) -> tuple[EnclosedItem, ...]:
    """What a frozen content encloses and another letter could enclose too: an original is there once."""
    return tuple(EnclosedItem(**item) for item in content["enclosures"] if not item.get("original"))
