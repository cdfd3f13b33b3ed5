"""Letters abroad: refused by default; an office may allow them (CLS-6, decision 0188).

What is asked here of an address and its office is asked at the hand-over, whenever the letter is typed, and again at
every step that moves it outward; the database asks it too (letters.protection_abroad).
"""

from __future__ import annotations

import datetime as dt

from django.db import connection
from django.utils import timezone

from letters.models import CLASSES, CLASSES_ABROAD, Letter, OfficePost, PostClass
from letters.rendering.addresses import is_abroad
from letters.ways import Way
from postroom.cases.models import Address
from postroom.steps.engine import moment


def goes_abroad(letter: Letter) -> bool:
    """Does its address end with a country? No query where the address was read with the letter."""
    return is_abroad(letter.address.line_list)


def office_allows(office_id: int, address: Address, day: dt.date | None = None) -> bool:
    """Is the address inland, or does the office allow letters abroad on the local `day`? None: today, or the day of
    what is entered later. One query for an address abroad, otherwise none."""
    if not is_abroad(address.line_list):
        return True
    post = _post_of(office_id)
    return post is not None and post.letters_abroad_on(day or timezone.localdate(moment()))


def _post_of(office_id: int) -> OfficePost | None:
    """How the office does its post. Within a step it stays so until the step is done: else a manager who turns it off
    in that moment would have the database refuse what the engine had allowed, and that is an error page."""
    rows = OfficePost.objects.filter(office_id=office_id)
    return (rows.select_for_update(of=("self",)) if connection.in_atomic_block else rows).first()


def why_no_service(office_id: int, address: Address, way: str) -> str:
    """Why this way doesn't go to the address, in a sentence; "" if it does.

    Registered post is inland: abroad it is the service that the office's manager named, or none.
    """
    if way != Way.REGISTERED_POST or not is_abroad(address.line_list) or service_of(office_id):
        return ""
    return (
        "Royal Mail's registered post is inland, and this office names no service that goes abroad instead. Ask its "
        "team manager to name one under Envelopes, or choose another way."
    )


def service_of(office_id: int) -> str:
    """The service abroad that the office's manager named in place of registered post; "" if none."""
    post = _post_of(office_id)
    return post.abroad_service if post is not None else ""


def abroad_is_allowed(letter: Letter) -> bool:
    """May the letter go where its address is, by its way? Asked anew at every outward step. No query inland."""
    return office_allows(letter.office_id, letter.address) and not why_no_service(
        letter.office_id, letter.address, letter.way
    )


def classes_of(letter: Letter) -> tuple[PostClass, ...]:
    """Royal Mail's products that this letter may go by: inland ones to an address here, others abroad."""
    return (CLASSES_ABROAD if goes_abroad(letter) else CLASSES).get(Way(letter.way), ())


def class_choices(letter: Letter) -> list[tuple[str, str]]:
    """The same with their names, for a form; of the service abroad, the one that its office names now."""
    service = service_of(letter.office_id) if PostClass.ABROAD_SERVICE in classes_of(letter) else ""
    return [
        (one.value, service if one == PostClass.ABROAD_SERVICE and service else str(one.label))
        for one in classes_of(letter)
    ]
