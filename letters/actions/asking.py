"""A question from admin to the worker, its answer; the worker's wish of when a letter must go (OGP-1)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from letters.actions.common import step, tell
from letters.anew import needed
from letters.copies import judge_copies
from letters.models import DueKind, Letter, LetterFormat, Notice, Question
from letters.policy import POLICY
from letters.states import Action, State
from postroom.cases.models import CasePerson
from postroom.people.models import User
from postroom.steps.engine import Seen, Taken, remark
from postroom.steps.errors import InvalidStep

LONGEST = 2000


def ask(*, letter: Letter, by: User, text: str, seen: Seen | None = None) -> Letter:
    """Admin asks the worker; the letter stays where it is, and nobody's page goes out of date. Raises InvalidStep.

    `seen` is taken for the sake of the pages and not compared: a question is never out of date.
    """
    words = _words(text, "Write your question.")

    def after(locked: Letter, taken: Taken) -> None:
        # The letter's row is held: sent again because no answer came back, it is still one question.
        if locked.questions.filter(asked_by=taken.by, text=words, answered_at__isnull=True).exists():
            raise InvalidStep("You have asked this already, and it waits for its answer.", "text")
        Question.objects.create(letter=locked, text=words, asked_by=by, asked_at=taken.at)
        tell(locked, [(locked.case.allocated_worker_id, Notice.Code.QUESTION)], but=by)

    return remark(letter, action=Action.ASK, by=by, policy=POLICY, after=after)


def answer(*, letter: Letter, by: User, question: Question, text: str, seen: Seen | None = None) -> Letter:
    """The worker answers; whoever asked is told. A question has one answer. Raises InvalidStep."""
    words = _words(text, "Write your answer.")

    def after(locked: Letter, taken: Taken) -> None:
        row = Question.objects.select_for_update().filter(pk=question.pk, letter=locked).first()
        if row is None:
            raise InvalidStep("This question belongs to another letter.", "")
        if row.answered_at is not None:
            raise InvalidStep("This question has its answer already. Look at the letter again.", "")
        row.answer, row.answered_by, row.answered_at = words, by, taken.at
        row.save(update_fields=["answer", "answered_by", "answered_at"])
        tell(locked, [(row.asked_by_id, Notice.Code.ANSWER)], but=by)

    return remark(letter, action=Action.ANSWER, by=by, policy=POLICY, after=after, details={"question": question.pk})


def _words(text: str, missing: str) -> str:
    words = text.strip()
    if not words:
        raise InvalidStep(missing, "text")
    if len(words) > LONGEST:
        raise InvalidStep(f"Keep it under {LONGEST} characters; the rest belongs in the case record.", "text")
    return words


def judge_brief(due_kind: str, due_on: dt.date | None, due_why: str, letter_format: str, language: str) -> None:
    """Raises InvalidStep, naming the field, for a date or format that can't be."""
    if due_kind and due_kind not in DueKind.values:
        raise InvalidStep("Choose what the date means.", "due_kind")
    if bool(due_kind) != (due_on is not None):
        raise InvalidStep("Give the day, or choose that there is none.", "due_on")
    if due_on is not None and due_on < timezone.localdate():
        raise InvalidStep("That day has passed. Give one from today on.", "due_on")
    if due_kind and not due_why.strip():
        raise InvalidStep("Say why it must go by then, so that others can judge it.", "due_why")
    if letter_format not in LetterFormat.values:
        raise InvalidStep("Choose a format.", "letter_format")
    if letter_format == LetterFormat.LANGUAGE and not language.strip():
        raise InvalidStep("Say which language.", "language")


def set_brief(
    letter: Letter, due_kind: str, due_on: dt.date | None, due_why: str, letter_format: str, language: str
) -> dict[str, Any]:
    """Put date and format on the row; what of it the ledger may hold (no words of the worker's)."""
    letter.due_kind, letter.due_on = due_kind, due_on if due_kind else None
    letter.due_why = due_why.strip() if due_kind else ""
    letter.letter_format = letter_format
    letter.language = language.strip() if letter_format == LetterFormat.LANGUAGE else ""
    details: dict[str, Any] = {}
    if letter.due_on:
        details |= {"due": due_kind, "due_on": letter.due_on.isoformat()}
    if letter_format != LetterFormat.STANDARD:
        details["format"] = letter_format
    return details


def change_brief(
    *,
    letter: Letter,
    by: User,
    seen: Seen,
    due_kind: str,
    due_on: dt.date | None,
    due_why: str,
    letter_format: str,
    language: str,
    copies_to: Sequence[CasePerson] | None = None,
) -> Letter:
    """Another date, another format, other people named as having a copy (None: as they are).

    Format and copies are part of what is checked, so they change in a draft alone.
    """
    judge_brief(due_kind, due_on, due_why, letter_format, language)

    def change(locked: Letter, taken: Taken) -> dict[str, Any]:
        before = (locked.letter_format, locked.language)
        details = set_brief(locked, due_kind, due_on, due_why, letter_format, language)
        if (locked.letter_format, locked.language) != before and locked.state != State.DRAFTED:
            raise InvalidStep(
                "The letter is typed in its format already. Send it back for retyping first, then change the format.",
                "letter_format",
            )
        return details | _set_copies(locked, copies_to)

    return step(letter, Action.CHANGE_BRIEF, by=by, seen=seen, change=change)


def _set_copies(locked: Letter, copies_to: Sequence[CasePerson] | None) -> dict[str, Any]:
    """Name these as having a copy; what the ledger keeps of it. Raises InvalidStep."""
    before = set(locked.copies_to.values_list("pk", flat=True))
    if copies_to is None or {person.pk for person in copies_to} == before:
        return {}
    if locked.state != State.DRAFTED:
        raise InvalidStep(
            "The letter is typed already. Send it back for retyping first, then say whom it names.", "copies_to"
        )
    judge_copies(locked.addressee, copies_to)
    locked.copies_to.set(copies_to)
    locked.anew = needed(locked)
    return {"copies_to": sorted(person.pk for person in copies_to)}
