"""What a page that refuses, and a page of somebody barred, gives away (OGP-12, CLS-1)."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

import postroom.people.sessions  # noqa: F401 - its receiver starts the session's clocks
from breaches import actions
from breaches.tests.scene import Scene
from postroom.people.models import User
from postroom.steps.engine import Seen

pytestmark = [pytest.mark.django_db, pytest.mark.policy("OGP-12")]


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.mark.parametrize("page", ["facts", "aware", "more", "involve", "assess", "close", "notify", "cause"])
def test_an_old_page_sent_again_tells_a_reporter_nothing_of_the_history(page: str):
    scene = Scene()
    breach = scene.reported()
    breach = actions.change_aware(
        breach=breach, by=scene.ig, seen=Seen.of(breach), aware_at=breach.aware_at, reason="A secret reason."
    )
    client = signed_in(scene.desk.other_worker)  # who reported it
    answer = client.post(reverse(f"breaches:{page}", args=[breach.reference]), {"seen_version": 1, "seen_hash": ""})
    assert answer.status_code in (403, 409)
    assert "secret reason" not in answer.content.decode()
