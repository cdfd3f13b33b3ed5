"""Into the window envelope, contents checked, initialled; and opened again (OGP-4a, OGP-4b, OGP-5)."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from letters.actions.common import step, unseal
from letters.models import Envelope, Letter, OfficePost
from letters.states import Action
from postroom.people.models import User
from postroom.steps.engine import Seen, Taken
from postroom.steps.errors import InvalidStep


def envelope(
    *,
    letter: Letter,
    by: User,
    seen: Seen,
    sheets: int,
    contents_checked: bool,
    new_envelope: bool,
    return_mark_on: bool,
    initials_written: bool,
) -> Letter:
    """The admin who checked the contents initials the back of the envelope, against their own account.

    `sheets`: how many they counted. Raises InvalidStep naming the entry that stands against it.
    """
    for confirmed, field, words in (
        (contents_checked, "contents_checked", "Check that every sheet is for this addressee, and confirm it."),
        (new_envelope, "new_envelope", "Use a new envelope, and confirm it."),
        (return_mark_on, "return_mark_on", "Put the return address on the back, and confirm it."),
        (initials_written, "initials_written", "Write your initials on the back of the envelope, and confirm it."),
    ):
        if not confirmed:
            raise InvalidStep(words, field)

    def change(locked: Letter, taken: Taken) -> dict[str, Any]:
        expected = sheets_to_count(locked)
        if sheets != expected:
            raise InvalidStep(
                f"This letter has {expected} sheets, and you counted {sheets}. Take out what does not belong to it, "
                "find what is missing, and count again.",
                "sheets",
            )
        most = locked.typed_version.stock.max_sheets
        if expected > most:
            raise InvalidStep(
                f"This envelope takes {most} sheets and the letter has {expected}. Use another stock.", ""
            )
        locked.initialled_by, locked.initials = by, by.initials
        locked.enveloped_at, locked.enveloped_on = taken.at, timezone.localdate(taken.at)
        return {"sheets": sheets, "initials": by.initials}

    def after(locked: Letter, taken: Taken) -> None:
        mark = OfficePost.objects.get(office_id=locked.office_id).return_mark
        Envelope.objects.create(
            letter=locked,
            version=locked.typed_version,
            by=by,
            initials=by.initials,
            at=taken.at,
            sheets=sheets,
            return_mark=mark,
        )

    return step(letter, Action.ENVELOPE, by=by, seen=seen, change=change, after=after)


def sheets_to_count(letter: Letter) -> int:
    """Sheets that belong in the envelope: the letter's own and its enclosures'."""
    version = letter.current
    if version is None:
        return 0
    return version.sheets + sum(item["pages"] for item in version.as_content.get("enclosures", []))


def reopen(*, letter: Letter, by: User, seen: Seen, reason: str) -> Letter:
    """Open the envelope again, before it is posted; the signed letter stands, the initials do not."""

    def change(locked: Letter, taken: Taken) -> None:
        unseal(locked)

    def after(locked: Letter, taken: Taken) -> None:
        Envelope.objects.filter(letter=locked, reopened_at__isnull=True).update(reopened_at=taken.at)

    return step(letter, Action.REOPEN, by=by, seen=seen, reason=reason, change=change, after=after)
