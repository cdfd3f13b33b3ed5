"""What whoever saw the dice says of them, with their own sign-in, before anything is drawn (OGP-10)."""

from __future__ import annotations

from typing import Any

from audit.models import SpotCheck
from audit.policy import POLICY
from audit.spotchecks.rules import CheckAction
from postroom.outbox.mail import notify
from postroom.people.models import User
from postroom.steps.engine import Seen, Taken, take


def _tell(check: SpotCheck, to: int | None) -> None:
    """Whoever threw hears that the witness has answered."""
    link = f"/audit/spot-checks/{check.reference}/"
    notify([to] if to else [], "spotcheck_dice", check.ledger_subject, link, occasion=check.version)


def confirm_dice(*, check: SpotCheck, by: User, seen: Seen) -> SpotCheck:
    """Say "I saw these dice": this list (by its hash), these digits. Once; the draw is open then.

    Raises NotAllowed for anybody but the named witness, Stale where the seed is another by now, GuardFailed.
    """

    def change(locked: SpotCheck, taken: Taken) -> dict[str, Any]:
        locked.confirmed_at, locked.confirmed_by = taken.at, by
        return {"seed": locked.seed, "sha256": locked.content_hash}

    def after(locked: SpotCheck, taken: Taken) -> None:
        _tell(locked, locked.seed_by_id)

    return take(check, action=CheckAction.CONFIRM_DICE, by=by, policy=POLICY, seen=seen, change=change, after=after)


def refuse_dice(*, check: SpotCheck, by: User, seen: Seen, reason: str) -> SpotCheck:
    """Say that these are not the dice that were seen: the seed is given up and another is thrown to the same list.

    Both stay on record: the refused seed in its own entry and in this one. Raises as `confirm_dice`, ReasonNeeded.
    """
    threw: list[int | None] = []

    def change(locked: SpotCheck, taken: Taken) -> dict[str, Any]:
        told = {"seed": locked.seed, "witness": locked.witness_by_id}
        threw[:] = [locked.seed_by_id]
        locked.seed, locked.seed_at, locked.seed_by = "", None, None
        locked.witness, locked.witness_by = "", None
        return told

    def after(locked: SpotCheck, taken: Taken) -> None:
        _tell(locked, threw[0])

    return take(
        check,
        action=CheckAction.REFUSE_DICE,
        by=by,
        policy=POLICY,
        seen=seen,
        reason=reason,
        change=change,
        after=after,
    )
