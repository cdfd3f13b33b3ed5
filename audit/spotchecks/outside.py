"""Has the list of a spot check left the house before its seed is known (OGP-10)?

A draw that nobody outside could follow proves nothing to them: the list has to be in a checkpoint that left (by mail,
to the folder, stamped) before there is a seed. The seed's entry then names that checkpoint.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import partial

from django.db import transaction

from audit.models import SpotCheck
from audit.record.checkpoints import send_checkpoints
from audit.record.models import Departure
from postroom.ledger.models import Checkpoint, Entry, Seal
from postroom.ledger.sealing import seal


@dataclass(frozen=True)
class Left:
    """The first copy to leave of a checkpoint that has the list: its number and hash, when and how it left."""

    checkpoint: int
    hash: str
    at: dt.datetime
    how: str


def _place(check: SpotCheck) -> int | None:
    """The position of the entry that published the list; None while it isn't sealed."""
    entry = Entry.objects.filter(subject=check.ledger_subject, seq=1).values("pk")
    return Seal.objects.filter(entry_id__in=entry).values_list("position", flat=True).first()


def left_house(check: SpotCheck) -> Left | None:
    """The first departure that has the list of this check in it, or None while none has."""
    place = _place(check)
    if place is None:
        return None
    first = Checkpoint.objects.filter(last_position__gte=place).order_by("number").first()
    if first is None:
        return None
    for left in Departure.objects.filter(number__gte=first.number).order_by("at", "pk")[:20]:
        if Checkpoint.objects.filter(number=left.number, hash=left.hash).exists():
            return Left(left.number, left.hash, left.at, left.get_way_display())
    return None


def send_after_commit(check: SpotCheck) -> None:
    """Once the list is committed: seal it, and owe its checkpoint to every place outside at once.

    Should that be cut off, the hourly run sends it.
    """
    transaction.on_commit(partial(_send, check), robust=True)


def _send(check: SpotCheck) -> None:
    # Of two sealers at once one gives way, perhaps before it has taken this entry.
    for _ in range(3):
        seal()
        if _place(check) is not None:
            break
    send_checkpoints(everything=False)
