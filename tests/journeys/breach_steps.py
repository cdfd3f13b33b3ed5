"""A breach's way in the browser, step by step: what the journeys of breaches and of stolen papers are written in."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils import timezone
from playwright.sync_api import Page, expect

from breaches.models import Breach
from letters import actions as letter_actions
from letters.actions.enveloping import sheets_to_count
from letters.models import Letter
from letters.states import State
from postroom.people.models import User
from postroom.people.roles import Role
from postroom.steps.engine import Seen
from tests.support import world
from tests.support.browser import arrived, axe, become

PICTURES = os.environ.get("POSTROOM_PICTURES", "")  # a folder for pictures of each page, to look at


@dataclass(frozen=True)
class Holders:
    """Who runs a breach case, advises on it, decides on it, and writes the report of their own."""

    ig: User
    dpo: User
    ad: User
    cg: User
    records_manager: User

    @classmethod
    def of(cls, wide: dict[Role, User]) -> Holders:
        """Out of a council's people by role."""
        return cls(
            wide[Role.INFORMATION_GOVERNANCE],
            wide[Role.DATA_PROTECTION_OFFICER],
            wide[Role.ASSISTANT_DIRECTOR],
            wide[Role.CALDICOTT_GUARDIAN],
            wide[Role.RECORDS_MANAGER],
        )


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


def assessed_and_advised(desk: Browser, holders: Holders, at: str) -> None:
    """Governance: the case, the assessment; the Data Protection Officer is asked and answers."""
    desk.become(holders.ig)
    desk.look()
    desk.open(at)
    desk.open(f"{at}assess/")
    desk.fill(likelihood=(3,), severity=(2,), consequences="Upset.", containment="Fetched back.", redress="A visit.")
    desk.press("Save the assessment")
    desk.open(f"{at}ask-advice/")
    desk.fill(question="Is it to be referred?")
    desk.press("Ask")
    desk.become(holders.dpo)
    desk.open(f"{at}advise/")
    desk.fill(text="No risk that calls for it.")
    desk.press("Record the advice")


def decided_by_both(desk: Browser, holders: Holders, at: str) -> None:
    """Both, each by their own hand (CLS-15)."""
    desk.become(holders.ad)
    desk.open(f"{at}decide/")
    desk.fails("Record my decision")
    for name in ("disciplinary", "commissioner", "professional_body"):
        desk.fill(**{name: ("no",), f"{name}_reason": "Not called for."})
    desk.press("Record my decision")
    desk.become(holders.cg)
    desk.open(f"{at}agree/")
    desk.press("I agree to this decision")


def told_face_to_face(desk: Browser, holders: Holders, at: str, people: world.Desk, reply: Letter) -> None:
    """The letter to the service user is linked, and can't be signed before the meeting is on record (CLS-14)."""
    desk.become(holders.ig)
    desk.open(f"{at}letter/")
    desk.fill(reference=reply.reference)
    desk.press("Link it")
    desk.become(people.worker)
    desk.page.goto(f"{desk.base}/letters/{reply.reference}/sign/")
    desk.shows("on hold")
    desk.become(holders.ig)
    desk.open(f"{at}duties/service_user_meeting/")
    desk.day("happened_at")
    desk.fill(note="The worker and the mother, at home.")
    desk.press("Record as done")


def letter_to_sign(people: world.Desk) -> Letter:
    """A letter to the service user, typed, checked and printed for its signature."""
    reply = world.letter_in(people, State.WORKER_CHECKED)
    return letter_actions.print_letter(letter=reply, by=people.admin, seen=Seen.of(reply))


def letter_goes(desk: Browser, people: world.Desk, reply: Letter) -> None:
    """Free after the meeting: signed by its worker, confirmed, enveloped, posted, and on the case record."""
    page = desk.page
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


def report_of_its_own_author(desk: Browser, holders: Holders, at: str) -> None:
    """Whoever runs the case can't record it as done; the Information & Records Manager signs it off on the screen."""
    desk.open(f"{at}duties/records_manager_report/")
    expect(desk.page.get_by_role("button", name="Record as done", exact=True)).to_have_count(0)
    desk.become(holders.records_manager)
    desk.open(f"{at}duties/records_manager_report/")
    desk.go("button", "Write and sign off the report")
    desk.look()
    desk.fails("Sign off the report")
    desk.fill(findings="The address check was made from memory.")
    desk.page.locator("[name=signed_off]").check()
    desk.press("Sign off the report")
    desk.become(holders.ig)


def other_duties(desk: Browser, breach: Breach, at: str) -> None:
    """Each that is still open, with what proves it done."""
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


def closed_and_in_the_register(desk: Browser, breach: Breach, at: str, what: str, **cause: Any) -> None:
    """The step that failed, the closing, and the line in the register. `what`: what it was, in the register's words."""
    desk.open(f"{at}cause/")
    desk.fill(**cause)
    desk.press("Save")
    desk.open(f"{at}close/")
    desk.press("Close it")
    desk.shows("Closed.")
    breach.refresh_from_db()
    assert breach.state == "closed"
    desk.open("/breach-reports/")
    line = desk.page.get_by_role("row").filter(has=desk.page.get_by_role("link", name=breach.reference))
    expect(line).to_contain_text("Closed")
    register = desk.page.request.get(f"{desk.base}/breach-reports/register.csv").text()
    assert f"{breach.reference},{what},Closed,Riverside" in register
