"""Each page of reports and minutes by each person of own and other office, GET and POST (CLS-1, OGP-7 to OGP-9)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse
from django.utils import timezone

import postroom.people.sessions  # noqa: F401 - its receiver starts the session's clocks, before any middleware is loaded
from distribution import urls
from distribution.models import Distribution, Item, OfficeMail, Receipt
from distribution.tests.world import TRACKING, Conference, pdf
from letters.models import EnvelopeStock
from postroom.ledger.models import Entry
from postroom.outbox.models import Job, JobState
from postroom.people.models import User
from postroom.people.roles import Role
from tests.access.expected_distribution import COUNCIL, DESK, EVERYONE, PAGES
from tests.support import world

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def conference() -> Conference:
    return Conference(world.Desk(world.make_office("riv", "Riverside")))


@pytest.fixture
def people(conference: Conference) -> dict[str, User]:
    far = world.Desk(world.make_office("hill", "Hillside"))
    found = {name: getattr(conference.desk, name) for name in DESK}
    found |= {f"far.{name}": getattr(far, name) for name in ("worker", "manager", "admin")}
    found |= {role: world.make_user(f"Con {role}", None, Role(role)) for role in COUNCIL}
    found["safeguarding"] = conference.safeguarding
    assert set(found) == EVERYONE
    return found


def parts(name: str, day: dt.date) -> dict[str, Any]:
    """A date as its three boxes post it."""
    return {f"{name}_day": day.day, f"{name}_month": day.month, f"{name}_year": day.year}


def entries(name: str, conference: Conference, item: Item | None) -> dict[str, Any]:
    """What a whole, valid POST of that page holds."""
    today, now = timezone.localdate(), timezone.localtime()
    file = SimpleUploadedFile("report.pdf", pdf("Another version."), "application/pdf")
    seen = {"seen_version": item.version, "seen_hash": item.content_hash} if item else {}
    ticks = dict.fromkeys(("contents_checked", "new_envelope", "return_mark_on", "initials_written"), "on")
    of_page: dict[str, dict[str, Any]] = {
        "find_case": {"number": conference.child.ics_number},
        "issue": {
            "document": "minutes", **parts("meeting_on", today), "recipients": [conference.parent.pk], "file": file,
        },
        "add_recipient": {"person": conference.parent.pk},
        "version": {"file": file, "redaction_confirmed": "on"},
        "ready": {"channel": "by_hand", "basis": "subject", "version_confirmed": "on"},
        "release": {"version_confirmed": "on"},
        "decide": {"sent": "yes", "reason": "They said so."},
        "password": {"how": "phone", "recipient_known": "on"},
        "again": {"reason": "A new version."},
        "approve": {"answer": "approve", "reason": "They moved.", **parts("until", today)},
        "take_out": {"lockable_bag": "on"},
        "hand_over": {
            "known_by": "personally", "where": "home", **parts("on", today), "clock": f"{now:%H:%M}", "own_hands": "on",
        },
        "not_possible": {"reason": "Nobody was in."},
        "envelope": {"stock": EnvelopeStock.objects.get(slug="dl").pk, "sheets": 2, **ticks},
        "post": {**parts("posted_on", today), "tracking_number": TRACKING, "special_delivery": "on"},
        "delivery": {**parts("delivered_on", today), "delivered_time": "00:00", "printed_name": "F WAY"},
        "returned": {"reason": "Gone away."},
        "upload": {"ics_reference": "ICS-1"},
        "set_aside": {"reason": "Has no right to it."},
        "office_mail": {"sender": "post@council.example", "allowed_domains": "school.example", "secure_domains": ""},
    }  # fmt: skip
    return seen | of_page.get(name, {})


@pytest.mark.usefixtures("plain_refusals")
@pytest.mark.policy("CLS-1", "OGP-7", "OGP-8", "OGP-9")
@pytest.mark.parametrize("name", PAGES)
def test_page(name: str, conference: Conference, people: dict[str, User]):
    at, may_get, may_post = PAGES[name]
    item = conference.in_state(at) if at else None
    made = item.distribution if item else conference.issue("minutes", conference.child)
    if at == "uncertain":
        Job.objects.filter(kind="item_email").update(
            state=JobState.UNCERTAIN, attempted_at=timezone.now(), lease_token=None
        )
    address = address_of(name, conference, made, item)
    wrong = []
    for who, user in people.items():
        client = Client()
        client.force_login(user, backend=BACKEND)
        shown = client.get(address)
        if (shown.status_code in (200, 302)) is not (who in may_get):
            wrong.append(f"GET {who}: {shown.status_code}")
        if who not in may_get:
            assert shown.status_code in (403, 404), who
            assert_tells_nothing(shown, conference)
        if may_post is None:
            continue
        state = snapshot(item)
        with transaction.atomic():
            answer = client.post(address, entries(name, conference, item))
            if (answer.status_code == 302) is not (who in may_post):
                wrong.append(f"POST {who}: {answer.status_code}")
            if who not in may_post:
                assert snapshot(item) == state
                assert_tells_nothing(answer, conference)
            transaction.set_rollback(True)
    assert not wrong
    if may_post is None:
        assert Client().post(address).status_code in (302, 405)
    assert Client().get(address).status_code == 302


def address_of(name: str, conference: Conference, made: Distribution, item: Item | None) -> str:
    arguments: dict[str, list[str]] = {
        "sets": [],
        "find_case": [],
        "mail": [],
        "issue": [conference.desk.case.reference],
        "office_mail": [conference.desk.office.code],
    }
    if name == "receipt":
        assert item is not None
        arguments["receipt"] = [item.reference, str(Receipt.objects.get(item=item).pk)]
    return reverse(f"distribution:{name}", args=arguments.get(name, [item.reference if item else made.reference]))


def snapshot(item: Item | None) -> tuple[Any, ...]:
    """What a refused request may not change."""
    counts = (Distribution.objects.count(), Item.objects.count(), Entry.objects.count(), OfficeMail.objects.count())
    return (*counts, *Item.objects.filter(pk=item.pk).values_list("state", "version")) if item else counts


def assert_tells_nothing(response: HttpResponseBase, conference: Conference) -> None:
    """No name of the case, nor the address, on a page that somebody may not have; a reader may know whose it is."""
    if response.status_code == 403:
        return
    text = getattr(response, "content", b"").decode()
    assert conference.away.name not in text
    assert conference.parent.name not in text
    assert "Faraway" not in text


def test_every_page_is_listed():
    assert {str(pattern.name) for pattern in urls.urlpatterns} == set(PAGES)


def test_an_unknown_or_spoilt_reference_is_not_found(conference: Conference):
    client = Client()
    client.force_login(conference.desk.worker, backend=BACKEND)
    for name in ("item", "item_pdf", "ready", "hand_over", "set"):
        for reference in ("ABCDEFGHJ", "x", "%00", "' OR 1=1"):
            assert client.get(reverse(f"distribution:{name}", args=[reference])).status_code == 404
