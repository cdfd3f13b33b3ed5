"""The worker's pages in real Chromium: axe on each and on its errors, on a desk, on a phone, without scripts."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from letters import actions
from letters.models import Letter
from letters.states import State
from letters.tests.work_help import url
from postroom.steps.engine import Seen
from tests.support import world
from tests.support.browser import axe, become

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def second_version(desk: world.Desk) -> Letter:
    """A letter that the worker saw, sent back, and has to check again."""
    letter = world.letter_in(desk, State.TYPED)
    letter = actions.return_for_retyping(letter=letter, by=desk.worker, seen=Seen.of(letter), reason="It was Tuesday.")
    new = world.typed(world.BODY.replace("Monday", "Tuesday"), enclosures=(("Map", 1),))
    return actions.type_letter(letter=letter, by=desk.admin, seen=Seen.of(letter), typed=new)


def printed(desk: world.Desk) -> Letter:
    """Checked, with a print to sign."""
    letter = world.letter_in(desk, State.WORKER_CHECKED)
    return actions.print_letter(letter=letter, by=desk.admin, seen=Seen.of(letter))


@pytest.mark.parametrize("width", [pytest.param("page", marks=pytest.mark.soak), "phone"])
def test_every_page_and_error_passes_axe(request, live_server, width):
    page: Page = request.getfixturevalue(width)
    desk = world.Desk(world.make_office("riv", "Riverside"))
    again, to_sign = second_version(desk), printed(desk)
    signed, posted = world.letter_in(desk, State.SIGNED), world.letter_in(desk, State.POSTED)
    withdrawn, drafted = world.letter_in(desk, State.WITHDRAWN), world.letter_in(desk, State.DRAFTED)
    visits = [
        (desk.worker, "/"),
        (desk.admin, "/"),
        (desk.duty, "/"),
        (world.make_user("Sy Admin", None, world.Role.SYSTEM_ADMINISTRATOR), "/"),
        (desk.worker, "/find/"),
        (desk.admin, "/waiting/type/"),
        *((desk.worker, url("letter", letter)) for letter in (again, to_sign, signed, posted, withdrawn, drafted)),
        (desk.worker, url("history", again)),
        (desk.worker, url("sign", to_sign)),
        (desk.manager, url("pp", to_sign)),
        (desk.admin, url("check", again)),  # 403
        (desk.worker, url("check", posted)),  # 409
    ]
    for user, address in visits:
        become(page, live_server.url, user)
        page.goto(live_server.url + address)
        axe(page)
    for user, address in (
        (desk.worker, url("check", again)),
        (desk.worker, url("send_back", again)),
        (desk.worker, url("withdraw", again)),
        (desk.admin, url("confirm_signature", signed)),
    ):
        become(page, live_server.url, user)
        page.goto(live_server.url + address)
        axe(page)
        page.locator("main form button[type=submit]").first.click()
        expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
        axe(page)


@pytest.mark.parametrize("browser_kind", ["plain", "phone"])
@pytest.mark.policy("OGP-3a")
def test_the_worker_checks_one_after_another_and_signs_with_and_without_scripts(request, live_server, browser_kind):
    page: Page = request.getfixturevalue(browser_kind)
    desk = world.Desk(world.make_office("fen", "Fenland", "screen"))
    first, second = world.letter_in(desk, State.TYPED), world.letter_in(desk, State.TYPED)
    become(page, live_server.url, desk.worker)
    page.goto(live_server.url)
    page.get_by_role("button", name="Check one after another").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Check the letter to")
    page.get_by_label("The address is correct").check()
    page.get_by_label("The body is correct").check()
    page.get_by_role("button", name="Confirm, then sign").click()
    page.get_by_role("button", name="Sign this letter").click()
    # Walking on: the second letter, sent back with the right words.
    expect(page.locator("main")).to_contain_text(second.reference)
    page.get_by_role("button", name="Something is wrong").click()
    page.get_by_label("What is wrong?").fill("It was Tuesday.")
    page.get_by_role("button", name="Send it back to admin").click()
    expect(page.locator("main")).to_contain_text("You have checked every letter that waited for you.")
    assert (world.fresh(first).state, world.fresh(second).state) == (State.SIGNED, State.DRAFTED)
