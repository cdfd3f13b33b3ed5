"""The demonstration's turns: cover, a case that changed hands, an office about to move, dates in danger."""

from __future__ import annotations

import datetime as dt
from random import Random

from django.utils import timezone

from letters.actions.asking import change_brief
from letters.actions.stock import set_office_post
from letters.demo import by_email
from letters.models import DueKind, Letter, OfficeMail, OfficePost
from letters.open_work import BEFORE_POSTING
from letters.states import State
from postroom.cases.actions import allocate
from postroom.cases.actions.common import can_be_allocated
from postroom.cases.handed_models import HandedOn
from postroom.cases.models import Case
from postroom.cases.states import CaseState
from postroom.outbox.choices import choose
from postroom.outbox.models import When
from postroom.people import actions as people
from postroom.people.models import Office, RoleGrant, User
from postroom.people.roles import Role
from postroom.steps.engine import Seen

WEEK = dt.timedelta(days=7)


def play(rng: Random, now: dt.datetime) -> None:
    """A few rows by the real actions; none if there are some already, or fewer than two offices to play it in."""
    offices = list(Office.objects.filter(is_active=True, post__isnull=False).order_by("pk")[:2])
    if len(offices) < 2 or HandedOn.objects.exists() or RoleGrant.objects.filter(is_cover=True).exists():
        return
    here, there = offices
    today = timezone.localdate(now)
    _cover(here, there, today)
    _hands(here)
    _dates(here, today, rng)
    _moves(there, today)
    _collection(here, today)
    if admins := _holders(here, Role.ADMIN):
        by_email.play(here, admins[0])


def _holders(office: Office, role: Role) -> list[User]:
    held = RoleGrant.objects.on(timezone.localdate()).filter(office=office, role=role, is_cover=False)
    return list(User.objects.filter(is_active=True, pk__in=held.values("user_id")).order_by("pk"))


def _cover(here: Office, there: Office, today: dt.date) -> None:
    """A worker of the other office covers from today; one of this office has admin duty next week."""
    managers, own, others = (
        _holders(here, Role.TEAM_MANAGER),
        _holders(here, Role.WORKER),
        _holders(there, Role.WORKER),
    )
    if not (managers and own and others):
        return
    days = {"starts": today, "ends": today + WEEK}
    people.give_cover(person=others[-1], office=here, role=Role.WORKER, by=managers[0], **days)
    days = {"starts": today + WEEK, "ends": today + WEEK + dt.timedelta(days=2)}
    initials = set(User.objects.filter(office=here).exclude(pk=own[-1].pk).values_list("initials", flat=True))
    if own[-1].initials not in initials:
        people.give_cover(person=own[-1], office=here, role=Role.ADMIN, by=managers[0], **days)
    choose(user=own[-1], when=When.MORNING)


def _hands(here: Office) -> None:
    """One case goes to a colleague, with what is open on it; no check is voided by it."""
    managers, workers = _holders(here, Role.TEAM_MANAGER), _holders(here, Role.WORKER)
    checked = Letter.objects.filter(state=State.WORKER_CHECKED).values("case")
    waiting = Letter.objects.filter(state__in=BEFORE_POSTING, office=here).values("case")
    cases = Case.objects.filter(office=here, state=CaseState.OPEN, is_restricted=False, pk__in=waiting)
    case = cases.exclude(pk__in=checked).filter(allocated_worker__in=workers).order_by("pk").first()
    others = [one for one in workers if case and one.pk != case.allocated_worker_id and can_be_allocated(one, here.pk)]
    if case and managers and others:
        allocate(case=case, worker=others[0], by=managers[0], seen=Seen.of(case))


def _dates(here: Office, today: dt.date, rng: Random) -> None:
    """Two letters that wait for their worker have to go today and tomorrow."""
    waiting = Letter.objects.filter(office=here, state=State.TYPED, due_on__isnull=True, case__is_restricted=False)
    rows = list(waiting.select_related("case__allocated_worker").order_by("pk")[:12])
    rng.shuffle(rows)
    for letter, days, why in zip(rows, (0, 1), ("Needed for the hearing", "The meeting is then"), strict=False):
        worker = letter.case.allocated_worker
        if worker is not None and can_be_allocated(worker, here.pk):
            change_brief(
                letter=letter,
                by=worker,
                seen=Seen.of(letter),
                due_kind=DueKind.POST_BY,
                due_on=today + dt.timedelta(days=days),
                due_why=why,
                letter_format=letter.letter_format,
                language=letter.language,
            )


def _moves(there: Office, today: dt.date) -> None:
    """The other office has another telephone number from next month on."""
    administrator = _system_administrator()
    if administrator is not None:
        people.plan_office_change(
            office=there,
            starts=today + 4 * WEEK,
            address=there.address,
            phone="01632 960404",
            email=there.email,
            letterhead=there.letterhead,
            by=administrator,
            seen=there.ledger_seq,
        )


def _system_administrator() -> User | None:
    held = RoleGrant.objects.on(timezone.localdate()).filter(role=Role.SYSTEM_ADMINISTRATOR)
    return User.objects.filter(is_active=True, pk__in=held.values("user_id")).order_by("pk").first()


def _collection(here: Office, today: dt.date) -> None:
    """Its post is collected at half past four, by second class, originals go safely; where it has secure e-mail set up,
    letters may go so from today."""
    managers = _holders(here, Role.TEAM_MANAGER)
    post = OfficePost.objects.select_related("stock").get(office=here)
    if managers:
        set_office_post(
            office=here,
            by=managers[0],
            stock=post.stock,
            signature_medium=post.signature_medium,
            return_mark=post.return_mark,
            keeping=post.keeping,
            ics_way=post.ics_way,
            collection=post.collection or dt.time(16, 30),
            originals_kept=True,
            usual_class="second",
            letters_by_email_from=today if OfficeMail.objects.filter(office=here).exists() else None,
        )
