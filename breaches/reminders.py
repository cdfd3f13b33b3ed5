"""Telling people that time runs out: at 24, 48 and 66 hours, and of each duty that is overdue, once for each due time.

A row says what was told, and for which moment; it is written in the transaction that owes the e-mails. So a scheduler
that was down for two days loses none, and one that beats twice doubles none; a time that is counted anew (aware at
another time, a meeting put off) is told anew. Where nobody is there to tell there is no row: the next beat looks again.
"""

from __future__ import annotations

import datetime as dt

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from breaches.actions.common import holders, open_letters, tell
from breaches.chasing import Chase, chases, overdue_actions
from breaches.clocks import escalations, escalations_owed
from breaches.duties import Duty
from breaches.models import Breach, BreachDuty, Reminder
from breaches.policy import DECIDERS, PARTY_ROLES, still_to_do
from breaches.states import BreachState
from postroom.outbox.mail import notify
from postroom.people.roles import Role

log = structlog.get_logger(__name__)


class RemindersFailed(Exception):
    """Some breaches could not be looked at; the log names each."""


def remind_all(now: dt.datetime | None = None) -> int:
    """Look at every open breach; returns how many reminders were owed.

    Each is a transaction of its own, and one that fails stops none of the others. Raises RemindersFailed after the
    last, so that it is seen; the next beat looks again.
    """
    now = now or timezone.now()
    late = overdue_actions().values("breach")  # of a closed breach too
    wanted = Breach.objects.filter(~Q(state=BreachState.CLOSED) | Q(pk__in=late))
    open_ones = wanted.order_by("pk").values_list("pk", flat=True)
    owed, failed = 0, []
    for pk in list(open_ones):
        try:
            owed += remind(pk, now)
        except Exception as error:  # whatever one breach raises, the hours of the others run
            # Its kind alone: what an error says can quote a row.
            log.error("breach_not_reminded", breach=pk, why=type(error).__name__)
            failed.append(pk)
    if failed:
        raise RemindersFailed(f"{len(failed)} of the open breaches could not be looked at: {failed}")
    return owed


@transaction.atomic
def remind(pk: int, now: dt.datetime) -> int:
    """What is owed for one breach, told now. The row's lock makes two that look at once take turns."""
    breach = Breach.objects.select_for_update(of=("self",)).get(pk=pk)
    closed = breach.state == BreachState.CLOSED
    if not closed:
        open_letters(breach)  # a new holder of an office, or a deputy whose time began
    # Rows of before the moment stood in `what` have it in `owed_since`.
    rows = Reminder.objects.filter(breach=breach).values_list("what", "owed_since")
    told = {_key("/".join(what.split("/")[:2]), since) for what, since in rows}
    sent = sum(_chased(breach, chase, now, told) for chase in chases(breach))
    if closed:
        return sent
    duties = [row for row in BreachDuty.objects.filter(breach=breach) if still_to_do(breach, row)]
    if any(row.duty == Duty.COMMISSIONER for row in duties):
        moments = escalations(breach.aware_at, settings.BREACH_ESCALATIONS)
        marks = [mark for mark, moment in moments.items() if _key(f"mark/{mark}", moment) in told]
        for mark in escalations_owed(breach.aware_at, now, settings.BREACH_ESCALATIONS, marks):
            who = holders((Role.INFORMATION_GOVERNANCE, *DECIDERS))
            sent += _owe(breach, f"mark/{mark}", moments[mark], now, who, "breach_mark")
    for row in duties:
        if row.due_at is not None and row.due_at <= now and _key(f"overdue/{row.duty}", row.due_at) not in told:
            owner = PARTY_ROLES.get(row.row.whom)
            who = holders({Role.INFORMATION_GOVERNANCE} | ({owner} if owner else set()))
            if row.duty == Duty.LINE_MANAGER and breach.line_manager_id is not None:
                who.add(breach.line_manager_id)
            sent += _owe(breach, f"overdue/{row.duty}", row.due_at, now, who, "breach_overdue")
    return sent


def _chased(breach: Breach, chase: Chase, now: dt.datetime, told: set[str]) -> bool:
    """Ask again for what is waited for, once a day."""
    due = chase.last_due(now)
    if due is None or _key(chase.name, due) in told:
        return False
    return _owe(breach, chase.name, due, now, set(chase.who), chase.code, chase.path)


def _key(name: str, due: dt.datetime) -> str:
    """ "mark/24/20260723T090000Z": what is told, and the moment (UTC) for which it is; another moment is told anew."""
    return f"{name}/{due.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"


def _owe(
    breach: Breach, name: str, due: dt.datetime, now: dt.datetime, who: set[int], code: str, path: str = ""
) -> bool:
    """Tell them, and keep that they were told; False, and nothing kept, where nobody is there to tell.

    An action is its owner's, and a deputy named by those who manage people, also where they are involved: `path` leads
    there, and to nothing of the breach.
    """
    what = _key(name, due)
    if path:
        notify(who, code, breach.ledger_subject, path, occasion=what)
    if not (who if path else tell(breach, who, code, what)):
        log.warning("breach_reminder_for_nobody", breach=breach.pk, what=what)
        return False
    Reminder.objects.create(breach=breach, what=what, owed_since=due, at=now)
    return True
