"""Who sees a case: restricted to named people, somebody barred (clauses.md: TM, information governance).

The person concerned never decides on themselves. The allocated worker is named with the restriction, and whoever gets
the case later; nobody who works the case is barred from it, it is allocated to somebody else first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from postroom.cases.models import Case, CaseAccess
from postroom.cases.policy import POLICY, CasePolicy
from postroom.cases.states import CaseAction
from postroom.people.models import User
from postroom.steps.engine import Seen, Taken, take
from postroom.steps.errors import InvalidStep

NAMED, BARRED = CaseAccess.Kind.NAMED, CaseAccess.Kind.BARRED


def restrict(*, case: Case, named: Iterable[User], by: User, seen: Seen, reason: str) -> Case:
    """From now on the case exists only for those named (and its worker), within what their roles let them do."""
    people = {user.pk: user for user in named}

    def change(locked: Case, taken: Taken) -> Mapping[str, Any]:
        if locked.is_restricted:
            raise InvalidStep("The case is restricted already. Name people one by one.")
        if locked.allocated_worker is not None:
            people.setdefault(locked.allocated_worker.pk, locked.allocated_worker)
        if not people:
            raise InvalidStep("Name at least one person, or nobody could work this case.", "named")
        barred = locked.access.filter(user_id__in=people, kind=BARRED, ended_at__isnull=True).select_related("user")
        if shut_out := barred.first():
            raise InvalidStep(f"{shut_out.user.name} is barred from this case and can't be named.", "named")
        locked.is_restricted = True
        for user in people.values():
            _add(locked, user, NAMED, taken)
        return {"named": sorted(people)}

    return _take(case, CaseAction.RESTRICT_CASE, by, seen, reason, change)


def lift_restriction(*, case: Case, by: User, seen: Seen, reason: str) -> Case:
    """The case is open again to those whose role and office let them read it; bars stay."""

    def change(locked: Case, taken: Taken) -> Mapping[str, Any]:
        if not locked.is_restricted:
            raise InvalidStep("The case isn't restricted.")
        locked.is_restricted = False
        locked.access.filter(kind=NAMED, ended_at__isnull=True).update(ended_at=taken.at)
        return {}

    return _take(case, CaseAction.LIFT_RESTRICTION, by, seen, reason, change)


def name_person(*, case: Case, user: User, by: User, seen: Seen, reason: str) -> Case:
    """One more person for whom a restricted case exists."""

    def change(locked: Case, taken: Taken) -> Mapping[str, Any]:
        if not locked.is_restricted:
            raise InvalidStep("The case isn't restricted: there is nobody to name.")
        if locked.access.filter(user=user, ended_at__isnull=True).exists():
            raise InvalidStep("This person is named, or barred, already.", "user")
        _add(locked, user, NAMED, taken)
        return {"named": [user.pk]}

    return _take(case, CaseAction.NAME_PERSON, by, seen, reason, change, concerned=user)


def unname_person(*, case: Case, user: User, by: User, seen: Seen, reason: str) -> Case:
    """The case doesn't exist for this person any more. Its worker stays named until it goes to another."""

    def change(locked: Case, taken: Taken) -> Mapping[str, Any]:
        if locked.allocated_worker_id == user.pk:
            raise InvalidStep("This is the case's worker. Allocate it to somebody else first.", "user")
        _end(locked, user, NAMED, taken)
        return {"no_longer_named": user.pk}

    return _take(case, CaseAction.UNNAME_PERSON, by, seen, reason, change, concerned=user)


def bar_person(*, case: Case, user: User, by: User, seen: Seen, reason: str) -> Case:
    """Nothing of this case exists for this person from now on, whatever their role."""

    def change(locked: Case, taken: Taken) -> Mapping[str, Any]:
        if locked.allocated_worker_id == user.pk:
            raise InvalidStep("This is the case's worker. Allocate it to somebody else first.", "user")
        rows = locked.access.filter(user=user, ended_at__isnull=True)
        if rows.filter(kind=BARRED).exists():
            raise InvalidStep("This person is barred already.", "user")
        rows.update(ended_at=taken.at)
        _add(locked, user, BARRED, taken)
        return {"barred": user.pk}

    return _take(case, CaseAction.BAR_PERSON, by, seen, reason, change, concerned=user)


def lift_bar(*, case: Case, user: User, by: User, seen: Seen, reason: str) -> Case:
    """The person sees again what their role and office let them see."""

    def change(locked: Case, taken: Taken) -> Mapping[str, Any]:
        _end(locked, user, BARRED, taken)
        return {"no_longer_barred": user.pk}

    return _take(case, CaseAction.LIFT_BAR, by, seen, reason, change, concerned=user)


def name_worker(case: Case, worker: User | None, taken: Taken) -> None:
    """The worker of a restricted case is always named. Raises InvalidStep for one who is barred from the case."""
    if worker is None:
        return
    row = case.access.filter(user=worker, ended_at__isnull=True).first()
    if row is not None and row.kind == BARRED:
        raise InvalidStep("This case can't be allocated to this person. Choose somebody else.", "worker")
    if row is None and case.is_restricted:
        _add(case, worker, NAMED, taken)


def _add(case: Case, user: User, kind: str, taken: Taken) -> None:
    assert taken.by is not None  # noqa: S101 - no step of Postroom itself decides who sees a case
    CaseAccess.objects.create(case=case, user=user, kind=kind, since=taken.at, set_by=taken.by)


def _end(case: Case, user: User, kind: str, taken: Taken) -> None:
    if not case.access.filter(user=user, kind=kind, ended_at__isnull=True).update(ended_at=taken.at):
        raise InvalidStep("This was changed already. Look again.", "user")


def _take(
    case: Case, action: CaseAction, by: User, seen: Seen, reason: str, change: Any, *, concerned: User | None = None
) -> Case:
    policy = CasePolicy(concerned) if concerned else POLICY
    return take(case, action=action, by=by, policy=policy, seen=seen, reason=reason, change=change)
