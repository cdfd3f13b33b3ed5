"""Posting, the case record, and what comes back (OGP-4b, OGP-6)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone

from letters.actions.common import step, tell
from letters.models import Letter, Notice, PostClass, Return
from letters.states import Action
from postroom.cases.actions import doubt_address
from postroom.cases.models import Case
from postroom.cases.states import CaseState
from postroom.people.models import User
from postroom.steps.engine import Seen, Taken
from postroom.steps.errors import InvalidStep


def post(*, letter: Letter, by: User, seen: Seen, posted_on: dt.date, post_class: str) -> Letter:
    """Record the day it went to the post and by which class. `posted_on` is a local date."""
    if post_class not in PostClass.values:
        raise InvalidStep("Choose first or second class.", "post_class")
    if posted_on > timezone.localdate():
        raise InvalidStep("The posting date can't be in the future.", "posted_on")

    def change(locked: Letter, taken: Taken) -> dict[str, Any]:
        if locked.enveloped_on and posted_on < locked.enveloped_on:
            raise InvalidStep(
                f"The letter was put in its envelope on {long_date(locked.enveloped_on)}; "
                "it can't have been posted before.",
                "posted_on",
            )
        locked.posted_on, locked.posted_by, locked.post_class = posted_on, by, post_class
        return {"posted_on": posted_on.isoformat(), "class": post_class}

    return step(letter, Action.POST, by=by, seen=seen, change=change)


def upload(*, letter: Letter, by: User, seen: Seen, ics_reference: str) -> Letter:
    """Record that the completed document and its notes are on the case record, under the reference ICS gave."""
    reference = " ".join(ics_reference.split())
    if not reference:
        raise InvalidStep("Type the reference that ICS gave.", "ics_reference")
    if len(reference) > 60:
        raise InvalidStep("That is longer than a reference of ICS can be (60 characters).", "ics_reference")

    def change(locked: Letter, taken: Taken) -> dict[str, Any]:
        locked.uploaded_at, locked.ics_reference = taken.at, reference
        return {"notes": notes_text(locked)}

    return step(letter, Action.UPLOAD, by=by, seen=seen, change=change)


def notes_text(letter: Letter) -> str:
    """The exact text for the description notes in ICS: it begins with the day this letter was posted (OGP-6).

    Raises InvalidStep if it wasn't posted.
    """
    if letter.posted_on is None:
        raise InvalidStep("This letter has not been posted.", "")
    return f"Posted {long_date(letter.posted_on)}. {PostClass(letter.post_class).label}. Postroom {letter.reference}."


def long_date(day: dt.date) -> str:
    """A date as people write it: "20 July 2026"."""
    return f"{day.day} {day:%B %Y}"


def return_undelivered(
    *, letter: Letter, by: User, seen: Seen, reason: str, came_back_on: dt.date, was_opened: bool
) -> Letter:
    """Royal Mail brought it back. The address is in doubt from now on; an upload that is missing stays due."""
    if came_back_on > timezone.localdate():
        raise InvalidStep("The day it came back can't be in the future.", "came_back_on")

    def change(locked: Letter, taken: Taken) -> dict[str, Any]:
        if locked.posted_on and came_back_on < locked.posted_on:
            raise InvalidStep("It can't have come back before it was posted.", "came_back_on")
        return {"came_back_on": came_back_on.isoformat(), "opened": was_opened}

    def after(locked: Letter, taken: Taken) -> None:
        Return.objects.create(letter=locked, by=by, at=taken.at, came_back_on=came_back_on, was_opened=was_opened)
        _doubt(locked)
        tell(locked, [(locked.case.allocated_worker_id, Notice.Code.RETURNED)], but=by)

    with transaction.atomic():
        # The case before its letter: the order in which a step on the case locks them, so that two can't deadlock.
        Case.objects.select_for_update(of=("self",)).get(pk=letter.case_id)
        return step(letter, Action.RETURN_UNDELIVERED, by=by, seen=seen, reason=reason, change=change, after=after)


def _doubt(letter: Letter) -> None:
    """The address is in doubt from now on; what else was prepared for it no longer stands."""
    address = letter.typed_version.address
    address.refresh_from_db()
    if address.in_doubt or address.retired_at or letter.case.state != CaseState.OPEN:
        return  # a closed case sends no letters; its addresses are looked at when it is opened again
    why = f"A letter came back undelivered ({letter.reference})."
    doubt_address(case=letter.case, address=address, reason=why, by=None, seen=None)
