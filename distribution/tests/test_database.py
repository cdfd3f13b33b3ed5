"""What the database itself refuses: SQL by hand, bulk calls, rows that lie of their recipient (OGP-7, OGP-8, OGP-9).

Every document × recipient × channel × state is written past the engine, by a forger who writes the ledger's entry too
and puts everything else on the row as it should be. What the policy's table refuses must not be storable.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from distribution.models import Distribution, Item
from distribution.states import OUTWARD, State
from distribution.tests.world import Conference, claimed, fresh
from letters.models import EnvelopeStock
from letters.routes import Channel
from letters.tests.expected_routes import expected_rows
from postroom.cases.actions.marking import AddressMarks, mark_address
from postroom.cases.actions.persons import PersonDetails, change_person
from postroom.cases.models import Address, CasePerson, Relationship
from postroom.ledger.recording import SYSTEM, Step, build_entry
from postroom.steps.engine import Seen
from postroom.steps.errors import InvalidStep
from tests.support import world

pytestmark = pytest.mark.django_db
ROWS = [(d, r, c, v, clauses) for d, r, c, v, clauses, _ in expected_rows() if d != "letter"]
FITS = {
    State.RELEASED: set(Channel),
    State.UNCERTAIN: {Channel.SECURE_EMAIL},
    State.SENT: {Channel.SECURE_EMAIL, Channel.REGISTERED_POST},
    State.DELIVERED: {Channel.SECURE_EMAIL, Channel.REGISTERED_POST},
    State.HANDED_OVER: {Channel.BY_HAND},
}


@pytest.fixture
def conference() -> Conference:
    return Conference(world.Desk(world.make_office("riv", "Riverside")))


@contextmanager
def refused() -> Iterator[None]:
    with pytest.raises(IntegrityError), transaction.atomic():
        yield


def person_of(conference: Conference, recipient: str) -> CasePerson:
    """The recipient; out of area only by the address that an item names."""
    return {
        "family_in_area": conference.parent,
        "family_out_of_area": conference.away,
        "professional": conference.teacher,
    }[recipient]


def forged(
    conference: Conference, made: Distribution, person: CasePerson, state: str, channel: str, **over: Any
) -> Item:
    """An item as a forger would write it: whole, in `state`, with a ledger entry of its own. Unsaved."""
    now, today, desk = timezone.now(), timezone.localdate(), conference.desk
    posted = channel == Channel.REGISTERED_POST
    address = person.addresses.get() if posted or person == conference.away else None
    values: dict[str, Any] = {
        "distribution": made,
        "case": made.case,
        "document": made.document,
        "person": person,
        "family": person.is_family,
        "area": "out" if person == conference.away else "in",
        "pdf": made.pdf,
        "pages": 1,
        "content_hash": made.pdf_id,
        "version_hash": made.pdf_id,
        "channel": channel,
        "address": address,
        "email": "head@invented-school.example",
        "right_by": desk.worker,
        "right_at": now,
        "right_basis": "subject",
        "approval_asked_by": desk.worker,
        "approved_by": desk.manager,
        "approved_until": today,
        "released_by": desk.worker,
        "released_at": now,
        "handed_by": desk.worker,
        "handed_at": now,
        "handed_on": today,
        "stock": EnvelopeStock.objects.get(slug="dl"),
        "initialled_by": desk.admin,
        "initials": "AA",
        "enveloped_on": today,
        "posted_by": desk.admin,
        "posted_on": today,
        "tracking_number": claimed(person.pk),
        "sent_by": desk.worker,
        "sent_at": now,
    }
    item = Item(**(values | over))
    item.__dict__["state"] = str(state)
    entry, _ = build_entry(item, Step(action="forged", actor=SYSTEM, at=now, to_state=str(state)))
    entry.save(force_insert=True)
    return item


@pytest.mark.policy("OGP-7", "OGP-8", "OGP-9", "CLS-6")
@pytest.mark.parametrize(("document", "recipient", "channel", "verdict", "clauses"), ROWS)
def test_only_open_routes_can_be_stored(
    conference: Conference, document: str, recipient: str, channel: str, verdict: str, clauses: tuple[str, ...]
):
    made = conference.issue(document, conference.child)
    person = person_of(conference, recipient)
    for state in OUTWARD:
        item = forged(conference, made, person, state, channel)
        if verdict != "refused" and Channel(channel) in FITS[state]:
            with transaction.atomic():
                Item.objects.bulk_create([item])
            with refused():  # and it can't be turned into another way afterwards
                Item.objects.filter(pk=item.pk).update(channel=Channel.POST)
            with refused():
                Item.objects.filter(pk=item.pk).delete()
            made = conference.issue(document, conference.child)
        else:
            with refused():
                Item.objects.bulk_create([item])


@pytest.mark.policy("OGP-7", "OGP-8", "OGP-9")
@pytest.mark.parametrize("state", ["sent", "delivered", "released", "uncertain"])
@pytest.mark.parametrize("channel", ["registered_post", "secure_email"])
@pytest.mark.parametrize("document", ["cp_report", "lac_report", "minutes"])
def test_a_row_that_lies_of_its_recipient(conference: Conference, document: str, channel: str, state: str):
    made = conference.issue(document, conference.child)
    parent = conference.parent
    address = parent.addresses.get()
    lies: list[dict[str, Any]] = [
        {"family": False},
        {"family": False, "area": "out"},
        {"area": "out", "address": address},
        {"area": "out", "address": conference.away_address},
        {"area": "abroad", "address": None, "service": "Courier"},
        {"document": "minutes", "area": "out", "address": address},
    ]
    for lie in lies:
        with refused():
            Item.objects.bulk_create([forged(conference, made, parent, state, channel, **lie)])
    other = world.make_case(conference.desk.office, conference.desk.worker)
    stranger = other.people.get(relationship=Relationship.PROFESSIONAL)
    with refused():  # somebody of another case
        Item.objects.bulk_create([forged(conference, made, stranger, state, "secure_email")])


@pytest.mark.policy("OGP-7", "OGP-8", "OGP-9")
def test_an_area_that_nobody_confirmed_is_in_area(conference: Conference):
    made = conference.issue("minutes", conference.child)
    Address.objects.filter(pk=conference.away_address.pk).update(area_confirmed_on=None, area_confirmed_by=None)
    with refused():
        Item.objects.bulk_create([forged(conference, made, conference.away, "sent", "registered_post")])
    honest = forged(conference, made, conference.away, "sent", "registered_post", area="in")
    with refused():
        Item.objects.bulk_create([honest])


@pytest.mark.policy("OGP-7", "OGP-8", "OGP-9")
def test_the_sources_can_t_be_turned_afterwards(conference: Conference):
    """Neither kind nor area turn under what was sent on their word: the row would lie from then on."""
    sent = conference.in_state("sent by e-mail")
    with refused():
        CasePerson.objects.filter(pk=conference.teacher.pk).update(email="", mobile="", relationship="parent")
    posted = conference.in_state("sent by post")
    for change in ({"area": "in"}, {"area_confirmed_by": None, "area_confirmed_on": None}):
        with refused():
            Address.objects.filter(pk=conference.away_address.pk).update(**change)
    assert (fresh(sent).family, fresh(posted).area) == (False, "out")


@pytest.mark.policy("OGP-7", "OGP-8")
def test_who_tries_to_turn_them_is_told_what_to_do(conference: Conference):
    """The verbs of a case say it in a sentence before the database refuses."""
    conference.in_state("sent by post")
    conference.in_state("sent by e-mail")
    case, worker = conference.desk.case, conference.desk.worker
    case.refresh_from_db()
    marks = replace(AddressMarks.of(conference.away_address), area="in")
    with pytest.raises(InvalidStep, match="enter it anew"):
        mark_address(
            case=case, address=conference.away_address, marks=marks, by=worker, seen=Seen.of(case), reason="A mistake."
        )
    details = PersonDetails(relationship="parent", name=conference.teacher.name)
    with pytest.raises(InvalidStep, match="add them anew"):
        change_person(case=case, person=conference.teacher, details=details, by=worker, seen=Seen.of(case))


@pytest.mark.policy("OGP-7", "OGP-9")
def test_no_move_without_the_ledger_and_none_past_the_table(conference: Conference):
    item = conference.in_state("released by hand")
    for state in ("handed_over", "sent", "delivered", "uncertain", "held", "set_aside", "prepared", "unheard_of"):
        with refused(), connection.cursor() as cursor:
            cursor.execute("UPDATE distribution_item SET state = %s WHERE id = %s", [state, item.pk])
    for column, value in (("person_id", conference.teacher.pk), ("document", "minutes"), ("reference", "ABCDEFGHJ")):
        with refused(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE distribution_item SET {column} = %s WHERE id = %s", [value, item.pk])
    with refused(), connection.cursor() as cursor:
        cursor.execute("UPDATE distribution_item SET channel = 'registered_post' WHERE id = %s", [item.pk])
    with refused(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM distribution_item WHERE id = %s", [item.pk])
    with refused():
        Distribution.objects.filter(pk=item.distribution_id).update(document="minutes")


@pytest.mark.policy("OGP-8", "OGP-4b")
@pytest.mark.parametrize(
    "missing",
    [
        {"approved_by": None, "approved_until": None},
        {"tracking_number": ""},
        {"initialled_by": None},
        {"posted_on": None},
        {"approved_by": "worker"},
        {"initialled_by": "worker"},
        {"right_by": None},
        {"version_hash": ""},
        {"approved_until": "yesterday"},
    ],
    ids=lambda given: ",".join(given),
)
def test_minutes_are_not_posted_with_a_step_left_out(conference: Conference, missing: dict[str, Any]):
    made = conference.issue("minutes", conference.child)
    words = {"worker": conference.desk.worker, "yesterday": timezone.localdate() - dt.timedelta(days=1)}
    over = {
        name: words.get(value, value) if isinstance(value, str) and value else value for name, value in missing.items()
    }
    with refused():
        Item.objects.bulk_create([forged(conference, made, conference.away, "sent", "registered_post", **over)])
    Item.objects.bulk_create([forged(conference, made, conference.away, "sent", "registered_post")])


@pytest.mark.policy("OGP-8")
def test_abroad_names_its_service(conference: Conference):
    made = conference.issue("minutes", conference.child)
    Address.objects.filter(pk=conference.away_address.pk).update(area="abroad")
    with refused():
        Item.objects.bulk_create([forged(conference, made, conference.away, "sent", "registered_post", area="abroad")])
    named = forged(
        conference, made, conference.away, "sent", "registered_post", area="abroad", service="International Tracked"
    )
    Item.objects.bulk_create([named])
