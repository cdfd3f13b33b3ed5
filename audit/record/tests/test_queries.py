"""Every page of the record takes the same number of queries for little and for much (issue 6)."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audit.record.actions import retention
from audit.record.actions.access import answer_access
from audit.record.actions.bundles import ask_for_bundle
from audit.record.models import AccessRequest, Bundle, Departure, Disposal, LegalHold, Scope, Verification
from letters.states import State
from letters.tests.work_help import signed_in, url
from postroom.ledger.models import Checkpoint
from postroom.ledger.readings import record_read
from postroom.ledger.sealing import seal
from postroom.outbox.carrier import run_due
from tests.support import world

pytestmark = [pytest.mark.policy("OGP-0"), pytest.mark.django_db(transaction=True)]


def more(desk: world.Desk, governance: Any, times: int) -> None:
    """Checkpoints that left, bundles, requests, holds, disposals, readings: `times` of each."""
    for _ in range(times):
        letter = world.letter_in(desk, State.WITHDRAWN)
        seal(everything=True)
        newest = Checkpoint.objects.order_by("-number")[0]
        Departure.objects.create(number=newest.number, hash=newest.hash, way="mail", place="x", at=timezone.now())
        ask_for_bundle(by=governance, scope=Scope.LETTER, letter=letter)
        case = world.make_case(desk.office, desk.worker)
        answer_access(person=case.people.all()[0], received_on=timezone.localdate(), by=governance)
        retention.set_hold(case=case, why="Claim.", by=governance)
        retention.propose_disposal(what="drafts", by=governance)
        Verification.objects.create(at=timezone.now(), entries=1, readings=0, head="0" * 64, found=0, seconds=0.1)
    run_due()


def pages() -> dict[str, list[Any]]:
    """Each page with what stands in its address: the newest of each."""
    return {
        "home": [],
        "checkpoints": [],
        "checkpoint": [Checkpoint.objects.order_by("-number")[0].number],
        "compare": [],
        "bundles": [],
        "bundle_ask": [],
        "bundle_letter": [Bundle.objects.first().letter.reference],
        "bundle": [Bundle.objects.first().reference],
        "access": [],
        "access_ask": [AccessRequest.objects.first().person_id],
        "access_request": [AccessRequest.objects.first().reference],
        "retention": [],
        "disposal": [Disposal.objects.first().reference],
        "hold_set": [],
        "hold_release": [LegalHold.objects.first().reference],
    }


def counted(client: Client) -> dict[str, int]:
    """Queries by page, on a second look: the first may fill caches."""
    found = {}
    for name, args in pages().items():
        address = reverse(f"record:{name}", args=args)
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200, name
        found[name] = len(queries)
    return found


def test_every_page_of_the_record(desk, governance, settings):
    settings.RETENTION_DRAFT_DAYS = -1
    client = Client()
    client.force_login(governance)
    more(desk, governance, 1)
    few = counted(client)
    more(desk, governance, 5)
    assert counted(client) == few
    assert max(few.values()) < 40, few


def test_a_letters_timeline(desk):
    """Many steps, versions and reads, and few: the same queries."""
    letter = world.letter_in(desk, State.TYPED)
    client = signed_in(desk.worker)
    client.get(url("history", letter))
    with CaptureQueriesContext(connection) as few:
        assert client.get(url("history", letter)).status_code == 200
    letter = world.letter_in(desk, State.UPLOADED)
    for _ in range(10):
        record_read(letter, by=desk.manager, what="page")
    with CaptureQueriesContext(connection) as many:
        assert client.get(url("history", letter)).status_code == 200
    assert len(many) <= len(few) + 1, (len(few), len(many))
