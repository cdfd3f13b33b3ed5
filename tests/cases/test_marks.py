"""Area, safe post, no fixed abode, confidential addresses, e-mail, who must not know of whom (CLS-5, CLS-6)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from postroom.cases import actions, hooks
from postroom.cases.actions import AddressMarks, PersonDetails
from postroom.cases.actions.persons import tidy_mobile
from postroom.cases.area import proposed_area, why_not_area
from postroom.cases.confidential import lines_for, may_see_confidential
from postroom.cases.models import Address, Case, CasePerson
from postroom.cases.selectors import apart_from, kept_apart, must_not_know
from postroom.people.authority import authority_of
from postroom.steps.engine import Seen
from postroom.steps.errors import InvalidStep, NotAllowed
from tests.support.council import Council, case_of, entries

pytestmark = pytest.mark.policy("CLS-5", "CLS-6")
CARER = AddressMarks(area="in", confidential_kind="carer", confidential_why="Placement.")


@pytest.fixture
def case(council: Council) -> Case:
    return case_of(council.near)


def parent(case: Case) -> CasePerson:
    return case.people.get(relationship="parent")


def address(case: Case) -> Address:
    return parent(case).addresses.get(retired_at__isnull=True)


def mark(council: Council, case: Case, marks: AddressMarks, **over: Any) -> Case:
    arguments = {"address": address(case), "by": council.near.worker, "seen": Seen.of(case), "marks": marks, **over}
    return actions.mark_address(case=case, **arguments)


@pytest.mark.parametrize(
    ("lines", "area"),
    [
        (["1 High Street", "NORTHMERE", "NM2 3BB"], "in"),
        (["1 High Street", "FARTOWN", "ZE1 0AA"], "out"),
        (["1 High Street", "BORDER", "XB3 4AA"], "in"),
        (["1 High Street", "BORDER", "XB33 4AA"], "out"),
        (["1 Sea Road", "ST HELIER", "JE2 3AB"], "out"),
        (["1 Sea Road", "DOUGLAS", "IM1 1AA"], "out"),
        (["1 Sea Road", "ST PETER PORT", "GY1 1AA"], "out"),
        (["Pte Example", "BFPO 12"], "out"),
        (["1 Rue Inventée", "75001 Paris", "FRANCE"], "abroad"),
        ([], ""),
    ],
)
def test_the_postcode_proposes_the_area(lines: list[str], area: str) -> None:
    assert proposed_area(lines, ["NM", "XB3"]) == area


def test_without_the_setting_only_what_is_never_in_area_is_proposed() -> None:
    assert proposed_area(["1 High Street", "NORTHMERE", "NM2 3BB"], []) == ""
    assert proposed_area(["1 Sea Road", "ST HELIER", "JE2 3AB"], []) == "out"


@pytest.mark.parametrize(
    ("area", "last", "reason", "fine"),
    [
        ("in", "NM2 3BB", "", True),
        ("out", "NM2 3BB", "", False),
        ("out", "NM2 3BB", "Across the river, another council's.", True),
        ("in", "ZE1 0AA", "", False),
        ("in", "ZE1 0AA", "Part of ours by agreement.", True),
        ("in", "JE2 3AB", "Any reason", False),
        ("abroad", "NM2 3BB", "Any reason", False),
        ("abroad", "FRANCE", "", True),
        ("in", "FRANCE", "Any reason", False),
    ],
)
def test_what_can_be_confirmed(area: str, last: str, reason: str, fine: bool) -> None:
    assert (why_not_area(area, ["1 High Street", "TOWN", last], ["NM"], reason) == "") is fine


def test_out_of_area_holds_only_once_somebody_confirmed_it(council: Council, case: Case) -> None:
    row = address(case)
    row.area = "out"
    assert not row.is_out_of_area
    actions.verify_address(
        case=case,
        address=row,
        source="visit",
        by=council.near.worker,
        seen=Seen.of(case),
        area="out",
        reason="Beyond the border.",
    )
    row = address(case)
    assert row.is_out_of_area
    assert row.area_confirmed_by == council.near.worker


def test_only_the_worker_marks_and_is_told_nothing_in_the_ledger(council: Council, case: Case) -> None:
    for by in (council.near.admin, council.near.manager, council.near.colleague, council.far.worker):
        with pytest.raises(NotAllowed):
            mark(council, case, CARER, by=by)
    case = mark(council, case, CARER)
    assert address(case).is_confidential
    payload = json.loads(entries(case)[-1].payload)
    assert payload == {"address": address(case).pk, "area": "in", "safe_to_post": True, "confidential": True}


def test_who_is_shown_a_confidential_address_on_its_case(council: Council, case: Case) -> None:
    case = mark(council, case, CARER)
    may = {
        who
        for who, user in council.everyone().items()
        if may_see_confidential(case, user, authority_of(user))
    }  # fmt: skip
    assert may == {"near.worker", "near.manager", "near.deputy"}
    assert lines_for(address(case), may_see=False) == ["Confidential address (foster carer)"]


def test_taking_protection_away_says_why(council: Council, case: Case) -> None:
    case = mark(council, case, CARER)
    with pytest.raises(InvalidStep):
        mark(council, case, AddressMarks(area="in"))
    case = mark(council, case, AddressMarks(area="in"), reason="The child moved on.")
    row = address(case)
    assert (row.is_confidential, row.confidential_why) == (False, "")


def test_what_replaces_a_confidential_address_is_confidential(council: Council, case: Case) -> None:
    case = mark(council, case, CARER)
    case = actions.add_address(
        case=case,
        person=parent(case),
        lines="9 Other Road\nNORTHMERE\nNM2 3BD",
        source="person",
        by=council.near.admin,
        seen=Seen.of(case),
        replaces=address(case),
    )
    row = address(case)
    assert (row.confidential_kind, row.area, row.area_confirmed_by) == ("carer", "in", None)


def test_unsafe_post_says_why_and_is_refused(council: Council, case: Case) -> None:
    with pytest.raises(InvalidStep):
        mark(council, case, AddressMarks(area="in", safe_to_post=False))
    case = mark(council, case, AddressMarks(area="in", safe_to_post=False, unsafe_why="He opens her post."))
    assert address(case).why_not_by_post
    case = mark(council, case, AddressMarks(area="in"), reason="He moved out.")
    assert not address(case).why_not_by_post
    case = actions.mark_person(
        case=case, person=parent(case), safe_to_post=False, why="Threats.", by=council.near.worker, seen=Seen.of(case)
    )
    assert address(case).why_not_by_post


def test_no_fixed_abode_is_by_hand_only(council: Council, case: Case) -> None:
    row = parent(case)
    details = PersonDetails(relationship="parent", name=row.name, no_fixed_abode=True)
    told: list[int] = []
    hooks.on_recipient_changed.append(lambda person: told.append(person.pk))
    try:
        actions.change_person(case=case, person=row, details=details, by=council.near.admin, seen=Seen.of(case))
    finally:
        hooks.on_recipient_changed.pop()
    assert address(case).why_not_by_post
    assert told == [row.pk]


def test_e_mail_and_mobile_are_for_professionals_alone(council: Council, case: Case) -> None:
    near = council.near
    teacher = PersonDetails(
        relationship="professional", name="Ms Tea Cher", email="Tea@School.Example", mobile="07700 900123"
    )
    case = actions.add_person(case=case, details=teacher, by=near.admin, seen=Seen.of(case))
    row = case.people.get(name="Ms Tea Cher")
    assert (row.email, row.mobile) == ("tea@school.example", "+447700900123")
    family = PersonDetails(relationship="carer", name="Mr Kit Keeper", email="kit@example.test")
    with pytest.raises(InvalidStep):
        actions.add_person(case=case, details=family, by=near.admin, seen=Seen.of(case))
    with pytest.raises(IntegrityError), transaction.atomic():
        CasePerson.objects.filter(pk=parent(case).pk).update(email="pat@example.test")
    with pytest.raises(IntegrityError), transaction.atomic():
        CasePerson.objects.filter(pk=row.pk).update(relationship="carer")


@pytest.mark.parametrize("typed", ["0", "123", "01632 960001", "hello"])
def test_what_is_no_mobile_number_is_refused(typed: str) -> None:
    with pytest.raises(InvalidStep):
        tidy_mobile(typed)


def test_two_people_who_must_not_know_of_each_other(council: Council, case: Case) -> None:
    near = council.near
    child, mother = case.people.get(relationship="child"), parent(case)
    case = actions.keep_apart(case=case, one=mother, other=child, by=near.worker, seen=Seen.of(case), reason="Order.")
    assert must_not_know(child, mother)
    assert must_not_know(mother, child)
    assert apart_from(mother) == {child.pk}
    with pytest.raises(InvalidStep):
        actions.keep_apart(case=case, one=child, other=mother, by=near.worker, seen=Seen.of(case), reason="Again.")
    with pytest.raises(InvalidStep):
        actions.keep_apart(case=case, one=child, other=child, by=near.worker, seen=Seen.of(case), reason="Self.")
    with pytest.raises(NotAllowed):
        actions.keep_apart(case=case, one=child, other=mother, by=near.admin, seen=Seen.of(case), reason="Role.")
    (pair,) = kept_apart(case.pk)
    case = actions.let_know(case=case, pair=pair, by=near.manager, seen=Seen.of(case), reason="Order ended.")
    assert not must_not_know(mother, child)
    with pytest.raises(IntegrityError), transaction.atomic():
        pair.delete()


def test_somebody_of_another_case_is_not_kept_apart_here(council: Council, case: Case) -> None:
    other = parent(case_of(council.near))
    with pytest.raises(InvalidStep):
        actions.keep_apart(
            case=case, one=parent(case), other=other, by=council.near.worker, seen=Seen.of(case), reason="x"
        )
