"""A breach in real Chromium, from the phone that reports it to its closing; a near miss. axe finds nothing on any page.

Misaddressed letter found → reported from a phone → duties done → decided by both → the service user met and written to
by a letter's full way → closed → in the register.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from breaches.models import Breach
from breaches.tests.scene import Scene
from letters import actions as letter_actions
from letters.actions.enveloping import sheets_to_count
from letters.models import Letter
from letters.states import State
from postroom.people.models import User
from postroom.people.roles import Role
from postroom.steps.engine import Seen
from tests.support import world
from tests.support.browser import arrived, axe, become

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PICTURES = os.environ.get("POSTROOM_PICTURES", "")  # a folder for pictures of each page, to look at


class Browser:
    """A page, and who is signed in on it."""

    def __init__(self, page: Page, base: str) -> None:
        self.page, self.base, self.taken = page, base, 0

    def become(self, user: User) -> None:
        become(self.page, self.base, user)
        self.page.goto(f"{self.base}/")

    def open(self, path: str) -> None:
        """Open one of our pages; axe finds nothing on it."""
        self.page.goto(f"{self.base}{path}")
        self.look()

    def look(self) -> None:
        axe(self.page)
        if PICTURES:
            self.taken += 1
            width = self.page.viewport_size["width"]
            self.page.screenshot(path=Path(PICTURES) / f"{width}-{self.taken:02}.png", full_page=True)

    def fill(self, **values: Any) -> None:
        """Fill boxes and choose radios or ticks by the names of the fields."""
        for name, value in values.items():
            box = self.page.locator(f"[name={name}]")
            if isinstance(value, tuple):
                for one in value:
                    self.page.locator(f"[name={name}][value='{one}']").check()
            elif box.first.evaluate("box => box.tagName") == "SELECT":
                box.select_option(label=value)
            else:
                box.fill(str(value))

    def day(self, name: str) -> None:
        """Today in the three boxes, and the time as it is now."""
        now = timezone.localtime()
        for part in ("day", "month", "year"):
            self.page.locator(f"[name={name}_on_{part}]").fill(str(getattr(now, part)))
        self.page.locator(f"[name={name}_time]").fill(f"{now:%H:%M}")

    def go(self, role: Any, name: str, *, exact: bool = False) -> None:
        """Press it, and wait for the page that it leads to."""
        with self.page.expect_navigation():
            self.page.get_by_role(role, name=name, exact=exact).last.click()
        arrived(self.page)

    def press(self, name: str) -> None:
        self.go("button", name, exact=True)
        self.look()

    def shows(self, words: str) -> None:
        """These words are on the page."""
        expect(self.page.get_by_text(words).first).to_be_visible()

    def fails(self, name: str) -> None:
        """Press it: something is missing, and is said."""
        self.go("button", name, exact=True)
        expect(self.page.get_by_role("heading", name="There is a problem")).to_be_visible()
        self.look()


@pytest.fixture
def scene(transactional_db: None) -> Scene:
    return Scene()


@pytest.mark.policy("OGP-11", "CLS-8", "CLS-9", "CLS-10", "CLS-14", "CLS-15")
def test_from_the_phone_that_reports_it_to_its_closing(scene, page, phone, live_server):
    letter = scene.posted_letter()
    mobile, desk = Browser(phone, live_server.url), Browser(page, live_server.url)
    # Found and reported, from the letter's page on a phone.
    mobile.become(scene.desk.deputy)
    mobile.open(f"/letters/{letter.reference}/")
    mobile.go("link", "Report a breach or near miss with this letter")
    mobile.look()
    mobile.fails("Send the report")  # what is missing is said
    expect(phone.get_by_role("link", name="Say what happened")).to_be_visible()
    mobile.fill(kinds=("disclosure",), what="The letter lay open at the neighbour's.", people_count=2)
    mobile.press("Send the report")
    mobile.shows("Reported as")
    breach = Breach.objects.get()
    assert breach.letter == letter
    at = f"/breaches/{breach.reference}/"
    # Governance: the case, the assessment, advice, the duties.
    desk.become(scene.ig)
    desk.look()
    desk.open(at)
    desk.open(f"{at}assess/")
    desk.fill(likelihood=(3,), severity=(2,), consequences="Upset.", containment="Fetched back.", redress="A visit.")
    desk.press("Save the assessment")
    desk.open(f"{at}ask-advice/")
    desk.fill(question="Is it to be referred?")
    desk.press("Ask")
    desk.become(scene.dpo)
    desk.open(f"{at}advise/")
    desk.fill(text="No risk that calls for it.")
    desk.press("Record the advice")
    # Both, each by their own hand.
    desk.become(scene.ad)
    desk.open(f"{at}decide/")
    desk.fails("Put my hand to this decision")
    for name in ("disciplinary", "commissioner", "professional_body"):
        desk.fill(**{name: ("no",), f"{name}_reason": "Not called for."})
    desk.press("Put my hand to this decision")
    desk.become(scene.cg)
    desk.open(f"{at}agree/")
    desk.press("I agree, by my own hand")
    # The letter to the service user waits for the meeting.
    reply = world.letter_in(scene.desk, State.WORKER_CHECKED)
    reply = letter_actions.print_letter(letter=reply, by=scene.desk.admin, seen=Seen.of(reply))
    desk.become(scene.ig)
    desk.open(f"{at}letter/")
    desk.fill(reference=reply.reference)
    desk.press("Link it")
    desk.become(scene.desk.worker)
    page.goto(f"{desk.base}/letters/{reply.reference}/sign/")
    desk.shows("on hold")
    desk.become(scene.ig)
    desk.open(f"{at}duties/service_user_meeting/")
    desk.day("happened_at")
    desk.fill(note="The worker and the mother, at home.")
    desk.press("Record as done")
    _the_letter_goes(desk, scene, reply)
    desk.become(scene.ig)
    desk.open(f"{at}duties/service_user_letter/")
    desk.press("Record as done")
    _the_report_of_its_own_author(desk, scene, at)
    _the_other_duties(desk, breach, at)
    desk.open(f"{at}cause/")
    desk.fill(cause=("wrong_address",), cause_words="The old number was typed.", control=("address_check",))
    desk.press("Save")
    desk.open(f"{at}close/")
    desk.press("Close it")
    desk.shows("Closed.")
    assert Breach.objects.get().state == "closed"
    desk.open("/breach-reports/")
    line = page.get_by_role("row").filter(has=page.get_by_role("link", name=breach.reference))
    expect(line).to_contain_text("Closed")
    register = page.request.get(f"{desk.base}/breach-reports/register.csv").text()
    assert f"{breach.reference},Disclosed,Closed,Riverside" in register
    # Whoever reported it sees what became of it.
    mobile.open(at)
    expect(phone.get_by_text("Closed", exact=True).first).to_be_visible()
    expect(phone.get_by_text("Not called for")).to_have_count(0)


def _the_letter_goes(desk: Browser, scene: Scene, reply: Letter) -> None:
    """Free after the meeting: signed by its worker, confirmed, enveloped, posted, and on the case record."""
    page, people = desk.page, scene.desk
    at = f"{desk.base}/letters/{reply.reference}/"
    desk.become(people.worker)
    page.goto(f"{at}sign/")
    desk.go("button", "I have signed the printed sheets")
    desk.become(people.admin)
    page.goto(at)
    desk.go("button", "Confirm the signature on paper")
    page.get_by_label("I have the printed sheets").check()
    desk.go("button", "Confirm", exact=True)
    desk.go("button", "Put it in its envelope")
    sheets = str(sheets_to_count(Letter.objects.get(pk=reply.pk)))
    page.get_by_label("How many sheets did you count into the envelope?").fill(sheets)
    for words in ("Every sheet is for", "The envelope is new", "The return label", "I have written"):
        page.get_by_label(words).check()
    desk.go("button", "It is in its envelope and initialled")
    desk.go("button", "Record the posting")
    page.get_by_label("Second class").check()
    desk.go("button", "It is in the post")
    page.get_by_label("Reference that ICS gave").fill("ICS-1")
    desk.go("button", "It is on the case record")
    desk.shows("This letter has gone its whole way")
    assert Letter.objects.get(pk=reply.pk).state == State.UPLOADED


def _the_report_of_its_own_author(desk: Browser, scene: Scene, at: str) -> None:
    """Whoever runs the case can't record it as done; the Information & Records Manager signs it off on the screen."""
    desk.open(f"{at}duties/records_manager_report/")
    expect(desk.page.get_by_role("button", name="Record as done", exact=True)).to_have_count(0)
    desk.become(scene.wide[Role.RECORDS_MANAGER])
    desk.open(f"{at}duties/records_manager_report/")
    desk.go("button", "Write and sign off the report")
    desk.look()
    desk.fails("Sign off the report")
    desk.fill(findings="The address check was made from memory.")
    desk.page.locator("[name=signed_off]").check()
    desk.press("Sign off the report")
    desk.become(scene.ig)


def _the_other_duties(desk: Browser, breach: Breach, at: str) -> None:
    for row in breach.duties.filter(status="open"):
        desk.page.goto(f"{desk.base}{at}duties/{row.duty}/")
        match str(row.row.evidence):
            case "reference":
                desk.fill(reference="REF 1")
            case "note":
                desk.fill(note="By telephone.")
            case "decision":
                desk.fill(answer=("no",), note="Nothing is public.")
            case "file":
                desk.page.get_by_label("Keep the report as Postroom makes it").check()
        desk.go("button", "Record as done", exact=True)
        desk.shows("Recorded as done.")
    desk.look()


@pytest.mark.policy("CLS-10", "OGP-11")
def test_a_near_miss_from_a_half_finished_report_to_its_closing(scene, phone, live_server):
    mobile = Browser(phone, live_server.url)
    mobile.become(scene.desk.other_worker)
    mobile.go("link", "Report a breach or near miss")  # from any page
    mobile.fill(kinds=("near_miss",), what="A wrong page lay in the envelope; admin saw it.")
    mobile.press("Keep it and finish later")
    mobile.go("link", "Finish the report")
    expect(phone.locator("[name=what]")).to_have_value("A wrong page lay in the envelope; admin saw it.")
    mobile.press("Send the report")
    mobile.shows("Reported as")
    breach = Breach.objects.get()
    assert (breach.kinds, breach.duties.count()) == (("near_miss",), 2)
    mobile.become(scene.ig)
    at = f"/breaches/{breach.reference}/"
    _the_other_duties(mobile, breach, at)
    mobile.open(f"{at}cause/")
    mobile.fill(cause=("wrong_enclosure",), cause_words="Two letters in one tray.", control=("contents_check",))
    mobile.fill(control_held_by="Ada Adm")  # part of a name: who is meant is chosen
    mobile.fails("Save")
    phone.get_by_label(scene.desk.admin.name).check()
    mobile.press("Save")
    mobile.go("button", "Close the near miss")
    mobile.press("Close it")
    mobile.shows("Closed.")
    breach.refresh_from_db()
    assert (breach.state, breach.control_held_by) == ("closed", scene.desk.admin)
    register = phone.request.get(f"{mobile.base}/breach-reports/register.csv").text()
    assert f"{breach.reference},Near miss,Closed,Riverside" in register
    mobile.become(scene.desk.other_worker)
    mobile.open(at)
    expect(phone.get_by_text("Closed", exact=True).first).to_be_visible()
