"""The pictures of the guides, of real pages in real Chromium; `make pictures` keeps them in docs/guides/pictures."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from letters.states import State
from postroom.help.guides import PICTURES
from tests.support import world
from tests.support.browser import axe, become

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where they go: away with the test, or kept."""
    return PICTURES if os.environ.get("POSTROOM_PICTURES") else tmp_path


def test_pictures(page: Page, phone: Page, live_server: Any, folder: Path) -> None:
    desk = world.Desk(world.make_office("riv", "Riverside"))
    for state in (State.DRAFTED, State.DRAFTED, State.ENVELOPED, State.POSTED):
        world.letter_in(desk, state)
    to_check = world.letter_in(desk, State.TYPED)
    signed = world.sheets_in_hand(desk, world.letter_in(desk, State.SIGNED))

    become(page, live_server.url, desk.admin)
    page.goto(f"{live_server.url}/")
    expect(page.get_by_role("heading", level=1)).to_have_text("My work")
    page.screenshot(path=folder / "my-work.png", clip={"x": 0, "y": 0, "width": 1280, "height": 900}, full_page=True)
    page.goto(f"{live_server.url}/letters/{signed.reference}/envelope/")
    expect(page.get_by_text("on the back of the envelope").first).to_be_visible()
    page.screenshot(path=folder / "envelope.png", full_page=True)
    page.goto(f"{live_server.url}/help/admin/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Admin")
    axe(page)

    become(phone, live_server.url, desk.worker)
    phone.goto(f"{live_server.url}/letters/{to_check.reference}/check/")
    expect(phone.get_by_role("heading", level=1)).to_be_visible()
    box = {"x": 0, "y": 0, "width": 390, "height": 1500}
    phone.screenshot(path=folder / "check-phone.png", clip=box, full_page=True)  # type: ignore[arg-type]
    phone.goto(f"{live_server.url}/help/")
    axe(phone)
    assert {path.name for path in folder.glob("*.png")} == {"my-work.png", "envelope.png", "check-phone.png"}
