"""Telling people that time runs out: at 24, 48 and 66 hours, and of each duty that is overdue, once each.

A row says what was told; it is written in the transaction that owes the e-mails. So a scheduler that was down for two
days loses none, and one that beats twice doubles none.
"""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from breaches.actions.common import holders, open_letters, tell
from breaches.clocks import escalations, escalations_owed
from breaches.duties import Duty
from breaches.models import Breach, BreachDuty, Reminder
from breaches.policy import DECIDERS, PARTY_ROLES
from breaches.states import BreachState
from postroom.people.roles import Role


def remind_all(now: dt.datetime | None = None) -> int:
    """Look at every open breach; returns how many reminders were owed."""
    now = now or timezone.now()
    open_ones = Breach.objects.exclude(state=BreachState.CLOSED).order_by("pk").values_list("pk", flat=True)
    return sum(remind(pk, now) for pk in list(open_ones))


@transaction.atomic
def remind(pk: int, now: dt.datetime) -> int:
    """What is owed for one breach, told now. The row's lock makes two that look at once take turns."""
    breach = Breach.objects.select_for_update(of=("self",)).get(pk=pk)
    if breach.state == BreachState.CLOSED:
        return 0
    open_letters(breach)  # a new holder of an office, or a deputy whose time began
    told = set(Reminder.objects.filter(breach=breach).values_list("what", flat=True))
    duties = list(BreachDuty.objects.filter(breach=breach, status=BreachDuty.Status.OPEN))
    sent = 0
    if any(row.duty == Duty.COMMISSIONER for row in duties):
        marks = [int(what.removeprefix("mark/")) for what in told if what.startswith("mark/")]
        moments = escalations(breach.aware_at, settings.BREACH_ESCALATIONS)
        for mark in escalations_owed(breach.aware_at, now, settings.BREACH_ESCALATIONS, marks):
            who = holders((Role.INFORMATION_GOVERNANCE, *DECIDERS))
            _owe(breach, f"mark/{mark}", moments[mark], now, who, "breach_mark")
            sent += 1
    for row in duties:
        if row.is_overdue(now) and row.due_at is not None and f"overdue/{row.duty}" not in told:
            owner = PARTY_ROLES.get(row.row.whom)
            who = holders({Role.INFORMATION_GOVERNANCE} | ({owner} if owner else set()))
            if row.duty == Duty.LINE_MANAGER and breach.line_manager_id is not None:
                who.add(breach.line_manager_id)
            _owe(breach, f"overdue/{row.duty}", row.due_at, now, who, "breach_overdue")
            sent += 1
    return sent


def _owe(breach: Breach, what: str, since: dt.datetime, now: dt.datetime, who: set[int], code: str) -> None:
    Reminder.objects.create(breach=breach, what=what, owed_since=since, at=now)
    tell(breach, who, code, what)
