"""What was made of a letter in the format that its addressee can read: on record before it leaves (decision 0167)."""

from __future__ import annotations

import datetime as dt
import re

from django.utils import timezone

from letters.formats import MAY_BE_THE_LETTER
from letters.models import Letter, LetterFile, MadeInFormat
from letters.policy import POLICY
from letters.states import Action
from postroom.files.keeping import keep
from postroom.people.models import User
from postroom.steps.engine import Seen, Taken, remark, require_seen
from postroom.steps.errors import InvalidStep
from postroom.uploads import Checked

_USB = re.compile(r"\b(usb|memory[ -]?stick|pen[ -]?drive|flash[ -]?drive|thumb[ -]?drive)", re.I)
ITSELF = "The letter itself"


def record_format(
    *,
    letter: Letter,
    by: User,
    seen: Seen,
    made_by: str,
    made_on: dt.date,
    is_letter: bool = False,
    what: str = "",
    count: int = 0,
    file: Checked | None = None,
) -> Letter:
    """Who made this version in the addressee's format, when, and what it is: `what` and how many of it go in, or the
    letter itself, where what is printed is in that format (easy read). `file`: as it was made, kept with the letter.

    Beside the way: the letter stays where it is. Said again in other words, the newest counts. Raises InvalidStep
    naming the field, Stale if the letter was typed anew since it was on the page.
    """
    now = Letter.objects.select_related("current").get(pk=letter.pk)
    require_seen(now, seen)
    what, made_by = " ".join(what.split()), " ".join(made_by.split())
    if not made_by:
        raise InvalidStep("Say who made it: the person or the service.", "made_by")
    if made_on > timezone.localdate():
        raise InvalidStep("It can't have been made in the future.", "made_on")
    if now.current is not None and made_on < timezone.localdate(now.current.typed_at):
        raise InvalidStep(
            "This version was typed after that day. Have the version that stands made, not an earlier one.", "made_on"
        )
    if is_letter:
        if now.letter_format not in MAY_BE_THE_LETTER:
            raise InvalidStep("What is printed can't be in this format. Say what was made and goes in.", "what")
        what, count = ITSELF, 0
    else:
        _judge(what, count)
    kept = keep(file) if file is not None else None

    def after(locked: Letter, taken: Taken) -> None:
        # The row is held. Typed anew meanwhile, this was made of another version; sent again, it is one record.
        require_seen(locked, seen)
        newest = MadeInFormat.objects.filter(version=locked.typed_version).select_related("file").first()
        if newest is not None and _said(newest) == (what, count, made_by, made_on, kept.pk if kept else None):
            raise InvalidStep("This is on record already, in the same words. Look at the letter again.", "")
        row = None
        if file is not None and kept is not None:
            row = LetterFile.objects.create(
                letter=locked,
                purpose=LetterFile.Purpose.FORMAT,
                file=kept,
                media_type=file.media_type,
                pages=max(file.pages, 1),
                scanned=file.scanned,
                by=by,
                at=taken.at,
            )
        MadeInFormat.objects.create(
            version=locked.typed_version,
            letter_format=locked.letter_format,
            is_letter=is_letter,
            what=what,
            count=count,
            made_by=made_by,
            made_on=made_on,
            file=row,
            by=by,
            at=taken.at,
        )

    details = {"format": str(now.letter_format), "version": now.current.number if now.current else 0}
    details |= {"count": count, "itself": is_letter, "made_on": made_on.isoformat()}
    if kept is not None:
        details["file"] = kept.pk
    return remark(letter, action=Action.RECORD_FORMAT, by=by, policy=POLICY, details=details, after=after)


def _said(made: MadeInFormat) -> tuple[str, int, str, dt.date, str | None]:
    return made.what, made.count, made.made_by, made.made_on, made.file.file_id if made.file else None


def _judge(what: str, count: int) -> None:
    if not what:
        raise InvalidStep("Say what was made and goes into the envelope.", "what")
    if len(what) > 80:
        raise InvalidStep("Say it in at most 80 characters.", "what")
    if _USB.search(what):
        raise InvalidStep(
            "Confidential data never goes on a USB stick. Have it made on a CD, or play it to them.",
            "what",
        )
    if not 1 <= count <= 99:
        raise InvalidStep("Enter how many of it go into the envelope, from 1 to 99.", "count")
