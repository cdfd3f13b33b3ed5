"""Telling the service user: a meeting left out or put off, and the letter (CLS-14)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from breaches.actions.common import holders, managers_of, open_letters, set_due_times, step, tell
from breaches.actions.duties import set_aside
from breaches.actions.holds import hold, release_holds, release_holds_of
from breaches.actions.people import meetings_settled, told_in
from breaches.duties import Duty
from breaches.models import Breach, BreachDuty, MeetingException, ServiceUser, ServiceUserLetter
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
    *,
    breach: Breach,
    by: User,
    seen: Seen,
    kind: str,
    reason: str,
    until: dt.date | None = None,
    service_user: ServiceUser | None = None,
) -> Breach:
    """Ask that the meeting be left out (refused, impossible) or put off `until` a day (danger). Needs a reason.

    With `service_user` it is about that person alone.
    """
    if kind == DANGER and (until is None or until <= timezone.localdate()):
        raise InvalidStep("Enter the day, after today, on which this is looked at again.", "until")

    def after(locked: Breach, taken: Taken) -> None:
        if MeetingException.objects.filter(breach=locked, decided_at__isnull=True).exists():
            raise InvalidStep("Somebody has asked already, and it waits for a decision.", "")
        if service_user is None:
            _open_meeting(locked)
        elif not _unmet(locked).filter(pk=service_user.pk).exists():
            raise InvalidStep("This person has been met, or is not on the list any more.", "")
        asked = MeetingException.objects.create(
            breach=locked,
            kind=MeetingException.Kind(kind),
            service_user=service_user,
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
    answered: list[MeetingException] = []

    def change(locked: Breach, taken: Taken) -> dict[str, Any]:
        asked = MeetingException.objects.select_for_update().filter(breach=locked, decided_at__isnull=True).first()
        if asked is None or (asked.kind == DANGER) is not danger:
            raise InvalidStep("Nobody has asked for this.", "")
        asked.agreed, asked.decided_by, asked.decided_at, asked.answer = agreed, by, taken.at, taken.reason
        asked.save()
        answered.append(asked)
        return {"agreed": agreed, "kind": asked.kind}

    def after(locked: Breach, taken: Taken) -> None:
        # Once the ledger has the step: the database asks for it.
        if agreed and not danger:
            _left_out(locked, answered[-1], by, taken.at)
        set_due_times(locked)
        tell(locked, holders([Role.INFORMATION_GOVERNANCE]), "breach_decided", f"exception{locked.version}", but=by)

    return step(breach, action, by=by, seen=seen, reason=reason, change=change, after=after)


def _left_out(breach: Breach, asked: MeetingException, by: User, at: dt.datetime) -> None:
    """A manager agreed: for the one it was asked for, or for all who haven't been met."""
    unmet = _unmet(breach)
    if asked.service_user_id is not None:
        unmet = unmet.filter(pk=asked.service_user_id)
    for row in unmet:
        row.excused = asked
        row.save(update_fields=["excused"])
        release_holds_of(row)
    if asked.service_user_id is not None:
        meetings_settled(breach, by, at)
        return
    set_aside(_open_meeting(breach), by, at, f"{asked.get_kind_display()}: {asked.reason}")
    release_holds(breach)


def _unmet(breach: Breach) -> QuerySet[ServiceUser]:
    return ServiceUser.objects.filter(breach=breach, cleared_at__isnull=True, met_at__isnull=True, excused__isnull=True)


def _told_in(breach: Breach, letter: Letter) -> ServiceUser | None:
    """Whom of those named this letter tells: its addressee, or the child of its case where it goes to their family.

    None where nobody is named. Raises InvalidStep for a professional's letter, and for one that tells nobody named.
    """
    if not letter.addressee.is_family:
        raise InvalidStep(
            "That letter goes to a professional. Link the one to the service user, or to who cares for them.",
            "reference",
        )
    if not breach.service_users.filter(cleared_at__isnull=True).exists():
        return None
    found = told_in(breach, letter)
    if found is None:
        raise InvalidStep(
            "That letter goes to nobody named on this breach. Name them first, or take another.", "reference"
        )
    return found


def link_letter(*, breach: Breach, by: User, seen: Seen, letter: Letter) -> Breach:
    """The letter in which the service user is told in writing: held until the meeting is settled, opened to whoever
    runs and decides. It must be of a case of this breach, to family, and not signed yet; where people are named, to
    one of them, and held until that person is met. Raises InvalidStep."""

    def after(locked: Breach, taken: Taken) -> None:
        fresh = Letter.objects.select_for_update(of=("self",)).get(pk=letter.pk)
        if not locked.cases.filter(pk=fresh.case_id).exists():
            raise InvalidStep("That letter is of a case that this breach does not concern.", "reference")
        if fresh.state not in BEFORE_SIGNATURE:
            raise InvalidStep("That letter is signed already: it can't wait for the meeting any more.", "reference")
        if ServiceUserLetter.objects.filter(letter=fresh).exists() or fresh.pk == locked.letter_id:
            raise InvalidStep("That letter is linked to a breach already.", "reference")
        person = _told_in(locked, fresh)
        ServiceUserLetter.objects.create(breach=locked, letter=fresh, person=person, linked_by=by, at=taken.at)
        hold(locked, fresh, person)
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
