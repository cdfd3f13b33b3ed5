"""A conference with nine recipients in real Chromium, from safeguarding's upload until the set says it is complete.

The office at a desk, the worker on a phone, a mail server under STARTTLS. Four of the nine are family: the child; their
mother, with a redacted version; the carer, whose address is confidential and who isn't in at first; the father, out of
area. Five are professionals; of one e-mail nobody knows at first whether it arrived.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import Page, expect

from distribution.actions.emailing import KIND
from distribution.models import Distribution, Handover, Item
from distribution.tests.world import SCHOOL, TRACKING, Conference, pdf
from letters.actions.sealed_mail import SUBJECT
from postroom.cases.models import Address, CasePerson, Relationship
from postroom.outbox.carrier import carry
from postroom.outbox.models import Job
from tests.access.hunting import tells
from tests.journeys.way import Seat
from tests.support.smtp import Mailroom
from tests.support.world import Desk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HIDDEN = "77 Hidden Lane"
UNSURE = "Dr Una Unsure"


class Careful(Seat):
    """A seat at which the confidential address is looked for in the source of every page."""

    def press(self, name: str) -> None:
        super().press(name)
        assert tells(self.page.content(), [HIDDEN]) == [], self.page.url


@dataclass
class Nine:
    """The conference's people and the two browsers."""

    conference: Conference
    office: Seat
    phone: Seat
    carer: CasePerson
    professionals: list[CasePerson]

    @property
    def desk(self) -> Desk:
        return self.conference.desk

    @property
    def title(self) -> str:
        """As pages call the set."""
        return Distribution.objects.get().title

    def item(self, person: CasePerson) -> Item:
        """This recipient's copy, as the database has it."""
        return Item.objects.select_related("person").get(person=person)

    def shows(self, seat: Seat) -> None:
        """The set, at a glance."""
        seat.page.goto(f"{seat.base}/distribution/sets/{Distribution.objects.get().reference}/")
        expect(seat.page.get_by_role("heading", level=1)).to_have_text(self.title)

    def goes_on(self, seat: Seat, button: str, person: CasePerson, heading: str) -> None:
        """From the set to the next step of one recipient's copy."""
        self.shows(seat)
        row = seat.page.get_by_role("row", name=person.name)
        with seat.page.expect_navigation():
            row.get_by_role("button", name=button).click()
        expect(seat.page.get_by_role("heading", level=1)).to_have_text(heading)

    def done(self, seat: Seat, words: str) -> None:
        """The step was taken; the copy's own page says so."""
        expect(seat.page.get_by_role("heading", level=1)).to_contain_text(self.title)
        seat.says(words)


def made(desk: Desk, office: Seat, phone: Seat) -> Nine:
    """The case's nine people."""
    conference = Conference(desk)
    case = desk.case
    carer = CasePerson.objects.create(case=case, relationship=Relationship.CARER, name="Ms Kay Carer")
    hidden = {"is_confidential": True, "confidential_kind": "carer", "confidential_why": "Threats."}
    verified = {"verified_on": timezone.localdate(), "verified_by": desk.worker, "source": "ics"}
    Address.objects.create(person=carer, lines=f"{HIDDEN}\nSECRETWICK\nNM9 7HH", **hidden, **verified)
    names = ("Dr Hal Health", "Ms Sol Solicitor", "Mr Pol Police", UNSURE)
    who = {"case": case, "relationship": Relationship.PROFESSIONAL, "organisation": "Invented"}
    others = [CasePerson.objects.create(name=name, email=f"p{n}@{SCHOOL}", **who) for n, name in enumerate(names)]
    return Nine(conference, office, phone, carer, [conference.teacher, *others])


def date(seat: Seat, group: str) -> None:
    """Today, in the three boxes of a date."""
    today = timezone.localdate()
    boxes = seat.page.get_by_role("group", name=group)
    for label, value in (("Day", today.day), ("Month", today.month), ("Year", today.year)):
        boxes.get_by_label(label, exact=True).fill(str(value))


def issues(nine: Nine, folder: Path) -> None:
    """Safeguarding finds the case, uploads the minutes; everybody on the case is proposed."""
    seat = nine.office
    seat.become(nine.conference.safeguarding)
    seat.page.goto(f"{seat.base}/distribution/")
    seat.at("Reports and minutes")
    seat.press("Issue a report or minutes")
    seat.fails("Go on", "Enter the case reference")
    seat.fill("Case reference, or a child's ICS number", nine.conference.child.ics_number)
    seat.press("Go on")
    seat.at("Issue a report or minutes")
    seat.fails("Issue it", "Choose what it is", "Enter the day of the conference", "Choose the document")
    seat.tick("Minutes")
    date(seat, "Day of the conference, review or meeting")
    (folder / "minutes.pdf").write_bytes(pdf("What the conference said."))
    seat.page.get_by_label("The document").set_input_files(folder / "minutes.pdf")
    seat.press("Issue it")
    seat.at(nine.title)
    seat.says("0 of 9")
    assert Item.objects.count() == 9


def redacts(nine: Nine, folder: Path) -> None:
    """The mother's own version."""
    seat, mother = nine.office, nine.conference.parent
    seat.press(mother.name)
    seat.at(mother.name)
    seat.press("Give a redacted version")
    seat.at("Give this recipient a version of their own")
    seat.fails("Use this version", "Choose the redacted version", "Look through the version")
    (folder / "own.pdf").write_bytes(pdf("What she may see."))
    seat.page.get_by_label("The redacted version").set_input_files(folder / "own.pdf")
    seat.tick("I have looked through it")
    seat.press("Use this version")
    nine.done(seat, "They have a version of their own now.")


def made_ready(nine: Nine, person: CasePerson, right: str) -> None:
    """The worker, on a phone: one way is open, and chosen already."""
    seat = nine.phone
    nine.goes_on(seat, "Make it ready", person, "Make it ready")
    seat.tick(right)
    seat.tick("I have read the version")
    seat.press("Confirm")
    nine.done(seat, "Released: it is ready to go.")


def makes_ready(nine: Nine) -> None:
    """Each by the only way that is open; the first page is looked at, with its errors."""
    seat, conference = nine.phone, nine.conference
    seat.become(nine.desk.worker)
    seat.look()
    nine.goes_on(seat, "Make it ready", conference.child, "Make it ready")
    seat.look()
    seat.page.get_by_text("Why other ways are not open").click()
    seat.says("Only to family living out of area may minutes be posted (OGP-8, OGP-9).")
    seat.fails("Confirm", "Say why this person has a right to the document", "Read the version that this")
    for family in (conference.child, conference.parent, nine.carer):
        made_ready(nine, family, "It is about them")
    for professional in nine.professionals:
        made_ready(nine, professional, "They are a member of the conference")


def by_hand(nine: Nine) -> None:
    """The child and the mother, at their door, into their own hands; the first signs on the screen."""
    seat = nine.phone
    for first, person in ((True, nine.conference.child), (False, nine.conference.parent)):
        nine.goes_on(seat, "Take it out", person, "Take it out to hand it over")
        if first:
            seat.look()
            seat.fails("I have it with me", "Take a lockable bag")
        takes_out(nine)
        hands_over(nine, person, first=first)
    assert Handover.objects.get(item__person=nine.conference.child).signature is not None


def takes_out(nine: Nine) -> None:
    """In a lockable bag."""
    seat = nine.phone
    seat.tick("It travels in a lockable bag")
    seat.press("I have it with me")
    nine.done(seat, "It is out with you.")


def hands_over(nine: Nine, person: CasePerson, *, first: bool = False) -> None:
    """Known, at home, into their own hands."""
    seat = nine.phone
    nine.goes_on(seat, "Record the hand-over", person, "Record the hand-over")
    if first:
        seat.look()
        seat.fails("I have handed it over", "Say how you know that it is them", "Confirm that you put it into")
        signs(seat.page)
    seat.tick("I know them")
    seat.tick("At their home")
    seat.tick("I put it into the person's own hands")
    seat.press("I have handed it over")
    nine.done(seat, "Handed over. Thank you")
    if first:
        seat.look()


def signs(page: Page) -> None:
    """A stroke on the pad."""
    pad = page.locator("canvas")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 90, box["y"] + 50)
    page.mouse.up()
    expect(page.locator("input[name=signature]")).to_have_value(re.compile("^data:image/png;base64,"))


def nobody_in(nine: Nine) -> None:
    """The carer isn't in: on hold, brought back, made ready again, handed over. Never posted, never shown."""
    seat, carer = nine.phone, nine.carer
    nine.goes_on(seat, "Take it out", carer, "Take it out to hand it over")
    takes_out(nine)
    seat.press("It was not possible")
    seat.at("It was not possible")
    seat.fails("Put it on hold", "Say why")
    seat.fill("Why?", "Nobody was in.")
    seat.press("Put it on hold")
    nine.done(seat, "It is on hold.")
    seat.look()
    seat.press("It is back in the office")
    seat.at("It is back in the office")
    seat.press("Yes, it is back")
    nine.done(seat, "the paper is back in the office")
    seat.press("Make it ready again")
    seat.at("Make it ready again")
    seat.fill("Why?", "They are in on Friday.")
    seat.press("Make it ready again")
    expect(seat.page.get_by_role("heading", level=1)).to_have_text("Make it ready")
    made_ready(nine, carer, "They care for the child")
    nine.goes_on(seat, "Take it out", carer, "Take it out to hand it over")
    takes_out(nine)
    hands_over(nine, carer)


def out_of_area(nine: Nine) -> None:
    """Asked for by the worker, approved by the manager, enveloped and posted by admin, followed to the door."""
    father, phone, office = nine.conference.away, nine.phone, nine.office
    nine.goes_on(phone, "Make it ready", father, "Make it ready")
    phone.tick("Registered post")
    phone.tick("They have parental")
    phone.tick("I have read the version")
    phone.fails("Confirm", "Choose the address it goes to", "Say why it should go by registered post")
    phone.tick("7 Faraway Lane")
    phone.fill("If by registered post: why should it go that way?", "He moved for work.")
    phone.press("Confirm")
    nine.done(phone, "A manager has been asked to approve it.")
    office.become(nine.desk.manager)
    nine.goes_on(office, "Decide on it", father, "Decide on registered post")
    office.says("Their reason: He moved for work.")
    office.look()
    office.fails("Record my decision", "Say whether you approve it", "Say why; it stays on record")
    office.tick("Yes, it may go this way")
    office.fill("Why?", "I know the family.")
    date(office, "If you approve it: until which day may it be posted?")
    office.press("Record my decision")
    nine.done(office, "Approved until")
    nine.goes_on(phone, "Release it", father, "Release it")
    phone.look()
    phone.tick("I have read the version")
    phone.press("Release it")
    nine.done(phone, "Released.")
    posted(nine)


def posted(nine: Nine) -> None:
    """Admin's part, and Royal Mail's."""
    father, seat = nine.conference.away, nine.office
    seat.become(nine.desk.admin)
    seat.look()
    nine.goes_on(seat, "Put it in its envelope", father, "Put it in its envelope")
    seat.look()
    seat.fails("It is in its envelope", "Count the sheets", "Write your initials")
    seat.fill("Sheets, with the cover sheet", "2")
    for box in ("Every sheet is", "The envelope is new", "The return address", "My initials"):
        seat.tick(box)
    seat.press("It is in its envelope")
    nine.done(seat, "In its envelope, initialled")
    seat.press("Record the posting")
    seat.at("Record the posting")
    seat.fill("Tracking number", "SF876543217GB")
    seat.fails("It is posted", "Look at the receipt: Signed For is not registered post")
    seat.tick("The receipt says Special Delivery Guaranteed")
    seat.fails("It is posted", "check digit")
    seat.fill("Tracking number", TRACKING)
    seat.press("It is posted")
    nine.done(seat, f"Posted as {TRACKING}")
    seat.look()
    seat.press("Record the delivery")
    seat.at("Record the delivery")
    seat.fails("It was delivered", "Enter the name that Royal Mail shows")
    date(seat, "Day delivered")
    seat.fill("At what time?", "00:00")
    seat.fill("Printed name", "F WAY")
    seat.press("It was delivered")
    nine.done(seat, "Delivered. The recipient has theirs.")


def carried(room: Mailroom) -> None:
    """The outbox's documents are sent; what staff are told is no matter here."""
    for key in list(Job.objects.filter(kind=KIND, state="owed").values_list("pk", flat=True)):
        carry(key)


def e_mailed(nine: Nine, room: Mailroom) -> None:
    """To the five, encrypted; the password is read out. The line drops on one of them after the message has left."""
    seat = nine.phone
    for first, person in zip((True, *[False] * 4), nine.professionals, strict=True):
        nine.goes_on(seat, "Send it by secure e-mail", person, "Send it by secure e-mail")
        if first:
            seat.look()
        seat.press("Send it")
        nine.done(seat, "It is being sent.")
        room.mode = "dropped_after_data" if person.name == UNSURE else "up"
        carried(room)
        if person.name == UNSURE:
            nine.goes_on(seat, "Say whether it arrived", person, "Did it arrive?")
            seat.look()
            seat.fails("Record it", "Say whether they have it", "Say how you know")
            seat.tick("Yes, they have the e-mail")
            seat.fill("How do you know?", "She read me its reference.")
            seat.press("Record it")
            nine.done(seat, "Recorded: it arrived.")
        nine.goes_on(seat, "Give the password", person, "Give the password")
        if first:
            seat.look()
            seat.fails("They have the password", "Call the recipient on the number")
        seat.tick("I called them on a number")
        seat.press("They have the password")
        nine.done(seat, "Delivered: the recipient has the document")
    documents = [message for message in room.kept if message["Subject"] == SUBJECT]
    assert sorted(message["To"] for message in documents) == sorted(p.email for p in nine.professionals)


def complete(nine: Nine) -> None:
    """At a glance, by desk and by phone; the case record is the last thing owed."""
    for seat in (nine.phone, nine.office):
        nine.shows(seat)
        seat.says("Every recipient has theirs, or was set aside with a reason.")
        seat.look()
    seat = nine.office
    nine.goes_on(seat, "Record it on ICS", nine.conference.child, "Record it on ICS")
    seat.look()
    today = timezone.localdate()
    expect(seat.page.get_by_text(f"Handed over {today.day} {today:%B %Y}").first).to_be_visible()
    seat.fails("It is on the case record", "Type the reference that ICS gave")
    seat.fill("Reference that ICS gave", "ICS-40218")
    seat.press("It is on the case record")
    nine.done(seat, "On the case record as ICS-40218.")
    states = sorted(Item.objects.values_list("state", flat=True))
    assert states == ["delivered"] * 6 + ["handed_over"] * 3
    call_command("verify_ledger")


@pytest.mark.policy("OGP-7", "OGP-8", "OGP-9", "CLS-5", "CLS-6")
def test_nine_recipients_from_upload_to_complete(
    paper_desk: Desk, live_server: Any, page: Page, phone: Page, room: Mailroom, tmp_path: Path
) -> None:
    nine = made(paper_desk, Careful(page, live_server.url), Careful(phone, live_server.url))
    issues(nine, tmp_path)
    redacts(nine, tmp_path)
    makes_ready(nine)
    by_hand(nine)
    nobody_in(nine)
    out_of_area(nine)
    e_mailed(nine, room)
    complete(nine)
