"""By hand: taken out, handed over into the recipient's own hands, not possible, brought back (OGP-7, OGP-9)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from distribution import hooks
from distribution.actions.common import keep_receipt, scanned, step, tell
from distribution.models import Handover, Item, Receipt
from distribution.states import Action
from postroom.files.models import StoredFile
from postroom.people.models import User
from postroom.steps.engine import Seen, Taken
from postroom.steps.errors import InvalidStep


def take_out(*, item: Item, by: User, seen: Seen, lockable_bag: bool) -> Item:
    """A social worker takes the paper out to hand it over; it is among the papers that are out from now on."""
    if not lockable_bag:
        raise InvalidStep("Papers travel in a lockable bag. Take one, and confirm it.", "lockable_bag")

    def change(locked: Item, taken: Taken) -> dict[str, Any]:
        locked.carried_by, locked.taken_out_at = by, taken.at
        return {"sheets": locked.pages}

    return step(item, Action.TAKE_OUT, by=by, seen=seen, change=change, after=hooks.left)


def hand_over(
    *,
    item: Item,
    by: User,
    seen: Seen,
    at: dt.datetime,
    where: str,
    known_by: str,
    own_hands: bool,
    place: str = "",
    signature: StoredFile | None = None,
    receipt: StoredFile | None = None,
) -> Item:
    """Into the recipient's own hands: when (aware), where, how they were known. Raises InvalidStep naming the field.

    `signature`: drawn on the screen; `receipt`: the scan of one that they signed on paper.
    """
    if where not in Handover.Where.values:
        raise InvalidStep("Say where you handed it over.", "where")
    if known_by not in Handover.Known.values:
        raise InvalidStep("Say how you know that it is them.", "known_by")
    if not own_hands:
        raise InvalidStep(
            "It must be put into the person's own hands: not through the letterbox, not to a neighbour. If that was "
            "not possible, say so instead.",
            "own_hands",
        )
    if at > timezone.now() + dt.timedelta(minutes=2):
        raise InvalidStep("The time can't be in the future.", "at")

    def change(locked: Item, taken: Taken) -> dict[str, Any]:
        assert locked.taken_out_at is not None  # noqa: S101 - the guard has looked
        if at < locked.taken_out_at.replace(second=0, microsecond=0):
            raise InvalidStep("That is before you took it out. Enter the time you handed it over.", "at")
        locked.handed_by, locked.handed_at, locked.handed_on = by, at, timezone.localdate(at)
        locked.carried_by = locked.taken_out_at = None
        return {"where": where, "known_by": known_by, "own_hands": True, "signature": signature is not None} | scanned(
            receipt
        )

    def after(locked: Item, taken: Taken) -> None:
        Handover.objects.create(
            item=locked,
            by=by,
            at=at,
            recorded_at=taken.at,
            where=where,
            place=" ".join(place.split())[:120],
            known_by=known_by,
            own_hands=True,
            signature=signature,
        )
        keep_receipt(locked, taken, of=Receipt.Of.HANDOVER, scan=receipt, by=by)
        locked.carried_by = None
        hooks.back(locked, taken, hooks.Ended.HANDED_OVER)

    return step(item, Action.HAND_OVER, by=by, seen=seen, change=change, after=after)


def not_possible(*, item: Item, by: User, seen: Seen, reason: str) -> Item:
    """It could not be handed over: on hold, never posted instead. The paper is still out until it is brought back."""

    def change(locked: Item, taken: Taken) -> None:
        locked.not_handed_at = taken.at

    def after(locked: Item, taken: Taken) -> None:
        tell(locked, "held", [locked.case.allocated_worker_id], but=by)

    return step(item, Action.NOT_POSSIBLE, by=by, seen=seen, reason=reason, change=change, after=after)


def bring_back(*, item: Item, by: User, seen: Seen) -> Item:
    """The paper is back in the office."""

    def change(locked: Item, taken: Taken) -> None:
        locked.carried_by = locked.taken_out_at = None

    def after(locked: Item, taken: Taken) -> None:
        hooks.back(locked, taken, hooks.Ended.BROUGHT_BACK)

    return step(item, Action.BRING_BACK, by=by, seen=seen, change=change, after=after)
