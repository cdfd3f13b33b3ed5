"""Each page for bad days by each person of own and other office, GET and POST."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from downtime import actions
from letters.states import State
from tests.access.expected_downtime import EXPECTED
from tests.access.test_letters import Council

HOUR = dt.timedelta(hours=1)


@pytest.mark.django_db
@pytest.mark.policy("CLS-1")
@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_who_may_use_it(name: str) -> None:
    council = Council()
    letter, now = council.bring_to(State.TYPED), timezone.now()
    downtime = actions.open_downtime(
        office=council.near.office, began_at=now - 3 * HOUR, ended_at=now - HOUR, reason="x", by=council.near.manager
    )
    arguments = {"pack": ["near"], "downtime": [downtime.reference], "find": [downtime.reference],
                 "close": [downtime.reference], "enter": [letter.reference]}  # fmt: skip
    path = reverse(f"downtime:{name}", args=arguments.get(name, []))
    posted = {"seen_version": downtime.version, "letter": letter.reference}
    for who, user in council.people.items():
        client = Client()
        client.force_login(user)
        for method, may in zip(("get", "post"), EXPECTED[name], strict=True):
            with transaction.atomic():
                response = getattr(client, method)(path, posted if method == "post" else {})
                transaction.set_rollback(True)
            if may is None:
                assert response.status_code in (404, 405), (who, method)
            elif who in may:
                assert response.status_code in (200, 302), (who, method, response.status_code)
            else:
                assert response.status_code in (403, 404, 405), (who, method, response.status_code)
                assert not any(secret in response.content.decode() for secret in council.secrets()), who
    assert Client().get(path).status_code in (302, 405)
