"""Papers leave and come to their end, in real Chromium: one tap, the manager's answer, a stolen bag and its breach."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from breaches.models import Breach
from breaches.tests.scene import COUNCIL_WIDE
from letters.actions import carry_again
from letters.states import State
from papers.models import PapersOut
from papers.tests import help as make
from postroom.people.models import User
from postroom.people.roles import Role
from postroom.steps.engine import Seen
from tests.journeys import breach_steps as steps
from tests.journeys.way import Seat
from tests.support import world
from tests.support.world import Desk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def a_meeting(seat: Seat, desk: Desk) -> None:
    """One tap for a meeting; back with a witness, which is asked for."""
    seat.become(desk.worker)
    seat.page.goto(f"{seat.base}/papers/")
    seat.at("Papers out now")
    seat.press("Take papers out")
    seat.at("Whose papers leave the office?")
    seat.fails("Go to this case", "There is no open case with this reference")
    seat.press("Robin Example")
    seat.at("Take papers of case")
    seat.press("Meeting with service users")
    seat.at("Copies or printouts")
    seat.says("Entered. They are due on")
    seat.press("They are back")
    seat.at("The papers are back")
    seat.fails("They are back", "Choose the colleague who saw it")
    seat.page.get_by_label("Who saw it?").select_option(label=desk.other_admin.name)
    seat.press("They are back")
    seat.at("Copies or printouts")
    seat.says("Entered. They are back in the office.")


def another_purpose(seat: Seat, desk: Desk) -> None:
    """Asked for, a USB stick refused; agreed by the manager; taken; its running record kept."""
    seat.page.goto(f"{seat.base}/papers/new/{desk.case.reference}/")
    seat.press("ask to take them for another purpose")
    seat.at("Ask to take papers of case")
    seat.tick("A USB stick")
    seat.fails("Ask", "Say what the papers are needed for", "never goes on a USB stick")
    seat.fill("What are they needed for?", "To finish the court report at home")
    seat.fill("Which papers", "Core assessment of May")
    seat.fill("How many pages (optional)", "14")
    seat.tick("A laptop")
    seat.press("Ask")
    seat.says("Your line manager is asked")
    seat.become(desk.manager)
    seat.look()
    seat.press("Answer")
    seat.at("May these papers leave the office?")
    seat.fails("Refuse: they stay", "Say why you refuse")
    seat.press("Agree: they may leave")
    seat.says("Agreed.")
    seat.become(desk.worker)
    seat.press("Take")
    seat.at("Take the papers now")
    seat.tick("A laptop")
    seat.fails("They leave with me now", "Papers travel in a lockable bag", "only if it has a password")
    seat.tick("They travel in a lockable bag")
    seat.tick("The laptop is protected by a password")
    seat.press("They leave with me now")
    seat.at("Copies or printouts, 14 pages")
    assert desk.manager.name in seat.page.get_by_label("Text to copy").input_value()
    seat.press("It is there: keep its reference")
    seat.fails("Keep the reference", "Enter the reference that the case record shows")
    seat.fill("Reference of the running record", "RR-2291")
    seat.press("Keep the reference")
    seat.says("Kept.")


def a_stolen_bag(seat: Seat, desk: Desk) -> None:
    """Reported on one page; the breach report is open."""
    seat.press("Lost or stolen")
    seat.at("The papers are lost or stolen")
    seat.fails("Report it now", "Say whether they were lost or stolen", "Say in a few words what happened")
    seat.tick("Stolen")
    seat.fill("What happened?", "The bag was taken from the luggage rack. I told the guard.")
    seat.press("Report it now")
    seat.says("is open. It says what to do now")
    seat.at("Copies or printouts, 14 pages")
    seat.page.goto(f"{seat.base}/papers/ended/")
    seat.at("Papers asked for, back, destroyed or lost")
    papers = PapersOut.objects.get(state="lost")
    breach = Breach.objects.get()
    assert papers.breach_reference == breach.reference
    assert breach.is_theft
    assert "luggage rack" in breach.what


def what_follows(seat: Seat, desk: Desk) -> None:
    """Whoever had the bag sees what is to be done now; their manager records that the details reached them (CLS-7)."""
    breach = Breach.objects.get()
    papers = PapersOut.objects.get(state="lost")
    seat.page.goto(f"{seat.base}/papers/{papers.reference}/")
    seat.press(f"Go to breach report {breach.reference}")
    seat.at(f"Breach {breach.reference}")
    seat.says("Report the loss or theft to the police and keep the crime reference.")
    seat.become(desk.manager)
    seat.page.goto(f"{seat.base}/breaches/{breach.reference}/duties/line_manager/")
    seat.at("Pass the details of the loss or theft to the line manager")
    seat.fails("Record as done", "Say who was told, and how")
    seat.page.get_by_label("Who was told, and how?").fill("Wren rang me from the station.")
    seat.press("Record as done")
    seat.says("Recorded as done.")
    assert breach.duties.get(duty="line_manager").settled_by == desk.manager


def works_from_home(seat: Seat, desk: Desk) -> None:
    """The manager agrees, with what is missing named first."""
    seat.become(desk.manager)
    seat.page.goto(f"{seat.base}/papers/away/")
    seat.at("Agreements to work away from the office")
    seat.press("Agree for somebody")
    seat.fails("I agree to this", "Choose who it is for", "Enter the last day")
    seat.page.get_by_label("Who").select_option(label=desk.worker.name)
    seat.tick("At home")
    seat.fill("On what, and how it is kept secure", "Remote access")
    ends = seat.page.get_by_role("group", name="Last day")
    for part, value in (("Day", "1"), ("Month", "12"), ("Year", "2099")):
        ends.get_by_label(part).fill(value)
    seat.fails("I agree to this", "An agreement runs at most")
    ends.get_by_label("Year").fill(str(make.timezone.localdate().year + 1))
    ends.get_by_label("Month").fill("1")
    seat.press("I agree to this")
    seat.says("Registered, until 1 January")
    seat.at("Agreements to work away from the office")


def a_letter_by_hand(seat: Seat, desk: Desk) -> None:
    """Taken with one tap; in the register by itself; nobody in, tried again on the same trip, and handed over."""
    letter = world.letter_in(desk, State.ENVELOPED, way="by_hand")
    seat.become(desk.worker)
    seat.page.goto(f"{seat.base}/letters/{letter.reference}/")
    seat.at("Letter to")
    seat.press("I am taking it with me")
    seat.says("among the papers that are out. Record the delivery")
    seat.at("Letter to")
    papers = PapersOut.objects.get(entered_by__startswith=letter.ledger_subject)
    seat.page.goto(f"{seat.base}/papers/{papers.reference}/")
    seat.at("Original documents")
    seat.press("Go to the delivery")
    seat.press("It could not be delivered")
    seat.at("It could not be delivered")
    seat.fill("Why could it not be delivered?", "Nobody was in.")
    seat.press("Put it on hold")
    seat.says("The letter is on hold")
    carry_again(letter=world.fresh(letter), by=desk.manager, seen=Seen.of(world.fresh(letter)), reason="At six.")
    seat.page.goto(f"{seat.base}/")
    seat.says("With you, to hand over")
    seat.press("Record")
    seat.at("Deliver by hand")
    seat.fails("It was handed over", "Enter where it was")
    seat.fill("Where?", "At the door")
    seat.tick("I know them")
    seat.tick("I put it into their own hands")
    seat.press("It was handed over")
    seat.says("Recorded as handed over.")
    papers.refresh_from_db()
    assert papers.state == "handed_on"


@pytest.mark.policy("CLS-1", "CLS-2", "CLS-3", "CLS-4", "CLS-7")
@pytest.mark.parametrize("where", [pytest.param("page", marks=pytest.mark.soak), "phone"])
def test_papers_out(where: str, request: pytest.FixtureRequest, live_server: Any, paper_desk: Desk):
    page: Page = request.getfixturevalue(where)
    make.with_managers(paper_desk)
    seat = Seat(page, live_server.url)
    a_letter_by_hand(seat, paper_desk)
    a_meeting(seat, paper_desk)
    another_purpose(seat, paper_desk)
    a_stolen_bag(seat, paper_desk)
    what_follows(seat, paper_desk)
    works_from_home(seat, paper_desk)


@pytest.mark.soak
@pytest.mark.policy("CLS-7", "CLS-8", "CLS-9", "CLS-11", "CLS-12", "CLS-13", "CLS-14", "CLS-15")
def test_a_stolen_bag_to_its_closing(live_server: Any, paper_desk: Desk, page: Page):
    """Stolen → reported from its page → decided by both → told and written to → duties done → closed."""
    boss = make.with_managers(paper_desk)
    held: dict[Role, User] = {
        role: world.make_user(f"Con {role}", None, role) for role in COUNCIL_WIDE if role != Role.ASSISTANT_DIRECTOR
    }
    held[Role.ASSISTANT_DIRECTOR] = boss
    holders = steps.Holders.of(held)
    seat = Seat(page, live_server.url)
    a_meeting(seat, paper_desk)
    another_purpose(seat, paper_desk)
    a_stolen_bag(seat, paper_desk)
    what_follows(seat, paper_desk)
    breach = Breach.objects.get()
    desk, at = steps.Browser(page, live_server.url), f"/breaches/{breach.reference}/"
    steps.assessed_and_advised(desk, holders, at)
    steps.decided_by_both(desk, holders, at)
    reply = steps.letter_to_sign(paper_desk)
    steps.told_face_to_face(desk, holders, at, paper_desk, reply)
    steps.letter_goes(desk, paper_desk, reply)
    desk.become(holders.ig)
    desk.open(f"{at}duties/service_user_letter/")
    desk.press("Record as done")
    steps.report_of_its_own_author(desk, holders, at)
    steps.other_duties(desk, breach, at)
    assert breach.duties.get(duty="police").reference == "REF 1"
    steps.closed_and_in_the_register(
        desk,
        breach,
        at,
        "Stolen",
        cause=("lost_or_stolen_outside",),
        cause_words="On the luggage rack.",
        control=("transport",),
    )
    assert not breach.duties.filter(status="open").exists()
