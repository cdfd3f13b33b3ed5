"""Hand-over by file, questions, enclosures and finished documents in real Chromium: desk, phone, without scripts."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from letters.actions.texts import add_text
from letters.models import Letter
from letters.tests.desk_help import url
from postroom.uploads.tests import samples
from tests.support import world
from tests.support.browser import axe, become

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def file(name: str, data: bytes) -> Any:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": data}


@pytest.mark.parametrize("width", ["page", *(pytest.param(w, marks=pytest.mark.soak) for w in ("phone", "plain"))])
def test_a_letter_handed_over_as_a_file_and_typed_with_enclosures(request, live_server, width):
    page: Page = request.getfixturevalue(width)
    look = (lambda: None) if width == "plain" else (lambda: axe(page))
    desk = world.Desk(world.make_office("riv", "Riverside"))
    add_text(office=desk.office, by=desk.admin, kind="template", name="Visit", subject="", body="Dear {{greeting}}")
    become(page, live_server.url, desk.worker)
    page.goto(live_server.url + reverse("letters:new_for_case", args=[desk.case.reference]))
    look()
    page.get_by_role("checkbox", name="Ms Pat Example").check()
    dictation, bad = file("dictation.wav", samples.wav(2.0)), file("letter.pdf", b"MZ" * 200)
    word = file("draft.docx", samples.word("Come on Monday."))
    page.get_by_label("Or hand over a file").set_input_files([dictation, word, bad])
    page.get_by_label("What should the letter say?").fill("As dictated.")
    page.get_by_role("button", name="Hand over to admin").click()
    expect(page.get_by_role("alert")).to_contain_text("This is a program")
    expect(page.get_by_label("What should the letter say?")).to_have_value("As dictated.")
    expect(page.get_by_text("Leave out: dictation")).to_be_visible()
    look()
    page.get_by_role("button", name="Hand over to admin").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Letter to Ms Pat Example")
    expect(page.locator("audio")).to_have_count(1)
    look()

    letter = Letter.objects.get()
    become(page, live_server.url, desk.admin)
    page.goto(live_server.url + url("ask", letter))
    look()
    page.get_by_label("What do you need to know?").fill("Which school?")
    page.get_by_role("button", name="Ask").click()
    page.goto(live_server.url + url("type", letter))
    look()
    page.get_by_role("button", name="Take this text into the letter").click()
    page.get_by_label("Enclosure 1").fill("Photographs")
    page.get_by_label("How many").first.fill("3")
    page.get_by_label("What it is").first.select_option("thing")
    page.get_by_role("button", name="Add a PDF or picture").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Add an enclosure")
    look()
    page.get_by_label("What is it?").fill("Map")
    page.get_by_label("The file").set_input_files(file("map.jpg", b"<svg onload=alert(1)>"))
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("alert")).to_contain_text("source of a web page or a drawing")
    look()
    page.get_by_label("The file").set_input_files(file("map.jpg", samples.picture()))
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Type the letter")
    expect(page.get_by_text("1 page, printed behind the letter")).to_be_visible()
    expect(page.get_by_label("Enclosure 1")).to_have_value("Photographs")
    look()
    page.get_by_role("button", name="Hand to").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Letter to Ms Pat Example")
    letter.refresh_from_db()
    assert letter.current.body == "Come on Monday."
    assert [item["title"] for item in letter.current.as_content["enclosures"]] == ["Photographs", "Map"]
    assert letter.current.sheets == 2
    become(page, live_server.url, desk.worker)
    page.goto(live_server.url + reverse("letters:my_work"))
    look()
    page.get_by_role("button", name="Answer").first.click()
    look()
    page.get_by_label("Your answer").fill("The new one.")
    page.get_by_role("button", name="Answer").click()
    expect(page.get_by_text("The new one.")).to_be_visible()
    page.goto(live_server.url + url("brief", letter))
    look()
    become(page, live_server.url, desk.admin)
    page.goto(live_server.url + reverse("letters:texts"))
    look()
    page.get_by_role("link", name="Visit").click()
    look()
