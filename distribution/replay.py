"""What the ledger says of a copy beyond its state: who confirmed, approved, initialled, posted, carried, sent it.

Asked by every verification (`verify_ledger`, and nightly): a row that was put right by hand past its steps is named.
What a step voided is off the row, and is not asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from distribution.models import Item
from distribution.states import Action
from postroom.ledger.chain import EntryValues, to_microseconds
from postroom.ledger.replaying import Told, details_of, first_that_differs

# Person on the row → the step in which they put themselves there.
_HANDS: tuple[tuple[str, str, Action], ...] = (
    ("right_by_id", "confirmer of the right", Action.CONFIRM_RIGHT),
    ("approval_asked_by_id", "person who asked for approval", Action.ASK_APPROVAL),
    ("approved_by_id", "approver", Action.APPROVE),
    ("released_by_id", "releaser", Action.RELEASE),
    ("initialled_by_id", "initialler", Action.ENVELOPE),
    ("posted_by_id", "poster", Action.POST),
    ("carried_by_id", "carrier", Action.TAKE_OUT),
    ("handed_by_id", "deliverer", Action.HAND_OVER),
    ("sent_by_id", "sender", Action.SEND),
)


def check_item(item: Item, entries: Sequence[EntryValues]) -> str:
    """What is wrong with the row, given its entries in order; "" if they lead to it."""
    return first_that_differs(_facts(item, Told(entries)))


def _facts(item: Item, told: Told) -> Iterator[tuple[str, Any, Any]]:
    for name, words, action in _HANDS:
        person = getattr(item, name)
        if person is not None:
            yield words, person, told.actor(action)
    if item.released_by_id is not None:
        yield "way", item.channel, told.details(Action.RELEASE).get("channel")
    if item.right_by_id is not None:
        yield "right", item.right_basis, told.details(Action.CONFIRM_RIGHT).get("basis")
    if item.approved_until is not None:
        yield "end of its approval", item.approved_until.isoformat(), told.details(Action.APPROVE).get("until")
    if item.posted_on is not None:
        posted = told.details(Action.POST)
        yield "posting day", item.posted_on.isoformat(), posted.get("posted_on")
        yield "tracking number", item.tracking_number, posted.get("tracking")
    if item.initialled_by_id is not None:
        yield "initials", item.initials, told.details(Action.ENVELOPE).get("initials")
    if item.sent_at is not None:
        sent = told.last(Action.MARK_SENT, Action.DECIDE_SENT)
        yield "time of sending", to_microseconds(item.sent_at), sent.at if sent is not None else None
    if item.not_handed_at is not None:
        tried = told.last(Action.NOT_POSSIBLE)
        yield "delivery in vain", to_microseconds(item.not_handed_at), tried.at if tried is not None else None
    if item.uploaded_at is not None:
        upload = told.last(Action.UPLOAD)
        yield "time on the case record", to_microseconds(item.uploaded_at), upload.at if upload is not None else None
        if "ics_reference" in details_of(upload):
            yield "reference in ICS", item.ics_reference, details_of(upload)["ics_reference"]
