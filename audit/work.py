"""What spot checks put on My work: overdue offices and running checks for the drawer, findings for their owners."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from audit import selectors
from audit.models import Finding, SpotCheck
from audit.policies.reading import still_to_acknowledge
from audit.spotchecks.rules import FindingState
from postroom.cases.hooks import OpenWork
from postroom.people.authority import Authority
from postroom.people.models import User
from postroom.work import WorkList, WorkRow

MOST = 8


def _end_of(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time(23, 59)))


def lists_for(user: User, authority: Authority) -> list[WorkList]:
    """Five lists at most; a fixed number of queries."""
    lists = [_policies(user), _dice(user), _findings(user, authority)]
    if authority.has(selectors.DAM):
        lists += [_due(), _running(user, authority)]
    return lists


def _policies(user: User) -> WorkList:
    """What is in force and not acknowledged by this person."""
    rows = [
        WorkRow(
            title=version.title,
            href=reverse("audit:policy", args=[version.slug, version.number]),
            do="Read it",
            detail=f"Version {version.version}",
        )
        for version in still_to_acknowledge(user)
    ]
    # For information: it waits beside the post, not in its way.
    return WorkList("policies", "Policies to read and acknowledge", rows, len(rows), is_work=False)


def waiting(user: User, authority: Authority) -> list[QuerySet[Any]]:
    """The same lists, for the head of every page; but not the policies, which wait beside the post."""
    rows: list[QuerySet[Any]] = [_own_findings(user, authority), selectors.dice_to_confirm(user)]
    if authority.has(selectors.DAM):
        rows += [selectors.offices_due(), _begun(user, authority)]
    return rows


def _own_findings(user: User, authority: Authority) -> QuerySet[Finding]:
    """Mine to answer; for the drawer also those answered, to follow up."""
    mine = Q(owner=user, state=FindingState.OPEN)
    if authority.has(selectors.DAM):
        mine |= Q(state=FindingState.ANSWERED) & ~Q(owner=user)
    return Finding.objects.filter(mine, selectors.not_kept(user, "item__")).order_by("due_on", "pk")


def _dice(user: User) -> WorkList:
    """Dice that this person saw, and has not confirmed."""
    found = selectors.dice_to_confirm(user).select_related("office")
    rows = [
        WorkRow(
            title=f"Dice of the spot check of {check.office.name if check.office else 'all offices'}",
            href=reverse("audit:dice", args=[check.reference]),
            do="Say if you saw them",
            since=check.seed_at,
        )
        for check in found[:MOST]
    ]
    return WorkList("spot-check-dice", "Dice to confirm", rows, len(rows))


def _findings(user: User, authority: Authority) -> WorkList:
    found = _own_findings(user, authority)
    rows = [
        WorkRow(
            title=f"Finding {finding.reference}",
            href=reverse("audit:finding", args=[finding.reference]),
            do="Answer it" if finding.state == FindingState.OPEN else "Follow it up",
            detail=finding.what[:100],
            due=_end_of(finding.due_on),
            overdue=finding.due_on < timezone.localdate(),
        )
        for finding in found[: MOST + 1]
    ]
    count = len(rows) if len(rows) <= MOST else found.count()
    return WorkList("spot-check-findings", "Findings of spot checks", rows[:MOST], count)


def _due() -> WorkList:
    rows = [
        WorkRow(
            title=f"Spot check of {due.office.name}",
            href=f"{reverse('audit:spot_check_new')}?office={due.office.code}",
            do="Draw 10",
            detail="Never checked yet" if due.last is None else "",
            due=_end_of(due.due_on),
            overdue=due.overdue,
        )
        for due in selectors.next_checks(selectors.active_offices())
        if due.due_on <= timezone.localdate() and not due.running
    ]
    return WorkList("spot-checks-due", "Spot checks due", rows[:MOST], len(rows), reverse("audit:spot_checks"))


def _begun(user: User, authority: Authority) -> QuerySet[SpotCheck]:
    return selectors.visible_checks(user, authority).exclude(state__in=selectors.OVER)


def _running(user: User, authority: Authority) -> WorkList:
    running = _begun(user, authority).select_related("office")
    rows = [
        WorkRow(
            title=f"Spot check of {check.office.name if check.office else 'all offices'}",
            href=reverse("audit:spot_check", args=[check.reference]),
            do="Go on",
            detail=check.state_name,
            since=check.fixed_at,
        )
        for check in running[: MOST + 1]
    ]
    count = len(rows) if len(rows) <= MOST else running.count()
    return WorkList("spot-checks-running", "Spot checks begun", rows[:MOST], count, reverse("audit:spot_checks"))


def held_by(person: User) -> list[OpenWork]:
    """Findings of spot checks that this person has to answer, and dice to confirm."""
    rows = Finding.objects.filter(owner=person, state=FindingState.OPEN).order_by("due_on", "pk")
    dice = [
        OpenWork("Dice of a spot check", check.reference, "To confirm") for check in selectors.dice_to_confirm(person)
    ]
    return dice + [OpenWork("Finding of a spot check", row.reference, "To answer") for row in rows]
