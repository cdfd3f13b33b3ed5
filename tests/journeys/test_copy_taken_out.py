"""The way out for a letter that names somebody under "Copy to" who is off its case or has another name by now.

In real Chromium: the worker on a phone, admin at a desk. axe on every page.
"""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from letters.models import Letter
from letters.states import State
from postroom.cases.models import Relationship
from tests.journeys.at import At
from tests.journeys.conftest import make_desk
from tests.support import world
from tests.support.browser import become
from tests.support.world import Desk

pytestmark = [pytest.mark.browser, pytest.mark.soak, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def desk(transactional_db: None) -> Desk:
    return make_desk("paper")


def checked(desk: Desk, *copies: Any) -> Letter:
    """A letter that names these as having a copy, typed and checked."""
    letter = world.actions.hand_over(
        case=desk.case,
        addressee=desk.parent,
        address=desk.address,
        by=desk.worker,
        draft_text="Come on Monday.",
        copies_to=copies,
    )
    return world._check(desk, world._type(desk, letter))


@pytest.mark.policy("OGP-3a", "OGP-4b")
def test_a_name_that_is_not_right_any_more_is_taken_out_and_the_letter_checked_again(
    request: pytest.FixtureRequest, live_server: Any, desk: Desk
) -> None:
    at_hand, at_desk = At(request, "phone", live_server.url), At(request, "page", live_server.url)
    teacher = desk.case.people.get(relationship=Relationship.PROFESSIONAL)
    letter = checked(desk, teacher)
    become(at_hand.page, live_server.url, desk.worker)
    become(at_desk.page, live_server.url, desk.admin)

    # The worker takes the teacher off the case: the letter's page says that it can't go on, and what to do.
    at_hand.go("case", desk.case.reference)
    at_hand.press(f"Take off the case: {teacher.name}")
    at_hand.shows(f"Take {teacher.name} off the case")
    at_hand.press("Take off the case")
    at_hand.says(f"{teacher.name} is off the case")
    at_hand.look()
    at_hand.go("letters:letter", letter.reference)
    at_hand.shows("Letter to")
    at_hand.says("Next: send it back, so that a name can be taken out of Copy to")

    # Back to admin first; admin alone can't take the name out.
    at_hand.press("Send back for retyping")
    at_hand.shows("Send it back for retyping")
    at_hand.press("Send it back to admin")
    at_hand.fails("Say what is wrong")
    at_hand.box("What is wrong?").fill("Mr Teacher is off the case.")
    at_hand.press("Send it back to admin")
    at_hand.says("is back with admin")
    at_desk.go("letters:type", letter.reference)
    at_desk.shows("Type the letter")
    at_desk.press("Hand to")
    at_desk.fails(f"{teacher.name} isn't on this case any more", "Its worker takes the name out first")

    at_hand.go("letters:letter", letter.reference)
    at_hand.press("Change day, format or copies")
    at_hand.shows("When it must go, its format, and who has a copy")
    named = at_hand.box(teacher.name)
    expect(named).to_be_checked()
    named.uncheck()
    at_hand.press("Save")
    at_hand.shows("Letter to")
    assert not letter.copies_to.exists()

    at_desk.go("letters:type", letter.reference)
    at_desk.press("Hand to")
    at_desk.shows("Letter to")
    version = world.fresh(letter).typed_version
    assert (version.number, version.as_content["copies_to"]) == (2, [])

    at_hand.go("letters:check", letter.reference)
    at_hand.shows("Check the letter to")
    expect(at_hand.page.get_by_role("main")).not_to_contain_text("Copy to:")
    at_hand.box("The address is correct").check()
    at_hand.box("The body is correct").check()
    at_hand.press("Confirm")
    at_hand.shows("Letter to")
    assert world.fresh(letter).state == State.WORKER_CHECKED


@pytest.mark.policy("OGP-3a", "OGP-4b")
def test_one_who_was_renamed_is_printed_by_the_new_name_once_it_was_typed_anew(
    request: pytest.FixtureRequest, live_server: Any, desk: Desk
) -> None:
    at_hand, at_desk = At(request, "phone", live_server.url), At(request, "page", live_server.url)
    teacher = desk.case.people.get(relationship=Relationship.PROFESSIONAL)
    letter = checked(desk, teacher)
    become(at_hand.page, live_server.url, desk.worker)
    at_hand.go("case", desk.case.reference)
    at_hand.press(f"Change details of {teacher.name}")
    at_hand.look()
    at_hand.box("Name").fill("Mx Sam Married")
    at_hand.press("Save")
    at_hand.shows("Case ")
    at_hand.go("letters:letter", letter.reference)
    at_hand.says("Next: type it again")
    at_hand.look()

    become(at_desk.page, live_server.url, desk.admin)
    at_desk.go("letters:type", letter.reference)
    at_desk.shows("Type the letter")
    at_desk.press("Hand to")
    at_desk.shows("Letter to")
    at_hand.go("letters:check", letter.reference)
    at_hand.shows("Check the letter to")
    at_hand.says(f"Mx Sam Married, {teacher.organisation}")
    expect(at_hand.page.get_by_role("main").locator(".letter-sheet").first).not_to_contain_text(teacher.name)
    at_hand.box("The address is correct").check()
    at_hand.box("The body is correct").check()
    at_hand.press("Confirm")
    at_hand.shows("Letter to")
    assert world.fresh(letter).state == State.WORKER_CHECKED
