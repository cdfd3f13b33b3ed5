"""Settling a duty: done with its evidence, or set aside with a reason (CLS-7 to CLS-14)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from breaches.actions.common import set_due_times, step
from breaches.actions.holds import release_holds
from breaches.duties import Duty, Evidence, may_be_done
from breaches.models import ROWS, Breach, BreachDuty
from breaches.policy import BreachPolicy, people_left, standing_proposal
from breaches.states import TOLD, BreachAction
from postroom.files.models import StoredFile
from postroom.people.models import User
from postroom.steps.engine import Seen, Taken
from postroom.steps.errors import InvalidStep


def do_duty(
    *,
    breach: Breach,
    by: User,
    seen: Seen,
    duty: Duty,
    happened_at: dt.datetime | None = None,
    reference: str = "",
    note: str = "",
    answer: bool | None = None,
    file: StoredFile | None = None,
) -> Breach:
    """Record a duty as done, with what proves it. Raises InvalidStep naming what is missing.

    Two have a step of their own: the report to the Commissioner (`refer`), which keeps its phases, and the Information
    & Records Manager's report (`sign_report`), which is signed off by their own hand.
    """
    if duty == Duty.COMMISSIONER:
        raise InvalidStep("Record the report to the Commissioner on its own page.", "")
    if duty == Duty.RECORDS_MANAGER_REPORT:
        raise InvalidStep("The Information & Records Manager writes and signs off this report on its own page.", "")

    def change(locked: Breach, taken: Taken) -> dict[str, Any]:
        row = to_do(locked, duty)
        if happened_at is not None and happened_at > taken.at:
            raise InvalidStep("That lies in the future.", "happened_at")
        _judge_evidence(locked, row, happened_at, reference, note, answer, file)
        settle(row, BreachDuty.Status.DONE, by, taken.at)
        row.happened_at, row.reference, row.note = happened_at, reference.strip(), note.strip()
        row.answer, row.file = answer, file
        if ROWS[duty].evidence == Evidence.LETTER:
            row.reference = _posted_letter(locked)
        row.save()
        return {"duty": str(duty), "evidence": str(ROWS[duty].evidence), "file": file.pk if file else ""}

    return step(
        breach,
        BreachAction.DO_DUTY,
        by=by,
        seen=seen,
        change=change,
        after=lambda locked, taken: _afterwards(locked, duty),
        policy=BreachPolicy(duty=duty),
    )


def set_aside_duty(*, breach: Breach, by: User, seen: Seen, duty: Duty, reason: str) -> Breach:
    """A duty does not apply; the reason stays. Raises InvalidStep where it takes somebody else's decision."""
    if duty == Duty.SERVICE_USER_MEETING:
        raise InvalidStep("Leaving out the meeting is for a manager to decide. Ask for it on this page.", "reason")

    def change(locked: Breach, taken: Taken) -> dict[str, Any]:
        row = to_do(locked, duty)
        if duty == Duty.COMMISSIONER:
            decided = standing_proposal(locked)
            if locked.only_near_miss is False and (
                decided is None or decided.agreed_at is None or decided.commissioner
            ):
                raise InvalidStep("Only the two deciders can decide not to report to the Commissioner.", "reason")
        set_aside(row, by, taken.at, taken.reason)
        return {"duty": str(duty)}

    return step(
        breach,
        BreachAction.SET_ASIDE_DUTY,
        by=by,
        seen=seen,
        reason=reason,
        change=change,
        after=lambda locked, taken: _afterwards(locked, duty),
    )


def set_aside(row: BreachDuty, by: User, at: dt.datetime, reason: str) -> None:
    """Inside a step: the row is set aside with its reason."""
    settle(row, BreachDuty.Status.SET_ASIDE, by, at)
    row.note = reason
    row.save()


def settle(row: BreachDuty, status: str, by: User, at: dt.datetime) -> None:
    """Inside a step: who settled it when; the caller sets its evidence and saves it."""
    row.status, row.settled_by, row.settled_at = status, by, at


def to_do(breach: Breach, duty: Duty) -> BreachDuty:
    """The duty, locked, if it is still to do. Raises InvalidStep."""
    row = BreachDuty.objects.select_for_update().filter(breach=breach, duty=duty).first()
    if row is None:
        raise InvalidStep("This event brings no such duty.", "")
    if row.settled:
        raise InvalidStep("This duty is settled already; what stands there stays.", "")
    return row


def _judge_evidence(
    breach: Breach,
    row: BreachDuty,
    happened_at: dt.datetime | None,
    reference: str,
    note: str,
    answer: bool | None,
    file: StoredFile | None,
) -> None:
    """Raises InvalidStep unless what proves this duty is there."""
    settled = [Duty(d) for d in breach.duties.exclude(status="open").values_list("duty", flat=True)]
    if not may_be_done(row.row, settled):
        raise InvalidStep("In writing comes after face to face: record the meeting first.", "")
    if row.duty == Duty.SERVICE_USER_MEETING and breach.service_users.filter(cleared_at__isnull=True).exists():
        raise InvalidStep("Record the meeting with each person named; with the last one this duty is done.", "")
    match row.row.evidence:
        case Evidence.REFERENCE if not reference.strip():
            raise InvalidStep("Enter the reference that you were given.", "reference")
        case Evidence.NOTE if not note.strip():
            raise InvalidStep("Say who was told, and how.", "note")
        case Evidence.FILE if file is None:
            raise InvalidStep("Choose the report itself: the one that Postroom makes, or a file.", "file")
        case Evidence.DECISION if answer is None:
            raise InvalidStep("Choose yes or no.", "answer")
        case Evidence.DECISION if not note.strip():
            raise InvalidStep("Give the reason.", "note")
        case Evidence.MEETING if happened_at is None:
            raise InvalidStep("Enter when the meeting took place.", "happened_at")
        case Evidence.MEETING if not note.strip():
            raise InvalidStep("Say who met whom.", "note")
        case _:
            pass
    aware = breach.aware_at.replace(second=0, microsecond=0)  # the form asks for minutes
    if happened_at is not None and happened_at < aware and row.row.evidence == Evidence.MEETING:
        raise InvalidStep("The meeting can't have been before anybody was aware.", "happened_at")


def _posted_letter(breach: Breach) -> str:
    """The references of the linked letters that went; of those named, each has one. Raises InvalidStep till then."""
    linked = breach.service_user_letters.select_related("letter").filter(letter__state__in=TOLD).order_by("pk")
    if not linked:
        raise InvalidStep(
            "Link the letter to the service user first; it counts as done once it is posted or handed over.", ""
        )
    if left := len(people_left(breach)):
        raise InvalidStep(f"Not everybody named has been met and written to yet: {left} left, each as listed.", "")
    references = ", ".join(one.letter.reference for one in linked)
    return references if len(references) <= 80 else f"{linked[0].letter.reference} and {len(linked) - 1} more"


def _afterwards(breach: Breach, duty: Duty) -> None:
    if duty == Duty.SERVICE_USER_MEETING:
        release_holds(breach)
    set_due_times(breach)
