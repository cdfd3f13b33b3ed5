"""Each page for bad days by each person of own and other office, GET and POST."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from downtime import actions
from downtime.models import Downtime, LateEntry
from letters.models import Letter
from letters.states import Action, State
from postroom.files.store import store
from postroom.steps.engine import Seen
from tests.access.expected_downtime import EXPECTED
from tests.access.test_letters import Council
from tests.support import world

HOUR = dt.timedelta(hours=1)


def entered_later(council: Council, downtime: Downtime) -> LateEntry:
    """A check of another letter of the same office that was made on paper meanwhile."""
    letter = world.letter_in(council.near, State.TYPED)
    Letter.objects.filter(pk=letter.pk).update(state_since=downtime.began_at)
    actions.enter_later(
        letter=world.fresh(letter),
        downtime=downtime,
        paper=actions.OnPaper(
            action=Action.CHECK,
            by=council.near.worker,
            happened_at=downtime.began_at + HOUR,
            scan=store(world.A_PDF, "application/pdf"),
        ),
        entered_by=council.near.admin,
        seen=Seen.of(world.fresh(letter)),
    )
    return LateEntry.objects.get(letter=letter)


@pytest.mark.usefixtures("plain_refusals")
@pytest.mark.django_db
@pytest.mark.policy("CLS-1")
@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_who_may_use_it(name: str) -> None:
    council = Council()
    letter, now = council.bring_to(State.TYPED), timezone.now()
    downtime = actions.open_downtime(
        office=council.near.office, began_at=now - 3 * HOUR, ended_at=now - HOUR, reason="x", by=council.near.manager
    )
    paper = entered_later(council, downtime)
    arguments = {"scan": [paper.letter.reference, paper.letter_version],
                 "pack": ["near"], "downtime": [downtime.reference], "find": [downtime.reference],
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
