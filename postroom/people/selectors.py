"""Reads for the pages on people, offices and the rota. Each list takes the same number of queries, however long."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from postroom.ledger.models import Entry, Reason
from postroom.ledger.subjects import LedgerSubject
from postroom.people.models import DutySlot, HalfDay, Office, RoleGrant, User
from postroom.people.permissions import PEOPLE_ACTION_NAMES, PeopleAction
from postroom.people.roles import ROLE_NAMES, SOCIAL_WORK_ROLES, Role

PAGE = 30
HISTORY = 50


@dataclass(frozen=True)
class PeoplePage:
    """One page of people by name, and the keys of its neighbours (a person's id; None: there is none)."""

    people: list[User]
    before: int | None
    after: int | None


def people_page(
    people: QuerySet[User],
    *,
    words: str = "",
    office: Office | None = None,
    after: int | None = None,
    before: int | None = None,
    size: int = PAGE,
) -> PeoplePage:
    """A page of `people` by name, after or before the person with that id; `words`: parts of the name, all needed."""
    for word in words.split():
        people = people.filter(name__icontains=word)
    if office:
        people = people.filter(office=office)
    held = RoleGrant.objects.on(timezone.localdate()).select_related("office")
    rows = people.select_related("office").prefetch_related(Prefetch("grants", held, to_attr="held"))
    backward = before is not None
    edge = User.objects.filter(pk=(before if backward else after) or 0).values_list("name", "pk").first()
    if edge:
        name, pk = edge
        rows = rows.filter(
            Q(name__lt=name) | Q(name=name, pk__lt=pk) if backward else Q(name__gt=name) | Q(name=name, pk__gt=pk)
        )
    found: list[User] = list(
        rows.order_by("-name", "-pk")[: size + 1] if backward else rows.order_by("name", "pk")[: size + 1]
    )
    more, found = len(found) > size, found[:size]
    if backward:
        found.reverse()
    first, last = (found[0].pk, found[-1].pk) if found else (None, None)
    there_are_earlier = more if backward else edge is not None
    there_are_later = edge is not None if backward else more
    return PeoplePage(found, first if there_are_earlier else None, last if there_are_later else None)


def roles_in_words(person: User) -> str:
    """Roles held today, for a list (needs `held` as `people_page` sets it)."""
    rows = person.held  # type: ignore[attr-defined]
    return ", ".join(str(grant) for grant in rows) or "None today"


@dataclass(frozen=True)
class GrantLine:
    """One role on a person's page."""

    grant: RoleGrant
    name: str
    span: str
    standing: str  # now, later or over


def grants_of(person: User) -> list[GrantLine]:
    """Every role somebody holds, will hold or held, the present ones first."""
    today = timezone.localdate()
    lines = []
    for grant in person.grants.select_related("office", "granted_by"):
        over = grant.ends is not None and grant.ends < today
        standing = "later" if grant.starts > today else "over" if over else "now"
        until = f"to {in_words(grant.ends)}" if grant.ends else "until changed"
        lines.append(GrantLine(grant, str(grant), f"{in_words(grant.starts)} {until}", standing))
    order = {"now": 0, "later": 1, "over": 2}
    return sorted(lines, key=lambda line: (order[line.standing], line.grant.starts, line.grant.pk))


def system_administrators() -> list[User]:
    """Whom to ask for a change of account or roles."""
    held = RoleGrant.objects.on(timezone.localdate()).filter(role=Role.SYSTEM_ADMINISTRATOR)
    return list(User.objects.filter(is_active=True, pk__in=held.values("user_id")))


def events_of(subject: LedgerSubject, *, with_reasons: bool) -> list[dict[str, Any]]:
    """The newest entries of a person's or office's chain, for the timeline component. Three queries at most."""
    rows = list(Entry.objects.filter(subject=subject.ledger_subject).order_by("-seq")[:HISTORY])
    reasons: dict[int, str] = {}
    if with_reasons:
        kept = Reason.objects.filter(subject=subject.ledger_subject, seq__in=[row.seq for row in rows])
        reasons = dict(kept.values_list("seq", "text"))
    offices = dict(Office.objects.values_list("pk", "name"))
    return [
        {
            "title": _action_words(row.action),
            "when": row.at,
            "by": f"{row.actor_name} ({row.actor_role})" if row.actor_role else row.actor_name,
            "text": " ".join(filter(None, [_details_in_words(row.payload, offices), reasons.get(row.seq, "")])),
            "back": row.action in (PeopleAction.DEACTIVATE_PERSON, PeopleAction.END_GRANT),
        }
        for row in rows
    ]


def changes_since(subject: LedgerSubject, seen: int) -> list[str]:
    """What others did to a subject since its entry number `seen`, a sentence each."""
    rows = Entry.objects.filter(subject=subject.ledger_subject, seq__gt=seen).order_by("seq")[:10]
    return [f"{row.actor_name}: {_action_words(row.action).lower()}, {_clock(row.at)}" for row in rows]


def _clock(at: dt.datetime) -> str:
    local = timezone.localtime(at)
    return f"{in_words(local.date())}, {local:%H:%M}"


def _action_words(action: str) -> str:
    return PEOPLE_ACTION_NAMES.get(action, action.replace("_", " "))  # type: ignore[call-overload]


def _details_in_words(payload: str, offices: dict[int, str]) -> str:
    details = json.loads(payload)
    said = []
    if role := details.get("role"):
        at = offices.get(details.get("office") or 0)
        said.append(ROLE_NAMES[Role(role)] + (f" at {at}" if at else ""))
    if "half" in details:
        said.append(f"{offices.get(details['office'], '')}, {HalfDay(details['half']).label.lower()}")
    for name, before in (("starts", "from"), ("ends", "to"), ("last_day", "last day:"), ("day", "of")):
        value = details.get(name)
        if value:
            said.append(f"{before} {_date(value)}")
    for name, words in (("withdrawn", "Withdrawn before it began."), ("begun", "Begun as planned.")):
        if name in details:
            said.append(words)
    changed = details.get("changed")
    if changed:
        said.append("Changed: " + ", ".join(name.replace("_", " ") for name in changed))
    moved = [name for name in ("office", "team", "line_manager") if isinstance(details.get(name), dict)]
    said += [f"{name.replace('_', ' ').capitalize()} changed" for name in moved]
    return " ".join(said) + ("." if said else "")


def _date(text: str) -> str:
    try:
        return in_words(dt.date.fromisoformat(text))
    except ValueError:
        return text


def in_words(day: dt.date) -> str:
    """20 July 2026."""
    return f"{day.day} {day:%B %Y}"


@dataclass(frozen=True)
class RotaDay:
    """A day of the rota: who is on duty in each half."""

    day: dt.date
    morning: list[DutySlot]
    afternoon: list[DutySlot]


def rota_week(office: Office, monday: dt.date) -> list[RotaDay]:
    """The seven days of an office's rota from `monday` on. One query."""
    slots = list(
        DutySlot.objects.filter(office=office, day__gte=monday, day__lt=monday + dt.timedelta(days=7)).select_related(
            "user"
        )
    )
    days = [monday + dt.timedelta(days=n) for n in range(7)]
    return [
        RotaDay(
            day,
            [s for s in slots if s.day == day and s.half == HalfDay.MORNING],
            [s for s in slots if s.day == day and s.half == HalfDay.AFTERNOON],
        )
        for day in days
    ]


def social_workers_of(office: Office, first: dt.date, last: dt.date) -> QuerySet[User]:
    """Active people with a social-work role of any grade at `office` on some day from `first` to `last`."""
    held = RoleGrant.objects.filter(office=office, role__in=SOCIAL_WORK_ROLES, starts__lte=last).filter(
        Q(ends__isnull=True) | Q(ends__gte=first)
    )
    return User.objects.filter(is_active=True, pk__in=held.values("user_id"))
