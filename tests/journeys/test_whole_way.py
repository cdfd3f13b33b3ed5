"""A letter's whole way in real Chromium, each person in turn, from the draft to the case record."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.core.management import call_command
from playwright.sync_api import Page, expect

from letters.models import Envelope, Proposal, Signature
from letters.states import State
from postroom.ledger.models import Entry
from tests.journeys.way import Seat, the_letter, today_in_words, words_in
from tests.support.world import Desk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DRAFT = "Thank you for meeting me on Monday.\n\nI will visit on 3 August."


def hands_over(seat: Seat, desk: Desk) -> None:
    """The worker writes what the letter should say; first they forget to."""
    seat.become(desk.worker)
    seat.look()
    seat.press("Hand over a new letter")
    seat.at("Hand over a letter for typing")
    seat.fails("Hand over to admin", "Choose who the letter is to", "Write or paste what the letter should say")
    seat.tick(f"{desk.parent.name}")
    seat.page.get_by_label("What should the letter say?").fill(DRAFT)
    seat.page.get_by_label("Subject line").fill("Our meeting")
    seat.press("Hand over to admin")
    seat.at(f"Letter to {desk.parent.name}")
    seat.says("Handed over to admin")


def types(seat: Seat, desk: Desk) -> None:
    """Admin first finishes a letter without text, then copies the draft, sees the pages, hands it to the worker."""
    seat.become(desk.admin)
    seat.look()
    seat.press("Type the letter to")
    seat.at("Type the letter")
    seat.fails(f"Hand to {desk.worker.name} to check", "The letter has no text yet")
    seat.press("Copy the draft into the letter")
    if seat.scripts:
        box = seat.page.get_by_role("textbox", name="Letter", exact=True)
        expect(box).to_contain_text("I will visit on 3 August.")
        box.click()
        expect(box).to_be_focused()
        # The editor puts its own selection back 20 ms after the focus; no hand is faster.
        seat.page.wait_for_timeout(100)
        seat.page.keyboard.press("Control+End")
        seat.page.keyboard.press("Enter")
        seat.page.keyboard.press("Control+B")
        seat.page.keyboard.type("Please bring the form.")
        expect(seat.page.locator("[data-saved]")).to_contain_text("Saved ", timeout=30_000)
    else:
        box = seat.page.get_by_label("Letter", exact=True)
        expect(box).to_have_value(DRAFT)
        box.fill(f"{DRAFT}\n\n**Please bring the form.**")
    seat.fill("Enclosure 1", "The form")
    seat.page.get_by_label("How many").first.fill("2")
    seat.press("Show the letter")
    expect(seat.page.get_by_alt_text("Page 1 of the letter").first).to_be_visible()
    seat.look()
    seat.press(f"Hand to {desk.worker.name} to check")
    seat.at(f"Letter to {desk.parent.name}")
    assert the_letter().state == State.TYPED
    assert "**Please bring the form.**" in the_letter().typed_version.body


def prints(seat: Seat, desk: Desk) -> None:
    """Admin prints the version that stands, and takes the sheets to the worker."""
    seat.become(desk.admin)
    seat.press("Print")
    seat.at("Print the letter")
    seat.press("Print it")
    seat.look()
    text = words_in(seat.pdf_behind("Open the PDF to print"))
    assert desk.parent.name in text
    assert the_letter().reference in text
    seat.press(f"{desk.worker.name} has the 1 sheet")
    seat.says("Recorded.")


def sends_back(seat: Seat, desk: Desk) -> None:
    """The worker checks, first without ticking anything; a day is wrong, so it goes back with the right words."""
    seat.become(desk.worker)
    seat.look()
    seat.press("Check the letter to")
    seat.at(f"Check the letter to {desk.parent.name}")
    seat.says(desk.address.line_list[0])
    seat.fails("Confirm, then sign" if on_paper(desk) else "Confirm", "address is correct", "body is correct")
    seat.press("Something is wrong: send it back")
    seat.at("Send it back for retyping")
    seat.fails("Send it back to admin", "Say what is wrong")
    seat.fill("What is wrong?", "It is 5 August.")
    box = seat.page.get_by_label("The text as it should be")
    box.fill(box.input_value().replace("3 August", "5 August"))
    seat.press("Send it back to admin")
    seat.at("My work")
    assert the_letter().state == State.DRAFTED


def takes_in(seat: Seat, desk: Desk) -> None:
    """Admin takes the worker's wording in with one key, and hands it over again."""
    seat.become(desk.admin)
    seat.press("Type the letter to")
    seat.at("Type the letter")
    seat.says("It is 5 August.")
    seat.access_key("t")
    seat.look()
    seat.press(f"Hand to {desk.worker.name} to check")
    seat.at(f"Letter to {desk.parent.name}")
    assert "5 August" in the_letter().typed_version.body
    assert Proposal.objects.filter(taken_in_at__isnull=True).count() == 0


def checks(seat: Seat, desk: Desk, then: str) -> None:
    """The second check opens on what changed, and on nothing else."""
    seat.become(desk.worker)
    seat.press("Check the letter to")
    seat.at(f"Check the letter to {desk.parent.name}")
    changes = seat.page.get_by_role("region", name="What changed since you saw version 1")
    expect(changes.locator("del")).to_contain_text("3")
    expect(changes.locator("ins")).to_contain_text("5")
    expect(changes).not_to_contain_text("Our meeting")
    seat.tick("The address is correct")
    seat.tick("The body is correct")
    seat.press(then)


def signs_on_paper(seat: Seat, desk: Desk) -> None:
    """The worker signs the sheets that lie before them."""
    seat.at(f"Sign the letter to {desk.parent.name}")
    seat.press("I have signed the printed sheets")
    seat.at(f"Letter to {desk.parent.name}")
    assert the_letter().signed_by == desk.worker


def confirms_signature(seat: Seat, desk: Desk) -> None:
    """Admin has the signed sheets, and adds their scan."""
    seat.become(desk.admin)
    seat.press("Confirm the letter to")
    seat.at("Does the paper bear the signature?")
    seat.fails("Confirm", "Look at the sheets")
    seat.tick("I have the printed sheets")
    seat.press("Confirm")
    seat.at(f"Letter to {desk.parent.name}")


def envelopes(seat: Seat, desk: Desk) -> None:
    """Admin counts three sheets into a window envelope and initials it."""
    seat.press("Put it in its envelope")
    seat.at("Put the letter in its envelope")
    seat.fails(
        "It is in its envelope and initialled", "Count the sheets", "Check that every sheet", "Use a new envelope",
        "Put the return address", "Write your initials",
    )  # fmt: skip
    seat.says(f"Write {desk.admin.initials} on the back of the envelope")
    seat.fill("How many sheets did you count into the envelope?", "2")
    for box in ("Every sheet is for", "The envelope is new", "The return label", "I have written"):
        seat.tick(box)
    seat.fails("It is in its envelope and initialled", "3")  # a sheet short
    seat.fill("How many sheets did you count into the envelope?", "3")
    seat.press("It is in its envelope and initialled")
    seat.at(f"Letter to {desk.parent.name}")
    assert Envelope.objects.get().initials == desk.admin.initials


def posts(seat: Seat) -> None:
    """Admin records the day and the class; first without either."""
    seat.press("Record the posting")
    seat.at("Record the posting")
    for box in ("Day", "Month", "Year"):
        seat.fill(box, "")
    seat.fails("It is in the post", "Enter the day it was posted", "Choose first or second class")
    day, month, year = (getattr(the_letter().enveloped_on, part) for part in ("day", "month", "year"))
    for box, value in (("Day", day), ("Month", month), ("Year", year)):
        seat.fill(box, str(value))
    seat.tick("Second class")
    seat.press("It is in the post")
    seat.at("Upload to ICS")


def uploads(seat: Seat, desk: Desk) -> bytes:
    """Admin downloads the document, copies the notes, types the reference back. Returns the document."""
    notes = seat.page.get_by_label("Document description notes").input_value()
    assert notes.startswith(f"Posted {today_in_words()}.")
    document = seat.pdf_behind("Download")
    seat.fails("It is on the case record", "Type the reference that ICS gave")
    seat.fill("Reference that ICS gave", "ICS-40217")
    seat.press("It is on the case record")
    seat.at(f"Letter to {desk.parent.name}")
    seat.says("This letter has gone its whole way")
    return document


def on_paper(desk: Desk) -> bool:
    """Does the office sign on paper?"""
    return bool(desk.office.post.signature_medium == "paper")


def on_record(desk: Desk, actions: list[str]) -> None:
    """What is left of it all: these steps, in this order, each in the ledger, which is whole."""
    letter = the_letter()
    assert letter.state == State.UPLOADED
    assert letter.ics_reference == "ICS-40217"
    entries = list(Entry.objects.filter(subject=letter.ledger_subject).order_by("seq"))
    assert [entry.action for entry in entries] == actions
    assert letter.initialled_by == desk.admin
    call_command("verify_ledger")


PAPER_WAY = [
    "hand_over", "type", "print", "return_to_worker", "return_for_retyping", "type", "print", "return_to_worker",
    "check", "sign", "confirm_signature", "envelope", "post", "upload",
]  # fmt: skip
SCREEN_WAY = ["hand_over", "type", "return_for_retyping", "type", "check", "pp", "print", "envelope", "post", "upload"]


def on_paper_way(desk_seat: Seat, worker_seat: Seat, desk: Desk) -> None:
    """Signed by the worker, on paper."""
    hands_over(worker_seat, desk)
    types(desk_seat, desk)
    prints(desk_seat, desk)
    sends_back(worker_seat, desk)
    takes_in(desk_seat, desk)
    prints(desk_seat, desk)
    checks(worker_seat, desk, "Confirm, then sign")
    signs_on_paper(worker_seat, desk)
    confirms_signature(desk_seat, desk)
    envelopes(desk_seat, desk)
    posts(desk_seat)
    uploads(desk_seat, desk)
    on_record(desk, PAPER_WAY)


@pytest.mark.policy("OGP-2", "OGP-3a", "OGP-4b", "OGP-6")
def test_on_paper_worker_at_a_phone(paper_desk: Desk, live_server: Any, page: Page, phone: Page) -> None:
    """With scripts: admin at a desk, the worker on a phone from the draft to the signature."""
    on_paper_way(Seat(page, live_server.url), Seat(phone, live_server.url), paper_desk)


@pytest.mark.policy("OGP-2", "OGP-3a", "OGP-4b", "OGP-6")
def test_on_paper_without_scripts(paper_desk: Desk, live_server: Any, plain: Page) -> None:
    """All of it with scripts off, at one desk where people sign in after one another."""
    seat = Seat(plain, live_server.url, scripts=False)
    on_paper_way(seat, seat, paper_desk)


@pytest.mark.policy("OGP-3a", "OGP-3b", "OGP-4b", "OGP-6")
def test_on_screen_pp_by_the_duty_worker(screen_desk: Desk, live_server: Any, page: Page) -> None:
    """Signed on screen, by whoever is on duty, on the worker's check; only the signed PDF is printed."""
    desk, seat = screen_desk, Seat(page, live_server.url)
    hands_over(seat, desk)
    types(seat, desk)
    sends_back(seat, desk)
    takes_in(seat, desk)
    checks(seat, desk, "Confirm")
    seat.become(desk.duty)
    seat.look()
    seat.press("Sign pp the letter to")
    seat.at(f"Sign for {desk.worker.name} (pp)")
    seat.says("On the duty rota of Riverside")
    seat.press(f"Sign pp for {desk.worker.name}")
    seat.at(f"Letter to {desk.parent.name}")
    signature = Signature.objects.get()
    assert (signature.by, signature.signed_for, signature.kind) == (desk.duty, desk.worker, "pp")
    assert signature.relied_on is not None
    assert signature.relied_on.by == desk.worker
    seat.become(desk.admin)
    seat.press("Print the letter to")
    seat.at("Print the signed letter")
    seat.press("Print it")
    printed = seat.pdf_behind("Open the PDF to print")
    assert desk.duty.name in words_in(printed)
    assert desk.worker.name in words_in(printed)
    seat.press("The letter")
    envelopes(seat, desk)
    posts(seat)
    in_ics = words_in(uploads(seat, desk))
    assert f"pp {desk.duty.name}" in in_ics
    # What went to the printer says the same, and bears the mark of its sheet.
    assert set(in_ics.split()) < set(words_in(printed).split())
    assert re.search(rf"{the_letter().reference}-\d-1-1", words_in(printed))
    on_record(desk, SCREEN_WAY)
    kept = Entry.objects.get(action="pp")
    assert kept.actor_name == desk.duty.name
    assert kept.actor_authority.startswith("On the duty rota of Riverside")
    assert json.loads(kept.payload)
