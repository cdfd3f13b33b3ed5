"""Into the window envelope, contents checked, initialled; and opened again (OGP-4a, OGP-4b, OGP-5)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from letters.actions.common import step, unseal
from letters.made import made_of
from letters.models import Envelope, Letter, OfficePost, Print, SheetScan
from letters.sheets_in import ScannedIn, prints_that_count, scan_of, scanned_in, to_scan
from letters.states import Action
from letters.ways import SAFE
from letters.weights import sheets_of_pages
from postroom.people.models import User
from postroom.steps.engine import Seen, Taken, is_entered_later
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
    things: Sequence[int] = (),
    scanned: Sequence[str] = (),
) -> Letter:
    """The admin who checked the contents initials the back of the envelope, against their own account.

    `sheets`: how many they counted; `things`: how many of each enclosure that is no sheet, in order; `scanned`: what
    the hand scanner read, a line for each printed sheet (nothing: they were counted by eye). Raises InvalidStep naming
    the entry that stands against it.
    """
    for confirmed, field, words in (
        (contents_checked, "contents_checked", "Check that every sheet is for this addressee, and confirm it."),
        (new_envelope, "new_envelope", "Use a new envelope, and confirm it."),
        (return_mark_on, "return_mark_on", "Put the return address on the back, and confirm it."),
        (initials_written, "initials_written", "Write your initials on the back of the envelope, and confirm it."),
    ):
        if not confirmed:
            raise InvalidStep(words, field)

    found = ScannedIn()

    def change(locked: Letter, taken: Taken) -> dict[str, Any]:
        nonlocal found
        found = _scan(locked, scanned)
        possible = [found.printed] if found.printed else [*(prints_that_count(locked) or (None,))]
        counts = [sheets_to_count(locked, one) for one in possible]
        expected = sheets if sheets in counts else counts[0]
        if sheets != expected:
            if sheets < 0:
                raise InvalidStep("Enter how many sheets you counted into the envelope.", "sheets")
            has = f"{expected} sheet{'' if expected == 1 else 's'}"
            raise InvalidStep(
                f"This letter has {has}, and you counted {sheets}. Take out what does not belong to it, "
                "find what is missing, and count again.",
                "sheets",
            )
        _count_things(locked, things)
        _keep_originals(locked)
        most = locked.typed_version.stock.max_sheets
        if expected > most:
            raise InvalidStep(
                f"This envelope takes {most} sheets and the letter has {expected}. Use another stock.", ""
            )
        locked.initialled_by, locked.initials = by, by.initials
        locked.enveloped_at, locked.enveloped_on = taken.at, timezone.localdate(taken.at)
        print_number = found.printed.number if found.printed else 0
        return {"sheets": sheets, "initials": by.initials, "scanned": found.count, "print_number": print_number}

    def after(locked: Letter, taken: Taken) -> None:
        mark = OfficePost.objects.get(office_id=locked.office_id).return_mark
        Envelope.objects.create(
            letter=locked,
            version=locked.typed_version,
            by=by,
            initials=by.initials,
            at=taken.at,
            sheets=sheets,
            scanned=found.count,
            printed=found.printed,
            return_mark=mark,
        )
        if found.printed is not None:  # all of its sheets were in hand: it came out
            unsaid = Print.objects.filter(pk=found.printed.pk, came_out__isnull=True)
            unsaid.update(came_out=True, said_by=by, said_at=taken.at)

    return step(letter, Action.ENVELOPE, by=by, seen=seen, change=change, after=after)


def _scan(letter: Letter, lines: Sequence[str]) -> ScannedIn:
    """What was scanned in; raises InvalidStep where it is not all and only this letter's sheets, or nothing was scanned
    at an office that requires it. (What was enveloped while the system was down was counted by eye.)"""
    found = scanned_in(letter, lines)
    if found.faults:
        raise InvalidStep(found.words, "scanned")
    required = scan_of(letter.office_id) == SheetScan.REQUIRED and not is_entered_later()
    if required and found.printed is None and to_scan(letter) is not None:
        raise InvalidStep("Scan in every printed sheet, or type the line that stands under its mark.", "scanned")
    return found


def _count_things(letter: Letter, counted: Sequence[int]) -> None:
    for place, item in enumerate(things_to_count(letter)):
        found = counted[place] if place < len(counted) else 0
        if found != item["count"]:
            raise InvalidStep(
                f"{item['count']} of “{item['title']}” go in, and you counted {found}. Find what is missing, or take "
                "out what does not belong to it.",
                f"thing_{place + 1}",
            )


def _keep_originals(letter: Letter) -> None:
    """An original goes by registered post or by hand where the office has said so."""
    kept = OfficePost.objects.filter(office_id=letter.office_id, originals_kept=True).exists()
    if kept and letter.way not in SAFE and originals_in(letter):
        raise InvalidStep(
            "An original is enclosed, which this office sends by registered post or by hand. Its worker or a manager "
            "chooses another way for the letter first.",
            "",
        )


def print_in_hand(letter: Letter) -> Print | None:
    """The newest print whose sheets may go in; None for one from before prints had numbers. One query."""
    return next(iter(prints_that_count(letter)), None)


def own_sheets(letter: Letter, printed: Print | None = None) -> int:
    """Sheets of the letter itself, as `printed` (or the print in hand) made them: on one side or on both."""
    if letter.current is None:
        return 0
    printed = printed or print_in_hand(letter)
    return sheets_of_pages(letter.current.sheets, both_sides=printed is not None and printed.both_sides)


def sheets_to_count(letter: Letter, printed: Print | None = None) -> int:
    """Sheets that belong in the envelope: the letter's own (as `printed` made them) and its enclosures'."""
    version = letter.current
    if version is None:
        return 0
    return own_sheets(letter, printed) + sum(
        item["pages"] for item in version.as_content.get("enclosures", []) if item.get("kind", "sheets") == "sheets"
    )


def things_to_count(letter: Letter) -> list[dict[str, Any]]:
    """What goes in that is no sheet of paper (a cheque, photographs), in order, each with its `count`; the last is what
    was made in the addressee's format (Braille, a CD)."""
    if letter.current is None:
        return []
    things = [item for item in letter.current.as_content.get("enclosures", []) if item.get("kind") == "thing"]
    return [*things, *made_items(letter)]


def made_items(letter: Letter) -> list[dict[str, Any]]:
    """What was made in the addressee's format and goes in beside the letter, as an enclosure's row; at most one."""
    made = made_of(letter)
    return [] if made is None or made.is_letter else [{"kind": "thing", "title": made.what, "count": made.count}]


def originals_in(letter: Letter) -> bool:
    """Is something among the enclosures that can't be had again?"""
    return letter.current is not None and any(
        item.get("original") for item in letter.current.as_content.get("enclosures", [])
    )


def reopen(*, letter: Letter, by: User, seen: Seen, reason: str) -> Letter:
    """Open the envelope again, before it is posted; the signed letter stands, the initials do not."""

    def change(locked: Letter, taken: Taken) -> None:
        unseal(locked)

    def after(locked: Letter, taken: Taken) -> None:
        Envelope.objects.filter(letter=locked, reopened_at__isnull=True).update(reopened_at=taken.at)

    return step(letter, Action.REOPEN, by=by, seen=seen, reason=reason, change=change, after=after)
