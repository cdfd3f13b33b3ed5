"""Letters whose day is in danger while their worker hasn't acted: duty is told (OGP-1, OGP-3b).

My work offers duty such letters at any time; this is the e-mail. In danger: the next collection that can still be made
is the last that will do, or comes too late (the office's own collection time, by the quickest class).
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from letters.deadlines import first_posting_day, last_posting_day
from letters.models import Letter
from letters.states import State
from letters.ways import BY_ROYAL_MAIL
from postroom.cases.access import those_who_may_know
from postroom.outbox.mail import notify
from postroom.people.models import DutySlot, RoleGrant, half_day_at
from postroom.people.roles import SOCIAL_WORK_ROLES, Role
from postroom.working_days import ONE_DAY, is_working_day

# Where it is the worker's turn: to check, to sign.
WORKERS_TURN = Q(state=State.TYPED) | Q(state=State.WORKER_CHECKED, checked_by=F("case__allocated_worker"))
# Further ahead than this no class of post is in danger; keeps the read to a few rows of an index.
LOOK_AHEAD = dt.timedelta(days=21)
HOURS = range(8, 19)


def in_danger(now: dt.datetime) -> list[Letter]:
    """The letters that wait for their worker and whose day is in danger at `now`, the soonest first. One query.

    Carried and collected ones wait for no post: theirs is in danger on the working day before, and on the day.
    """
    soon = timezone.localdate(now) + LOOK_AHEAD
    rows = Letter.objects.filter(WORKERS_TURN, due_on__isnull=False, due_on__lte=soon)
    rows = rows.select_related("case", "office__post").order_by("due_on", "pk")
    return [letter for letter in rows if _is_in_danger(letter, now)]


def _is_in_danger(letter: Letter, now: dt.datetime) -> bool:
    assert letter.due_on is not None  # noqa: S101 - asked for
    post = getattr(letter.office, "post", None)
    first = first_posting_day(now, post.collection if post else None)
    if letter.way not in BY_ROYAL_MAIL:
        return first >= letter.due_on - ONE_DAY
    return first >= last_posting_day(letter.due_kind, letter.due_on, "first")


def warn(now: dt.datetime | None = None) -> int:
    """One e-mail a half-day and letter to whoever is on duty at its office then; to its managers where nobody is.

    In office hours of working days. Asked again in the same half-day the e-mails are the same ones. Nobody is told of a
    case that is kept from them, nor its own worker, who was told when it came to them. Gives how many are owed.
    """
    now = now or timezone.now()
    local = timezone.localtime(now)
    if not is_working_day(local.date()) or local.hour not in HOURS:
        return 0
    owed = 0
    for letter in in_danger(now):
        people = _whom_to_tell(letter, now)
        if people:
            occasion = f"{letter.version}:{local.date().isoformat()}:{half_day_at(now)[1].value}"
            link = f"/letters/{letter.reference}/"
            with transaction.atomic():
                owed += len(notify(people, "letter_in_danger", letter.ledger_subject, link, occasion=occasion))
    return owed


def _whom_to_tell(letter: Letter, now: dt.datetime) -> set[int]:
    day, half = half_day_at(now)
    held = RoleGrant.objects.on(day).filter(office_id=letter.office_id, user__is_active=True)
    # Only who holds a social-work role there that day is on duty, whatever an old slot says (people.authority).
    slots = DutySlot.objects.filter(
        office_id=letter.office_id,
        day=day,
        half=half,
        user_id__in=held.filter(role__in=SOCIAL_WORK_ROLES).values("user_id"),
    )
    managers = held.filter(role__in=(Role.TEAM_MANAGER, Role.DEPUTY_TEAM_MANAGER))
    for rows in (slots, managers):
        # Whoever typed it can't check it; its own worker knows.
        people = set(rows.values_list("user_id", flat=True)) - {letter.case.allocated_worker_id, letter.typed_by_id}
        told = those_who_may_know(letter.case, people) if people else set()
        if told:
            return told
    return set()
