"""What a recipient signs on the screen, and what a set says at a glance of those who get none (OGP-7, OGP-9)."""

from __future__ import annotations

import base64
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

import postroom.people.sessions  # noqa: F401 - its receiver starts the session's clocks, before any middleware is loaded
from distribution import actions
from distribution.models import Handover, Item
from distribution.tests.world import Conference, drawn, fresh
from postroom.ledger.models import Reading
from postroom.people.models import User
from postroom.steps.engine import Seen
from tests.support import world
from tests.support.browser import axe, become

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
HAND = pytest.mark.policy("OGP-7", "OGP-9")


@pytest.fixture
def conference() -> Conference:
    return Conference(world.Desk(world.make_office("riv", "Riverside")))


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def posted(item: Item, user: User, signature: str) -> Any:
    """The page at the door, sent with this in its hidden field."""
    now = timezone.localtime()
    parts = {"on_day": now.day, "on_month": now.month, "on_year": now.year, "clock": f"{now:%H:%M}"}
    seen = {"seen_version": item.version, "seen_hash": item.content_hash}
    entries = {"known_by": "personally", "where": "home", "own_hands": "on", "signature": signature}
    return signed_in(user).post(reverse("distribution:hand_over", args=[item.reference]), seen | entries | parts)


def as_field(picture: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(picture).decode()


@HAND
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("signature", "kept"),
    [("", False), (as_field(drawn()), True), (as_field(drawn(stroke=False)), False)],
    ids=["without scripts, or left empty", "signed", "a picture of nothing"],
)
def test_a_signature_is_kept_where_there_is_one(signature: str, kept: bool, conference: Conference) -> None:
    item, worker = fresh(conference.in_state("released by hand, out")), conference.desk.worker
    assert posted(item, worker, signature).status_code == 302
    assert (Handover.objects.get(item=item).signature is not None) is kept
    address = reverse("distribution:signature", args=[item.reference])
    page = signed_in(worker).get(reverse("distribution:item", args=[item.reference])).content.decode()
    assert (address in page) is kept
    answer = signed_in(worker).get(address)
    assert answer.status_code == (200 if kept else 404)
    if kept:
        assert (answer["Content-Type"], answer["Cache-Control"]) == ("image/png", "private, no-store")
        assert Reading.objects.filter(subject=item.ledger_subject, what="signature").count() == 1


@HAND
@pytest.mark.django_db
@pytest.mark.parametrize("junk", ["x", "data:image/png;base64,AAAA", as_field(drawn()[:200]), "data:text/html,hello"])
def test_what_is_no_picture_is_refused_and_nothing_is_handed_over(junk: str, conference: Conference) -> None:
    item = fresh(conference.in_state("released by hand, out"))
    answer = posted(item, conference.desk.worker, junk)
    assert answer.status_code == 422
    assert "The signature could not be read" in answer.content.decode()
    assert fresh(item).state == "released"


@pytest.mark.policy("OGP-9")
@pytest.mark.django_db
def test_a_set_says_why_somebody_gets_none_or_waits(conference: Conference) -> None:
    made = conference.issue("minutes", conference.parent, conference.child, conference.teacher)
    aside, held, last = made.items.order_by("pk")
    manager = conference.desk.manager
    held = actions.hold(item=conference.ready(held), reason="First reason.")
    actions.set_aside(item=aside, by=manager, seen=Seen.of(aside), reason="They died on Sunday.")
    page = signed_in(manager).get(reverse("distribution:set", args=[made.reference])).content.decode()
    assert re.search(r"Set aside.*?They died on Sunday\.", page, re.DOTALL)
    assert re.search(r"On hold.*?First reason\.", page, re.DOTALL)
    assert "recipients are settled" in page
    for item in (held, last):
        now = fresh(item)
        actions.set_aside(item=now, by=manager, seen=Seen.of(now), reason="No right to it.")
    page = signed_in(manager).get(reverse("distribution:set", args=[made.reference])).content.decode()
    assert "First reason." not in page
    assert "Every recipient has theirs, or was set aside with a reason." in page


def stroke(page: Page) -> None:
    """A finger, down, across and up."""
    pad = page.locator("canvas")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    finger = page.context.new_cdp_session(page)
    points = [(box["x"] + 30 + 20 * n, box["y"] + 40 + 5 * n) for n in range(6)]
    for kind, place in [("touchStart", points[0]), *(("touchMove", p) for p in points[1:])]:
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": place[0], "y": place[1]}]})
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


@HAND
@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_signed_with_a_finger_and_kept_when_the_page_comes_back(
    conference: Conference, live_server: Any, phone: Page
) -> None:
    item, worker = conference.in_state("released by hand, out"), conference.desk.worker
    become(phone, live_server.url, worker)
    phone.goto(live_server.url + reverse("distribution:hand_over", args=[item.reference]))
    said, field = phone.locator("[data-sign-said]"), phone.locator("input[name=signature]")
    expect(said).to_have_text("Nothing is signed.")
    phone.locator("canvas").tap()
    expect(field).to_have_value("")
    stroke(phone)
    expect(said).to_have_text("Signed.")
    first = field.input_value()
    with phone.expect_navigation():
        phone.get_by_role("button", name="I have handed it over").click()
    expect(phone.get_by_role("alert")).to_be_visible()
    expect(said).to_have_text("Signed.")
    assert field.input_value() == first
    axe(phone)
    phone.get_by_role("button", name="Clear the signature").focus()  # by keyboard
    phone.keyboard.press("Enter")
    expect(said).to_have_text("Nothing is signed.")
    stroke(phone)
    for label in ("I know them", "At their home", "I put it into the person's own hands"):
        phone.get_by_label(label).check()
    with phone.expect_navigation():
        phone.get_by_role("button", name="I have handed it over").click()
    picture = phone.get_by_role("img", name="signed on the screen")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.complete && image.naturalWidth") == 640
    axe(phone)
    assert Handover.objects.get(item=item).signature is not None
