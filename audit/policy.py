"""Who may do what on this floor, at this moment: the facts that the conditions of its tables speak of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.utils import timezone

from audit.models import Finding, Item, SeedFrom, SpotCheck
from audit.spotchecks.outside import left_house
from audit.spotchecks.people import possible_witnesses
from audit.spotchecks.rules import CheckState, Condition, Guard, ItemState
from distribution.models import Item as Copy
from letters.models import Letter
from postroom.cases.access import kept_from
from postroom.ledger.models import Entry
from postroom.people.authority import authority_of
from postroom.people.models import User
from postroom.people.roles import Role
from postroom.steps.engine import Standing
from postroom.steps.errors import GuardFailed, NotAllowed, NotPossible, StepError
from postroom.steps.table import Grant


def worked_on(user: User, post: Letter | Copy) -> bool:
    """Did this person take any step on the letter or the copy, or is the case theirs? Then its check isn't (OGP-10)."""
    if post.case.allocated_worker_id == user.pk:
        return True
    subjects = [post.ledger_subject]
    if isinstance(post, Copy):
        subjects.append(post.distribution.ledger_subject)
    return Entry.objects.filter(subject__in=subjects, actor_id=user.pk).exists()


class SpotPolicy:
    """What the engine asks about a check, an item or a finding. Reads afresh, inside the step's transaction."""

    def standing(self, subject: Any, user: User, at: dt.datetime) -> Standing:
        fresh = User.objects.get(pk=user.pk)
        authority = authority_of(fresh, at)
        words: dict[Role, str] = {}
        for role, office in sorted(authority.held, key=lambda pair: (pair[0], pair[1] or 0)):
            words.setdefault(role, authority.how(role, office))
        holding: set[str] = set()
        if isinstance(subject, SpotCheck) and subject.witness_by_id == fresh.pk != subject.seed_by_id:
            thrower = subject.seed_by_id
            if possible_witnesses(subject, thrower).filter(pk=fresh.pk).exists():
                holding.add(Condition.WITNESS)
        if isinstance(subject, Finding):
            owner = subject.owner_id == fresh.pk
            holding.add(Condition.OWNER if owner else Condition.NOT_OWNER)
        item = subject if isinstance(subject, Item) else subject.item if isinstance(subject, Finding) else None
        if item is not None and kept_from(item.post.case, fresh):
            return Standing(frozenset(), frozenset(), {})  # as a stranger, whatever their role (decision 0032)
        if item is not None and not worked_on(fresh, item.post):
            holding.add(Condition.NOT_OWN_WORK)
        return Standing(authority.roles, frozenset(holding), words)

    def failed_guards(self, subject: Any, guards: Collection[str]) -> list[str]:
        return [guard for guard in guards if not _holds(subject, Guard(guard))]


def _holds(subject: Any, guard: Guard) -> bool:
    match guard:
        case Guard.SEED_IS_DUE:
            return subject.seed_known_at is None or subject.seed_known_at <= timezone.now()
        case Guard.LIST_HAS_LEFT:
            return left_house(subject) is not None
        case Guard.LEFT_IN_TIME:
            left = left_house(subject)
            return left is None or subject.seed_known_at is None or left.at < subject.seed_known_at
        case Guard.DICE_CONFIRMED:
            return subject.seed_from != SeedFrom.DICE or subject.confirmed_at is not None
        case Guard.NOT_YET_CONFIRMED:
            return subject.confirmed_at is None
        case Guard.ALL_LOOKED_AT:
            return not Item.objects.filter(check_of=subject, state=ItemState.WAITING).exists()
        case Guard.BEING_CHECKED:
            # The check's row is locked: whoever finishes it waits, or was first.
            check = SpotCheck.objects.select_for_update().get(pk=subject.check_of_id)
            return check.state == CheckState.CHECKING


POLICY = SpotPolicy()


def check_action(subject: Any, user: User, action: str, *, lock: bool = False) -> None:
    """Raises NotAllowed, NotPossible or GuardFailed as the step itself would; for pages."""
    standing = POLICY.standing(subject, user, timezone.now())
    decision = subject.rules.decide(action, standing.roles, standing.holding)
    if not isinstance(decision, Grant):
        raise NotAllowed(subject.rules.explain(decision))
    row = subject.rules.transition(action, str(subject.state))
    if row is None:
        raise NotPossible("That step is not possible where this stands now.")
    failed = POLICY.failed_guards(subject, [g for g in row.guards if lock or g != Guard.BEING_CHECKED])
    if failed:
        raise GuardFailed(subject.rules.words[failed[0]], failed[0])


def can(subject: Any, user: User, action: str) -> bool:
    """The boolean twin."""
    try:
        check_action(subject, user, action)
    except StepError:
        return False
    return True
