"""Telling the service user: a meeting left out or put off, and the letter (CLS-14)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from breaches.actions.common import holders, managers_of, open_letters, set_due_times, step, tell
from breaches.actions.duties import set_aside
from breaches.actions.holds import hold, release_holds
from breaches.duties import Duty
from breaches.models import Breach, BreachDuty, MeetingException, ServiceUserLetter
from breaches.states import BreachAction
from letters.models import Letter
from letters.states import State
from postroom.people.models import User
from postroom.people.roles import Role
from postroom.steps.engine import Seen, Taken
from postroom.steps.errors import InvalidStep

BEFORE_SIGNATURE = (State.DRAFTED, State.TYPED, State.WORKER_CHECKED)
DANGER = MeetingException.Kind.DANGER


def ask_exception(
    *, breach: Breach, by: User, seen: Seen, kind: str, reason: str, until: dt.date | None = None
) -> Breach:
    """Ask that the meeting be left out (refused, impossible) or put off `until` a day (danger). Needs a reason."""
    if kind == DANGER and (until is None or until <= timezone.localdate()):
        raise InvalidStep("Enter the day, after today, on which this is looked at again.", "until")

    def after(locked: Breach, taken: Taken) -> None:
        if MeetingException.objects.filter(breach=locked, decided_at__isnull=True).exists():
            raise InvalidStep("Somebody has asked already, and it waits for a decision.", "")
        _open_meeting(locked)
        asked = MeetingException.objects.create(
            breach=locked,
            kind=MeetingException.Kind(kind),
            reason=taken.reason,
            until=until if kind == DANGER else None,
            asked_by=by,
            asked_at=taken.at,
        )
        who = holders([Role.CALDICOTT_GUARDIAN]) if kind == DANGER else managers_of(locked)
        tell(locked, who, "breach_asked", f"exception{asked.pk}", but=by)

    return step(
        breach,
        BreachAction.ASK_EXCEPTION,
        by=by,
        seen=seen,
        reason=reason,
        change=lambda b, t: {"kind": kind},
        after=after,
    )


def approve_no_meeting(*, breach: Breach, by: User, seen: Seen, agreed: bool, reason: str) -> Breach:
    """A manager decides that no meeting is possible: the duty is set aside and the letter is free. Or says no."""
    return _answer(breach, by, seen, BreachAction.APPROVE_NO_MEETING, agreed, reason, danger=False)


def approve_deferral(*, breach: Breach, by: User, seen: Seen, agreed: bool, reason: str) -> Breach:
    """The Caldicott Guardian decides that the service user is told later. The letter stays held."""
    return _answer(breach, by, seen, BreachAction.APPROVE_DEFERRAL, agreed, reason, danger=True)


def _answer(
    breach: Breach, by: User, seen: Seen, action: BreachAction, agreed: bool, reason: str, *, danger: bool
) -> Breach:
    def change(locked: Breach, taken: Taken) -> dict[str, Any]:
        asked = MeetingException.objects.select_for_update().filter(breach=locked, decided_at__isnull=True).first()
        if asked is None or (asked.kind == DANGER) is not danger:
            raise InvalidStep("Nobody has asked for this.", "")
        asked.agreed, asked.decided_by, asked.decided_at, asked.answer = agreed, by, taken.at, taken.reason
        asked.save()
        if agreed and not danger:
            set_aside(_open_meeting(locked), by, taken.at, f"{asked.get_kind_display()}: {asked.reason}")
        return {"agreed": agreed, "kind": asked.kind}

    def after(locked: Breach, taken: Taken) -> None:
        if agreed and not danger:
            release_holds(locked)
        set_due_times(locked)
        tell(locked, holders([Role.INFORMATION_GOVERNANCE]), "breach_decided", f"exception{locked.version}", but=by)

    return step(breach, action, by=by, seen=seen, reason=reason, change=change, after=after)


def link_letter(*, breach: Breach, by: User, seen: Seen, letter: Letter) -> Breach:
    """The letter in which the service user is told in writing: held until the meeting is settled, opened to whoever
    runs and decides. It must be of a case of this breach and not signed yet. Raises InvalidStep."""

    def after(locked: Breach, taken: Taken) -> None:
        fresh = Letter.objects.select_for_update(of=("self",)).get(pk=letter.pk)
        if not locked.cases.filter(pk=fresh.case_id).exists():
            raise InvalidStep("That letter is of a case that this breach does not concern.", "reference")
        if fresh.state not in BEFORE_SIGNATURE:
            raise InvalidStep("That letter is signed already: it can't wait for the meeting any more.", "reference")
        if ServiceUserLetter.objects.filter(letter=fresh).exists() or fresh.pk == locked.letter_id:
            raise InvalidStep("That letter is linked to a breach already.", "reference")
        ServiceUserLetter.objects.create(breach=locked, letter=fresh, linked_by=by, at=taken.at)
        hold(locked, fresh)
        open_letters(locked)

    return step(
        breach,
        BreachAction.LINK_LETTER,
        by=by,
        seen=seen,
        change=lambda b, t: {"letter": letter.reference},
        after=after,
    )


def _open_meeting(breach: Breach) -> BreachDuty:
    row = BreachDuty.objects.select_for_update().filter(breach=breach, duty=Duty.SERVICE_USER_MEETING).first()
    if row is None or row.settled:
        raise InvalidStep("The meeting is settled already, or this event asks for none.", "")
    return row
