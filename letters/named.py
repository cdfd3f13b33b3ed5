"""Somebody else who gets a letter like it, named in its words: its worker alone says that it may (decision 0166)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from letters.leaks import WHO_SAYS, Found, Kind, greeting_of, look_for, texts_of
from letters.models import Letter, LetterVersion, NamedOther
from letters.permissions import RULES
from letters.policy import POLICY
from letters.states import Action
from postroom.people.models import User
from postroom.steps.engine import Seen, Taken, moment, remark, require_seen
from postroom.steps.table import Grant

NOT_YOURS = (
    "The letter names somebody else who gets one, or whom its addressee must not know of. Only its worker, or the duty "
    "worker for them, can say that it may: leave the check to them, or send the letter back."
)


def note_names(version: LetterVersion, found: Iterable[Found]) -> None:
    """Keep whom a version's words name, so that it takes no step onward before its worker says that it may."""
    people = dict.fromkeys(one.person_id for one in found if one.is_workers and one.person_id is not None)
    if people:
        rows = [NamedOther(version=version, person_id=pk) for pk in people]
        NamedOther.objects.bulk_create(rows, ignore_conflicts=True)


def found_in(letter: Letter, user: User) -> list[Found]:
    """What the letter's words give away as it stands, and who was found in them when they were typed and isn't any
    more (a letter withdrawn since, a name corrected): that is still to be said. One query beyond `look_for`."""
    found = look_for(letter, texts_of(letter), user=user, greeting=greeting_of(letter))
    known = {one.person_id for one in found}
    for row in _unsaid(letter).exclude(person_id__in=[pk for pk in known if pk]).select_related("person"):
        words = f"{row.person.name} was named in the text when it was typed. Is the addressee to read that? {WHO_SAYS}"
        found.append(Found(Kind.RECIPIENT, words, row.person_id))
    return found


def waits_for_worker(letter: Letter, found: Iterable[Found]) -> bool:
    """Does it name somebody of whom its worker has still to say that it may? One query if it names anybody."""
    people = {one.person_id for one in found if one.is_workers}
    rows = NamedOther.objects.filter(version_id=letter.current_id, person_id__in=people, said_at__isnull=False)
    return bool(people) and rows.count() < len(people)


def may_say(letter: Letter, user: User) -> bool:
    """Is it this person who says whom the letter may name: its worker, or the duty worker for them?"""
    standing = POLICY.standing(letter, user, moment())
    return isinstance(RULES.decide(Action.NAME_OTHERS, standing.roles, standing.holding), Grant)


def name_others(*, letter: Letter, by: User, seen: Seen) -> Letter:
    """Its worker says that the letter may name those found in its words: an entry of its own, beside the check.

    The letter stays where it is, and nobody's page goes out of date. Raises Stale, NotPossible, NotAllowed, GuardFailed
    (there is nobody of whom it has still to be said).
    """
    people = list(_unsaid(letter).values_list("person_id", flat=True))
    details: dict[str, Any] = {"version": letter.current.number if letter.current else 0, "people": people}

    def after(locked: Letter, taken: Taken) -> None:
        require_seen(locked, seen)  # under its lock: typed anew meanwhile, it is another version's names that are asked
        _unsaid(locked).update(said_by=by, said_at=taken.at)

    return remark(letter, action=Action.NAME_OTHERS, by=by, policy=POLICY, details=details, after=after)


def say_names(letter: Letter, by: User, seen: Seen) -> None:
    """With a check whose person says that what was found belongs there: `name_others`, where that is theirs to say.

    Nothing where nobody was found, or all was said before; where it isn't theirs, the check itself says so. In the
    caller's transaction, which holds the case. Raises as `name_others` does.
    """
    letter = Letter.objects.select_related("case__allocated_worker", "address", "addressee", "current").get(
        pk=letter.pk
    )
    found = found_in(letter, by)
    if waits_for_worker(letter, found) and may_say(letter, by):
        note_names(letter.typed_version, found)
        name_others(letter=letter, by=by, seen=seen)


def _unsaid(letter: Letter) -> QuerySet[NamedOther]:
    """Those of whom it has still to be said; people in the order of their ids."""
    return NamedOther.objects.filter(version_id=letter.current_id, said_at__isnull=True).order_by("person_id")
