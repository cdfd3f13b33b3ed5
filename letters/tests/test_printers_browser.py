"""A printer added, its sheet measured, a letter printed on it and its outcome said; ICS by hand for two children."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from letters.models import Print, Printer
from letters.states import State
from letters.tests.desk_help import url
from tests.support import world
from tests.support.browser import axe, become

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LENGTHS = {"upper left": ("20", "20,5"), "upper right": ("190", "20,5"), "lower left": ("20", "277,5")}
PLAIN = pytest.param("plain", marks=pytest.mark.soak)
PHONE = pytest.param("phone", marks=pytest.mark.soak)


@pytest.mark.policy("OGP-2", "OGP-4a", "OGP-6")
@pytest.mark.parametrize("width", ["page", PHONE, PLAIN])
def test_from_the_printer_to_the_records(request, live_server, width):
    page: Page = request.getfixturevalue(width)
    look = (lambda: None) if width == "plain" else (lambda: axe(page))
    desk = world.Desk(world.make_office("riv", "Riverside"))
    Printer.objects.update(is_active=False)
    letter = world.letter_in(desk, State.TYPED)
    title = page.get_by_role("heading", level=1)
    become(page, live_server.url, desk.admin)
    page.goto(live_server.url + url("print", letter))
    expect(title).to_have_text("Nothing was done")
    page.get_by_role("link", name="Printers, and how each was measured").click()
    expect(title).to_have_text("Printers")
    look()
    page.get_by_role("button", name="Add a printer").click()
    expect(title).to_contain_text("Add a printer at Riverside")
    page.get_by_label("Name").fill("The big one")
    page.get_by_label("Where it stands").fill("By the lift")
    page.get_by_role("button", name="Save").click()
    expect(title).to_have_text("The big one")
    look()
    page.get_by_role("link", name="Print and measure its sheet for DL", exact=True).click()
    expect(title).to_have_text("Measure The big one for DL")
    page.get_by_role("button", name="Keep what I measured").click()
    expect(page.get_by_role("alert")).to_contain_text("Measure the upper left cross from the left edge")
    look()
    for cross, (across, down) in LENGTHS.items():
        group = page.get_by_role("group", name=f"The {cross} cross")
        group.get_by_label("From the left edge, mm").fill(across)
        group.get_by_label("From the top edge, mm").fill(down)
    page.get_by_label("Yes, in every position").check()
    page.get_by_role("button", name="Keep what I measured").click()
    expect(page.get_by_text("Letters for DL may be printed on it")).to_be_visible()

    page.goto(live_server.url + url("print", letter))
    page.get_by_role("button", name="Print it").click()
    expect(page.get_by_text("on The big one, By the lift")).to_be_visible()
    look()
    page.get_by_role("button", name="It went wrong: void its sheets").click()
    expect(page.get_by_text("Its sheets are void: shred them.")).to_be_visible()
    page.get_by_role("button", name="Print it").click()
    page.get_by_role("button", name="All of it came out").click()
    expect(page.get_by_text("has seen all of it")).to_be_visible()
    assert list(Print.objects.order_by("pk").values_list("came_out", flat=True)) == [False, True]

    world.calibration(Printer.objects.get(name="The big one"), letter.current.stock, desk.admin)
    child = world.add_child(desk)
    posted = world.letter_in(desk, State.POSTED)
    page.goto(live_server.url + reverse("letters:upload", args=[posted.reference]))
    expect(title).to_have_text("Upload to ICS")
    page.get_by_role("button", name="It is on this child").click()
    expect(page.get_by_role("alert")).to_contain_text("Say on which child's record it is now")
    look()
    page.get_by_label(child.name).check()
    page.get_by_label("Reference that ICS gave").fill("DOC-1")
    page.get_by_role("button", name="It is on this child").click()
    expect(page.get_by_text("Recorded. Next: upload it to the record of")).to_be_visible()
    page.get_by_label("Reference that ICS gave").fill("DOC-2")
    page.get_by_role("button", name="It is on the case record").click()
    expect(title).to_contain_text("Letter to")
    look()
