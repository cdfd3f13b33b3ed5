"""Who may do which action on this item, at this moment. `check_action` raises, `can` is its boolean twin.

The rules themselves are data in `distribution.permissions` and `letters.routes`; here the facts are read that their
conditions speak of: the recipient as the case has them now, not as the item's row says. `facts` says where from: a step
reads always afresh, a page of many items once for all of them (`distribution.facts`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from contextlib import suppress

from django.conf import settings
from django.utils import timezone

from distribution.facts import AFRESH, Facts
from distribution.models import OUT_AREAS, Item
from distribution.permissions import RULES, Condition
from distribution.states import Guard
from letters.models import why_not_emailed
from letters.routes import Channel, Document, Recipient, Route, Verdict, route
from letters.routes import Condition as RouteCondition
from postroom.cases.models import Address, Area
from postroom.people.authority import Authority, authority_of
from postroom.people.models import User
from postroom.people.roles import OFFICE_ROLES, SOCIAL_WORK_ROLES, Role
from postroom.steps.engine import Standing
from postroom.steps.errors import GuardFailed, NotAllowed, NotPossible, StepError
from postroom.steps.table import Grant


def standing_of(item: Item, user: User, authority: Authority, facts: Facts = AFRESH) -> Standing:
    """The person's roles towards this item and the conditions that hold. One question: is the case kept from them?

    `worker` is held by the allocated worker, and by a social worker who has the paper with them, wherever the case has
    gone meanwhile; roles of an office count at the case's own office.
    """
    case = item.case
    kept = facts.kept(case, user)
    at_office = frozenset() if kept else authority.at_office(case.office_id)
    roles = at_office - {Role.WORKER}
    words = {role: authority.how(role, case.office_id) for role in roles}
    holding: set[str] = set()
    if not kept and case.allocated_worker_id == user.pk and authority.has(*SOCIAL_WORK_ROLES):
        roles |= {Role.WORKER}
        words[Role.WORKER] = "Allocated worker of the case"
        holding.add(Condition.ALLOCATED)
    if at_office & (OFFICE_ROLES | {Role.DUTY_WORKER}):
        holding.add(Condition.IN_OFFICE)
    if not kept and item.carried_by_id == user.pk and authority.has(*SOCIAL_WORK_ROLES):
        roles |= {Role.WORKER}
        words.setdefault(Role.WORKER, "Has the paper with them")
    if item.approval_asked_by_id != user.pk:
        holding.add(Condition.NOT_REQUESTER)
    if item.carried_by_id == user.pk:
        holding.add(Condition.CARRIER)
    if item.released_by_id != user.pk:
        holding.add(Condition.NOT_RELEASER)
    return Standing(frozenset(roles), frozenset(holding), words)


class ItemPolicy:
    """What the engine asks about an item (steps.engine.Policy). Reads afresh, inside the step's transaction."""

    def standing(self, subject: Item, user: User, at: dt.datetime) -> Standing:
        fresh = User.objects.get(pk=user.pk)
        return standing_of(subject, fresh, authority_of(fresh, at))

    def failed_guards(self, subject: Item, guards: Collection[str]) -> list[str]:
        return [guard for guard in guards if not holds(subject, Guard(guard))]


POLICY = ItemPolicy()


def kind_now(item: Item, facts: Facts = AFRESH) -> tuple[bool, str]:
    """(family, area) as the case says now; the area of the address that the item names, confirmed by somebody."""
    return facts.person(item).is_family, area_that_counts(facts.address(item))


def area_that_counts(address: Address | None) -> str:
    """in, out or abroad. No address, or an area that nobody confirmed, is in area: the stricter way."""
    if address is None or not address.is_out_of_area or address.area not in OUT_AREAS:
        return Area.IN.value
    return str(address.area)


def recipient_of(family: bool, area: str) -> Recipient:
    """The recipient as the policy's table names them."""
    if not family:
        return Recipient.PROFESSIONAL
    return Recipient.FAMILY_OUT_OF_AREA if area in OUT_AREAS else Recipient.FAMILY_IN_AREA


def route_now(item: Item, facts: Facts = AFRESH) -> Route:
    """The policy's answer for this item by the way chosen, as the case stands now."""
    family, area = kind_now(item, facts)
    return route(Document(item.document), recipient_of(family, area), Channel(item.channel))


def holding_of(item: Item) -> set[RouteCondition]:
    """The conditions of its route that hold today; an approval that has lapsed doesn't."""
    if item.approved_by_id and item.approved_until and item.approved_until >= timezone.localdate():
        return {RouteCondition.OUT_OF_AREA_APPROVED, RouteCondition.MANAGER_APPROVED}
    return set()


def needs_approval(item: Item, facts: Facts = AFRESH) -> bool:
    """Does the way chosen need a manager's approval that isn't there (any more)?"""
    if not item.channel:
        return False
    answer = route_now(item, facts)
    wanted = {RouteCondition.OUT_OF_AREA_APPROVED, RouteCondition.MANAGER_APPROVED} & set(answer.conditions)
    return answer.verdict is not Verdict.REFUSED and bool(wanted - holding_of(item))


def email_refused(item: Item, email: str, facts: Facts = AFRESH) -> str:
    """Why this office may not write to this e-mail address, in a sentence; "" if it may (CLS-6)."""
    return why_not_emailed(facts.mail(item), email)


def holds(item: Item, guard: Guard, facts: Facts = AFRESH) -> bool:  # noqa: C901 - one line for each guard
    """Does this guard hold for the item as it is now?"""
    match guard:
        case Guard.RECIPIENT_CURRENT:
            return facts.person(item).is_active and (item.family, item.area) == kind_now(item, facts)
        case Guard.RIGHT_CONFIRMED:
            return item.right_by_id is not None
        case Guard.VERSION_CONFIRMED:
            return bool(item.content_hash) and item.version_hash == item.content_hash
        case Guard.ROUTE_OPEN:
            # The tracking number is given at the counter: the step that posts asks for it.
            tracking = {RouteCondition.TRACKING_NUMBER}
            return bool(item.channel) and route_now(item, facts).is_open(holding_of(item) | tracking)
        case Guard.ADDRESS_CURRENT:
            return not item.is_posted or address_is_current(item, facts)
        case Guard.APPROVAL_WANTED:
            waits = item.approval_asked_by_id is not None and item.approved_by_id is None
            return not waits and needs_approval(item, facts)
        case Guard.APPROVAL_ASKED:
            return item.approval_asked_by_id is not None and item.approved_by_id is None
        case Guard.BY_HAND:
            return item.by_hand
        case Guard.BY_POST:
            return item.is_posted
        case Guard.BY_EMAIL:
            return item.is_emailed
        case Guard.EMAIL_ALLOWED:
            email = facts.person(item).email
            return item.email == email and not email_refused(item, email, facts)
        case Guard.STILL_ON_CASE:
            return facts.person(item).is_active
        case Guard.CAN_BE_TEXTED:
            person = facts.person(item)
            return bool(settings.SMS_GATEWAY and person.is_active and person.mobile)
        case Guard.NOT_SENDING:
            return not item.sending
        case Guard.IS_OUT:
            return item.carried_by_id is not None
        case Guard.NOT_OUT:
            return item.carried_by_id is None
        case Guard.IN_ENVELOPE:
            return item.initialled_by_id is not None
        case Guard.ICS_OWED:
            return item.upload_owed


def address_is_current(item: Item, facts: Facts = AFRESH) -> bool:
    """Verified, not in doubt, not retired, safe to post to (CLS-6)."""
    address = facts.address(item)
    return address is not None and address.is_usable and not address.why_not_by_post


def check_action(
    item: Item, user: User, action: str, *, authority: Authority | None = None, facts: Facts = AFRESH
) -> Grant:
    """The grant on which `user` may take `action` on `item` now, for pages; the engine asks again inside the step.

    Raises NotAllowed, NotPossible or GuardFailed, each with its sentence.
    """
    authority = authority or authority_of(user, timezone.now())
    standing = standing_of(item, user, authority, facts)
    decision = RULES.decide(action, standing.roles, standing.holding)
    if not isinstance(decision, Grant):
        raise NotAllowed(RULES.explain(decision))
    row = RULES.transition(action, str(item.state))
    if row is None:
        raise NotPossible("That step is not possible where this stands now.")
    failed = [guard for guard in row.guards if not holds(item, Guard(guard), facts)]
    if failed:
        raise GuardFailed(RULES.words[failed[0]], failed[0])
    return decision


def can(item: Item, user: User, action: str, *, authority: Authority | None = None, facts: Facts = AFRESH) -> bool:
    """Boolean twin of `check_action`."""
    with suppress(StepError):
        check_action(item, user, action, authority=authority, facts=facts)
        return True
    return False
