"""Several letters in one go, each its own step with its own result; and what missed the bag, locked in overnight."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from letters.actions.common import step
from letters.actions.enveloping import envelope
from letters.actions.posting import post
from letters.models import Letter
from letters.states import Action
from postroom.people.models import User
from postroom.steps.engine import Seen, Taken
from postroom.steps.errors import InvalidStep, StepError


@dataclass(frozen=True)
class Chosen:
    """A letter as the person saw it in the list; `sheets`: how many they counted, `scanned`: what was
    scanned in, where that is asked."""

    letter: Letter
    seen: Seen
    sheets: int = 0
    scanned: tuple[str, ...] = ()


@dataclass(frozen=True)
class Result:
    """What came of one letter: done, or the sentence that says why not."""

    letter: Letter
    done: bool
    words: str = ""


def _each(chosen: Iterable[Chosen], verb: Callable[[Chosen], Letter]) -> list[Result]:
    """Each letter in a transaction of its own: one that can't be takes none of the others with it."""
    results = []
    for one in chosen:
        try:
            results.append(Result(verb(one), True))
        except StepError as error:
            results.append(Result(one.letter, False, str(error)))
    return results


def post_several(
    *, chosen: Iterable[Chosen], by: User, posted_on: dt.date, post_class: str, in_bag: bool = False
) -> list[Result]:
    """Record the posting of several letters by one class. Registered post is recorded singly: each has its number."""

    def verb(one: Chosen) -> Letter:
        return post(letter=one.letter, by=by, seen=one.seen, posted_on=posted_on, post_class=post_class, in_bag=in_bag)

    return _each(chosen, verb)


def envelope_several(*, chosen: Iterable[Chosen], by: User) -> list[Result]:
    """Put several in their envelopes. The person has ticked, for each, that it was checked, labelled and initialled."""

    def verb(one: Chosen) -> Letter:
        return envelope(
            letter=one.letter,
            by=by,
            seen=one.seen,
            sheets=one.sheets,
            scanned=one.scanned,
            contents_checked=True,
            new_envelope=True,
            return_mark_on=True,
            initials_written=True,
        )

    return _each(chosen, verb)


def lock_in(*, letter: Letter, by: User, seen: Seen, locked_away: bool = True) -> Letter:
    """It missed the day's collection and is locked away overnight (CLS-1). Once an evening."""
    if not locked_away:
        raise InvalidStep("Lock it away, and say so.", "locked_away")

    def change(locked: Letter, taken: Taken) -> dict[str, Any]:
        night = timezone.localdate(taken.at)
        if locked.locked_in_on == night:
            raise InvalidStep("It is on record as locked in tonight already.", "")
        if locked.locked_in_on and locked.locked_in_on > night:  # entered later, from a bad day's paper
            raise InvalidStep("It is on record as locked in on a later night already.", "")
        locked.locked_in_on = night
        return {"night_of": night.isoformat()}

    return step(letter, Action.LOCK_IN, by=by, seen=seen, change=change)


def lock_in_several(*, chosen: Iterable[Chosen], by: User) -> list[Result]:
    """Lock in what missed the bag, each its own step."""
    return _each(chosen, lambda one: lock_in(letter=one.letter, by=by, seen=one.seen))
