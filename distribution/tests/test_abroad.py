"""Minutes to family abroad: registered post is inland, so its service is named and approved, and no other (OGP-8)."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

import postroom.people.sessions  # noqa: F401 - its receiver starts the session's clocks, before any middleware is loaded
from distribution import actions
from distribution.actions.posting import make_sheets, notes_text
from distribution.documents import text_of
from distribution.models import Item
from distribution.states import State
from distribution.tests.world import TRACKING, Conference, fresh
from letters import actions as letter_actions
from letters.models import EnvelopeStock, Letter
from letters.routes import Channel
from letters.ways import Way
from postroom.cases.actions import add_address, verify_address
from postroom.cases.models import Address, Area
from postroom.files.store import read
from postroom.people.models import User
from postroom.steps.engine import Seen
from postroom.steps.errors import InvalidStep
from tests.support import world

pytestmark = [pytest.mark.django_db, pytest.mark.policy("OGP-8")]
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
SERVICE = "International Tracked and Signed"


@pytest.fixture
def conference() -> Conference:
    made = Conference(world.Desk(world.make_office("riv", "Riverside")))
    case, worker = made.desk.case, made.desk.worker
    lines = "7 rue Lointaine\n44000 NANTES\nFRANCE"
    case = add_address(
        case=case,
        person=made.away,
        lines=lines,
        source="person",
        by=worker,
        seen=Seen.of(case),
        replaces=made.away_address,
    )
    where = Address.objects.get(person=made.away, retired_at=None)
    made.desk.case = verify_address(
        case=case, address=where, source="person", by=worker, seen=Seen.of(case), area="abroad"
    )
    made.away_address = Address.objects.get(pk=where.pk)
    return made


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def asked(conference: Conference) -> Item:
    item = conference.item("minutes", conference.away)
    item = actions.make_ready(
        item=item,
        by=conference.desk.worker,
        seen=Seen.of(item),
        channel=Channel.REGISTERED_POST,
        basis="parental",
        version_confirmed=True,
        address=conference.away_address,
        why_approve="They live in Nantes.",
    )
    assert (item.state, item.area) == (State.PREPARED, Area.ABROAD)
    return item


def decide(conference: Conference, item: Item, service: str) -> int:
    """The manager approves on the page; the answer's status."""
    today = timezone.localdate()
    form = {"seen_version": item.version, "seen_hash": item.content_hash, "answer": "approve", "reason": "I know them."}
    form |= {"until_day": today.day, "until_month": today.month, "until_year": today.year, "service": service}
    path = reverse("distribution:approve", args=[item.reference])
    return signed_in(conference.desk.manager).post(path, form).status_code


def test_no_approval_without_the_service_by_name(conference: Conference):
    item = asked(conference)
    assert decide(conference, item, "  ") == 422
    assert fresh(item).approved_by is None
    assert decide(conference, item, SERVICE) == 302
    assert (fresh(item).approved_by, fresh(item).service) == (conference.desk.manager, SERVICE)


def test_it_goes_by_the_service_approved_and_says_so(conference: Conference):
    item = asked(conference)
    decide(conference, item, SERVICE)
    worker, admin = conference.desk.worker, conference.desk.admin
    item = fresh(item)
    item = actions.release(item=item, by=worker, seen=Seen.of(item), version_confirmed=True)
    item = conference.in_envelope(item)
    assert "FRANCE" in text_of(read(item.cover_id))
    path = reverse("distribution:post", args=[item.reference])
    page = signed_in(admin).get(path).content.decode()
    assert f"The receipt says {SERVICE}" in page
    assert "The receipt says Special Delivery" not in page
    today = timezone.localdate()
    form = {"seen_version": item.version, "seen_hash": item.content_hash, "tracking_number": TRACKING}
    form |= {"posted_on_day": today.day, "posted_on_month": today.month, "posted_on_year": today.year}
    refused = signed_in(admin).post(path, form)
    assert refused.status_code == 422
    assert f"the manager approved {SERVICE} and no other service" in refused.content.decode()
    assert signed_in(admin).post(path, form | {"special_delivery": "on"}).status_code == 302
    item = fresh(item)
    assert item.state == State.SENT
    assert f"{SERVICE} {TRACKING}" in notes_text(item)


def test_no_cover_sheet_abroad_before_the_service_is_approved(conference: Conference):
    with pytest.raises(InvalidStep, match="abroad"):
        make_sheets(asked(conference), EnvelopeStock.objects.get(slug="dl"))


def test_another_address_voids_the_service_with_the_approval(conference: Conference):
    item = asked(conference)
    decide(conference, item, SERVICE)
    item = fresh(item)
    item = actions.choose_route(item=item, by=conference.desk.worker, seen=Seen.of(item), channel=Channel.BY_HAND)
    assert (item.service, item.approved_by, item.area) == ("", None, Area.IN)


def test_the_approval_of_a_service_lapses_like_any_other(conference: Conference):
    item = asked(conference)
    decide(conference, item, SERVICE)
    Item.objects.filter(pk=item.pk).update(approved_until=timezone.localdate() - dt.timedelta(days=1))
    item = fresh(item)
    with pytest.raises(Exception, match="approval"):
        actions.release(item=item, by=conference.desk.worker, seen=Seen.of(item), version_confirmed=True)


def test_a_country_has_to_stand_in_capitals(conference: Conference):
    case = conference.desk.case
    with pytest.raises(InvalidStep, match="capitals"):
        add_address(
            case=case,
            person=conference.parent,
            lines="7 rue Lointaine\n44000 NANTES\nFrance",
            source="person",
            by=conference.desk.worker,
            seen=Seen.of(case),
        )


@pytest.mark.policy("OGP-4a", "CLS-6")
@pytest.mark.parametrize("way", list(Way))
def test_a_letter_abroad_is_refused_when_it_is_handed_over(conference: Conference, way: Way):
    """Before admin types anything, whichever way was chosen: registered post is inland, and none names a service."""
    conference.away.refresh_from_db()
    abroad = {"case": conference.desk.case, "addressee": conference.away, "address": conference.away_address}
    with pytest.raises(InvalidStep, match="letters go to addresses in the United Kingdom only") as refused:
        letter_actions.hand_over(**abroad, by=conference.desk.worker, draft_text="please type", way=way)
    assert refused.value.field == "address"
    assert not Letter.objects.exists()
