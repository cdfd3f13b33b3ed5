"""Each page of people and cases by each person by own and other office, GET and POST (CLS-1)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from postroom.cases import urls as case_urls
from postroom.cases.handed_models import HandedOn
from postroom.cases.models import Case, CaseAccess, IcsImport, IcsQuery, MustNotKnow
from postroom.files.models import StoredFile
from postroom.ledger.models import Entry
from postroom.people import urls as people_urls
from postroom.people.models import Deputy, DutySlot, OfficeChange, RoleGrant, Team
from postroom.people.roles import Role
from tests.access.expected_people_cases import EVERYONE, EXPECTED
from tests.support.council import Council, case_of, give

NAMES = [str(pattern.name) for pattern in (*people_urls.urlpatterns, *case_urls.urlpatterns)]


def addresses(council: Council) -> dict[str, str]:
    """Each page's address, with real ids of things of the office `near`."""
    near, today = council.near, timezone.localdate()
    case: Case = case_of(near)
    parent = case.people.get(relationship="parent")
    address = parent.addresses.get()
    child = case.people.get(relationship="child")
    query = IcsQuery.objects.create(case=case, person=parent, address=address, asked_by=near.worker)
    kept = StoredFile.objects.create(sha256="0" * 64, size=1, media_type="text/csv")
    file = IcsImport.objects.create(file=kept, by=near.admin, as_of=today, state="ready")
    first, second = sorted((parent.pk, child.pk))
    apart = MustNotKnow.objects.create(case=case, a_id=first, b_id=second, reason="Order.", set_by=near.worker)
    for user, kind in ((near.nobody, "named"), (council.far.nobody, "barred")):
        CaseAccess.objects.create(case=case, user=user, kind=kind, set_by=near.manager)
    grant: RoleGrant = give(near.nobody, Role.SAFEGUARDING)
    deputy = Deputy.objects.create(
        role=Role.ASSISTANT_DIRECTOR, user=near.nobody, starts=today, ends=today, named_by=council.system
    )
    slot = DutySlot.objects.create(
        office=near.office, user=near.colleague, day=today + dt.timedelta(days=1), half="am", set_by=near.manager
    )
    handed = HandedOn.objects.create(case=case, to_worker=near.worker, from_office=near.office, to_office=near.office)
    planned = OfficeChange.objects.create(
        office=near.office, starts=today + dt.timedelta(days=9), address=near.office.address, made_by=council.system
    )
    team = Team.objects.create(office=near.office, name="East")
    later = RoleGrant.objects.create(
        user=near.nobody,
        role=Role.ADMIN,
        office=near.office,
        granted_by=near.manager,
        is_cover=True,
        starts=today + dt.timedelta(days=3),
        ends=today + dt.timedelta(days=4),
    )
    RoleGrant.objects.filter(pk=grant.pk).update(starts=today + dt.timedelta(days=3))  # so that it gives no right yet
    Deputy.objects.filter(pk=deputy.pk).update(starts=today + dt.timedelta(days=3), ends=today + dt.timedelta(days=4))
    arguments: dict[str, list[Any]] = {
        **{name: [near.nobody.pk] for name in NAMES if name.startswith(("person_", "role_")) or name == "person"},
        **{name: [near.office.code] for name in NAMES if name.startswith(("office_", "team_", "rota_", "cover_"))},
        **{name: [case.reference] for name in NAMES if name.startswith("case_")},
    }
    arguments |= {
        "person_add": [],
        "office_add": [],
        "case_open": [],
        "office": [near.office.code],
        "case": [case.reference],
        "role_end": [near.nobody.pk, grant.pk],
        "deputy_end": [deputy.pk],
        "team_rename": [near.office.code, team.pk],
        "office_withdraw": [near.office.code, planned.pk],
        "cover_end": [near.office.code, later.pk],
        "rota_remove": [near.office.code, slot.pk],
    }
    for name in NAMES:
        if (name.startswith("case_person_") and name != "case_person_add") or name == "case_address_add":
            arguments[name] = [case.reference, parent.pk]
        elif name.startswith("case_address_"):
            arguments[name] = [case.reference, address.pk]
    arguments |= {
        "case_access_find": [],
        "case_handed_on_list": [],
        "case_handed_on": [handed.pk],
        "case_ics_imports": [],
        "case_ics_queries": [],
        "case_ics_import": [file.reference],
        "case_ics_progress": [file.reference],
        "case_ics_wrong": [case.reference, address.pk],
        "case_ics_settle": [case.reference, query.pk],
        "case_apart_lift": [case.reference, apart.pk],
        "case_unname": [case.reference, near.nobody.pk],
        "case_unbar": [case.reference, council.far.nobody.pk],
    }
    return {name: reverse(name, args=arguments.get(name, [])) for name in NAMES}


def test_every_address_is_on_the_list() -> None:
    assert sorted(EXPECTED) == sorted(NAMES)
    assert len(NAMES) == len(set(NAMES))


@pytest.mark.usefixtures("plain_refusals")
@pytest.mark.policy("CLS-1")
@pytest.mark.parametrize("method", ["get", "post"])
def test_each_page_for_each_person(council: Council, method: str) -> None:
    paths = addresses(council)
    people = council.everyone()
    assert set(people) == EVERYONE
    wrong = []
    for who, user in people.items():
        client = Client()
        client.force_login(user)
        for name, path in paths.items():
            before = Entry.objects.count()
            point = transaction.savepoint()
            response = getattr(client, method)(path)
            after = Entry.objects.count()
            transaction.savepoint_rollback(point)
            may_get, may_post = EXPECTED[name]
            taken = may_get if method == "get" else may_post
            allowed = who in (taken or set())
            if taken is None:
                fine = response.status_code == 405
            elif name == "people" and not allowed:
                fine = response.status_code == 302 and response["Location"] == reverse("my_details")
            elif allowed:
                fine = response.status_code in (200, 302, 409)
            else:
                fine = response.status_code in (403, 404) and after == before
            if not fine:
                wrong.append(f"{who} {method} {name}: {response.status_code}")
    assert wrong == []


@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_comes_in_without_signing_in(council: Council, method: str) -> None:
    client = Client()
    for name, path in addresses(council).items():
        response = getattr(client, method)(path)
        assert response.status_code == 302, name
        assert response["Location"].startswith(reverse("account_login")), name


def test_rows_of_another_case_or_office_are_not_found(council: Council) -> None:
    mine, other = case_of(council.near), case_of(council.near)
    person = other.people.get(relationship="parent")
    client = Client()
    client.force_login(council.near.worker)
    for name, pk in (
        ("case_person_change", person.pk),
        ("case_address_add", person.pk),
        ("case_address_verify", person.addresses.get().pk),
        ("case_address_replace", person.addresses.get().pk),
    ):
        for method in ("get", "post"):
            assert getattr(client, method)(reverse(name, args=[mine.reference, pk])).status_code == 404, name
    client.force_login(council.system)
    grant = RoleGrant.objects.get(user=council.far.admin)
    assert client.get(reverse("role_end", args=[council.near.admin.pk, grant.pk])).status_code == 404
    team = Team.objects.create(office=council.far.office, name="West")
    assert client.get(reverse("team_rename", args=["near", team.pk])).status_code == 404
    client.force_login(council.near.manager)
    slot = DutySlot.objects.get(office=council.far.office)
    assert client.get(reverse("rota_remove", args=["near", slot.pk])).status_code == 404
