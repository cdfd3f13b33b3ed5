"""The report to the Commissioner in phases: made, sent, each kept as it was sent; what is promised is owed (CLS-15)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.utils import timezone

from breaches.actions.common import step
from breaches.clocks import hours_after
from breaches.duties import Duty
from breaches.models import Breach, BreachDuty, Notification, Referral
from breaches.policy import promised_phase, to_send
from breaches.reports.content import Phase, as_data, to_commissioner
from breaches.reports.parts import moment
from breaches.reports.pdf import report_pdf
from breaches.states import BreachAction
from postroom.files.store import store
from postroom.people.models import User
from postroom.steps.engine import Seen, Taken
from postroom.steps.errors import InvalidStep


def is_late(breach: Breach, at: dt.datetime) -> bool:
    """Would a first report at this moment come after the time allowed?"""
    return at > hours_after(breach.aware_at, settings.BREACH_TIMES["BREACH_COMMISSIONER_HOURS"])


def make_notification(
    *,
    breach: Breach,
    by: User,
    seen: Seen,
    note: str = "",
    late_reason: str = "",
    more_to_come: bool = False,
    more_by: dt.date | None = None,
) -> Breach:
    """Freeze the next phase as it is to be sent: its words and its PDF, whose hash the ledger has.

    One made before and not sent gives way to it. `more_by`: the day by which another phase is promised, asked where
    `more_to_come`. The first phase after the time allowed needs the reason for the delay. Raises InvalidStep.
    """
    if more_to_come and (more_by is None or more_by < timezone.localdate()):
        raise InvalidStep("Enter the day, today or later, by which the next phase is sent.", "more_by")

    def change(locked: Breach, taken: Taken) -> dict[str, Any]:
        phase = locked.referrals.count() + 1
        if phase == 1 and is_late(locked, taken.at) and not late_reason.strip():
            raise InvalidStep("This is after the time allowed. Give the reason for the delay.", "late_reason")
        until = more_by if more_to_come else None
        report = to_commissioner(locked, Phase(phase, note.strip(), late_reason.strip(), until))
        made = f"Phase {phase}, made {moment(taken.at)} by {by.name}."
        file = store(report_pdf(report, made), "application/pdf")
        Notification.objects.filter(breach=locked, ended_at__isnull=True).update(ended_at=taken.at)
        Notification.objects.create(
            breach=locked,
            phase=phase,
            made_by=by,
            made_at=taken.at,
            note=note.strip(),
            late_reason=late_reason.strip(),
            more_by=until,
            content=as_data(report),
            file=file,
        )
        return {"phase": phase, "file": file.pk}

    return step(breach, BreachAction.MAKE_NOTIFICATION, by=by, seen=seen, change=change)


def refer(*, breach: Breach, by: User, seen: Seen, at: dt.datetime, reference: str) -> Breach:
    """The notification that was made went to the Commissioner at `at`; the first settles the duty, later are phases.

    It is kept as it was sent. Raises InvalidStep for a time that can't be, without the Commissioner's reference, and
    where it went late and the notification says no reason.
    """
    if not reference.strip():
        raise InvalidStep("Enter the reference that the Commissioner gave.", "reference")

    def change(locked: Breach, taken: Taken) -> dict[str, Any]:
        made = to_send(locked)
        assert made is not None  # noqa: S101 - the guard has looked
        if at > taken.at:
            raise InvalidStep("That lies in the future.", "at")
        if at < locked.aware_at.replace(second=0, microsecond=0):  # forms ask for minutes
            raise InvalidStep("It can't have been reported before anybody was aware.", "at")
        late = is_late(locked, at)
        if made.phase == 1 and late and not made.late_reason:
            words = "That is after the time allowed, and the notification gives no reason for the delay. Make it anew."
            raise InvalidStep(words, "at")
        Notification.objects.filter(pk=made.pk).update(ended_at=taken.at)
        Referral.objects.create(
            breach=locked,
            phase=made.phase,
            at=at,
            reference=reference.strip(),
            note=made.note,
            late_reason=made.late_reason,
            more_to_come=made.more_by is not None,
            more_by=made.more_by,
            by=by,
            notification=made,
        )
        BreachDuty.objects.filter(breach=locked, duty=Duty.COMMISSIONER, status="open").update(
            status=BreachDuty.Status.DONE,
            settled_at=taken.at,
            settled_by=by,
            happened_at=at,
            reference=reference.strip(),
            note=made.late_reason,
        )
        more = made.more_by.isoformat() if made.more_by else ""
        return {"phase": made.phase, "late": late, "more_by": more, "file": made.file_id}

    return step(breach, BreachAction.REFER, by=by, seen=seen, change=change)


def withdraw_phase(*, breach: Breach, by: User, seen: Seen, reason: str) -> Breach:
    """No further phase is sent after all; why stays on record. Needs a reason."""

    def change(locked: Breach, taken: Taken) -> dict[str, Any]:
        promised = promised_phase(locked)
        assert promised is not None  # noqa: S101 - the guard has looked
        promised.withdrawn_at, promised.withdrawn_by, promised.withdrawn_reason = taken.at, by, taken.reason
        promised.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_reason"])
        return {"phase": promised.phase}

    return step(breach, BreachAction.WITHDRAW_PHASE, by=by, seen=seen, reason=reason, change=change)
