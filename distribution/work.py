"""What reports and minutes put on My work: one list for each kind of step that waits, scoped as their pages are."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, Q, QuerySet, When
from django.urls import reverse
from django.utils import timezone

from distribution.facts import Facts, FactsOf
from distribution.models import Item
from distribution.presenters import PAGES, main_step
from distribution.selectors import items_of_worker, visible_to
from distribution.states import State
from letters.routes import Channel
from postroom.people.authority import Authority
from postroom.people.models import User
from postroom.people.roles import SOCIAL_WORK_ROLES, Role
from postroom.work import WorkList, WorkRow
from postroom.working_days import working_days_waited

MOST = 12
MINE = "distribution-mine"
STUCK = (State.HELD, State.UNCERTAIN)
LATE_AFTER = 2  # working days
PROOF_LATE_AFTER = 3  # Special Delivery takes one; then somebody asks Royal Mail


def lists_for(user: User, authority: Authority) -> list[WorkList]:
    """Four lists at most; a few queries each, however long they are."""
    return [_list(slug, title, which, user, authority) for slug, title, which in _wanted(user, authority)]


def waiting(user: User, authority: Authority) -> list[QuerySet[Any]]:
    """The same, for the head of every page."""
    return [_rows(slug, user, authority).filter(which) for slug, _, which in _wanted(user, authority)]


def _wanted(user: User, authority: Authority) -> list[tuple[str, str, Q]]:
    """Slug, title and condition of each list that this person has."""
    lists: list[tuple[str, str, Q]] = []
    if authority.has(*SOCIAL_WORK_ROLES):
        own = Q(case__allocated_worker=user)
        stuck = Q(state__in=STUCK)
        mine = own & (
            stuck
            | Q(state=State.PREPARED) & (Q(approval_asked_by__isnull=True) | Q(approved_by__isnull=False))
            | Q(state=State.RELEASED, channel__in=[Channel.BY_HAND, Channel.SECURE_EMAIL], sending=False)
            | Q(state=State.SENT, channel=Channel.SECURE_EMAIL)
        ) | Q(carried_by=user)
        lists.append((MINE, "Reports and minutes for you", mine))
    managed = authority.offices(Role.TEAM_MANAGER, Role.DEPUTY_TEAM_MANAGER)
    if managed:
        asked = Q(
            case__office_id__in=managed,
            state=State.PREPARED,
            approval_asked_by__isnull=False,
            approved_by__isnull=True,
        ) & ~Q(approval_asked_by=user)
        lists.append(("distribution-approve", "Registered post to approve", asked))
    at_desk = authority.offices(Role.ADMIN)
    if at_desk:
        here = Q(case__office_id__in=at_desk)
        post = here & Q(channel=Channel.REGISTERED_POST, state__in=[State.RELEASED, State.SENT])
        lists.append(("distribution-post", "Registered post of minutes", post))
        notes = here & Q(state__in=[State.HANDED_OVER, State.DELIVERED], uploaded_at__isnull=True)
        lists.append(("distribution-ics", "Reports and minutes for ICS", notes))
    return lists


def _rows(slug: str, user: User, authority: Authority) -> QuerySet[Item]:
    """What the list is taken from; the others' goes by the sets alone, which indexes serve."""
    if slug == MINE:
        return items_of_worker(user, authority=authority)
    return Item.objects.filter(distribution__in=visible_to(user, authority=authority).order_by())


def _list(slug: str, title: str, which: Q, user: User, authority: Authority) -> WorkList:
    rows = _rows(slug, user, authority).filter(which)
    related = rows.select_related("distribution", "person", "case")
    # What is stuck comes before all that only waits its turn: it must not be the thirteenth.
    stuck_first = Case(When(state__in=STUCK, then=0), default=1)
    found = list(related.order_by(stuck_first, "state_since", "pk")[: MOST + 1])
    count = len(found) if len(found) <= MOST else rows.count()
    facts = FactsOf(found[:MOST])
    more = reverse("distribution:sets") if count > MOST else ""
    return WorkList(slug, title, [_row(item, facts) for item in found[:MOST]], count, more)


def _row(item: Item, facts: Facts) -> WorkRow:
    step = main_step(item, facts)
    waited = working_days_waited(timezone.localdate(item.state_since), timezone.localdate())
    most = PROOF_LATE_AFTER if item.state == State.SENT and item.is_posted else LATE_AFTER
    name, label = PAGES[step[0]] if step else ("item", "Look at it")
    return WorkRow(
        title=item.person.name,
        href=reverse(f"distribution:{name}", args=[item.reference]),
        do=label,
        detail=f"{item.distribution.title}. {item.state_name}",
        since=item.state_since,
        overdue=waited > most or item.state in STUCK,
    )
