"""The pages on cases, as somebody uses them."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from postroom.cases.models import Address, Case
from postroom.cases.selectors import case_page, find_exact, visible_to
from postroom.people.models import DutySlot, RoleGrant, User
from postroom.people.roles import Role
from tests.support.council import Council, case_of


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.policy("CLS-1")
def test_who_sees_which_case(council: Council) -> None:
    near, far = case_of(council.near), case_of(council.far)
    crossed = case_of(council.far, council.near.ap)  # allocated to somebody of the other office
    seen = {
        who: {name for name, case in (("near", near), ("far", far), ("crossed", crossed))
              if visible_to(user).filter(pk=case.pk).exists()}
        for who, user in council.everyone().items()
    }  # fmt: skip
    office = {"far", "crossed"}
    expected: dict[str, set[str]] = {who: set() for who in seen}
    expected |= {f"near.{who}": {"near"} for who in ("worker", "duty", "deputy", "manager", "admin")}
    expected |= {f"far.{who}": office for who in ("duty", "ap", "deputy", "manager", "admin")}
    expected |= {"near.ap": {"near", "crossed"}, "far.worker": {"far"}}
    assert seen == expected
    DutySlot.objects.all().delete()
    assert not visible_to(council.near.duty).exists()
    RoleGrant.objects.filter(user=council.near.worker).delete()
    assert not visible_to(council.near.worker).exists()
    council.near.manager.is_active = False
    assert not visible_to(council.near.manager).exists()


def test_a_case_is_opened_with_two_children_without_scripts(council: Council) -> None:
    client = signed_in(council.near.worker)
    path, office = reverse("case_open"), council.near.office.pk
    first = {"office": office, "rows": 1, "name_1": "Robin Fresh", "ics_number_1": "501", "more": "1"}
    page = client.post(path, {**first, "born_1_day": 3, "born_1_month": 4, "born_1_year": 2019})
    text = page.content.decode()
    assert 'value="Robin Fresh"' in text
    assert 'value="2019"' in text
    assert 'name="name_2"' in text
    assert "There is a problem" not in text
    assert not Case.objects.exists()
    both = {"office": office, "rows": 2, "name_1": "Robin Fresh", "ics_number_1": "501"}
    wrong = client.post(path, {**both, "name_2": "Kim Fresh"})
    assert "Enter the ICS number of child 2" in wrong.content.decode()
    done = client.post(path, {**both, "name_2": "Kim Fresh", "ics_number_2": "502"})
    made = Case.objects.get()
    assert done["Location"] == reverse("case", args=[made.reference])
    assert made.people.count() == 2
    taken = client.post(path, {"office": office, "rows": 1, "name_1": "A", "ics_number_1": "501"})
    assert "is on a case already" in taken.content.decode()


@pytest.mark.parametrize("rows", ["", "0", "x", "999", "9999999"])
def test_any_number_of_rows_is_no_error(council: Council, rows: str) -> None:
    response = signed_in(council.near.worker).post(reverse("case_open"), {"rows": rows, "more": "1"})
    assert response.status_code == 200


def test_a_case_is_found_by_reference_or_number_and_neither_stands_in_the_address(council: Council) -> None:
    case, other = case_of(council.near), case_of(council.far)
    client = signed_in(council.near.admin)
    number = case.people.get(relationship="child").ics_number
    for words in (case.reference.lower(), f" {number[:3]} {number[3:]} "):
        response = client.post(reverse("cases"), {"words": words})
        assert response["Location"] == reverse("case", args=[case.reference])
    hidden = other.people.get(relationship="child").ics_number
    for words in (other.reference, hidden, "nothing", case.reference[:4]):
        response = client.post(reverse("cases"), {"words": words})
        assert response.status_code == 200
        assert "No case that you may see" in response.content.decode()
    assert find_exact(Case.objects.all(), "   ") is None


def test_lists_page_by_key_both_ways(council: Council) -> None:
    made = [case_of(council.near).pk for _ in range(7)][::-1]
    cases = visible_to(council.near.admin)
    first = case_page(cases, size=3)
    second = case_page(cases, before=first.older, size=3)
    third = case_page(cases, before=second.older, size=3)
    assert [c.pk for page in (first, second, third) for c in page.cases] == made
    assert (first.newer, third.older) == (None, None)
    back = case_page(cases, after=third.newer, size=3)
    assert [c.pk for c in back.cases] == [c.pk for c in second.cases]
    top = case_page(cases, after=back.newer, size=3)
    assert [c.pk for c in top.cases] == [c.pk for c in first.cases]
    assert top.newer is None


def test_the_list_and_the_case_take_the_same_queries_for_3_and_30(council: Council) -> None:
    client = signed_in(council.near.admin)
    case = case_of(council.near)

    def count(path: str) -> int:
        with CaptureQueriesContext(connection) as caught:
            assert client.get(path).status_code == 200
        return len(caught)

    pages = [reverse("cases"), reverse("case", args=[case.reference]), reverse("case_history", args=[case.reference])]
    for path in pages:
        client.get(path)  # the number at the head is remembered, the session's own row written
    few = [count(path) for path in pages]
    for n in range(24):
        case_of(council.near)
        who = case.people.create(relationship="relative", name=f"Aunt {n}")
        Address.objects.create(
            person=who, lines="1 Road\nNM1 1AA", source="ics",
            verified_on=timezone.localdate(), verified_by=council.near.worker,
        )  # fmt: skip
    assert [count(path) for path in pages] == few


def test_the_worker_lists_their_own(council: Council) -> None:
    mine, other = case_of(council.near), case_of(council.near, council.near.ap)
    text = signed_in(council.near.worker).get(reverse("cases"), {"mine": "1"}).content.decode()
    assert mine.reference in text
    assert other.reference not in text


@pytest.mark.policy("CLS-6")
def test_an_address_says_how_it_stands(council: Council) -> None:
    case = case_of(council.near)
    client = signed_in(council.near.worker)
    path = reverse("case", args=[case.reference])
    where = Address.objects.get(person__case=case)
    assert "Still right?" not in client.get(path).content.decode()
    Address.objects.filter(pk=where.pk).update(verified_on=timezone.localdate() - dt.timedelta(days=400))
    text = client.get(path).content.decode()
    assert "Still right?" in text
    assert f"{council.near.worker.name} last verified it on" in text
    verify = reverse("case_address_verify", args=[case.reference, where.pk])
    assert "Last verified on" in client.get(verify).content.decode()
    client.post(verify, {"source": "visit", "area": "in", "seen": case.version})
    assert "Still right?" not in client.get(path).content.decode()
    client.post(
        reverse("case_address_doubt", args=[case.reference, where.pk]),
        {"reason": "Gone away", "seen": case.version + 1},
    )
    assert "Gone away" in client.get(path).content.decode()


def test_an_address_is_replaced(council: Council) -> None:
    case = case_of(council.near)
    client = signed_in(council.near.admin)
    old = Address.objects.get(person__case=case)
    path = reverse("case_address_replace", args=[case.reference, old.pk])
    bad = client.post(path, {"lines": "9 New Street\nno postcode", "source": "visit", "seen": case.version})
    assert "9 New Street" in bad.content.decode()
    assert bad.status_code == 200
    data = {"lines": "9 New Street\nNORTHMERE\nNM2 4BB", "source": "visit", "seen": case.version}
    assert client.post(path, data).status_code == 302
    old.refresh_from_db()
    assert old.retired_at is not None
    assert client.get(path).status_code == 404
    text = client.get(reverse("case", args=[case.reference])).content.decode()
    assert "Not verified" in text
    assert "not used any more" in text


@pytest.mark.policy("CLS-6")
@pytest.mark.parametrize("lines", ["No fixed abode\nNM2 4BB", "9 New Street\nNM24 BB", "Re: Robin\u200b\nNM2 4BB"])
def test_the_strict_judge_of_letters_is_heard_on_the_case(council: Council, lines: str) -> None:
    case = case_of(council.near)
    path = reverse("case_address_add", args=[case.reference, case.people.get(relationship="child").pk])
    data = {"lines": lines, "source": "visit", "seen": case.version}
    response = signed_in(council.near.admin).post(path, data)
    assert response.status_code == 200
    assert response.context["form"].errors["lines"]
    assert Address.objects.filter(person__case=case).count() == 1


def test_an_old_page_is_409_and_keeps_what_was_typed(council: Council) -> None:
    case = case_of(council.near)
    client = signed_in(council.near.admin)
    path = reverse("case_person_add", args=[case.reference])
    data = {"relationship": "carer", "name": "Mr Kit Keeper", "seen": case.version}
    assert client.post(path, data).status_code == 302
    response = client.post(path, {**data, "name": "Dr Ann Other"})
    text = response.content.decode()
    assert response.status_code == 409
    assert f"{council.near.admin.name}: people or addresses changed" in text
    assert 'value="Dr Ann Other"' in text
    seen = re.search(r'name="seen" value="(\d+)"', text)
    assert seen
    assert client.post(path, {**data, "name": "Dr Ann Other", "seen": seen.group(1)}).status_code == 302
    assert case.people.count() == 4


def test_a_case_is_allocated_moved_closed_and_opened(council: Council) -> None:
    case = case_of(council.near)
    near, client = council.near, signed_in(council.near.manager)

    def go(name: str, **data: object) -> Case:
        version = Case.objects.get(pk=case.pk).version
        response = client.post(reverse(name, args=[case.reference]), {"seen": version, **data})
        assert response.status_code == 302, response.content.decode()
        return Case.objects.get(pk=case.pk)

    assert go("case_allocate", worker=near.colleague.pk).allocated_worker == near.colleague
    assert go("case_close", reason="Done.").state == "closed"
    again = client.get(reverse("case_allocate", args=[case.reference]))
    assert again.status_code == 409
    assert "Not possible now" in again.content.decode()
    assert go("case_reopen", reason="More.").state == "open"
    text = client.get(reverse("case_history", args=[case.reference])).content.decode()
    for words in ("Allocated", "Closed", "Opened again", "Done.", near.colleague.name):
        assert words in text
    moved = go("case_move", office=council.far.office.pk, worker=council.far.worker.pk, reason="They moved.")
    assert (moved.office, moved.allocated_worker) == (council.far.office, council.far.worker)
    assert client.get(reverse("case", args=[case.reference])).status_code == 404


def test_admin_of_two_offices_opens_at_either(council: Council) -> None:
    RoleGrant.objects.create(
        user=council.near.admin, role=Role.ADMIN, office=council.far.office, starts=timezone.localdate()
    )
    data = {"office": council.far.office.pk, "rows": 1, "name_1": "Robin", "ics_number_1": "1"}
    assert signed_in(council.near.admin).post(reverse("case_open"), data).status_code == 302
    assert Case.objects.get().office == council.far.office
    refused = signed_in(council.near.worker).post(reverse("case_open"), {**data, "ics_number_1": "2"})
    assert refused.status_code == 200
    assert Case.objects.count() == 1
