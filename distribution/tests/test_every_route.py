"""Every row of the route table on real items: document × recipient × channel, at each place on its way, by everybody.

What the policy refuses nobody can choose; what it leaves open goes its whole way, and at each place the steps that
lead outward are open to those that the expectation names, and to nobody else (OGP-7, OGP-8, OGP-9, CLS-6).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

import pytest
from django.apps import apps
from django.db import transaction
from django.urls import NoReverseMatch, reverse

from distribution import actions
from distribution.models import Item
from distribution.policy import can
from distribution.tests.expected_rules import PRODUCT
from distribution.tests.world import Conference, everybody, fresh
from letters.routes import Channel
from letters.tests.expected_routes import expected_rows
from postroom.cases.models import CasePerson
from postroom.people.models import User
from postroom.steps.engine import Seen
from postroom.steps.errors import StepError
from tests.support import world

pytestmark = pytest.mark.django_db
ROWS = [(d, r, c, v, clauses) for d, r, c, v, clauses, _ in expected_rows() if d != "letter"]
OPEN = [row for row in ROWS if row[3] != "refused"]
SHUT = [row for row in ROWS if row[3] == "refused"]
# `make test` goes the whole way of three rows, drawn by a fixed seed; a soak of all.
DRAWN = Random(4).sample(OPEN, 3)
OUTWARD = ("ask_approval", "approve", "release", "take_out", "hand_over", "envelope", "post", "send", "give_password")


@pytest.fixture
def conference() -> Conference:
    return Conference(world.Desk(world.make_office("riv", "Riverside")))


def person_of(conference: Conference, recipient: str) -> CasePerson:
    return {
        "family_in_area": conference.parent,
        "family_out_of_area": conference.away,
        "professional": conference.teacher,
    }[recipient]


def marked(rows: list[tuple[str, str, str, str, tuple[str, ...]]]) -> list[object]:
    """Each row under the clauses that say so."""
    return [
        pytest.param(
            *row[:3],
            marks=[pytest.mark.policy(*row[4]), *([] if row in DRAWN or row in SHUT else [pytest.mark.soak])],
            id=" ".join(row[:3]),
        )
        for row in rows
    ]


def tried(item: Item, by: User, channel: str) -> bool:
    """Could this person choose this way for it?"""
    posted = channel in (Channel.REGISTERED_POST, Channel.POST)
    address = item.person.addresses.filter(retired_at=None).first() if posted else None
    try:
        with transaction.atomic():
            actions.choose_route(item=fresh(item), by=by, seen=Seen.of(fresh(item)), channel=channel, address=address)
            transaction.set_rollback(True)
    except StepError as error:
        assert str(error).endswith(".")  # noqa: PT017
        return False
    return True


@pytest.mark.parametrize(("document", "recipient", "channel"), marked(SHUT))
def test_nobody_can_choose_a_way_that_is_shut(conference: Conference, document: str, recipient: str, channel: str):
    item = conference.item(document, person_of(conference, recipient))
    desk = conference.desk
    for user in (desk.worker, desk.manager, desk.admin, conference.safeguarding):
        assert not tried(item, user, channel), user.name
    assert fresh(item).state == "prepared"
    assert fresh(item).channel != channel


def whole_way(conference: Conference, item: Item, channel: str) -> Iterator[str]:
    """Takes the item from place to place, each named as in the product's table."""

    def ready(item: Item) -> Item:
        return conference.ready(item, channel)

    if channel == Channel.BY_HAND:
        ways: list[tuple[str, Callable[[Item], Item]]] = [
            ("released by hand", ready),
            ("released by hand, out", conference.taken_out),
            ("handed over", conference.handed_over),
        ]
    elif channel == Channel.REGISTERED_POST:
        ways = [
            ("released by post", ready),
            ("released by post, in envelope", conference.in_envelope),
            ("sent by post", conference.posted),
            ("delivered by post", conference._proved),
        ]
    else:
        ways = [
            ("released by e-mail", ready),
            ("sent by e-mail", conference.sent),
            ("delivered by e-mail", conference._password),
        ]
    yield "prepared"
    for place, step in ways:
        item = step(fresh(item))
        yield place


@pytest.mark.parametrize(("document", "recipient", "channel"), marked(OPEN))
def test_an_open_way_goes_to_its_end_by_those_who_may(
    conference: Conference, document: str, recipient: str, channel: str
):
    people = everybody(conference)
    item = conference.item(document, person_of(conference, recipient))
    assert {who for who, user in people.items() if tried(item, user, channel)} == {"worker"}
    places = []
    for place in whole_way(conference, item, channel):
        now = fresh(item)
        for action in OUTWARD:
            found = {who for who, user in people.items() if can(now, user, action)}
            assert found == PRODUCT[place].get(action, set()), f"{action} at {place}"
        places.append(place)
    assert places[-1] in ("handed over", "delivered by post", "delivered by e-mail")


def test_the_rows_are_all_there_are():
    assert len(ROWS) == len(OPEN) + len(SHUT) == 36
    assert {row[:3] for row in ROWS} == {
        (d, r, str(c))
        for d in ("cp_report", "lac_report", "minutes")
        for r in ("family_in_area", "family_out_of_area", "professional")
        for c in Channel
    }


def test_there_is_no_admin_site_to_go_round_by():
    assert not apps.is_installed("django.contrib.admin")
    with pytest.raises(NoReverseMatch):
        reverse("admin:index")
