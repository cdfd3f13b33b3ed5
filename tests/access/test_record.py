"""Each page of the record by each person of the council, GET and POST, with real ids (CLS-1)."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.record import urls
from audit.record.models import AccessRequest, Bundle, Disposal, LegalHold
from letters import actions
from letters.models import Letter
from postroom.files.store import store
from postroom.ledger.models import Checkpoint, Entry
from postroom.ledger.recording import SYSTEM, record_and_save
from postroom.ledger.sealing import seal
from postroom.people.roles import Role
from tests.access.expected_record import PAGES
from tests.support.council import Council, case_of


def letter_of(council: Council) -> Letter:
    """A letter of near's case, handed over by its worker."""
    case = case_of(council.near)
    parent = case.people.get(relationship="parent")
    address = parent.addresses.get()
    return actions.hand_over(case=case, addressee=parent, address=address, by=council.near.worker, draft_text="x")


def addresses(council: Council) -> dict[str, str]:
    """Each page's address, with real ids."""
    record_and_save(council.near.office, action="rename", actor=SYSTEM)
    seal()
    letter = letter_of(council)
    bundle = Bundle.objects.create(
        scope="everything", asked_by=council.wide[Role.INFORMATION_GOVERNANCE], file=store(b"PK", "application/zip")
    )
    governance = council.wide[Role.INFORMATION_GOVERNANCE]
    disposal = Disposal.objects.create(what="content", proposed_by=governance)
    hold = LegalHold.objects.create(case=letter.case, why="A claim.", set_by=governance)
    asked = AccessRequest.objects.create(
        person=letter.addressee, received_on=timezone.localdate(), answered_by=governance, file=bundle.file
    )
    arguments = {
        "checkpoint": [Checkpoint.objects.order_by("-number")[0].number],
        "bundle_letter": [letter.reference],
        "bundle": [bundle.reference],
        "bundle_file": [bundle.reference],
        "disposal": [disposal.reference],
        "hold_release": [hold.reference],
        "access_ask": [letter.addressee_id],
        "access_request": [asked.reference],
        "access_file": [asked.reference],
    }
    return {name: reverse(f"record:{name}", args=arguments.get(name, [])) for name in PAGES}


def test_every_address_is_on_the_list() -> None:
    assert sorted(PAGES) == sorted(str(pattern.name) for pattern in urls.urlpatterns)


@pytest.mark.usefixtures("plain_refusals")
@pytest.mark.policy("CLS-1")
@pytest.mark.parametrize("method", ["get", "post"])
def test_each_page_for_each_person(council: Council, method: str) -> None:
    paths = addresses(council)
    wrong = []
    for who, user in council.everyone().items():
        client = Client()
        client.force_login(user)
        for name, path in paths.items():
            before = Entry.objects.count()
            point = transaction.savepoint()
            response = getattr(client, method)(path)
            after = Entry.objects.count()
            transaction.savepoint_rollback(point)
            may_get, may_post = PAGES[name]
            allowed = who in (may_get if method == "get" or may_post is None else may_post)
            if (method == "post" and may_post is None) or (method == "get" and not may_get):
                fine = response.status_code == 405
            elif allowed:
                fine = response.status_code in (200, 302, 409)
            else:
                fine = response.status_code in (403, 404) and after == before
            if not fine:
                wrong.append(f"{who} {method} {name}: {response.status_code}")
    assert wrong == []


@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_comes_in_without_signing_in(council: Council, method: str) -> None:
    for name, path in addresses(council).items():
        response = getattr(Client(), method)(path)
        assert response.status_code == 302, name
        assert response["Location"].startswith(reverse("account_login")), name
