"""Every read a page makes of the register; each starts from `visible_to(user)`, the one place that scopes reads."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import models
from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from papers.models import AwayAgreement, PapersOut
from papers.states import LINE_MANAGERS, OFFICE_MANAGERS, PapersState
from postroom.cases.access import not_hidden
from postroom.cases.models import Case, CasePerson, Relationship
from postroom.cases.selectors import OFFICE_READERS
from postroom.cases.selectors import visible_to as cases_visible_to
from postroom.cases.states import CaseState
from postroom.people.authority import Authority, authority_of
from postroom.people.models import RoleGrant, User

PAGE = 30


def visible_to(user: User, *, authority: Authority | None = None) -> QuerySet[PapersOut]:
    """The entries that this person may read now. One that is not here doesn't exist for them (404, not 403).

    Who holds the papers, and whoever witnessed their end; of cases that are open to them, admin, AP, deputy TM and TM
    of the case's office and its allocated worker; the holder's line manager and the next one up, unless the case is
    hidden from them. A notebook without a case: those of the office it left from. The system administrator reads none.
    """
    authority = authority or authority_of(user)
    if not user.is_active:
        return PapersOut.objects.none()
    seen = Q(holder=user) | Q(witness=user) | Q(case__in=cases_visible_to(user, authority=authority))
    if authority.has(*LINE_MANAGERS):
        managed = Q(holder__line_manager=user) | Q(holder__line_manager__line_manager=user)
        seen |= managed & not_hidden(user, "case_id")
    seen |= Q(case__isnull=True, office_id__in=authority.offices(*OFFICE_READERS))
    return PapersOut.objects.filter(seen)


def with_everything(papers: QuerySet[PapersOut]) -> QuerySet[PapersOut]:
    """The same entries with all that their pages show, in one query."""
    return papers.select_related(
        "case__office", "office", "holder__line_manager__line_manager", "answered_by", "asked_of", "witness"
    )


Key = tuple[dt.date, int]


@dataclass(frozen=True)
class Board:
    """A page of what is out now, soonest due first; `following` is the key of the next page or None."""

    rows: list[PapersOut]
    following: Key | None


def out_now(papers: QuerySet[PapersOut], *, after: Key | None = None, size: int = PAGE) -> Board:
    """A page of the notice-board: those out now, by due day, from behind `after` on. One query."""
    rows = with_everything(papers).filter(state=PapersState.OUT)
    if after is not None:
        rows = rows.filter(Q(due_on__gt=after[0]) | Q(due_on=after[0], pk__gt=after[1]))
    found = list(rows.order_by("due_on", "pk")[: size + 1])
    more, found = len(found) > size, found[:size]
    return Board(found, (found[-1].due_on, found[-1].pk) if more else None)


def ended(papers: QuerySet[PapersOut], *, before: int | None = None, size: int = PAGE) -> tuple[list[PapersOut], int]:
    """A page of entries that are not out now, newest first, and the id the next page goes on from (0: none)."""
    rows = with_everything(papers).exclude(state=PapersState.OUT)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[: size + 1])
    return found[:size], (found[size - 1].pk if len(found) > size else 0)


def waiting_for(user: User, authority: Authority) -> list[PapersOut]:
    """Requests that this person may answer now, oldest first. One query for the list; the answer is policy's."""
    from papers.policy import can

    rows = asked_of(user, authority).order_by("created_at", "pk")[:PAGE]
    return [row for row in rows if can(row, user, "agree", authority=authority, may_know=True)]


def asked_of(user: User, authority: Authority) -> QuerySet[PapersOut]:
    """Requests that come to this person, or would if somebody were away."""
    if not authority.has(*LINE_MANAGERS):
        return PapersOut.objects.none()
    asked = with_everything(visible_to(user, authority=authority)).filter(state=PapersState.ASKED).exclude(holder=user)
    mine = Q(holder__line_manager=user) | Q(holder__line_manager__line_manager=user)
    offices = authority.offices(*OFFICE_MANAGERS)
    mine |= Q(case__office_id__in=offices) | Q(case__isnull=True, office_id__in=offices)
    return asked.filter(mine)


def held_by(user: User) -> QuerySet[PapersOut]:
    """What this person has out, or was agreed to, soonest due first. What a hand delivery entered waits for them with
    the delivery itself, and here once it is late."""
    mine = PapersOut.objects.filter(holder=user, state__in=[PapersState.OUT, PapersState.AGREED])
    waits = Q(entered_by="") | Q(due_on__lt=timezone.localdate())
    return with_everything(mine.filter(waits)).order_by("due_on", "pk")


def late_of_reports(user: User) -> QuerySet[PapersOut]:
    """Late papers of the people this person manages, the longest late first."""
    late = PapersOut.objects.filter(holder__line_manager=user, state=PapersState.OUT, due_on__lt=timezone.localdate())
    return with_everything(late).order_by("due_on", "pk")


def cases_to_take_from(user: User, authority: Authority) -> QuerySet[Case]:
    """Open cases whose papers this person may take, their own first."""
    return (
        cases_visible_to(user, authority=authority)
        .filter(state=CaseState.OPEN)
        .select_related("office", "allocated_worker")
        .order_by("-pk")
    )


def witnesses_for(papers: PapersOut) -> QuerySet[User]:
    """Who can witness the end of these papers: active people with a role at their office, but for the holder."""
    held = RoleGrant.objects.on(timezone.localdate()).filter(office_id=papers.at_office_id)
    return User.objects.filter(is_active=True, pk__in=held.values("user_id")).exclude(pk=papers.holder_id)


def agreements_visible_to(user: User, *, authority: Authority) -> QuerySet[AwayAgreement]:
    """Agreements that this person may read: their own, those of people they manage, and of their office's people for
    its managers."""
    rows = AwayAgreement.objects.select_related("person__office", "person__line_manager", "agreed_by")
    mine = Q(person=user)
    if authority.has(*LINE_MANAGERS):
        mine |= Q(person__line_manager=user)
    mine |= Q(person__office_id__in=authority.offices(*OFFICE_MANAGERS))
    return rows.filter(mine) if user.is_active else rows.none()


def people_to_agree_for(user: User, authority: Authority) -> QuerySet[User]:
    """Those for whom this person may agree to work away: the people they manage, and of offices they manage."""
    mine = Q(office_id__in=authority.offices(*OFFICE_MANAGERS))
    if authority.has(*LINE_MANAGERS):
        mine |= Q(line_manager=user)
    return User.objects.filter(mine, is_active=True).exclude(pk=user.pk).select_related("office")


def manager_ids_of(papers: PapersOut) -> list[int]:
    """Who is asked or told for the holder: the line manager; where they are away, also the next manager up and the
    managers of the papers' office. Never the holder."""
    from papers.policy import manager_is_away

    manager = papers.holder.line_manager
    found = {manager.pk} if manager is not None and manager.is_active else set()
    if manager_is_away(papers, timezone.now()):
        if manager is not None and manager.line_manager_id:
            found.add(manager.line_manager_id)
        held = RoleGrant.objects.on(timezone.localdate()).filter(
            office_id=papers.at_office_id, role__in=OFFICE_MANAGERS, user__is_active=True
        )
        found |= set(held.values_list("user_id", flat=True))
    people = User.objects.filter(pk__in=found - {papers.holder_id})
    # A restricted case exists for nobody who isn't named on it: they are told nothing of its papers.
    return [person.pk for person in people if visible_to(person).filter(pk=papers.pk).exists()]


def late_to_chase(today: dt.date, *, size: int = 500) -> list[PapersOut]:
    """Papers out whose due day is over, with their reminders; the oldest first. Two queries."""
    late = PapersOut.objects.filter(state=PapersState.OUT, due_on__lt=today)
    rows = late.select_related("holder__line_manager", "case").prefetch_related("reminders")
    return list(rows.order_by("due_on", "pk")[:size])


def own_first(cases: QuerySet[Case], user: User) -> QuerySet[Case]:
    """The same cases with their children's names, those allocated to this person first."""
    children = CasePerson.objects.filter(relationship=Relationship.CHILD, is_active=True)
    own = models.Case(models.When(allocated_worker=user, then=0), default=1)
    return cases.prefetch_related(Prefetch("people", children, to_attr="children")).order_by(own, "-pk")
