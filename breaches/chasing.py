"""What is asked for again, day by day, until it is there (CLS-8, CLS-14, CLS-15).

A phase promised to the Commissioner, advice and a decision on the meeting that are not given, actions past their day,
an office of a breach that nobody holds who may act.

Each is a name, the moment from which it is asked for, whom, and the e-mail. `breaches.reminders` sends and keeps them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from breaches.actions.common import holders, holders_of_each, managers_of
from breaches.duties import Duty
from breaches.kept_out import kept_out_ids
from breaches.models import Breach, FollowUp, MeetingException
from breaches.policy import DECIDERS, letter_came_back, people_left, promised_phase
from breaches.states import BreachState
from letters.states import State as LetterState
from postroom.people.roles import Role

DAY = dt.timedelta(days=1)
AFTER = DAY  # what was asked of somebody is asked for again from a day later on
_IG = Role.INFORMATION_GOVERNANCE


@dataclass(frozen=True)
class Chase:
    """One thing that is waited for. `path`: where the e-mail leads, the breach's page without one."""

    name: str
    since: dt.datetime
    who: frozenset[int]
    code: str
    path: str = ""

    def last_due(self, now: dt.datetime) -> dt.datetime | None:
        """The newest day's moment that has come; None before the first. Days that nobody looked are not made up for."""
        return None if now < self.since else self.since + (now - self.since) // DAY * DAY


def chases(breach: Breach) -> Iterator[Chase]:
    """What is waited for in this breach now. A closed one keeps its actions."""
    yield from _actions(breach)
    if breach.state == BreachState.CLOSED:
        return
    governance = frozenset(holders([_IG]))
    last = promised_phase(breach)
    if last is not None:
        # From the morning of the promised day.
        yield Chase(f"phase/{last.phase + 1}", last.promised_until - DAY, governance, "breach_phase")
    for asked in breach.advice.filter(given_at__isnull=True):
        who = governance | holders([Role.DATA_PROTECTION_OFFICER])
        yield Chase(f"advice/{asked.pk}", asked.asked_at + AFTER, who, "breach_waits")
    for meeting in breach.exceptions.filter(decided_at__isnull=True):
        danger = meeting.kind == MeetingException.Kind.DANGER
        who = governance | (holders([Role.CALDICOTT_GUARDIAN]) if danger else managers_of(breach))
        yield Chase(f"meeting/{meeting.pk}", meeting.asked_at + AFTER, who, "breach_waits")
    hours = dt.timedelta(hours=settings.BREACH_TIMES["BREACH_SERVICE_USER_MEETING_HOURS"])
    for person in people_left(breach):
        yield Chase(f"person/{person.pk}", person.named_at + hours, governance, "breach_overdue")
    for linked in breach.service_user_letters.filter(letter__state=LetterState.RETURNED).select_related("letter"):
        if linked.person_id is None and letter_came_back(breach):
            yield Chase(f"returned/{linked.pk}", linked.letter.state_since, governance, "breach_overdue")
    if unheld(breach):
        since = max([breach.reported_at, *breach.involved.filter(cleared_at__isnull=True).values_list("at", flat=True)])
        yield Chase("nobody/governance", since, governance, "breach_nobody")
        # With nobody to run the case, the Director too.
        others = [Role.SYSTEM_ADMINISTRATOR, *([] if governance - kept_out_ids(breach) else [Role.DIRECTOR])]
        yield Chase("nobody/people", since, frozenset(holders(others)), "breach_nobody", "/deputies/")


def _actions(breach: Breach) -> Iterator[Chase]:
    for action in overdue_actions().filter(breach=breach):
        since = timezone.make_aware(dt.datetime.combine(action.due_on + DAY, dt.time.min))
        # Of the disciplinary part only those who decide hear, and none of them who is kept out.
        deciders = holders(DECIDERS) - kept_out_ids(breach) if action.for_deciders else set()
        who = frozenset(deciders if action.for_deciders else {action.owner_id} | holders([_IG]))
        yield Chase(f"action/{action.pk}", since, who, "breach_action_late", f"/breaches/actions/{action.pk}/")


def overdue_actions() -> QuerySet[FollowUp]:
    """Actions past their day, of closed breaches too."""
    return FollowUp.objects.filter(finished_at__isnull=True, due_on__lt=timezone.localdate()).order_by("pk")


def unheld(breach: Breach) -> list[Role]:
    """The offices that this breach still needs and that nobody holds who isn't kept out, their deputies counted."""
    out = kept_out_ids(breach)
    needed = [_IG]
    if not breach.only_near_miss and breach.state in (BreachState.REPORTED, BreachState.ASSESSED):
        needed += [*DECIDERS, Role.DATA_PROTECTION_OFFICER]
    if breach.duties.filter(duty=Duty.RECORDS_MANAGER_REPORT, status="open").exists():
        needed.append(Role.RECORDS_MANAGER)
    may = {role: held - out for role, held in holders_of_each(needed).items()}
    nobody = [role for role in needed if not may[role]]
    both = set().union(*(may[role] for role in DECIDERS if role in may))
    if DECIDERS[0] in needed and not set(DECIDERS) & set(nobody) and len(both) < len(DECIDERS):
        nobody.append(DECIDERS[1])  # one person for both offices is still one person
    return nobody
