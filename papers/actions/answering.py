"""The line manager's answer (CLS-3): never one's own; away, the next manager or the office's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from papers.actions.common import step, tell
from papers.models import PapersOut
from papers.states import PapersAction
from postroom.people.models import User
from postroom.steps.engine import Seen, Taken


def agree(*, papers: PapersOut, by: User, seen: Seen) -> PapersOut:
    """The papers may leave for what was asked, until the day that was asked."""
    return _answer(papers, PapersAction.AGREE, by, seen, "papers_agreed")


def refuse(*, papers: PapersOut, by: User, seen: Seen, reason: str) -> PapersOut:
    """The papers stay in the office; the reason goes to who asked."""
    return _answer(papers, PapersAction.REFUSE, by, seen, "papers_refused", reason)


def _answer(papers: PapersOut, action: PapersAction, by: User, seen: Seen, notice: str, reason: str = "") -> PapersOut:
    def change(locked: PapersOut, taken: Taken) -> Mapping[str, Any]:
        locked.answered_by, locked.answered_at = taken.by, taken.at
        return {"asked_of": locked.asked_of_id, "manager_away": locked.manager_away}

    def after(locked: PapersOut, taken: Taken) -> None:
        tell(locked, notice, [locked.holder_id], occasion=locked.version)

    return step(papers, action, by=by, seen=seen, reason=reason, change=change, after=after)
