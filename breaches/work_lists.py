"""What waits for somebody after a breach, for My work. A fixed number of queries, however much waits."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from breaches import selectors
from breaches.duties import Duty
from breaches.kept_out import kept_out
from breaches.models import Advice, Breach, BreachDuty, Decision, FollowUp, MeetingException, Referral
from breaches.policy import DECIDERS, PARTY_ROLES
from breaches.states import BreachState
from postroom.cases.hooks import OpenWork
from postroom.people.authority import Authority
from postroom.people.models import User
from postroom.people.roles import Role
from postroom.work import WorkList, WorkRow

SHOWN = 10


def lists_for(user: User, authority: Authority) -> list[WorkList]:
    """Duties, decisions and advice by role; actions for whoever owns one."""
    running = _running(user)
    found = [_duties(user, authority, running), _asked(user, authority, running), _actions(user, authority)]
    return [one for one in found if one is not None]


def waiting(user: User, authority: Authority) -> list[QuerySet[Any]]:
    """The same, for the head of every page."""
    running = _running(user)
    asked = [running.filter(condition) for condition, _ in _wanted(user, authority)]
    found = [_open_duties(user, authority, running), *asked, selectors.follow_ups_of(user, authority)]
    if authority.has(Role.INFORMATION_GOVERNANCE):
        found.append(selectors.promised(running))
    return found


def _running(user: User) -> QuerySet[Breach]:
    """What isn't closed, and this person isn't kept out of."""
    return Breach.objects.exclude(state=BreachState.CLOSED).filter(~kept_out(user.pk))


def _open_duties(user: User, authority: Authority, running: QuerySet[Breach]) -> QuerySet[BreachDuty]:
    """This person's duties that run. What waits for another duty has no time yet."""
    own = [duty for duty, row in selectors.ROWS.items() if PARTY_ROLES.get(row.whom) in authority.roles]
    rows = selectors.open_duties(running)
    if not authority.has(Role.INFORMATION_GOVERNANCE):
        rows = rows.filter(Q(duty__in=own) | Q(duty=Duty.LINE_MANAGER, breach__line_manager=user))
    return rows.filter(due_at__isnull=False)


def _duties(user: User, authority: Authority, running: QuerySet[Breach]) -> WorkList:
    now = timezone.now()
    rows = _open_duties(user, authority, running)
    lines, count = [_duty(row, now) for row in rows[:SHOWN]], rows.count()
    if authority.has(Role.INFORMATION_GOVERNANCE):
        promised = selectors.promised(running)
        more = [_promise(row, now) for row in promised[:SHOWN]]
        lines = sorted([*lines, *more], key=lambda line: line.due or now)[:SHOWN]
        count += promised.count() if len(more) == SHOWN else len(more)
    return WorkList(
        "breach-duties",
        "Duties after a breach",
        lines,
        count=count,
        more_href=reverse("breaches:breaches"),
    )


# Settled and owed again: the Commissioner after another decision, the letter that came back.
_AGAIN = {Duty.COMMISSIONER: "breaches:notify", Duty.SERVICE_USER_LETTER: "breaches:link_letter"}


def _duty(row: BreachDuty, now: dt.datetime) -> WorkRow:
    return WorkRow(
        title=row.row.words.rstrip("."),
        href=reverse(_AGAIN[Duty(row.duty)], args=[row.breach.reference])
        if row.settled
        else reverse("breaches:duty", args=[row.breach.reference, row.duty]),
        do="Record",
        detail=f"Breach {row.breach.reference}",
        due=row.due_at,
        overdue=row.due_at is not None and row.due_at <= now,
    )


def _promise(row: Referral, now: dt.datetime) -> WorkRow:
    return WorkRow(
        title=f"Send phase {row.phase + 1}, which was promised to the Commissioner",
        href=reverse("breaches:notify", args=[row.breach.reference]),
        do="Make it",
        detail=f"Breach {row.breach.reference}",
        due=row.promised_until,
        overdue=row.promised_until <= now,
    )


def _wanted(user: User, authority: Authority) -> list[tuple[Q, str]]:
    """What waits for this person's own decision, agreement, advice or assessment, and the word for it."""
    wanted: list[tuple[Q, str]] = []
    proposal = Decision.objects.filter(breach=OuterRef("pk"), superseded_at__isnull=True)
    pending = MeetingException.objects.filter(breach=OuterRef("pk"), decided_at__isnull=True).exclude(asked_by=user)
    advised = Advice.objects.filter(breach=OuterRef("pk"), given_at__isnull=False)
    if authority.has(Role.INFORMATION_GOVERNANCE):
        breach = Q(is_disclosure=True) | Q(is_loss=True) | Q(is_theft=True)
        wanted.append((Q(state=BreachState.REPORTED) & breach, "Assess"))
    if authority.has(*DECIDERS):
        mine = Q(Exists(proposal.filter(proposed_by=user)))
        wanted.append((Q(Exists(advised), state=BreachState.ASSESSED) & ~mine, "Decide"))
    if authority.has(Role.DATA_PROTECTION_OFFICER):
        waiting = Advice.objects.filter(breach=OuterRef("pk"), given_at__isnull=True)
        wanted.append((Q(Exists(waiting)), "Advise"))
    if authority.has(Role.CALDICOTT_GUARDIAN):
        wanted.append((Q(Exists(pending.filter(kind="danger"))), "Decide"))
    if offices := authority.offices(*selectors.MANAGERS):
        wanted.append((Q(Exists(pending.exclude(kind="danger")), office_id__in=offices), "Decide"))
    return wanted


def _asked(user: User, authority: Authority, running: QuerySet[Breach]) -> WorkList | None:
    rows: list[WorkRow] = []
    for condition, do in _wanted(user, authority):
        rows += [
            WorkRow(
                title=f"Breach {one.reference}",
                href=reverse("breaches:breach", args=[one.reference]),
                do=do,
                detail=one.office.name,
                since=one.state_since,
            )
            for one in running.filter(condition).select_related("office").order_by("state_since", "pk")[:SHOWN]
        ]
    more = reverse("breaches:breaches")
    return WorkList("breaches-asked", "Breaches that wait for you", rows, count=len(rows), more_href=more)


def _actions(user: User, authority: Authority) -> WorkList:
    today = timezone.localdate()
    rows = [
        WorkRow(
            title=f"An action from breach {one.breach.reference}",
            href=reverse("breaches:follow_up", args=[one.pk]),
            do="Finish",
            due=timezone.make_aware(dt.datetime.combine(one.due_on, dt.time(17))),
            overdue=one.due_on < today,
        )
        for one in selectors.follow_ups_of(user, authority).select_related("breach").order_by("due_on", "pk")[:SHOWN]
    ]
    return WorkList("breach-actions", "Actions that are yours", rows, count=len(rows))


def held_by(person: User) -> list[OpenWork]:
    """Actions from breaches that this person owns, and duties that are theirs as line manager; no word of which."""
    actions = (
        FollowUp.objects.filter(owner=person, finished_at__isnull=True)
        .select_related("breach")
        .order_by("due_on", "pk")
    )
    duties = BreachDuty.objects.filter(
        duty=Duty.LINE_MANAGER, status=BreachDuty.Status.OPEN, breach__line_manager=person
    ).exclude(breach__state=BreachState.CLOSED)
    found = [
        OpenWork("Action from a breach", row.breach.reference, "Not finished")
        for row in actions.order_by("due_on", "pk")
    ]
    return found + [
        OpenWork("Duty after a breach", row.breach.reference, "Line manager")
        for row in duties.select_related("breach").order_by("pk")
    ]
