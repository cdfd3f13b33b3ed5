"""How papers end: back or destroyed, before a witness (CLS-3); lost or stolen, with a breach report (CLS-7)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from papers.actions.common import step, tell
from papers.breach import report_of_loss
from papers.models import DestroyedBy, Gone, PapersOut
from papers.selectors import witnesses_for
from papers.states import PapersAction
from postroom.people.models import User
from postroom.steps.engine import Seen, Taken
from postroom.steps.errors import InvalidStep


def give_back(*, papers: PapersOut, by: User, seen: Seen, ended_on: dt.date, witness: User | None = None) -> PapersOut:
    """Back in the office. The holder names who saw it; whoever else takes them in is the witness themselves."""
    return _end(papers, PapersAction.GIVE_BACK, by, seen, ended_on, witness)


def destroy(
    *, papers: PapersOut, by: User, seen: Seen, ended_on: dt.date, destroyed_by: str, witness: User | None = None
) -> PapersOut:
    """Destroyed, how, and before whom. Originals are never destroyed: they come back."""
    if destroyed_by not in DestroyedBy.values:
        raise InvalidStep("Say how the papers were destroyed.", "destroyed_by")
    return _end(papers, PapersAction.DESTROY, by, seen, ended_on, witness, destroyed_by=destroyed_by)


def find(
    *, papers: PapersOut, by: User, seen: Seen, ended_on: dt.date, reason: str, witness: User | None = None
) -> PapersOut:
    """Lost papers are found and back. The breach report stays: what happened to them meanwhile is its question."""
    return _end(papers, PapersAction.FIND, by, seen, ended_on, witness, reason=reason)


def _end(
    papers: PapersOut,
    action: PapersAction,
    by: User,
    seen: Seen,
    ended_on: dt.date,
    witness: User | None,
    *,
    reason: str = "",
    destroyed_by: str = "",
) -> PapersOut:
    def change(locked: PapersOut, taken: Taken) -> Mapping[str, Any]:
        locked.witness = _witness(locked, by, witness)
        locked.ended_on, locked.destroyed_by = _day(locked, ended_on), destroyed_by
        return {"witness": locked.witness.pk, "on": ended_on.isoformat(), "how": destroyed_by}

    def after(locked: PapersOut, taken: Taken) -> None:
        if locked.witness_id != by.pk:  # so that nobody is a witness without knowing of it
            tell(locked, "papers_witness", [locked.witness_id], occasion=locked.version)

    return step(papers, action, by=by, seen=seen, reason=reason, change=change, after=after)


def _witness(papers: PapersOut, by: User, named: User | None) -> User:
    if papers.holder_id != by.pk:
        return by
    if named is None or not witnesses_for(papers).filter(pk=named.pk).exists():
        raise InvalidStep("Name a colleague of the office who saw it. It can't be you.", "witness")
    return named


def _day(papers: PapersOut, ended_on: dt.date) -> dt.date:
    if ended_on > timezone.localdate():
        raise InvalidStep("The day must be today or earlier.", "ended_on")
    if papers.taken_at and ended_on < timezone.localdate(papers.taken_at):
        raise InvalidStep("The day can't be before the papers left the office.", "ended_on")
    return ended_on


def lose(*, papers: PapersOut, by: User, seen: Seen, gone: str, gone_since: dt.datetime, reason: str) -> PapersOut:
    """Lost or stolen: the breach report opens already filled in, and the line manager is told, in the same step.

    `gone_since`: when they were last known to be safe, or the theft happened (aware). `reason`: what happened.
    """
    if gone not in Gone.values:
        raise InvalidStep("Say whether the papers were lost or stolen.", "gone")

    def change(locked: PapersOut, taken: Taken) -> Mapping[str, Any]:
        if gone_since > taken.at:
            raise InvalidStep("The time must not be in the future.", "gone_since")
        if locked.taken_at and gone_since < locked.taken_at - dt.timedelta(minutes=1):
            raise InvalidStep("The time can't be before the papers left the office.", "gone_since")
        locked.gone, locked.gone_since = gone, gone_since
        locked.breach_reference = report_of_loss(locked, by=by, at=taken.at, words=taken.reason)
        return {"gone": gone, "breach": locked.breach_reference}

    def after(locked: PapersOut, taken: Taken) -> None:
        manager = locked.holder.line_manager_id
        tell(locked, "papers_lost", [manager] if manager != by.pk else [], occasion=locked.version)

    return step(papers, PapersAction.LOSE, by=by, seen=seen, reason=reason, change=change, after=after)
