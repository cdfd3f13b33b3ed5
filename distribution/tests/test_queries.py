"""Pages of reports and minutes take the same number of queries however many recipients there are."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

import postroom.people.sessions  # noqa: F401 - its receiver starts the session's clocks, before any middleware is loaded
from distribution import work
from distribution.models import Distribution
from distribution.tests.world import Conference
from letters.routes import Channel
from postroom.cases.models import CasePerson, Relationship
from postroom.people.authority import authority_of
from tests.support import world

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def conference() -> Conference:
    return Conference(world.Desk(world.make_office("riv", "Riverside")))


def many(conference: Conference) -> list[CasePerson]:
    """Five more of each kind that the case has: family in area and out, professionals with their own addresses."""
    case, made = conference.desk.case, []
    for number in range(5):
        made.append(CasePerson.objects.create(case=case, relationship=Relationship.CARER, name=f"Carer {number}"))
        made.append(
            CasePerson.objects.create(
                case=case,
                relationship=Relationship.PROFESSIONAL,
                name=f"Dr Number {number}",
                email=f"n{number}@invented-school.example",
            )
        )
    return made


def in_every_place(conference: Conference, made: Distribution) -> None:
    """Copies of the set stand at different steps, each with guards of its own."""
    items = list(made.items.select_related("person").order_by("pk"))
    for item in items[::2]:
        ready = conference.ready(item)
        if ready.channel == Channel.BY_HAND and item.pk % 4:
            conference.taken_out(ready)


@pytest.mark.parametrize("who", ["worker", "manager", "admin", "safeguarding"])
def test_a_set_at_a_glance(conference: Conference, who: str):
    user = conference.safeguarding if who == "safeguarding" else getattr(conference.desk, who)
    few = conference.issue("minutes", conference.parent, conference.teacher)
    several = conference.issue("minutes", *many(conference), conference.child, conference.teacher)
    in_every_place(conference, few)
    in_every_place(conference, several)
    client = Client()
    client.force_login(user, backend=BACKEND)

    def queries(made: Distribution) -> int:
        path = reverse("distribution:set", args=[made.reference])
        client.get(path)  # the session's own row is written once a minute
        with CaptureQueriesContext(connection) as captured:
            response = client.get(path)
        assert response.status_code == 200
        assert len(response.context["rows"]) == made.items.count()
        return len(captured)

    assert (few.items.count(), several.items.count()) == (2, 12)
    assert queries(few) == queries(several)


@pytest.mark.parametrize("who", ["worker", "manager", "admin"])
def test_my_work(conference: Conference, who: str):
    user = getattr(conference.desk, who)
    away = conference.away

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            lists = work.lists_for(user, authority_of(user))
        assert sum(len(found.rows) for found in lists)
        return len(captured)

    def three_copies() -> None:
        conference.ready(conference.item("minutes", away), Channel.REGISTERED_POST)
        conference.in_state("prepared, approval asked")
        conference.approve(conference.in_state("prepared, approval asked"))

    three_copies()
    few = queries()
    three_copies()
    three_copies()
    assert queries() == few


def test_what_is_stuck_comes_first_on_my_work(conference: Conference):
    for _ in range(work.MOST + 1):
        conference.item("minutes", conference.parent)
    held = conference.in_state("held")
    [mine] = work.lists_for(conference.desk.worker, authority_of(conference.desk.worker))
    assert (len(mine.rows), mine.count) == (work.MOST, work.MOST + 2)
    assert mine.rows[0].href.endswith(f"/{held.reference}/again/")
