"""Looking at one letter: answers kept as they are given, photos, and the item given in (OGP-10)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import F

from audit.models import Answer, Evidence, Item, SpotCheck
from audit.policy import POLICY, check_action
from audit.spotchecks.checklist import Answer as Word
from audit.spotchecks.checklist import is_faulty, questions_of, what_is_missing
from audit.spotchecks.facts import facts_of
from audit.spotchecks.replay import given_in
from audit.spotchecks.rules import CheckState, ItemAction
from audit.spotchecks.words import applying
from postroom.files.keeping import keep
from postroom.ledger.chain import new_salt, salted_hash
from postroom.people.models import User
from postroom.steps.engine import Seen, Taken, take
from postroom.steps.errors import InvalidStep, NotPossible, Stale
from postroom.uploads import Kind, Refused, check_upload

MOST_BYTES = 10 * 1024 * 1024
MOST_PHOTOS = 8


class AnswersMissing(InvalidStep):
    """Some answers can't stand; `problems`: question code → sentence."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("Some questions still need an answer.")
        self.problems = dict(problems)


def save_answers(*, item: Item, by: User, answers: Mapping[str, str], notes: Mapping[str, str], edition: int) -> int:
    """Keep what was answered so far; returns the new edition. Nothing of it is given in yet.

    Raises Stale if another tab or person saved since `edition`, NotAllowed, NotPossible once it was given in.
    """
    check_action(item, by, ItemAction.CHECK_ITEM)
    with transaction.atomic():
        moved = Item.objects.filter(pk=item.pk, edition=edition, state="waiting", check_of__state=CheckState.CHECKING)
        if not moved.update(edition=F("edition") + 1):
            raise Stale("This checklist was saved somewhere else meanwhile. Look at it as it is now.", item)
        _write(item, answers, notes)
    return edition + 1


def _write(item: Item, answers: Mapping[str, str], notes: Mapping[str, str]) -> None:
    rows = [
        Answer(
            item=item,
            code=question.code,
            answer=answers.get(question.code, "") if answers.get(question.code, "") in set(Word) else "",
            note=" ".join(notes.get(question.code, "").split())[:500],
        )
        for question in questions_of(item.checklist)
    ]
    Answer.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["item", "code"], update_fields=["answer", "note"]
    )


def check_item(
    *, item: Item, by: User, seen: Seen, edition: int, answers: Mapping[str, str], notes: Mapping[str, str]
) -> Item:
    """Give the answers in: from now on they are frozen. Raises AnswersMissing, Stale and what a step raises."""
    copy, checklist = item.copy_id is not None, item.checklist
    stage, known = str(item.check_of.stage), applying(facts_of(item))
    problems = what_is_missing(answers, notes, stage, copy=copy, checklist=checklist, applying=known)
    if problems:
        raise AnswersMissing(problems)

    def change(locked: Item, taken: Taken) -> dict[str, Any]:
        if locked.edition != edition:
            raise Stale("This checklist was saved somewhere else meanwhile. Look at it as it is now.", locked)
        _write(locked, answers, notes)
        return _seal(locked, taken, by, faulty=is_faulty(answers))

    return take(item, action=ItemAction.CHECK_ITEM, by=by, policy=POLICY, seen=seen, change=change)


def _seal(item: Item, taken: Taken, by: User, *, faulty: bool) -> dict[str, Any]:
    """Put the hash of what was answered and photographed on the row; returns what the ledger says of it."""
    item.salt = new_salt()
    item.content_hash = salted_hash(item.salt, given_in(item))
    item.faulty, item.checked_by, item.checked_at = faulty, by, taken.at
    return {"letter": item.letter_reference, "faulty": faulty, "photos": item.evidence.count(), "drawn": item.is_drawn}


def cannot_find(*, item: Item, by: User, seen: Seen, note: str) -> Item:
    """The letter or its record can't be found: that is a fault, and counts as one."""
    words = " ".join(note.split())[:500]
    if not words:
        raise InvalidStep("Say where you looked.", "note")

    def change(locked: Item, taken: Taken) -> dict[str, Any]:
        Answer.objects.update_or_create(item=locked, code="not_found", defaults={"answer": Word.NO, "note": words})
        return _seal(locked, taken, by, faulty=True)

    return take(item, action=ItemAction.CANNOT_FIND, by=by, policy=POLICY, seen=seen, change=change)


def correct(*, item: Item, by: User, seen: Seen, reason: str) -> Item:
    """Open the checklist again, while the spot check is not finished; the answers stay as they were given."""

    def change(locked: Item, taken: Taken) -> dict[str, Any]:
        locked.faulty, locked.checked_by, locked.checked_at = False, None, None
        locked.content_hash = locked.salt = ""
        return {"letter": locked.letter_reference}

    return take(item, action=ItemAction.CORRECT, by=by, policy=POLICY, seen=seen, reason=reason, change=change)


def add_photo(*, item: Item, by: User, data: bytes) -> Evidence:
    """Keep a photo with the item; known by its content. Raises InvalidStep, NotAllowed, NotPossible."""
    check_action(item, by, ItemAction.CHECK_ITEM)
    if len(data) > MOST_BYTES:
        raise InvalidStep("This photo is larger than 10 MB. Take it again with a lower resolution.", "photo")
    try:
        kept = keep(check_upload(data, allow=(Kind.PICTURE,)))
    except Refused as error:
        raise InvalidStep(str(error), "photo") from error
    with transaction.atomic():
        locked = Item.objects.select_for_update(of=("self",)).get(pk=item.pk)
        check = SpotCheck.objects.select_for_update(of=("self",)).get(pk=locked.check_of_id)
        if locked.state != "waiting" or check.state != CheckState.CHECKING:
            raise NotPossible("This was given in meanwhile. Open it again first, with a reason.")
        if locked.evidence.count() >= MOST_PHOTOS:
            raise InvalidStep(f"At most {MOST_PHOTOS} photos can be kept with one item.", "photo")
        return Evidence.objects.get_or_create(item=locked, file=kept, defaults={"by": by})[0]
