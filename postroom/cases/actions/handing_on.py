"""What goes along when a case changes worker or office, and when somebody leaves; who is told (decision 0107).

The list is written in the step's own transaction: what was open, and who has it now. Both offices' managers and the new
worker see it; nobody hears of a case that is kept from them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from postroom.cases import hooks
from postroom.cases.access import those_who_may_know
from postroom.cases.actions.common import can_be_allocated
from postroom.cases.handed_models import HandedOn, HandedOnItem
from postroom.cases.hooks import OpenWork
from postroom.cases.models import Case
from postroom.cases.policy import POLICY
from postroom.cases.states import CaseAction, CaseState
from postroom.outbox.mail import notify
from postroom.people.models import RoleGrant, User
from postroom.people.roles import SOCIAL_WORK_ROLES, Role
from postroom.steps.engine import Taken, take

MANAGERS = (Role.TEAM_MANAGER, Role.DEPUTY_TEAM_MANAGER)
REASON = "Its worker left, or no longer works at its office."


def case_handed_on(case: Case, taken: Taken, *, from_worker: int | None, from_office: int) -> HandedOn | None:
    """Write the list of a case that has just gone to another worker or office, and owe the e-mails about it.

    None for the first worker of a case with nothing open: nothing changed hands.
    """
    open_now = hooks.open_work_of(case)
    moved = from_office != case.office_id
    if not (open_now or moved or from_worker):
        return None
    handed = HandedOn.objects.create(
        case=case,
        by=taken.by,
        at=taken.at,
        from_worker_id=from_worker,
        to_worker_id=case.allocated_worker_id,
        from_office_id=from_office,
        to_office_id=case.office_id,
    )
    _add(handed, open_now, case)
    people = _managers_of({from_office, case.office_id})
    if case.allocated_worker_id:
        people.add(case.allocated_worker_id)
    _tell(handed, those_who_may_know(case, people - {taken.by.pk if taken.by else None}), case.ledger_subject)
    return handed


def hold_cases_of(person: User) -> None:
    """Lock the cases of somebody whose roles are about to end, before their own row: the order of every step."""
    list(Case.objects.select_for_update().filter(allocated_worker=person).order_by("pk").values_list("pk"))


@transaction.atomic
def hand_on(person: User, by: User | None, *, left: bool) -> list[HandedOn]:
    """What this person held goes to their manager: each open case of an office where they no longer work, with its open
    letters; where they `left`, everything else that was theirs is listed for the manager too.

    One list for each office concerned. Gives them; none if they held nothing. Called again it finds nothing left.
    """
    held = Case.objects.filter(allocated_worker=person, state=CaseState.OPEN).select_related("office").order_by("pk")
    by_office: dict[int | None, list[Case]] = {}
    works: dict[int, bool] = {}
    for case in held:
        if case.office_id not in works:
            works[case.office_id] = can_be_allocated(person, case.office_id)
        if not works[case.office_id]:
            by_office.setdefault(case.office_id, []).append(case)
    others = hooks.work_held_by(person) if left else []
    if others:
        by_office.setdefault(person.office_id, [])
    made = []
    for office_id in sorted(by_office, key=lambda pk: pk or 0):
        mine = others if office_id == person.office_id else []
        made.append(_hand_on_at(person, by, office_id, by_office[office_id], mine))
    return made


def _hand_on_at(
    person: User, by: User | None, office_id: int | None, cases: list[Case], others: list[OpenWork]
) -> HandedOn:
    manager = person.line_manager if person.line_manager and person.line_manager.is_active else None
    handed = HandedOn.objects.create(
        person=person, by=by, from_worker=person, to_worker=manager, from_office_id=office_id, to_office_id=office_id
    )
    told = _managers_of({office_id}) | ({manager.pk} if manager else set())
    for case in cases:
        open_now = hooks.open_work_of(case)
        to = _manager_for(case, person)
        _reallocate(case, to)
        words = "allocated to them" if to else "waits for a manager to allocate it"
        link = f"/cases/{case.reference}/"
        _add(handed, [OpenWork("Case", case.reference, words, link), *open_now], case, now_with=to)
        if to:
            told.add(to.pk)
    _add(handed, others, None, now_with=manager)
    _tell(handed, told - {by.pk if by else None, person.pk}, person.ledger_subject)
    return handed


def hand_on_stale() -> int:
    """Find cases whose worker left or no longer works at their office (a role that ended yesterday), and hand them on;
    gives how many lists were made. For the scheduler: run twice, the second finds nothing."""
    day = timezone.localdate()
    works = RoleGrant.objects.on(day).filter(role__in=SOCIAL_WORK_ROLES, is_cover=False, user__is_active=True)
    pairs = set(works.values_list("user_id", "office_id"))
    held = Case.objects.filter(state=CaseState.OPEN, allocated_worker__isnull=False).order_by()
    gone = {user for user, office in set(held.values_list("allocated_worker_id", "office_id")) - pairs}
    made = 0
    for person in User.objects.filter(pk__in=gone).order_by("pk"):
        with transaction.atomic():
            hold_cases_of(person)
            made += len(hand_on(person, None, left=False))
    return made


def _reallocate(case: Case, to: User | None) -> None:
    """The step itself: Postroom's own, with its ledger entry; a check that isn't signed yet is void."""

    def change(locked: Case, taken: Taken) -> dict[str, Any]:
        before, locked.allocated_worker = locked.allocated_worker_id, to
        return {"worker": {"from": before, "to": to.pk if to else None}}

    take(
        case,
        action=CaseAction.ALLOCATE,
        by=None,
        policy=POLICY,
        seen=None,
        reason=REASON,
        change=change,
        after=lambda locked, taken: hooks.worker_changed(locked),
    )


def _manager_for(case: Case, person: User) -> User | None:
    """Who takes the case: the line manager if they work at its office, else a team manager there, else a deputy.

    Never somebody from whom it is kept; Postroom names nobody on a restricted case. None: a manager allocates it.
    """
    at_office = RoleGrant.objects.on(timezone.localdate()).filter(
        office_id=case.office_id, role__in=MANAGERS, user__is_active=True, is_cover=False
    )
    order = {str(role): place for place, role in enumerate(MANAGERS)}
    grants = sorted(at_office.select_related("user"), key=lambda grant: (order[grant.role], grant.pk))
    candidates = [grant.user for grant in grants]
    line_manager = person.line_manager
    if line_manager is not None and can_be_allocated(line_manager, case.office_id):
        candidates.insert(0, line_manager)
    may_know = those_who_may_know(case, [user.pk for user in candidates])
    return next((user for user in candidates if user.pk in may_know and user.pk != person.pk), None)


def _managers_of(office_ids: Iterable[int | None]) -> set[int]:
    held = RoleGrant.objects.on(timezone.localdate()).filter(
        office_id__in=[pk for pk in office_ids if pk], role__in=MANAGERS, user__is_active=True
    )
    return set(held.values_list("user_id", flat=True))


def _add(handed: HandedOn, work: Iterable[OpenWork], case: Case | None, now_with: User | None = None) -> None:
    HandedOnItem.objects.bulk_create(
        HandedOnItem(
            handed=handed,
            case_id=case.pk if case else row.case_id,
            kind=row.kind,
            reference=row.reference,
            words=row.words,
            link=row.link,
            now_with=now_with,
        )
        for row in work
    )


def _tell(handed: HandedOn, people: set[int], subject: str) -> None:
    notify(people, "handed_on", subject, f"/cases/handed-on/{handed.pk}/", occasion=handed.pk)
