"""Every page of people and cases in real Chromium, desktop and phone: axe finds nothing, nothing is too wide."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from postroom.cases import actions as case_actions
from postroom.cases.models import Address
from postroom.people import actions
from postroom.people.models import HalfDay, RoleGrant, Team
from postroom.people.roles import Role
from postroom.steps.engine import Seen
from tests.support.browser import axe, become
from tests.support.council import Council, case_of, give

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def council(transactional_db: None) -> Council:
    """Two offices with something on every page: roles of all ages, a deputy, a rota, addresses of every standing."""
    made = Council()
    near, today = made.near, timezone.localdate()
    actions.put_on_duty(person=near.ap, office=near.office, day=today, half=HalfDay.AFTERNOON, by=near.deputy)
    actions.name_deputy(
        person=near.manager,
        role=Role.CALDICOTT_GUARDIAN,
        starts=today,
        ends=today + dt.timedelta(days=9),
        by=made.system,
    )
    actions.add_team(office=near.office, name="East team", by=made.system)
    give(near.worker, Role.SAFEGUARDING)
    RoleGrant.objects.create(
        user=near.worker, role=Role.ADMIN, office=made.far.office, starts=today - dt.timedelta(days=9),
        ends=today - dt.timedelta(days=2),
    )  # fmt: skip
    return made


def people_paths(council: Council) -> list[str]:
    person, team = council.near.worker, Team.objects.get()
    grant = RoleGrant.objects.get(user=person, role=Role.SAFEGUARDING)
    deputy = council.near.manager.deputy_for.get()
    one = f"/people/{person.pk}/"
    return [
        "/people/", one, "/people/add/", f"{one}change/", f"{one}close/", f"{one}password-link/", f"{one}roles/give/",
        f"{one}roles/{grant.pk}/end/", "/deputies/", "/deputies/add/", f"/deputies/{deputy.pk}/end/", "/offices/",
        "/offices/near/", "/offices/add/", "/offices/near/change/", "/offices/near/teams/add/",
        f"/offices/near/teams/{team.pk}/",
    ]  # fmt: skip


@pytest.mark.parametrize("width", ["page", pytest.param("phone", marks=pytest.mark.soak)])
def test_people(council: Council, width: str, live_server: Any, request: pytest.FixtureRequest) -> None:
    page: Page = request.getfixturevalue(width)
    become(page, live_server.url, council.system)
    for path in people_paths(council):
        page.goto(live_server.url + path)
        axe(page)
    for path in ("/people/add/", f"/people/{council.near.worker.pk}/roles/give/", "/offices/add/", "/deputies/add/"):
        page.goto(live_server.url + path)
        page.locator("main form button.govuk-button").first.click()
        page.get_by_role("heading", name="There is a problem").wait_for()
        axe(page)


@pytest.mark.parametrize("width", ["page", pytest.param("phone", marks=pytest.mark.soak)])
def test_rota_and_cases(council: Council, width: str, live_server: Any, request: pytest.FixtureRequest) -> None:
    page: Page = request.getfixturevalue(width)
    near = council.near
    case = case_of(near)
    parent = case.people.get(relationship="parent")
    address = parent.addresses.get()
    days_ago = timezone.localdate() - dt.timedelta(days=400)
    Address.objects.filter(pk=address.pk).update(verified_on=days_ago)
    case = case_actions.add_address(
        case=case, person=case.people.get(relationship="child"), lines="9 New Street\nNM2 4BB", source="visit",
        by=near.worker, seen=Seen.of(case),
    )  # fmt: skip
    base = f"/cases/{case.reference}/"
    by_whom = {
        near.manager: ["/rota/near/", "/rota/near/add/", f"{base}allocate/", f"{base}move/", f"{base}close/"],
        near.worker: [
            "/people/me/", "/cases/", "/cases/open/", base, f"{base}history/", f"{base}people/add/",
            f"{base}people/{parent.pk}/change/", f"{base}people/{parent.pk}/off/",
            f"{base}people/{parent.pk}/addresses/add/",
            *(f"{base}addresses/{address.pk}/{verb}/" for verb in ("replace", "retire", "verify", "doubt")),
        ],
    }  # fmt: skip
    for user, paths in by_whom.items():
        become(page, live_server.url, user)
        for path in paths:
            page.goto(live_server.url + path)
            axe(page)
    for path in ("/cases/", "/cases/open/", f"{base}people/add/", f"{base}addresses/{address.pk}/verify/"):
        page.goto(live_server.url + path)
        page.locator("main form button.govuk-button").first.click()
        page.get_by_role("heading", name="There is a problem").wait_for()
        axe(page)
    page.goto(f"{live_server.url}{base}addresses/{address.pk}/doubt/")
    case_actions.add_person(
        case=case,
        details=case_actions.PersonDetails(relationship="carer", name="Mr Kit Keeper"),
        by=near.admin,
        seen=Seen.of(case),
    )
    page.get_by_label("Why is it in doubt?").fill("A neighbour says they moved.")
    page.get_by_role("button", name="Mark as in doubt").click()
    page.get_by_text("What changed since you opened this page").wait_for()
    axe(page)
    assert page.get_by_label("Why is it in doubt?").input_value() == "A neighbour says they moved."
    page.get_by_role("button", name="Mark as in doubt").click()
    page.get_by_text("The address is marked as in doubt.").wait_for()
    axe(page)


def test_a_case_is_opened_and_written_to_without_scripts(council: Council, plain: Page, live_server: Any) -> None:
    become(plain, live_server.url, council.near.worker)
    plain.goto(f"{live_server.url}/cases/open/")
    plain.get_by_label("Name of the child").fill("Robin Fresh")
    plain.get_by_label("ICS number of the child").fill("77001")
    plain.get_by_role("button", name="Add another child").click()
    plain.get_by_label("Name of child 2").fill("Kim Fresh")
    plain.get_by_label("ICS number of child 2").fill("77002")
    plain.get_by_role("button", name="Open this case").click()
    plain.get_by_role("link", name="Add a person").click()
    plain.get_by_label("Parent").check()
    plain.get_by_label("Name", exact=True).fill("Ms Pat Fresh")
    plain.get_by_role("button", name="Add this person").click()
    plain.get_by_role("link", name="Add an address for Ms Pat Fresh").click()
    plain.get_by_label("Address").first.fill("9 New Street\nNORTHMERE\nNM2 4BB")
    plain.get_by_label("A visit").check()
    plain.get_by_role("button", name="Add this address").click()
    plain.get_by_role("link", name="Verify this address of Ms Pat Fresh").click()
    plain.get_by_label("A visit").check()
    plain.get_by_role("button", name="Yes, it is right").click()
    plain.get_by_text("The address is verified as of today.").wait_for()
    assert Address.objects.get(person__name="Ms Pat Fresh").is_usable
