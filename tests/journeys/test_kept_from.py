"""A case that only those named may know of, somebody barred from one, and "ICS is wrong", in real Chromium.

Managers and admin sit at a desk; the worker has a phone. axe on every page.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from letters.models import Letter
from postroom.cases.models import Case, CaseAccess, IcsQuery
from postroom.outbox import summary
from postroom.outbox.choices import choose
from postroom.outbox.models import Job, When
from postroom.people.models import User
from tests.journeys.at import At
from tests.journeys.conftest import make_desk
from tests.support import world
from tests.support.browser import become
from tests.support.world import Desk

pytestmark = [pytest.mark.browser, pytest.mark.soak, pytest.mark.django_db(transaction=True)]
WHY = "The mother is a colleague's sister."
NOBODY = "No case that you may see has this reference"
NOTHING = "There is no such letter that you may read"


@pytest.fixture
def desk(transactional_db: None) -> Desk:
    return make_desk("paper")


@pytest.fixture
def at_desk(request: pytest.FixtureRequest, live_server: Any) -> At:
    return At(request, "page", live_server.url)


@pytest.fixture
def at_hand(request: pytest.FixtureRequest, live_server: Any) -> At:
    return At(request, "phone", live_server.url)


def ordinary(desk: Desk) -> Letter:
    """A letter of another case of the office, from which nobody is kept."""
    case = world.make_case(desk.office, desk.worker)
    parent = case.people.get(relationship="parent")
    return world.actions.hand_over(
        case=case, addressee=parent, address=parent.addresses.get(), by=desk.worker, draft_text="Please type."
    )


def told(user: User) -> int:
    """How many notices are owed to this person."""
    return Job.objects.filter(kind="notice", payload__user=user.pk).count()


def waiting(at: At) -> str:
    """What the head of the page says: how much waits."""
    return at.page.locator(".top__waiting").inner_text()


def looks_everywhere(at: At, user: User, desk: Desk, letter: Letter, *, others: list[Letter], knows: bool) -> None:
    """My work and its number, cases, search by reference and by name, the list and its CSV, the addresses themselves.

    `others`: letters that this person has in any case, so that no page is empty for another reason.
    """
    become(at.page, at.address, user)
    secrets = [letter.reference, desk.case.reference, desk.parent.name, desk.case.people.get(relationship="child").name]

    def holds(shown: str, *wanted: str) -> None:
        assert all(word in shown for word in wanted) if knows else not any(word in shown for word in secrets)

    at.go("letters:my_work")
    at.shows("My work")
    holds(at.page.content(), letter.reference)
    assert str(len(others) + knows) in waiting(at).split()[0], waiting(at)
    at.go("cases")
    at.shows("Cases")
    holds(at.page.content(), *secrets[1::2])
    assert others[0].case.reference in at.page.content()
    at.box("Case reference or").fill(desk.case.reference)
    at.press("Find")
    at.shows("Case ") if knows else at.fails(NOBODY)
    for words in (letter.reference, desk.parent.name):
        at.go("letters:find")
        at.page.get_by_label("Search letters").fill(words)
        at.press("Find letter")
        at.says(letter.addressee.name) if knows else at.fails(NOTHING)
        at.look()
    at.go("letters:find")
    at.shows("Find a letter")
    holds(at.page.content(), letter.reference, desk.parent.name)
    listed = at.file_behind("This list as CSV").decode("utf-8-sig")
    holds(listed, letter.reference)
    assert all(one.reference in listed for one in others)
    for path in (reverse("case", args=[desk.case.reference]), reverse("letters:letter", args=[letter.reference])):
        answer = at.page.goto(at.address + path)
        assert answer is not None
        assert answer.status == (200 if knows else 404)
        at.look()
        holds(at.page.get_by_role("main").inner_text(), desk.parent.name)


@pytest.mark.policy("CLS-1")
def test_a_case_of_a_colleagues_family_exists_for_those_named_alone(at_desk: At, at_hand: At, desk: Desk) -> None:
    letter, others = world.hand_over(desk), [ordinary(desk)]
    choose(user=desk.admin, when=When.AT_ONCE)
    choose(user=desk.other_admin, when=When.AT_ONCE)
    become(at_desk.page, at_desk.address, desk.manager)
    at_desk.go("case", desk.case.reference)
    at_desk.shows("Case ")
    at_desk.says("Whoever reads cases at its office")
    at_desk.page.get_by_role("row", name="Who may know of it").or_(
        at_desk.page.locator(".govuk-summary-list__row", has_text="Who may know of it")
    ).first.get_by_role("link").click()
    at_desk.shows("Who may know of case")
    at_desk.press("Restrict this case")
    at_desk.shows("Restrict case")
    for person in (desk.manager, desk.admin):
        at_desk.box(person.name).check()
    at_desk.press("Restrict this case")
    at_desk.fails("Say why")
    expect(at_desk.box(desk.admin.name)).to_be_checked()
    at_desk.box("Reason").fill(WHY)
    at_desk.press("Restrict this case")
    at_desk.shows("Who may know of case")
    at_desk.says(f"{desk.worker.name}, since")
    at_desk.says("(its social worker)")
    assert Case.objects.get(pk=desk.case.pk).is_restricted

    # The worker goes on as before, on a phone; of those at the desk, whoever is named hears of it.
    Job.objects.all().delete()
    become(at_hand.page, at_hand.address, desk.worker)
    at_hand.go("case", desk.case.reference)
    at_hand.shows("Case ")
    at_hand.says("Restricted to named people")
    at_hand.go("letters:new_for_case", desk.case.reference)
    at_hand.box(desk.parent.name).check()
    at_hand.box("What should the letter say?").fill("Come on Monday.")
    at_hand.press("Hand over to admin")
    at_hand.shows("Letter to")
    second = Letter.objects.latest("pk")
    assert (told(desk.admin), told(desk.other_admin)) == (1, 0)
    assert "To type: 3\n" in summary.text_of(desk.admin, []), "hers: both of this case, and the other case's"
    assert "To type: 1\n" in summary.text_of(desk.other_admin, [])

    looks_everywhere(at_desk, desk.admin, desk, letter, others=[*others, second], knows=True)
    looks_everywhere(at_desk, desk.other_admin, desk, letter, others=others, knows=False)
    assert second.reference not in at_desk.page.content()

    # One more is named; then it is open to all again.
    become(at_desk.page, at_desk.address, desk.manager)
    at_desk.go("case_access", desk.case.reference)
    at_desk.press("Name somebody")
    at_desk.shows("Name somebody on case")
    at_desk.press("Name them")
    at_desk.fails("Choose who", "Say why")
    at_desk.box("Who").select_option(value=str(desk.other_admin.pk))
    at_desk.box("Reason").fill("Stands in for Ada.")
    at_desk.press("Name them")
    at_desk.says(f"{desk.other_admin.name} is named")
    at_desk.look()
    looks_everywhere(at_desk, desk.other_admin, desk, letter, others=[*others, second], knows=True)
    become(at_desk.page, at_desk.address, desk.manager)
    at_desk.go("case_access", desk.case.reference)
    at_desk.press("Lift the restriction")
    at_desk.shows("Lift the restriction")
    at_desk.box("Reason").fill("She has left the council.")
    at_desk.press("Lift the restriction")
    at_desk.says("isn't restricted any more")
    at_desk.look()


@pytest.mark.policy("CLS-1")
def test_somebody_barred_from_a_case_finds_nothing_of_it_until_the_bar_is_lifted(at_desk: At, desk: Desk) -> None:
    letter, others = world.hand_over(desk), [ordinary(desk)]
    become(at_desk.page, at_desk.address, desk.manager)
    at_desk.go("case_access_find")
    at_desk.shows("Who may know of a case")
    at_desk.press("Find the case")
    at_desk.fails("Enter the case's reference")
    at_desk.box("Case reference").fill(desk.case.reference.lower())
    at_desk.press("Find the case")
    at_desk.shows("Who may know of case")
    at_desk.says("Nobody is barred from it")
    at_desk.press("Bar somebody")
    at_desk.shows("Bar somebody from case")
    at_desk.press("Bar them")
    at_desk.fails("Choose who", "Say why")
    # Nobody decides about themselves, and the case's own worker is moved, not barred.
    expect(at_desk.box("Who").get_by_role("option", name=desk.manager.name)).to_have_count(0)
    at_desk.box("Who").select_option(value=str(desk.worker.pk))
    at_desk.box("Reason").fill(WHY)
    at_desk.press("Bar them")
    at_desk.fails("worker")
    at_desk.box("Who").select_option(value=str(desk.other_admin.pk))
    at_desk.press("Bar them")
    at_desk.says(f"{desk.other_admin.name} is barred from this case")
    at_desk.look()
    looks_everywhere(at_desk, desk.other_admin, desk, letter, others=others, knows=False)
    looks_everywhere(at_desk, desk.admin, desk, letter, others=others, knows=True)

    become(at_desk.page, at_desk.address, desk.manager)
    at_desk.go("case_access", desk.case.reference)
    at_desk.shows("Who may know of case")
    at_desk.press("Lift the bar of")
    at_desk.shows("Lift the bar of")
    at_desk.press("Lift the bar")
    at_desk.fails("Say why")
    at_desk.box("Reason").fill("It was another family of that name.")
    at_desk.press("Lift the bar")
    at_desk.says(f"{desk.other_admin.name} is barred no longer")
    at_desk.look()
    assert CaseAccess.objects.get(case=desk.case).ended_at is not None
    looks_everywhere(at_desk, desk.other_admin, desk, letter, others=others, knows=True)


@pytest.mark.policy("CLS-6")
def test_ics_is_wrong_is_one_click_and_is_settled_by_whoever_keeps_it(at_desk: At, at_hand: At, desk: Desk) -> None:
    today = timezone.localdate()
    desk.address.in_ics_on = today
    desk.address.save(update_fields=["in_ics_on"])
    become(at_hand.page, at_hand.address, desk.worker)
    at_hand.go("case", desk.case.reference)
    at_hand.shows("Case ")
    at_hand.says(f"As in ICS on {today.day} {today:%B %Y}")
    button = f"ICS is wrong about this address of {desk.parent.name}"
    at_hand.press(button)
    at_hand.says("It is on the list of whoever keeps ICS, until it is settled")
    at_hand.says("ICS is said to be wrong about it")
    expect(at_hand.page.get_by_role("button", name=button)).to_have_count(0)
    at_hand.look()
    row = IcsQuery.objects.get()
    assert (row.address, row.asked_by, row.settled_at) == (desk.address, desk.worker, None)

    become(at_desk.page, at_desk.address, desk.admin)
    at_desk.go("letters:my_work")
    at_desk.shows("My work")
    at_desk.says("Wrong in ICS")
    at_desk.says(f"said by {desk.worker.name}")
    assert waiting(at_desk).startswith("1 ")
    at_desk.go("case_ics_queries")
    at_desk.shows("Wrong in ICS")
    at_desk.press(desk.parent.name)
    at_desk.shows(f"Is the address of {desk.parent.name} right in ICS now?")
    at_desk.says(f"{desk.worker.name} said that ICS is wrong about it")
    at_desk.press("It is settled")
    at_desk.fails("Say why")
    at_desk.box("Reason").fill("Put right in ICS: she has moved.")
    at_desk.press("It is settled")
    at_desk.shows("Wrong in ICS")
    at_desk.says("Nothing is said to be wrong")
    row.refresh_from_db()
    assert row.settled_by == desk.admin
    at_desk.go("letters:my_work")
    expect(at_desk.page.get_by_role("main")).not_to_contain_text("Wrong in ICS")
    # The worker sees it settled in the case's history, and could say it again.
    at_hand.go("case", desk.case.reference)
    expect(at_hand.page.get_by_role("button", name=button)).to_have_count(1)
    at_hand.go("case_history", desk.case.reference)
    at_hand.says("Put right in ICS: she has moved.")
    at_hand.look()
