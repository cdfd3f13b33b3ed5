"""The network is cut in the middle: nothing typed is lost, nothing is done twice."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Error, Page, Route, expect

from letters.models import Check, WorkingText
from letters.states import State
from letters.tests.work_help import url
from postroom.ledger.models import Entry
from tests.journeys.conftest import make_desk
from tests.support import world
from tests.support.browser import become
from tests.support.world import Desk

pytestmark = [pytest.mark.browser, pytest.mark.soak, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def desk(transactional_db: None) -> Desk:
    return make_desk("paper")


@pytest.mark.policy("OGP-2")
def test_what_is_typed_while_the_network_is_away_is_kept_once_it_is_back(
    page: Page, live_server: Any, desk: Desk
) -> None:
    letter = world.hand_over(desk)
    become(page, live_server.url, desk.admin)
    page.goto(live_server.url + url("type", letter))
    said = page.locator("[data-saved]")
    subject = page.get_by_label("Subject line")
    subject.fill("Before the cut")
    expect(said).to_contain_text("Saved ", timeout=30_000)
    page.context.set_offline(True)
    subject.fill("Before the cut, and after it")
    expect(said).to_contain_text("Not saved: no connection", timeout=30_000)
    assert WorkingText.objects.get(letter=letter).fields["subject"] == "Before the cut"
    page.context.set_offline(False)
    expect(said).to_contain_text("Saved ", timeout=90_000)
    expect(subject).to_have_value("Before the cut, and after it")
    kept = WorkingText.objects.get(letter=letter)
    assert kept.fields["subject"] == "Before the cut, and after it"


def answer_lost(route: Route) -> None:
    """The server gets it and does it; the answer never arrives."""
    if route.request.method != "POST":
        route.fallback()
        return
    route.fetch(max_redirects=0)
    route.abort("connectionreset")


def press(page: Page, name: str) -> None:
    """Press a button whose page may never come."""
    button = page.get_by_role("button", name=name, exact=True)
    try:
        with page.expect_navigation(timeout=10_000):
            button.click(no_wait_after=True)
    except Error:
        pass


@pytest.mark.policy("OGP-3a")
def test_a_check_whose_answer_is_lost_is_made_once(page: Page, live_server: Any, desk: Desk) -> None:
    letter = world.letter_in(desk, State.TYPED)
    address = live_server.url + url("check", letter)
    become(page, live_server.url, desk.worker)
    page.goto(address)
    page.get_by_label("The address is correct").check()
    page.get_by_label("The body is correct").check()
    # First it doesn't even reach the server: nothing is checked.
    page.context.set_offline(True)
    page.get_by_role("button", name="Confirm", exact=True).click(no_wait_after=True)
    expect(page.get_by_role("alert").filter(has_text="nothing was sent")).to_be_visible()
    expect(page.get_by_label("The body is correct")).to_be_checked()
    page.context.set_offline(False)
    assert world.fresh(letter).state == State.TYPED
    # Then the answer is lost, and the same is sent once more with what the page had seen.
    page.goto(address)
    page.get_by_label("The address is correct").check()
    page.get_by_label("The body is correct").check()
    seen = page.locator("main form").first.evaluate("form => Object.fromEntries(new FormData(form))")
    page.route("**/check/", answer_lost)
    press(page, "Confirm")
    page.unroute("**/check/")
    assert world.fresh(letter).state == State.WORKER_CHECKED
    again = page.request.post(address, form={**seen, "then": "letter"}, headers={"Referer": address})
    assert again.status == 409
    assert Check.objects.filter(letter=letter).count() == 1
    assert Entry.objects.filter(subject=letter.ledger_subject, action="check").count() == 1


@pytest.mark.policy("OGP-6")
def test_a_posting_whose_answer_is_lost_is_recorded_once(page: Page, live_server: Any, desk: Desk) -> None:
    letter = world.letter_in(desk, State.ENVELOPED)
    address = live_server.url + url("post", letter)
    become(page, live_server.url, desk.admin)
    page.goto(address)
    page.get_by_label("Second class").check()
    seen = page.locator("main form").first.evaluate("form => Object.fromEntries(new FormData(form))")
    page.route("**/post/", answer_lost)
    press(page, "It is in the post")
    page.unroute("**/post/")
    assert world.fresh(letter).state == State.POSTED
    again = page.request.post(address, form=seen, headers={"Referer": address})
    assert again.status == 409
    assert Entry.objects.filter(subject=letter.ledger_subject, action="post").count() == 1
    page.goto(live_server.url + url("letter", letter))
    expect(page.get_by_role("main")).to_contain_text("Posted")
