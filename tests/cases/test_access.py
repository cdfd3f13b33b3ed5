"""Restricted cases and people barred from a case: nothing of them exists for those who aren't named (CLS-1)."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from letters.policy import can as can_letter
from letters.selectors import visible_to as letters_visible_to
from letters.states import Action
from postroom.cases import actions
from postroom.cases.models import Case, CaseAccess
from postroom.cases.policy import can
from postroom.cases.selectors import access_visible_to, find_exact, visible_to
from postroom.cases.states import ACCESS_ACTIONS, CaseAction
from postroom.people.roles import Role
from postroom.steps.engine import Seen
from postroom.steps.errors import InvalidStep, NotAllowed, ReasonNeeded, Stale
from tests.support.council import Council, case_of, entries

pytestmark = pytest.mark.policy("CLS-1")
WHY = "A colleague's sister."


@pytest.fixture
def case(council: Council) -> Case:
    return case_of(council.near)


def fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def restrict(council: Council, case: Case, *named: Any, by: Any = None) -> Case:
    by = by or council.near.manager
    return actions.restrict(case=case, named=named, by=by, seen=Seen.of(case), reason=WHY)


def test_a_restricted_case_exists_for_its_worker_and_those_named_alone(council: Council, case: Case) -> None:
    near = council.near
    restrict(council, case, near.manager, near.admin)
    for who, user in council.everyone().items():
        expected = user in (near.worker, near.manager, near.admin)
        assert visible_to(user).filter(pk=case.pk).exists() is expected, who
        assert (find_exact(visible_to(user), case.reference) is not None) is expected, who
    last = entries(case)[-1]
    assert (last.action, last.actor_id) == ("restrict_case", near.manager.pk)
    assert WHY not in last.payload


def test_being_named_gives_no_right_that_the_role_does_not(council: Council, case: Case) -> None:
    restrict(council, case, council.near.admin, council.far.admin, council.system)
    assert not visible_to(council.far.admin).filter(pk=case.pk).exists()
    assert not visible_to(council.system).filter(pk=case.pk).exists()
    assert not can(fresh(case), council.near.admin, CaseAction.ALLOCATE)


def test_nobody_acts_on_a_case_that_is_kept_from_them(council: Council, case: Case) -> None:
    near = council.near
    restrict(council, case, near.manager)
    kept = fresh(case)
    for user in (near.admin, near.deputy, near.ap, near.duty, near.colleague):
        assert [action for action in CaseAction if can(kept, user, action)] == []
    with pytest.raises(NotAllowed):
        actions.close_case(case=kept, by=near.deputy, seen=Seen.of(kept), reason="x")
    assert can(kept, near.manager, CaseAction.ALLOCATE)


def test_a_barred_person_sees_and_does_nothing_whatever_their_role(council: Council, case: Case) -> None:
    near = council.near
    actions.bar_person(case=case, user=near.admin, by=near.manager, seen=Seen.of(case), reason=WHY)
    assert not visible_to(near.admin).filter(pk=case.pk).exists()
    assert visible_to(near.deputy).filter(pk=case.pk).exists()
    assert [action for action in CaseAction if can(fresh(case), near.admin, action)] == []
    case = fresh(case)
    actions.lift_bar(case=case, user=near.admin, by=near.manager, seen=Seen.of(case), reason="Settled.")
    assert visible_to(near.admin).filter(pk=case.pk).exists()
    assert CaseAccess.objects.get(case=case).ended_at is not None


def test_who_decides_is_never_the_person_concerned(council: Council, case: Case) -> None:
    near, governance = council.near, council.wide[Role.INFORMATION_GOVERNANCE]
    with pytest.raises(NotAllowed):
        actions.bar_person(case=case, user=near.manager, by=near.manager, seen=Seen.of(case), reason=WHY)
    case = actions.bar_person(case=case, user=near.manager, by=governance, seen=Seen.of(case), reason=WHY)
    assert not access_visible_to(near.manager).filter(pk=case.pk).exists()
    for action in ACCESS_ACTIONS:
        assert not can(case, near.manager, action)
    case = actions.bar_person(case=case, user=governance, by=_second(council), seen=Seen.of(case), reason=WHY)
    assert not can(case, governance, CaseAction.LIFT_BAR)
    assert not access_visible_to(governance).filter(pk=case.pk).exists()


def _second(council: Council) -> Any:
    from tests.support.council import person

    return person("Second Governor", None, Role.INFORMATION_GOVERNANCE)


def test_information_governance_decides_and_reads_nothing(council: Council, case: Case) -> None:
    governance = council.wide[Role.INFORMATION_GOVERNANCE]
    assert access_visible_to(governance).filter(pk=case.pk).exists()
    assert not visible_to(governance).filter(pk=case.pk).exists()
    restrict(council, case, by=governance)
    kept = fresh(case)
    assert access_visible_to(governance).filter(pk=case.pk).exists()
    assert not access_visible_to(council.near.manager).filter(pk=case.pk).exists()
    actions.name_person(case=kept, user=council.near.manager, by=governance, seen=Seen.of(kept), reason="Manages it.")
    assert visible_to(council.near.manager).filter(pk=case.pk).exists()


def test_the_worker_stays_named_and_goes_with_the_case(council: Council, case: Case) -> None:
    near = council.near
    case = restrict(council, case, near.manager)
    with pytest.raises(InvalidStep):
        actions.unname_person(case=case, user=near.worker, by=near.manager, seen=Seen.of(case), reason=WHY)
    with pytest.raises(InvalidStep):
        actions.bar_person(case=case, user=near.worker, by=near.manager, seen=Seen.of(case), reason=WHY)
    case = actions.allocate(case=case, worker=near.colleague, by=near.manager, seen=Seen.of(case))
    assert visible_to(near.colleague).filter(pk=case.pk).exists()
    case = actions.unname_person(case=case, user=near.worker, by=near.manager, seen=Seen.of(case), reason=WHY)
    assert not visible_to(near.worker).filter(pk=case.pk).exists()


def test_a_case_does_not_go_to_somebody_barred_from_it(council: Council, case: Case) -> None:
    near = council.near
    case = actions.bar_person(case=case, user=near.colleague, by=near.manager, seen=Seen.of(case), reason=WHY)
    with pytest.raises(InvalidStep):
        actions.allocate(case=case, worker=near.colleague, by=near.manager, seen=Seen.of(case))
    with pytest.raises(InvalidStep, match="barred"):
        restrict(council, case, near.colleague)


def test_lifting_the_restriction_leaves_bars(council: Council, case: Case) -> None:
    near = council.near
    case = restrict(council, case, near.manager)
    case = actions.bar_person(case=case, user=near.ap, by=near.manager, seen=Seen.of(case), reason=WHY)
    case = actions.lift_restriction(case=case, by=near.manager, seen=Seen.of(case), reason="Left the council.")
    assert visible_to(near.admin).filter(pk=case.pk).exists()
    assert not visible_to(near.ap).filter(pk=case.pk).exists()


def test_each_asks_for_a_reason_and_what_was_seen(council: Council, case: Case) -> None:
    near, stale = council.near, Seen.of(case)
    with pytest.raises(ReasonNeeded):
        actions.restrict(case=case, named=[near.manager], by=near.manager, seen=stale, reason=" ")
    case = restrict(council, case, near.manager)
    with pytest.raises(Stale):
        actions.lift_restriction(case=case, by=near.manager, seen=stale, reason=WHY)


def test_the_database_keeps_who_was_named_or_barred(council: Council, case: Case) -> None:
    restrict(council, case, council.near.manager)
    for sql in (
        "DELETE FROM cases_caseaccess",
        "UPDATE cases_caseaccess SET kind = 'barred'",
        f"UPDATE cases_caseaccess SET user_id = {council.near.admin.pk}",
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)


def test_its_letters_are_kept_too(desk: Any) -> None:
    from tests.support.world import hand_over

    letter = hand_over(desk)
    assert letters_visible_to(desk.admin).filter(pk=letter.pk).exists()
    case = fresh(desk.case)
    case = actions.restrict(case=case, named=[desk.manager], by=desk.manager, seen=Seen.of(case), reason=WHY)
    letter.case = case
    for user in (desk.admin, desk.deputy, desk.ap, desk.duty, desk.other_worker):
        assert not letters_visible_to(user).filter(pk=letter.pk).exists()
        assert not any(can_letter(letter, user, action) for action in Action)
    for user in (desk.worker, desk.manager):
        assert letters_visible_to(user).filter(pk=letter.pk).exists()
    assert can_letter(letter, desk.worker, Action.WITHDRAW)
