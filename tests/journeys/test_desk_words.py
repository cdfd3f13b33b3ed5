"""How words get into a letter, in real Chromium: files, templates, several addressees, formats, finished documents.

Each on a desk, on a phone and without scripts, with its errors; and with the network cut while somebody types.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from letters.models import Check, Letter, OfficeText, Question
from letters.states import State
from letters.tests.desk_help import url
from postroom.cases.models import Relationship
from postroom.uploads.tests import samples
from tests.journeys.at import KINDS, At
from tests.journeys.conftest import make_desk
from tests.journeys.way import words_in
from tests.support import world
from tests.support.browser import become
from tests.support.world import Desk

pytestmark = [pytest.mark.browser, pytest.mark.soak, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def desk(transactional_db: None) -> Desk:
    return make_desk("paper")


def file(name: str, data: bytes) -> Any:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": data}


def new_letter(at: At, desk: Desk) -> None:
    become(at.page, at.address, desk.worker)
    at.go("letters:new_for_case", desk.case.reference)
    at.shows("Hand over a letter for typing")


@KINDS
@pytest.mark.policy("OGP-1")
def test_dictation_and_photo_a_question_and_its_answer(
    request: pytest.FixtureRequest, live_server: Any, desk: Desk, kind: str
) -> None:
    at = At(request, kind, live_server.url)
    new_letter(at, desk)
    at.press("Hand over to admin")
    at.fails("Choose who the letter is to", "hand over a file")
    at.box(desk.parent.name).check()
    photo, sound = file("IMG 1.jpg", samples.picture()), file("dictation.wav", samples.wav(2.0))
    at.box("Or hand over a file").set_input_files([photo, sound])
    at.press("Hand over to admin")
    at.shows(f"Letter to {desk.parent.name}")
    letter = Letter.objects.get()

    become(at.page, at.address, desk.admin)
    at.go("letters:type", letter.reference)
    at.shows("Type the letter")
    expect(at.page.locator("audio")).to_have_count(1)
    picture = at.page.get_by_alt_text(re.compile("^Photo or scan 1"))
    picture.scroll_into_view_if_needed()
    expect(picture).to_be_visible()
    assert at.file_behind("Save this dictation").startswith(b"RIFF")
    at.press("Ask")
    at.shows("Ask")
    at.press("Ask")
    at.fails("question")
    at.box("What do you need to know?").fill("Which school?")
    at.press("Ask")
    at.says("Which school?")

    become(at.page, at.address, desk.worker)
    at.go("letters:my_work")
    at.says("Which school?")
    at.press("Answer")
    at.look()
    at.press("Answer")
    at.fails("answer")
    at.box("Your answer").fill("The new one.")
    at.press("Answer")
    at.says("The new one.")
    become(at.page, at.address, desk.admin)
    at.go("letters:type", letter.reference)
    at.says("The new one.")
    at.look()


@KINDS
@pytest.mark.policy("OGP-2")
def test_templates_and_standard_paragraphs(
    request: pytest.FixtureRequest, live_server: Any, desk: Desk, kind: str
) -> None:
    at = At(request, kind, live_server.url)
    become(at.page, live_server.url, desk.admin)
    at.go("letters:texts")
    at.shows("Templates and standard paragraphs")
    at.press("New template")
    at.shows("New: template")
    at.press("Keep it")
    at.fails("Give it a name", "Write what it says")
    at.box("Name").fill("Invitation")
    at.box("Subject line").fill("Our meeting")
    at.box("What it says").fill("Dear {{greeting}}, come on Monday. {{nobody}}")
    at.press("Keep it")
    at.fails("nobody")
    expect(at.box("Name")).to_have_value("Invitation")
    at.box("What it says").fill("Please come on Monday. {{worker}}, {{phone}}")
    at.press("Keep it")
    at.shows("Templates and standard paragraphs")
    at.press("New paragraph")
    at.box("Name").fill("Parking")
    at.box("What it says").fill("You can park behind the house.")
    at.press("Keep it")
    at.says("Parking")
    at.look()

    letter = world.hand_over(desk)
    at.go("letters:type", letter.reference)
    for name, words in (("Invitation", "Please come on Monday."), ("Parking", "You can park behind the house.")):
        at.open("Templates and standard paragraphs")
        at.press(f"Put in: {name}")
        assert words in at.page.locator("[name=body]").input_value()
    at.look()
    assert desk.worker.name in at.page.locator("[name=body]").input_value()
    expect(at.box("Subject line")).to_have_value("Our meeting")
    at.press("Hand to")
    at.shows(f"Letter to {desk.parent.name}")
    version = world.fresh(letter).current
    assert version is not None
    assert version.texts.count() == 2

    # Changed afterwards: another version, and the letter stays with the one it came from.
    at.go("letters:texts")
    at.press("Invitation")
    at.shows("Invitation")
    at.box("What it says").fill("Please come on Tuesday.")
    at.press("Keep it")
    at.shows("Templates and standard paragraphs")
    invitation = OfficeText.objects.get(name="Invitation")
    assert [row.number for row in invitation.versions.order_by("number")] == [1, 2]
    assert {row.number for row in version.texts.filter(text=invitation)} == {1}
    at.go("letters:text", invitation.pk)
    at.says("Version 2")
    at.look()


@KINDS
@pytest.mark.policy("OGP-3a", "CLS-6")
def test_one_text_to_two_addressees(request: pytest.FixtureRequest, live_server: Any, desk: Desk, kind: str) -> None:
    at = At(request, kind, live_server.url)
    teacher = desk.case.people.get(relationship=Relationship.PROFESSIONAL)
    new_letter(at, desk)
    for person in (desk.parent, teacher):
        at.box(person.name).check()
    at.box("What should the letter say?").fill("We meet on 3 August.")
    at.press("Hand over to admin")
    at.shows("Letter to")
    at.says("2 letters")
    letters = list(Letter.objects.order_by("pk"))
    assert {one.addressee for one in letters} == {desk.parent, teacher}
    for letter in letters:
        become(at.page, live_server.url, desk.admin)
        at.go("letters:type", letter.reference)
        other = teacher if letter.addressee == desk.parent else desk.parent
        # Of the case both may be known; of the letter only its own addressee stands on the page.
        expect(at.page.get_by_role("main")).not_to_contain_text(other.name)
        at.press("Take it over as it is")
        # The first one's words could go to the other at once; here each is taken over by itself.
        at.shows("Give the same words" if letter == letters[0] else f"Letter to {letter.addressee.name}")
        become(at.page, live_server.url, desk.worker)
        at.go("letters:check", letter.reference)
        at.shows("Check the letter to")
        at.press("Confirm")
        at.fails("Confirm that the address is correct", "Confirm that the body is correct")
        at.box("The address is correct").check()
        at.box("The body is correct").check()
        at.press("Confirm")
        at.shows(f"Letter to {letter.addressee.name}")
    assert {world.fresh(one).state for one in letters} == {State.WORKER_CHECKED}
    # A change for one voids that one alone.
    become(at.page, live_server.url, desk.admin)
    at.go("letters:type", letters[0].reference)
    at.box("Subject line").fill("Our meeting")
    at.press("Hand to")
    at.fails("Say why the letter has to change")
    expect(at.box("Subject line")).to_have_value("Our meeting")
    at.box("Why does it have to change?").fill("It had no subject.")
    at.press("Hand to")
    at.shows("Letter to")
    assert [world.fresh(one).state for one in letters] == [State.TYPED, State.WORKER_CHECKED]


@KINDS
@pytest.mark.policy("OGP-3a")
def test_a_translation(request: pytest.FixtureRequest, live_server: Any, desk: Desk, kind: str) -> None:
    at = At(request, kind, live_server.url)
    new_letter(at, desk)
    at.box(desk.parent.name).check()
    at.box("What should the letter say?").fill("Come on Monday.")
    at.open("The addressee needs large print")
    at.box("What can the addressee read?").select_option("language")
    at.press("Hand over to admin")
    at.fails("language")
    at.box("Which language?").fill("Polish")
    at.press("Hand over to admin")
    at.shows("Letter to")
    letter = Letter.objects.get()

    become(at.page, live_server.url, desk.admin)
    at.go("letters:type", letter.reference)
    at.says("Polish")
    original = at.box("The text that was translated")
    expect(original).to_have_value("Come on Monday.")
    original.fill("")
    write(at, "Prosze przyjsc w poniedzialek.")
    at.press("Hand to")
    at.fails("Keep the text that was translated")
    at.box("The text that was translated").fill("Come on Monday.")
    at.press("Hand to")
    at.shows("Letter to")

    become(at.page, live_server.url, desk.worker)
    at.go("letters:check", letter.reference)
    at.shows("Check the letter to")
    at.says("Come on Monday.")
    at.press("Confirm")
    at.fails("Enter who translated it")
    at.box("The address is correct").check()
    at.box("Who translated it?").fill("Lingua Office")
    at.fill_day("When did they confirm", timezone.localdate() + dt.timedelta(days=2))
    at.press("Confirm")
    at.fails("future")
    expect(at.box("Who translated it?")).to_have_value("Lingua Office")
    at.fill_day("When did they confirm", timezone.localdate())
    at.press("Confirm")
    at.shows("Letter to")
    assert Check.objects.get().translator == "Lingua Office"
    printed = pdf_of(at, letter)
    assert "Prosze" in printed
    assert "Come on Monday" not in printed


@KINDS
@pytest.mark.policy("OGP-2")
def test_large_print(request: pytest.FixtureRequest, live_server: Any, desk: Desk, kind: str) -> None:
    at = At(request, kind, live_server.url)
    new_letter(at, desk)
    at.box(desk.parent.name).check()
    at.box("What should the letter say?").fill("Come on Monday. " * 60)
    at.open("The addressee needs large print")
    at.box("What can the addressee read?").select_option("large_print")
    at.press("Hand over to admin")
    at.shows("Letter to")
    letter = Letter.objects.get()
    become(at.page, live_server.url, desk.admin)
    at.go("letters:type", letter.reference)
    at.says("Large print")
    at.look()
    at.press("Take it over as it is")
    at.shows("Letter to")
    at.says("Large print")
    version = world.fresh(letter).current
    assert version is not None
    usual = world.letter_in(desk, State.TYPED)
    assert version.sheets > 1, "960 characters take more than a sheet in large print"
    assert usual.current is not None


@KINDS
@pytest.mark.policy("OGP-4a", "OGP-4b")
def test_a_finished_document_behind_a_carrier_sheet(
    request: pytest.FixtureRequest, live_server: Any, desk: Desk, kind: str
) -> None:
    at = At(request, kind, live_server.url)
    letter = world.hand_over(desk)
    become(at.page, live_server.url, desk.admin)
    at.go("letters:type", letter.reference)
    at.box("Subject line").fill("Court papers")
    at.press("Use a finished document")
    at.shows("Use a finished document as the letter")
    at.press("Add it")
    at.fails("Choose the file")
    at.box("The finished document").set_input_files(file("order.pdf", samples.picture()))
    at.press("Add it")
    at.fails("PDF")
    at.box("The finished document").set_input_files(file("order.pdf", samples.pdf(2)))
    at.press("Add it")
    at.shows("Type the letter")
    at.says("A finished document is the letter")
    expect(at.box("Subject line")).to_have_value("Court papers")
    at.look()
    at.press("Show the letter")
    at.says("3 pages")
    expect(at.page.get_by_alt_text(re.compile("^Page 3 of the letter"))).to_be_attached()
    at.press("Hand to")
    at.shows("Letter to")
    pages = pdf_of(at, letter)
    assert "carrier sheet" in pages
    assert "Sample text 2" in pages

    become(at.page, live_server.url, desk.worker)
    at.go("letters:check", letter.reference)
    at.says("A finished document of 2 pages")
    at.look()
    at.box("The address is correct").check()
    at.box("The body is correct").check()
    at.press("Confirm")
    at.shows("Letter to")
    signed = world.fresh(letter)
    signed = world.actions.print_letter(letter=signed, by=desk.admin, seen=world.Seen.of(signed))
    signed = world.actions.sign(letter=signed, by=desk.worker, seen=world.Seen.of(signed))
    world.sheets_in_hand(desk, signed)
    become(at.page, live_server.url, desk.admin)
    at.go("letters:envelope", letter.reference)
    at.shows("Put the letter in its envelope")
    at.box("How many sheets").fill("2")
    for words in ("Every sheet is for", "The envelope is new", "The return label", "I have written"):
        at.box(words).check()
    at.press("It is in its envelope and initialled")
    at.fails("3")
    at.box("How many sheets").fill("3")
    at.press("It is in its envelope and initialled")
    at.shows("Letter to")
    assert world.fresh(letter).state == State.ENVELOPED


def write(at: At, words: str) -> None:
    """Into the letter: the editor's page where scripts run, the box itself where not."""
    if at.kind == "plain":
        at.page.locator("[name=body]").fill(words)
        return
    page = at.page.get_by_role("textbox", name="Letter", exact=True)
    page.click()
    page.press_sequentially(words)


def pdf_of(at: At, letter: Letter) -> str:
    """The text of the letter's PDF, as whoever is signed in gets it."""
    answer = at.page.request.get(at.address + url("pdf", letter, 1))
    assert answer.ok
    return words_in(answer.body())


# --- the network cut while somebody types ----------------------------------------------------------------------------


def sent_while_away(page: Page, name: str) -> None:
    """Press it without a connection: nothing is sent, the page says so and stays; then with it."""
    button = page.get_by_role("main").get_by_role("button", name=re.compile(f"^{name}")).first
    page.context.set_offline(True)
    button.click()
    said = page.get_by_role("alert").filter(has_text="connection")
    expect(said).to_contain_text("There is no connection, so nothing was sent")
    page.context.set_offline(False)
    expect(said).to_contain_text("The connection is back")
    # The button of the design system takes no second press within a second: as a person would, until it goes.
    with page.expect_navigation():
        button.evaluate("button => button.form.requestSubmit(button)")


@pytest.mark.parametrize("width", ["page", "phone"])
@pytest.mark.policy("OGP-1")
def test_what_is_typed_stays_when_it_is_sent_without_a_connection(
    request: pytest.FixtureRequest, live_server: Any, desk: Desk, width: str
) -> None:
    at = At(request, width, live_server.url)
    new_letter(at, desk)
    at.box(desk.parent.name).check()
    at.box("What should the letter say?").fill("Come on Monday.")
    sent_while_away(at.page, "Hand over to admin")
    at.shows("Letter to")
    letter = Letter.objects.get()
    assert letter.draft_text == "Come on Monday."

    become(at.page, live_server.url, desk.admin)
    at.page.goto(live_server.url + url("ask", letter))
    at.box("What do you need to know?").fill("Which school?")
    sent_while_away(at.page, "Ask")
    at.says("Which school?")
    question = Question.objects.get()
    become(at.page, live_server.url, desk.worker)
    at.page.goto(live_server.url + url("answer", letter, question.pk))
    at.box("Your answer").fill("The new one.")
    sent_while_away(at.page, "Answer")
    at.says("The new one.")

    become(at.page, live_server.url, desk.admin)
    at.page.goto(live_server.url + reverse("letters:text_new", args=["paragraph"]))
    at.box("Name").fill("Parking")
    at.box("What it says").fill("You can park behind the house.")
    sent_while_away(at.page, "Keep it")
    at.says("Parking")
    assert OfficeText.objects.count() == 1
