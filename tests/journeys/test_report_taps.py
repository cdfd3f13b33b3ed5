"""A breach reported by thumb, on a phone 390 wide: how many taps, and what a known model says that it takes (OGP-11).

docs/keystrokes.md has the table; the test holds it to what was counted. After a change of the report:

    POSTROOM_KEYSTROKES=1 .venv/bin/pytest -q tests/journeys/test_report_taps.py   writes the table anew
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from breaches.models import Breach
from letters.states import State
from tests.journeys.conftest import make_desk
from tests.journeys.taps import CHARACTER, PAGE, POINT, PRESS, SWIPE, THINK, Taps
from tests.journeys.test_keystrokes import DOC, PHONE_PART
from tests.support import world
from tests.support.browser import become
from tests.support.world import Desk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HEAD = f"""{PHONE_PART}

On a phone 390 wide, from a page of Postroom to "Reported as". Day, time, office and who discovered it stand there
already and are right for whoever reports at once. Counted by `tests/journeys/test_report_taps.py`, which fails if a
report comes to take more. Seconds by the keystroke-level model (Card, Moran and Newell 1983): {POINT} to point and
{PRESS} to tap, {SWIPE} a swipe, {CHARACTER:.2f} a character typed by thumb (36 words a minute, Palin and others 2019),
{PAGE} for a page to come, and {THINK} to think before each entry and page. To find the words isn't in it; nor is it a
trial with people.

| report | pages | fields | taps | swipes | characters | seconds |
|---|---|---|---|---|---|---|
"""
WHAT = "A letter was delivered to number 41 instead of 14. The neighbour opened it, read it and rang the office."
DONE = "The worker fetched the letter back at once and told the neighbour that it is confidential."
MOST_SECONDS = 180


def shortest(taps: Taps, desk: Desk) -> None:
    """What happened; all else can be found out later."""
    taps.go("link", "Report a breach or near miss")
    taps.tick("Something was disclosed")
    taps.type("what", WHAT)
    taps.go("button", "Send the report")


def from_the_letter(taps: Taps, desk: Desk) -> None:
    """The letter is linked and its case filled in."""
    taps.go("link", "Report a breach or near miss with this letter")
    taps.tick("Something was disclosed")
    taps.type("what", WHAT)
    taps.type("people_count", "2")
    taps.type("record_count", "1")
    taps.type("done_at_once", DONE)
    taps.go("button", "Send the report")


def everything(taps: Taps, desk: Desk) -> None:
    """Each thing that is asked, for a colleague who rang."""
    taps.go("link", "Report a breach or near miss")
    taps.tick("Something was disclosed")
    taps.type("what", WHAT)
    now = timezone.localtime()
    taps.type("discovered_time", f"{now:%H:%M}")
    taps.type("discovered_by", "The neighbour")
    taps.type("aware_time", f"{now:%H:%M}")
    for part, form in (("day", "%d"), ("month", "%m"), ("year", "%Y")):
        taps.type(f"occurred_on_{part}", now.strftime(form))
    taps.type("occurred_time", "00:00")
    taps.type("case_references", desk.case.reference)
    taps.type("people_count", "2")
    taps.type("record_count", "1")
    taps.tick("Home or placement addresses")
    taps.choose("Health")
    taps.type("done_at_once", DONE)
    taps.type("reported_for", desk.other_worker.name)
    taps.go("button", "Send the report")


Act = tuple[str, str, Callable[[Taps, Desk], None]]
ACTS: list[Act] = [
    ("The shortest, from My work", "/", shortest),
    ("From the letter's page", "/letters/{letter}/", from_the_letter),
    ("Everything that is asked, for a colleague who rang", "/", everything),
]


@pytest.mark.policy("OGP-11")
def test_a_report_takes_minutes_on_a_phone(phone: Page, live_server: Any, transactional_db: None) -> None:
    phone.set_viewport_size({"width": 390, "height": 844})
    desk = make_desk("paper")
    letter = world.letter_in(desk, State.POSTED)
    become(phone, live_server.url, desk.worker)
    lines = []
    for number, (words, begins, report) in enumerate(ACTS, 1):
        phone.goto(live_server.url + begins.format(letter=letter.reference))
        taps = Taps(phone)
        report(taps, desk)
        expect(phone.get_by_text("Reported as").first).to_be_visible()
        assert Breach.objects.count() == number
        assert taps.seconds < MOST_SECONDS
        counted = (taps.pages, taps.fields, taps.taps, taps.swipes, taps.characters, taps.seconds)
        lines.append(f"| {words} | {' | '.join(map(str, counted))} |\n")
    made = Breach.objects.order_by("pk")
    assert [breach.letter for breach in made] == [None, letter, None]
    assert made[1].cases.get() == made[2].cases.get() == desk.case
    assert made[2].reported_for == desk.other_worker
    table = HEAD + "".join(lines)
    print("".join(lines))
    keys = DOC.read_text().partition(PHONE_PART)[0]
    if os.environ.get("POSTROOM_KEYSTROKES") == "1":
        DOC.write_text(f"{keys.rstrip()}\n\n{table}")
    assert "".join(DOC.read_text().partition(PHONE_PART)[1:]) == table
