"""What the verbs share: one step on the engine, whom to tell, the duties' times, whom a letter is opened to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from breaches.duties import Duty, due_at
from breaches.kept_out import kept_out_ids
from breaches.models import Breach, BreachDuty, Decision, Involved, MeetingException
from breaches.policy import POLICY, BreachPolicy
from letters.models import Letter, Opening
from postroom.outbox.mail import notify
from postroom.people.models import Deputy, RoleGrant, User
from postroom.people.roles import SINGLE_HOLDER_ROLES, Role
from postroom.steps.engine import Seen, Taken, take

READ_LETTERS = (Role.INFORMATION_GOVERNANCE, Role.ASSISTANT_DIRECTOR, Role.CALDICOTT_GUARDIAN)
Change = Callable[[Breach, Taken], Mapping[str, Any] | None]


def step(
    breach: Breach,
    action: str,
    *,
    by: User,
    seen: Seen,
    reason: str = "",
    change: Change | None = None,
    after: Callable[[Breach, Taken], None] | None = None,
    policy: BreachPolicy = POLICY,
) -> Breach:
    """One step of a breach on the engine; keeps `state_since`."""

    def with_time(locked: Breach, taken: Taken) -> Mapping[str, Any] | None:
        row = locked.rules.transition(action, str(locked.state))
        if row is not None and row.target != row.source:
            locked.state_since = taken.at
        return change(locked, taken) if change else None

    return take(breach, action=action, by=by, policy=policy, seen=seen, reason=reason, change=with_time, after=after)


def holders(roles: Collection[Role], at: dt.datetime | None = None) -> set[int]:
    """Ids of those who hold one of these roles of the whole council today, deputies among them; active people only."""
    return set().union(*holders_of_each(roles, at).values())


def holders_of_each(roles: Collection[Role], at: dt.datetime | None = None) -> dict[Role, set[int]]:
    """The same for each of the roles. Two queries, however many."""
    day = timezone.localdate(at or timezone.now())
    found: dict[Role, set[int]] = {role: set() for role in roles}
    held = RoleGrant.objects.on(day).filter(role__in=sorted(roles), office__isnull=True, user__is_active=True)
    deputies = Deputy.objects.on(day).filter(role__in=sorted(set(roles) & SINGLE_HOLDER_ROLES), user__is_active=True)
    for rows in (held, deputies):
        for role, user_id in rows.values_list("role", "user_id"):
            found[Role(role)].add(user_id)
    return found


def managers_of(breach: Breach) -> set[int]:
    """The managers of the office where it happened, today; active people only."""
    roles = [Role.TEAM_MANAGER, Role.DEPUTY_TEAM_MANAGER]
    held = RoleGrant.objects.on(timezone.localdate()).filter(office=breach.office_id, role__in=roles)
    return set(held.filter(user__is_active=True).values_list("user_id", flat=True))


def involved_ids(breach: Breach) -> set[int]:
    """Who is named as involved in it."""
    return set(Involved.objects.filter(breach=breach, cleared_at__isnull=True).values_list("user_id", flat=True))


def involve(breach: Breach, person: User, how: str, at: dt.datetime) -> None:
    """Inside a step: this person is kept out from now on, and a decision that waits with their hand alone is void."""
    Involved.objects.create(breach=breach, user=person, how=how, at=at)
    alone = Decision.objects.filter(breach=breach, superseded_at__isnull=True, agreed_at__isnull=True)
    alone.filter(proposed_by=person).update(superseded_at=at)
    open_letters(breach)


def tell(breach: Breach, user_ids: Iterable[int], code: str, occasion: str | int, *, but: User | None = None) -> bool:
    """An e-mail without personal data to each of them who isn't kept out; was there anybody?"""
    who = set(user_ids) - kept_out_ids(breach) - ({but.pk} if but else set())
    notify(who, code, breach.ledger_subject, f"/breaches/{breach.reference}/", occasion=occasion)
    return bool(who)


def set_due_times(breach: Breach) -> None:
    """Count anew by when each open duty is overdue; what is settled is never touched.

    But the report to the Commissioner, set aside, keeps its true time: it is owed again when that decision falls.
    """
    rows = list(BreachDuty.objects.filter(breach=breach))
    settled = {Duty(row.duty): row.settled_at for row in rows if row.settled_at is not None}
    deferred = MeetingException.objects.filter(breach=breach, kind="danger", agreed=True).order_by("-until").first()
    for row in rows:
        if row.settled and (row.duty != Duty.COMMISSIONER or row.status == BreachDuty.Status.DONE):
            continue
        due = due_at(
            row.row,
            aware=breach.aware_at,
            zone=ZoneInfo(settings.TIME_ZONE),
            settled=settled,
            times=settings.BREACH_TIMES,
            closed=settings.BREACH_CLOSED_DAYS,
        )
        if row.duty == Duty.SERVICE_USER_MEETING and deferred is not None and deferred.until is not None:
            put_off = timezone.make_aware(dt.datetime.combine(deferred.until + dt.timedelta(days=1), dt.time.min))
            due = max(due, put_off) if due else put_off
        if due != row.due_at:
            row.due_at = due
            row.save(update_fields=["due_at"])


def open_letters(breach: Breach) -> None:
    """Open the linked letters to whoever runs and decides, person by person, and to nobody kept out.

    By person and not by role: somebody involved may hold the role. Asked again whenever that can have changed.
    """
    who = holders(READ_LETTERS) - kept_out_ids(breach)
    letters = set(breach.service_user_letters.values_list("letter_id", flat=True))
    if breach.letter_id is not None:
        letters.add(breach.letter_id)
    by = breach.ledger_subject
    standing = Opening.objects.filter(opened_by=by, user__isnull=False)
    now = timezone.now()
    standing.filter(closed_at__isnull=True).exclude(user_id__in=who).update(closed_at=now)
    for letter_id in letters:
        standing.filter(letter_id=letter_id, user_id__in=who, closed_at__isnull=False).update(closed_at=None)
        there = set(standing.filter(letter_id=letter_id).values_list("user_id", flat=True))
        Opening.objects.bulk_create(
            [Opening(letter_id=letter_id, user_id=user, opened_by=by) for user in sorted(who - there)],
            ignore_conflicts=True,
        )


def hands_on(letter: Letter) -> dict[int, str]:
    """Who held a step of this letter, and which: they are involved until governance takes that back."""
    found: dict[int, str] = {}
    for user_id, words in (
        *((user_id, "typed the letter") for user_id in _typists(letter)),
        (letter.checked_by_id, "checked the letter"),
        (letter.signed_by_id, "signed the letter"),
        (letter.initialled_by_id, "checked the contents and initialled the envelope"),
        (letter.posted_by_id, "posted the letter"),
        (letter.handed_by_id, "handed the letter over"),
    ):
        if user_id is not None and words not in found.get(user_id, ""):
            found[user_id] = f"{found[user_id]}, {words}" if user_id in found else words
    return found


def _typists(letter: Letter) -> list[int]:
    """Whoever typed any version of it, the first one first."""
    typed = letter.versions.order_by("pk").values_list("typed_by_id", flat=True)
    return list(dict.fromkeys([*typed, *([letter.typed_by_id] if letter.typed_by_id is not None else [])]))
