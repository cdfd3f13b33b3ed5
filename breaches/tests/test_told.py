"""What a page that refuses gives away, and what the history says (OGP-12, OGP-0)."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from django.urls import reverse

import postroom.people.sessions  # noqa: F401 - its receiver starts the session's clocks
from breaches import actions
from breaches.duties import Duty
from breaches.presenters import timeline
from breaches.tests.scene import Scene
from postroom.ledger.models import Entry
from postroom.people.models import User
from postroom.steps.engine import Seen
from postroom.steps.errors import InvalidStep

pytestmark = [pytest.mark.django_db, pytest.mark.policy("OGP-12")]


@pytest.fixture
def scene() -> Scene:
    return Scene()


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.mark.parametrize("page", ["facts", "aware", "more", "involve", "assess", "close", "notify", "cause"])
def test_an_old_page_sent_again_tells_a_reporter_nothing_of_the_history(scene: Scene, page: str):
    breach = scene.reported()
    breach = actions.change_aware(
        breach=breach, by=scene.ig, seen=Seen.of(breach), aware_at=breach.aware_at, reason="A secret reason."
    )
    client = signed_in(scene.desk.other_worker)  # who reported it
    answer = client.post(reverse(f"breaches:{page}", args=[breach.reference]), {"seen_version": 1, "seen_hash": ""})
    assert answer.status_code in (403, 409)
    assert "secret reason" not in answer.content.decode()


@pytest.mark.policy("OGP-0")
def test_the_history_says_which_duty_phase_person_and_case(scene: Scene):
    breach = scene.done(scene.reported(), Duty.GOVERNANCE)
    breach = actions.name_involved(
        breach=breach, by=scene.ig, seen=Seen.of(breach), person=scene.desk.worker, how="Took the letter."
    )
    breach = actions.name_people(breach=breach, by=scene.ig, seen=Seen.of(breach), people=[scene.desk.parent])
    with pytest.raises(InvalidStep, match="on the list already"):
        actions.name_people(breach=breach, by=scene.ig, seen=Seen.of(breach), people=[scene.desk.parent])
    with pytest.raises(InvalidStep, match="Leave the case in"):
        actions.amend(breach=breach, by=scene.ig, seen=Seen.of(breach), facts={"cases": [scene.far.case]})
    both = [scene.desk.case, scene.far.case]
    breach = actions.amend(breach=breach, by=scene.ig, seen=Seen.of(breach), facts={"cases": both, "what": "Both."})
    details = json.loads(Entry.objects.get(subject=breach.ledger_subject, action="amend").payload)
    assert details["cases"] == sorted(case.reference for case in both)
    breach = scene.decided(scene.referred(scene.advised(breach)))
    said = [event.title for event in timeline(breach)]
    assert said == [
        "Decided by both: not to report it to the Commissioner",
        "Decision written by the first of the two",
        "Data Protection Officer's advice given",
        "Data Protection Officer asked",
        "Risk assessed: likelihood 3, severity 3",
        "Reported to the Commissioner, phase 1",
        "Notification to the Commissioner made, phase 1",
        "Data Protection Officer's advice given",
        "Data Protection Officer asked",
        "Facts put right: what happened, its cases",
        "People whose data it was named: 1 person",
        f"A person involved was named: {scene.desk.worker.name}",
        "Duty done: Tell the Governance Team",
        "Reported",
    ]
