"""Which step failed, what is done about it, closing (OGP-12, CLS-8)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from breaches.actions.common import involve, involved_ids, step, tell
from breaches.models import Breach, FollowUp
from breaches.policy import BreachPolicy
from breaches.states import BreachAction
from breaches.words import Cause, Control
from postroom.outbox.mail import notify
from postroom.people.models import User
from postroom.steps.engine import Seen, Taken
from postroom.steps.errors import InvalidStep


def record_cause(
    *,
    breach: Breach,
    by: User,
    seen: Seen,
    cause: str,
    cause_words: str,
    control: str,
    control_held_by: User | None = None,
    lessons: str = "",
) -> Breach:
    """What caused it, in a word of the list and in one's own; which control should have held, and who held it.

    Whoever held it is involved from now on: they take no part in running the case or deciding (OGP-12).
    """
    if not cause_words.strip():
        raise InvalidStep("Say in your own words how it came about.", "cause_words")

    def change(locked: Breach, taken: Taken) -> dict[str, Any]:
        locked.cause, locked.cause_words = Cause(cause), cause_words
        locked.control, locked.control_held_by, locked.lessons = Control(control), control_held_by, lessons
        return {"cause": cause, "control": control, "held_by": control_held_by.pk if control_held_by else None}

    def after(locked: Breach, taken: Taken) -> None:
        if control_held_by is not None and control_held_by.pk not in involved_ids(locked):
            involve(locked, control_held_by, "held the step that failed", taken.at)

    return step(breach, BreachAction.RECORD_CAUSE, by=by, seen=seen, change=change, after=after)


def add_follow_up(*, breach: Breach, by: User, seen: Seen, words: str, owner: User, due_on: dt.date) -> Breach:
    """An action with its owner, who is told, and its day."""
    if not words.strip():
        raise InvalidStep("Say what has to be done.", "words")
    if due_on < timezone.localdate():
        raise InvalidStep("The day can't be in the past.", "due_on")

    def after(locked: Breach, taken: Taken) -> None:
        made = FollowUp.objects.create(
            breach=locked, words=words, owner=owner, due_on=due_on, added_by=by, added_at=taken.at
        )
        notify(
            {owner.pk} - {by.pk},
            "breach_action",
            locked.ledger_subject,
            f"/breaches/actions/{made.pk}/",
            occasion=f"action{made.pk}",
        )

    return step(breach, BreachAction.ADD_FOLLOW_UP, by=by, seen=seen, after=after)


def finish_follow_up(*, breach: Breach, by: User, seen: Seen, follow_up: FollowUp, result: str) -> Breach:
    """The action's owner, or whoever runs the case, says what came of it."""
    if not result.strip():
        raise InvalidStep("Say what was done.", "result")

    def after(locked: Breach, taken: Taken) -> None:
        standing = FollowUp.objects.filter(pk=follow_up.pk, breach=locked, finished_at__isnull=True)
        if not standing.update(finished_at=taken.at, finished_by=by, result=result):
            raise InvalidStep("This action is finished already.", "")

    return step(
        breach,
        BreachAction.FINISH_FOLLOW_UP,
        by=by,
        seen=seen,
        change=lambda b, t: {"action": follow_up.pk},
        after=after,
        policy=BreachPolicy(follow_up=follow_up),
    )


def close(*, breach: Breach, by: User, seen: Seen) -> Breach:
    """Close it: each duty settled, the cause recorded, and for a breach both deciders."""
    action = BreachAction.CLOSE_NEAR_MISS if breach.only_near_miss else BreachAction.CLOSE

    def change(locked: Breach, taken: Taken) -> dict[str, Any]:
        locked.closed_at = taken.at
        return {}

    def after(locked: Breach, taken: Taken) -> None:
        told = {locked.reported_by_id} | ({locked.reported_for_id} if locked.reported_for_id else set())
        tell(locked, {pk for pk in told if pk is not None}, "breach_decided", f"closed{locked.version}", but=by)

    return step(breach, action, by=by, seen=seen, change=change, after=after)
