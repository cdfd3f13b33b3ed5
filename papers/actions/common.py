"""What the verbs share: a step that keeps its time, and telling people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from papers.models import PapersOut
from papers.policy import POLICY
from postroom.outbox.mail import notify
from postroom.people.models import User
from postroom.steps.engine import Seen, Taken, take

Change = Callable[[PapersOut, Taken], Mapping[str, Any] | None]


def step(
    papers: PapersOut,
    action: str,
    *,
    by: User | None,
    seen: Seen | None,
    reason: str = "",
    change: Change | None = None,
    after: Callable[[PapersOut, Taken], None] | None = None,
) -> PapersOut:
    """One step of papers out on the engine; keeps `state_since` for lists."""

    def with_time(locked: PapersOut, taken: Taken) -> Mapping[str, Any] | None:
        row = locked.rules.transition(action, str(locked.state))
        if row is not None and row.target != row.source:
            locked.state_since = taken.at
        return change(locked, taken) if change else None

    return take(papers, action=action, by=by, policy=POLICY, seen=seen, reason=reason, change=with_time, after=after)


def tell(papers: PapersOut, notice: str, user_ids: Iterable[int | None], *, occasion: str | int) -> None:
    """An e-mail without personal data for each of these people (None is nobody)."""
    people = [user_id for user_id in user_ids if user_id is not None]
    notify(people, notice, papers.ledger_subject, f"/papers/{papers.reference}/", occasion=occasion)
