"""What follows from a fault: an owner, a date, an answer, a follow-up by somebody else (OGP-10)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone

from audit.models import Finding, Item
from audit.policy import POLICY
from audit.spotchecks.rules import OWNERS, FindingAction, FindingState
from postroom.cases.access import kept_from
from postroom.outbox.mail import notify
from postroom.people.authority import authority_of
from postroom.people.models import User
from postroom.steps.engine import Seen, Taken, create, take
from postroom.steps.errors import InvalidStep


def _owner(owner: User, item: Item) -> None:
    if not owner.is_active or not authority_of(owner).has(*OWNERS) or kept_from(item.post.case, owner):
        raise InvalidStep("Choose somebody who has a part in the post.", "owner")


def _due(due_on: dt.date) -> None:
    if due_on < timezone.localdate():
        raise InvalidStep("Choose today or a day to come.", "due_on")


def _tell(finding: Finding, code: str, to: int) -> None:
    link = f"/audit/findings/{finding.reference}/"
    notify([to], code, finding.ledger_subject, link, occasion=finding.version)


def raise_finding(*, item: Item, by: User, what: str, owner: User, due_on: dt.date) -> Finding:
    """Say what is to be put right, by whom and by when; the owner is told. The same sent again gives the one that
    stands. Raises InvalidStep, NotAllowed."""
    words = " ".join(what.split())
    if not item.faulty:
        raise InvalidStep("A finding belongs to a letter with a fault. Answer its checklist first.", "")
    if not words:
        raise InvalidStep("Say what has to be put right.", "what")
    _owner(owner, item)
    _due(due_on)
    finding = Finding(item=item, what=words[:500], owner=owner, due_on=due_on, raised_by=by)

    def after(made: Finding, taken: Taken) -> None:
        _tell(made, "spotcheck_finding", owner.pk)

    details = {"letter": item.letter_reference, "owner": owner.pk, "due": due_on.isoformat()}
    with transaction.atomic():
        # Two that arrive together take turns.
        Item.objects.select_for_update(of=("self",)).get(pk=item.pk)
        same = {"what": finding.what, "owner": owner, "due_on": due_on, "raised_by": by, "state": FindingState.OPEN}
        made = Finding.objects.filter(item=item, **same).first()
        return made or create(finding, action=FindingAction.RAISE, by=by, policy=POLICY, details=details, after=after)


def answer(*, finding: Finding, by: User, seen: Seen, done: str) -> Finding:
    """The owner says what was done about it."""
    words = done.strip()
    if not words:
        raise InvalidStep("Say what was done about it.", "done")
    if len(words) > 1000:
        raise InvalidStep("Say it in at most 1,000 characters.", "done")

    def change(locked: Finding, taken: Taken) -> None:
        locked.done = words

    def after(locked: Finding, taken: Taken) -> None:
        _tell(locked, "spotcheck_answered", locked.raised_by_id)

    return take(finding, action=FindingAction.ANSWER, by=by, policy=POLICY, seen=seen, change=change, after=after)


def hand_on(*, finding: Finding, by: User, seen: Seen, owner: User, due_on: dt.date, reason: str) -> Finding:
    """Another owner, or another date, with a reason."""
    _owner(owner, finding.item)
    _due(due_on)

    def change(locked: Finding, taken: Taken) -> dict[str, Any]:
        before = {"owner": locked.owner_id, "due": locked.due_on.isoformat()}
        locked.owner, locked.due_on = owner, due_on
        return {"from": before, "owner": owner.pk, "due": due_on.isoformat()}

    def after(locked: Finding, taken: Taken) -> None:
        _tell(locked, "spotcheck_finding", owner.pk)

    return take(
        finding, action=FindingAction.HAND_ON, by=by, policy=POLICY, seen=seen, reason=reason, change=change,
        after=after,
    )  # fmt: skip


def accept(*, finding: Finding, by: User, seen: Seen) -> Finding:
    """Followed up: what the owner did is enough. Never by the owner."""

    def change(locked: Finding, taken: Taken) -> None:
        locked.closed_by, locked.closed_at = by, taken.at

    return take(finding, action=FindingAction.ACCEPT, by=by, policy=POLICY, seen=seen, change=change)


def send_back(*, finding: Finding, by: User, seen: Seen, reason: str) -> Finding:
    """It isn't done yet; the owner is told."""

    def after(locked: Finding, taken: Taken) -> None:
        _tell(locked, "spotcheck_finding", locked.owner_id)

    return take(finding, action=FindingAction.SEND_BACK, by=by, policy=POLICY, seen=seen, reason=reason, after=after)
