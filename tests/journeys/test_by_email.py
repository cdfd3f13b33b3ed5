"""A letter by secure e-mail in real Chromium: from the office's turning it on until the case record.

The office at a desk, the worker on a phone, a mail server under STARTTLS. The office signs on paper; this letter is
signed on the screen all the same.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import Page, expect

from letters import actions
from letters.actions.emailing import KIND
from letters.models import OfficePost
from letters.states import State
from postroom.cases.models import CasePerson
from postroom.outbox.carrier import carry
from postroom.outbox.models import Job
from postroom.steps.engine import Seen
from tests.journeys.way import Seat, the_letter, today_in_words
from tests.support import world
from tests.support.smtp import Mailroom
from tests.support.world import Desk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def turns_on(seat: Seat, desk: Desk) -> None:
    """The team manager, on the page of how the office does its post; from today, once with no day in front."""
    seat.become(desk.manager)
    seat.page.goto(f"{seat.base}/envelope-stock/")
    seat.press(desk.office.name)
    seat.at(f"How {desk.office.name} does its post")
    _day(seat, "Secure e-mail of letters until")
    seat.fails("Save", "Say from which day letters may go")
    _day(seat, "Letters may go by secure e-mail from")
    seat.press("Save")
    seat.at("Envelopes and offices")
    seat.says(f"Yes, until {today_in_words()}")


def _day(seat: Seat, group: str) -> None:
    today = timezone.localdate()
    boxes = seat.page.get_by_role("group", name=group)
    for label, value in (("Day", today.day), ("Month", today.month), ("Year", today.year)):
        boxes.get_by_label(label, exact=True).fill(str(value))


def hands_over(seat: Seat, desk: Desk, teacher: CasePerson) -> None:
    """To the mother it is closed, in words; to the teacher it is open."""
    seat.become(desk.worker)
    seat.press("Hand over a new letter")
    seat.at("Hand over a letter for typing")
    seat.says(f"Open to: {teacher.name}.")
    seat.tick(desk.parent.name)
    seat.page.get_by_label("What should the letter say?").fill("Please come to the meeting.")
    seat.tick("Secure e-mail")
    seat.fails("Hand over to admin", "Letters go by secure e-mail to professionals alone")
    seat.page.get_by_label(desk.parent.name).first.uncheck()
    seat.tick(teacher.name)
    seat.press("Hand over to admin")
    seat.at(f"Letter to {teacher.name}")
    seat.says("Secure e-mail")


def typed(desk: Desk) -> None:
    """By admin; typing is another journey's."""
    letter = the_letter()
    words = world.typed(salutation=f"Dear {letter.addressee.name}")
    actions.type_letter(letter=letter, by=desk.admin, seen=Seen.of(letter), typed=words)


def checks_and_signs(seat: Seat, desk: Desk, teacher: CasePerson) -> None:
    """On the phone's screen."""
    seat.become(desk.worker)
    seat.press("Check the letter to")
    seat.at(f"Check the letter to {teacher.name}")
    seat.tick("The address is correct")
    seat.tick("The body is correct")
    seat.press("Confirm, then sign")
    seat.at(f"Sign the letter to {teacher.name}")
    seat.press("Sign this letter")
    seat.at(f"Letter to {teacher.name}")
    assert the_letter().signature_medium == "screen"


def sends(seat: Seat, room: Mailroom, teacher: CasePerson) -> None:
    """The right confirmed for the address on the page; the line drops, so a person says what became of it."""
    seat.press("Send it by secure e-mail")
    seat.at("Send it by secure e-mail")
    seat.says(teacher.email)
    seat.fails("Send it", "Say why this person has a right", "Check the e-mail address, and confirm it")
    seat.tick("They work with the child")
    seat.tick("The e-mail address is this person's own")
    seat.press("Send it")
    seat.at(f"Letter to {teacher.name}")
    seat.says("It is being sent.")
    room.mode = "dropped_after_data"
    [key] = Job.objects.filter(kind=KIND, state="owed").values_list("pk", flat=True)
    carry(key)
    room.mode = "up"
    assert the_letter().state == State.UNCERTAIN
    seat.page.reload()
    seat.look()
    seat.press("Decide whether it was sent")
    seat.at("Did it arrive?")
    seat.fails("Record it", "Say whether they have it", "Say how you know")
    seat.tick("Yes, they have the e-mail")
    seat.fill("How do you know?", "She read me its reference.")
    seat.press("Record it")
    seat.at(f"Letter to {teacher.name}")
    assert [message["To"] for message in room.kept] == [teacher.email]


def reads_the_password_out(seat: Seat, teacher: CasePerson) -> None:
    """By phone; afterwards nothing of it is kept."""
    seat.press("Read out the password")
    seat.at("Read out the password")
    expect(seat.page.locator(".password code")).to_have_text(actions.emailing.password_of(the_letter()) or "none")
    seat.fails("They have the password", "Call them, read the password out, and confirm it")
    seat.tick("I called them on a number")
    seat.press("They have the password")
    seat.at(f"Letter to {teacher.name}")
    seat.says("Nothing of the password is kept.")


def uploads(seat: Seat, desk: Desk, teacher: CasePerson) -> None:
    """Admin puts it on the case record, with the day it was sent."""
    seat.become(desk.admin)
    seat.look()
    seat.press("Upload the letter to")
    seat.at("Upload to ICS")
    seat.says(f"sent by secure e-mail {today_in_words()}")
    notes = seat.page.get_by_label("Document description notes").input_value()
    assert notes.startswith(f"Sent by secure e-mail {today_in_words()}, encrypted.")
    seat.fill("Reference that ICS gave", "ICS-40217")
    seat.press("It is on the case record")
    seat.at(f"Letter to {teacher.name}")
    assert the_letter().state == State.UPLOADED


@pytest.mark.policy("OGP-3a", "OGP-6", "CLS-6")
def test_by_secure_email(paper_desk: Desk, live_server: Any, page: Page, phone: Page, room: Mailroom) -> None:
    desk, office, worker = paper_desk, Seat(page, live_server.url), Seat(phone, live_server.url)
    teacher = world.writes_by_email(desk)
    OfficePost.objects.update(letters_by_email_from=None)
    turns_on(office, desk)
    hands_over(worker, desk, teacher)
    typed(desk)
    checks_and_signs(worker, desk, teacher)
    sends(worker, room, teacher)
    reads_the_password_out(worker, teacher)
    uploads(office, desk, teacher)
    call_command("verify_ledger")
