"""A hand scanner at the envelope, as it really works: it types a line and Enter. With scripts, on a phone, without."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from letters.models import Envelope
from letters.tests.desk_help import url
from letters.tests.test_sheets_in import marks, ready
from tests.support import world
from tests.support.browser import axe, become

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SOAK = [pytest.param(width, marks=pytest.mark.soak) for width in ("phone", "plain")]


@pytest.mark.policy("OGP-4b")
@pytest.mark.parametrize("width", ["page", *SOAK])
def test_each_sheet_is_scanned_as_it_goes_in(request, live_server, width):
    page: Page = request.getfixturevalue(width)
    scripts = width != "plain"
    desk = world.Desk(world.make_office("riv", "Riverside"))
    letter, other = ready(desk), ready(desk, "Short.")
    lines, stray = marks(letter), marks(other)[0]
    become(page, live_server.url, desk.admin)
    page.goto(live_server.url + url("envelope", letter))
    field, said = page.get_by_label("Scan in every sheet of the letter"), page.locator("#scan-says")

    def scan(line: str) -> None:
        field.press_sequentially(line)
        field.press("Enter")

    def finish() -> None:
        page.get_by_label("How many sheets did you count").fill("3")
        for label in ("Every sheet is for", "The envelope is new", "The return label is on", "I have written"):
            page.get_by_label(label).check()
        page.get_by_role("button", name="It is in its envelope and initialled").click()

    field.focus()
    scan(lines[0])
    scan(stray)
    if scripts:
        expect(said).to_have_text(f"Stop: a sheet of letter {other.reference}. Take it out, and its line too.")
        axe(page)
    finish()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text(f"A sheet of letter {other.reference} is among them")
    expect(alert).to_contain_text("Pages 2 and 3 are missing")
    expect(field).to_have_value(f"{lines[0]}\n{stray}\n")
    if scripts:
        axe(page)
    assert not Envelope.objects.exists()

    field.fill("")
    for place, line in enumerate(lines, start=1):
        scan(line)
        if scripts and place < 3:
            expect(said).to_contain_text(f"{place} of 3 sheets scanned in. Still to scan: page {place + 1}")
    if scripts:
        expect(said).to_have_text("3 of 3 sheets scanned in. All of them.")
    finish()
    expect(page.get_by_text("Next: post it.", exact=False).first).to_be_visible()
    assert Envelope.objects.get().scanned == 3
