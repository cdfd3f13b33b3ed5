"""A breach in real Chromium, from the phone that reports it to its closing; a near miss. axe finds nothing on any page.

Misaddressed letter found → reported from a phone → duties done → decided by both → the service user met and written to
by a letter's full way → closed → in the register.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from breaches.models import Breach
from breaches.tests.scene import Scene
from tests.journeys import breach_steps as steps
from tests.journeys import test_whole_way as way
from tests.journeys.breach_steps import Browser, Holders
from tests.journeys.way import Seat, the_letter

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


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
    holders = Holders.of(scene.wide)
    steps.assessed_and_advised(desk, holders, at)
    steps.decided_by_both(desk, holders, at)
    reply = steps.letter_to_sign(scene.desk)
    steps.told_face_to_face(desk, holders, at, scene.desk, reply)
    steps.letter_goes(desk, scene.desk, reply)
    _the_rest(desk, holders, breach, at)
    # Whoever reported it sees what became of it.
    mobile.open(at)
    expect(phone.get_by_text("Closed", exact=True).first).to_be_visible()
    expect(phone.get_by_text("Not called for")).to_have_count(0)


def _the_rest(desk: Browser, holders: Holders, breach: Breach, at: str) -> None:
    """The letter has gone: its duty and every other one, to the closing and the register."""
    desk.become(holders.ig)
    desk.open(f"{at}duties/service_user_letter/")
    desk.press("Record as done")
    steps.report_of_its_own_author(desk, holders, at)
    steps.other_duties(desk, breach, at)
    cause = {"cause": ("wrong_address",), "cause_words": "The old number was typed.", "control": ("address_check",)}
    steps.closed_and_in_the_register(desk, breach, at, "Disclosed", **cause)


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
    steps.other_duties(mobile, breach, at)
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


@pytest.mark.soak
@pytest.mark.policy("CLS-14", "OGP-3a", "OGP-4b", "OGP-6")
def test_the_service_user_is_written_to_by_a_letters_full_way(scene, page, live_server):
    """Handed over, typed, printed, sent back, checked, held, signed, enveloped, posted, on the case record."""
    breach = scene.assessed(scene.reported())
    holders, at = Holders.of(scene.wide), f"/breaches/{breach.reference}/"
    desk, seat = Browser(page, live_server.url), Seat(page, live_server.url)
    scene.agreed(scene.proposed(scene.advised(breach)))
    way.hands_over(seat, scene.desk)
    way.types(seat, scene.desk)
    way.prints(seat, scene.desk)
    way.sends_back(seat, scene.desk)
    way.takes_in(seat, scene.desk)
    way.prints(seat, scene.desk)
    way.checks(seat, scene.desk, "Confirm, then sign")
    steps.told_face_to_face(desk, holders, at, scene.desk, the_letter())
    seat.become(scene.desk.worker)
    page.goto(f"{desk.base}/letters/{the_letter().reference}/sign/")
    way.signs_on_paper(seat, scene.desk)
    way.confirms_signature(seat, scene.desk)
    way.envelopes(seat, scene.desk)
    way.posts(seat)
    way.uploads(seat, scene.desk)
    way.on_record(scene.desk, way.PAPER_WAY)
    breach.refresh_from_db()
    _the_rest(desk, holders, breach, at)
    assert breach.duties.get(duty="service_user_letter").status == "done"
