"""The record's pages in real Chromium, desk, tablet and phone: axe finds nothing, nothing is too wide, errors too."""

from __future__ import annotations

import os
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from audit.record.actions import retention
from audit.record.checking import verify_and_note
from audit.record.models import AccessRequest, Bundle, Disposal, DisposalState
from letters.tests.work_help import url
from postroom.ledger.kept import kind_of
from postroom.ledger.models import Checkpoint
from postroom.outbox.carrier import run_due
from tests.support.browser import axe, become

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.policy("OGP-0")]
TABLET = {"width": 768, "height": 1024}
PAGES = {
    "home": "The record",
    "checkpoints": "Checkpoints",
    "compare": "Compare",
    "bundles": "Audit bundles",
    "bundle_ask": "Export an audit bundle",
    "retention": "Retention",
    "hold_set": "Hold records from being destroyed",
    "access": "Subject access",
}


def shot(page: Page, name: str) -> None:
    """A picture for whoever looks, where POSTROOM_SHOTS names a folder."""
    if folder := os.environ.get("POSTROOM_SHOTS"):
        page.screenshot(path=f"{folder}/record-{name}.png", full_page=True)


def see(page: Page, words: str) -> None:
    """The next page is there when its first heading says so."""
    expect(page.get_by_role("heading", level=1, name=words).first).to_be_visible()


@pytest.mark.soak  # in `make test` a sample of all pages is opened (tests/look), and these on their journeys below
@pytest.mark.parametrize("width", ["page", "phone"])
def test_every_page_of_the_record(request: Any, live_server: Any, letter: Any, governance: Any, width: str):
    page: Page = request.getfixturevalue(width)
    verify_and_note()
    become(page, live_server.url, governance)
    for name, heading in PAGES.items():
        page.goto(live_server.url + reverse(f"record:{name}"))
        see(page, heading)
        axe(page)
        shot(page, f"{width}-{name}")
    newest = Checkpoint.objects.order_by("-number")[0].number
    page.goto(live_server.url + reverse("record:checkpoint", args=[newest]))
    see(page, f"Checkpoint {newest}")
    axe(page)
    shot(page, f"{width}-checkpoint")
    for name, button in (("compare", "Compare"), ("bundle_ask", "Make the bundle"), ("access", "Find")):
        page.goto(live_server.url + reverse(f"record:{name}"))
        page.get_by_role("button", name=button, exact=True).click()
        expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
        axe(page)


@pytest.mark.policy("CLS-1")
def test_a_bundle_a_disposal_and_an_access_request(
    page: Page, phone: Page, live_server: Any, letter: Any, desk: Any, governance: Any, dam: Any, settings: Any
):
    """Governance on a tablet asks, proposes and gathers; the District Admin Manager decides on a phone."""
    settings.RETENTION_DRAFT_DAYS = -1
    page.set_viewport_size(TABLET)
    become(page, live_server.url, governance)
    page.goto(live_server.url + reverse("record:bundle_letter", args=[letter.reference]))
    page.get_by_role("button", name="Make the bundle").click()
    expect(page.get_by_text("It is being made.")).to_be_visible()
    axe(page)
    run_due()
    bundle = Bundle.objects.get()
    page.goto(live_server.url + reverse("record:bundle", args=[bundle.reference]))
    axe(page)  # before the download: after it the page is still there, but a click on a link was its last
    with page.expect_download() as loading:
        page.locator("a", has_text="Download").click()
    assert loading.value.path().read_bytes().startswith(b"PK")
    shot(page, "tablet-bundle")
    a_disposal(page, phone, live_server, governance, dam)
    an_access_request(page, live_server, desk)


def a_disposal(page: Page, phone: Page, live_server: Any, governance: Any, dam: Any) -> None:
    page.goto(live_server.url + reverse("record:retention"))
    page.get_by_role("button", name="Propose it for disposal: Drafts").click()
    see(page, "Disposal")
    expect(page.get_by_text("The list is made.")).to_be_visible()
    axe(page)
    shot(page, "tablet-disposal")
    disposal = Disposal.objects.get()
    become(phone, live_server.url, dam)
    phone.goto(live_server.url + "/")
    expect(phone.get_by_role("heading", name="Disposals to decide on")).to_be_visible()
    shot(phone, "phone-my-work")
    phone.get_by_role("button", name="Look, and decide").click()
    see(phone, "Disposal")
    axe(phone)
    phone.get_by_role("button", name="Decide").click()
    expect(phone.get_by_role("link", name="Choose what you decide")).to_be_visible()
    axe(phone)
    phone.get_by_label("Destroy them: it can't be undone").check()
    phone.get_by_role("button", name="Decide").click()
    see(phone, "Certificate of destruction")
    axe(phone)
    shot(phone, "phone-certificate")
    assert Disposal.objects.get(pk=disposal.pk).state == DisposalState.DONE
    assert not retention.due(kind_of("drafts")).exists()


def an_access_request(page: Page, live_server: Any, desk: Any) -> None:
    page.goto(live_server.url + reverse("record:access"))
    page.get_by_label("Name, or ICS number").fill(desk.parent.name)
    page.get_by_role("button", name="Find", exact=True).click()
    expect(page.get_by_role("heading", name="Found")).to_be_visible()
    axe(page)
    shot(page, "tablet-access-found")
    page.get_by_role("link", name=desk.parent.name).click()
    see(page, "Gather what is held")
    axe(page)
    today = timezone.localdate()
    for part, value in (("day", today.day), ("month", today.month), ("year", today.year)):
        page.locator(f"input[name=received_on_{part}]").fill(str(value))
    page.get_by_role("button", name="Gather it").click()
    expect(page.get_by_text("It is being gathered.")).to_be_visible()
    axe(page)
    run_due()
    made = AccessRequest.objects.get()
    page.goto(live_server.url + reverse("record:access_request", args=[made.reference]))
    axe(page)
    with page.expect_download() as loading:
        page.locator("a", has_text="Download").click()
    assert loading.value.path().read_bytes().startswith(b"PK")
    shot(page, "tablet-access")


@pytest.mark.parametrize("width", ["page", pytest.param("phone", marks=pytest.mark.soak)])
def test_a_letters_timeline_with_who_read_it(request: Any, live_server: Any, letter: Any, desk: Any, width: str):
    page: Page = request.getfixturevalue(width)
    become(page, live_server.url, desk.worker)
    page.goto(live_server.url + url("letter", letter))
    page.goto(live_server.url + url("history", letter))
    see(page, "History of letter")
    axe(page)
    shot(page, f"{width}-history")
    page.get_by_label("What changed").uncheck()
    page.get_by_role("button", name="Show these").click()
    page.wait_for_url("**show=**")
    expect(page.get_by_label("What changed")).not_to_be_checked()
    axe(page)
    shot(page, f"{width}-history-filtered")
