"""Handing over a draft, keeping what is being typed, withdrawing (OGP-1)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from letters.abroad import office_allows
from letters.actions.asking import judge_brief, set_brief
from letters.actions.common import hold_case, step, tell, unseal, void
from letters.actions.ways import checked_way
from letters.content import address_lines
from letters.copies import judge_copies
from letters.models import Letter, LetterFormat, Notice, SharedText, Source, WorkingText
from letters.policy import POLICY, may_type
from letters.states import Action, State
from letters.taking_in import readable_text
from letters.turns import tell_whose_turn
from letters.ways import Way
from postroom.cases.models import Address, Case, CasePerson, Relationship
from postroom.cases.states import CaseState
from postroom.files.keeping import keep
from postroom.people.models import User
from postroom.steps.engine import Seen, Taken, create
from postroom.steps.errors import InvalidStep, NotPossible, Stale
from postroom.uploads import Checked


def hand_over(
    *,
    case: Case,
    addressee: CasePerson,
    address: Address,
    by: User,
    draft_text: str = "",
    subject: str = "",
    instructions: str = "",
    still_right: bool = False,
    way: str = Way.POST,
    sensitive: bool = False,
    sources: Sequence[Checked] = (),
    about: Sequence[CasePerson] = (),
    copies_to: Sequence[CasePerson] = (),
    together: str = "",
    due_kind: str = "",
    due_on: dt.date | None = None,
    due_why: str = "",
    letter_format: str = LetterFormat.STANDARD,
    language: str = "",
) -> Letter:
    """A worker gives admin a letter to type; returns it, drafted. Raises InvalidStep naming the field, NotAllowed.

    `way`: how it is to go (letters.ways.Way); `sensitive`: held to registered post or by hand.

    `still_right`: the worker looked at an address that was verified long ago, and says it still holds (CLS-6).
    `sources`: files that passed the gate (Word, PDF, photo, dictation, text). `about`: the children it concerns; none:
    all of the case. `due_*`: must be posted, or must arrive, by a day, and why. `language`: for another language.
    `copies_to`: whom the letter names as having a copy. `together`: the same for letters handed over with one text.
    """
    if case.state != CaseState.OPEN:
        raise InvalidStep("This case is closed. Ask a manager to open it again first.", "case")
    if addressee.case_id != case.pk or not addressee.is_active:
        raise InvalidStep("Choose somebody who is on this case.", "addressee")
    if address.person_id != addressee.pk:
        raise InvalidStep("Choose one of this person's own addresses.", "address")
    if not address.is_usable:
        raise InvalidStep(
            "This address is not verified, or is in doubt. Check it and verify it on the case first.", "address"
        )
    # Abroad, say, is refused here, before admin types anything, unless the office allows it.
    address_lines(address, allow_abroad=office_allows(case.office_id, address))
    if address.is_stale and not still_right:
        raise InvalidStep(
            "This address was verified long ago. Check that it is still right, and say so.", "still_right"
        )
    if not draft_text.strip() and not sources:
        raise InvalidStep("Write or paste what the letter should say, or hand over a file.", "draft_text")
    _judge_children(case, about)
    judge_copies(addressee, copies_to)
    judge_brief(due_kind, due_on, due_why, letter_format, language)
    letter = Letter(
        case=case,
        office_id=case.office_id,
        addressee=addressee,
        address=address,
        created_by=by,
        draft_text=draft_text,
        subject=subject.strip(),
        instructions=instructions.strip(),
        sensitive=sensitive,
        together=together,
    )
    details: dict[str, Any] = {"stale_address_confirmed": True} if address.is_stale else {}
    details |= set_brief(letter, due_kind, due_on, due_why, letter_format, language)
    letter.way = checked_way(letter, way)
    if way != Way.POST or sensitive:
        details |= {"way": str(way), "sensitive": sensitive}
    if copies_to:
        details["copies_to"] = sorted(person.pk for person in copies_to)
    # Kept before the transaction; if it is refused, the sweep takes them.
    kept = [(checked, keep(checked), readable_text(checked)) for checked in sources]
    if kept:
        details["sources"] = [file.pk for _, file, _ in kept]

    def after(made: Letter, taken: Taken) -> None:
        made.about.set(about)
        made.copies_to.set(copies_to)
        Source.objects.bulk_create(
            Source(
                letter=made,
                file=file,
                kind=checked.kind,
                media_type=checked.media_type,
                pages=checked.pages,
                seconds=checked.seconds,
                text=text,
                scanned=checked.scanned,
                by=by,
                at=taken.at,
            )
            for checked, file, text in kept
        )
        tell_whose_turn(made, by)

    with transaction.atomic():
        # As it is now: the page may be older than its last worker or office.
        letter.case = hold_case(case.pk)
        letter.office_id = letter.case.office_id
        if together:
            SharedText.objects.get_or_create(word=together, defaults={"case": case})
        return create(letter, action=Action.HAND_OVER, by=by, policy=POLICY, details=details, after=after)


def _judge_children(case: Case, about: Sequence[CasePerson]) -> None:
    for child in about:
        if child.case_id != case.pk or child.relationship != Relationship.CHILD or not child.is_active:
            raise InvalidStep("Choose children of this case.", "about")


def save_working_text(
    *,
    letter: Letter,
    by: User,
    fields: dict[str, Any],
    edition: int,
    overwrite: bool = False,
    seen: Seen | None = None,
) -> WorkingText:
    """Keep what admin has typed so far; returns the row with its new edition.

    `edition` is the one this page started from, `seen` the letter as it was then. Raises Stale (with the row as
    `subject`) if another tab or person saved since, or the letter took a step, unless `overwrite`; NotAllowed if this
    person may not type the letter; NotPossible in a later state.
    """
    letter = Letter.objects.select_related("case", "address__person", "current").get(pk=letter.pk)
    action = Action.TYPE if letter.state in (State.DRAFTED, State.TYPED) else Action.EDIT_AFTER_CHECK
    if letter.rules.transition(action, str(letter.state)) is None:
        raise NotPossible("This letter can no longer be changed.")
    may_type(letter, by, action)
    if seen is not None and seen != Seen.of(letter) and not overwrite:
        raise Stale("This letter took a step while you were typing.", letter)
    with transaction.atomic():
        row, made = WorkingText.objects.get_or_create(
            letter=letter, defaults={"fields": fields, "saved_by": by, "edition": 1}
        )
        if made:
            return row
        mine = WorkingText.objects.filter(pk=row.pk)
        if not overwrite:
            mine = mine.filter(edition=edition)
        if not mine.update(fields=fields, saved_by=by, saved_at=timezone.now(), edition=F("edition") + 1):
            now = WorkingText.objects.filter(pk=row.pk).first()
            if now is None:  # the letter was typed in this very moment, and what was being typed is done with
                raise Stale("This letter took a step while you were typing.", letter)
            raise Stale("Somebody else saved this letter while you were typing.", now)
        row.refresh_from_db()
        return row


def withdraw(*, letter: Letter, by: User, seen: Seen, reason: str) -> Letter:
    """Take the letter back for good, before it is posted; an envelope already made is opened and shredded.

    One that somebody has with them can be withdrawn too (it may be lost): they are told, and as papers it stays out, in
    their hands, until it is recorded there as back or lost.
    """
    told: list[tuple[int, str]] = []

    def change(locked: Letter, taken: Taken) -> dict[str, Any]:
        told.extend((user_id, Notice.Code.WITHDRAWN) for user_id, _ in void(locked, taken))
        if locked.typed_by_id:
            told.append((locked.typed_by_id, Notice.Code.WITHDRAWN))
        if locked.carried_by_id:
            told.append((locked.carried_by_id, Notice.Code.WITHDRAWN))
        locked.carried_by = locked.taken_out_at = None
        unseal(locked)
        return {}

    return step(
        letter,
        Action.WITHDRAW,
        by=by,
        seen=seen,
        reason=reason,
        change=change,
        after=lambda locked, taken: tell(locked, told, but=by),
    )
