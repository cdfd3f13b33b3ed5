"""The page where letters with one text are checked: the text once, each address by its own tick (OGP-3a)."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from letters import actions
from letters.models import Check, Letter, TextCheck
from letters.states import State
from letters.tests.work_help import desk, last_entry, seen, signed_in, url, words_of
from postroom.cases.models import Address, MustNotKnow
from postroom.ledger.models import Reading
from postroom.steps.engine import Seen
from tests.support import world
from tests.support.browser import axe, become

__all__ = ["desk"]
pytestmark = [pytest.mark.django_db, pytest.mark.policy("OGP-3a")]


def key(letter: Letter) -> str:
    letter = world.fresh(letter)
    return f"{letter.reference}:{letter.version}:{letter.content_hash}"


def ticks(*letters: Letter, **over: object) -> dict[str, object]:
    text = world.fresh(letters[0]).typed_version.text_hash if letters else ""
    return {"letter": [key(letter) for letter in letters], "body_confirmed": "on", "seen_text": text, **over}


def states(letters: list[Letter]) -> list[str]:
    return [world.fresh(letter).state for letter in letters]


@pytest.mark.policy("CLS-1")
def test_the_text_stands_there_once_and_each_address_with_its_own_tick(desk) -> None:
    letters = world.several(desk, 3)
    page = words_of(signed_in(desk.worker).get(url("check_together", letters[1])))
    assert page.count("We agreed that") == 1
    assert page.count('type="checkbox"') == 4, "no tick for all"
    for letter in letters:
        assert page.count(f'id="tick-{letter.reference}"') == 1
        assert letter.address.line_list[0] in page
        assert f"Dear {letter.addressee.name}" in page
        assert Reading.objects.filter(subject=letter.ledger_subject, reader_id=desk.worker.pk).count() == 1
    assert "checked" not in "".join(re.findall(r"<input[^>]*checkbox[^>]*>", page)).replace("checkbox", "")


def test_what_is_not_ticked_stays_unchecked_and_the_text_is_not_asked_again(desk) -> None:
    letters, browser = world.several(desk, 3), signed_in(desk.worker)
    answer = browser.post(url("check_together", letters[0]), ticks(*letters[:2]))
    assert "All 2 done" in words_of(answer)
    assert states(letters) == [State.WORKER_CHECKED, State.WORKER_CHECKED, State.TYPED]
    page = words_of(browser.get(url("check_together", letters[0])))
    assert "You confirmed this very text" in page
    assert 'name="body_confirmed"' not in page
    done = browser.post(url("check_together", letters[0]), ticks(letters[2]))
    assert done.url == reverse("letters:my_work")
    assert (TextCheck.objects.count(), Check.objects.filter(text_check=TextCheck.objects.get()).count()) == (1, 3)
    assert "its text confirmed once for the letters that say the same" in words_of(
        browser.get(url("letter", letters[2]))
    )
    again = browser.post(url("check_together", letters[0]), ticks(letters[2]))
    assert again.status_code == 409
    assert Check.objects.count() == 3


@pytest.mark.parametrize("missing", ["letter", "body_confirmed"])
def test_neither_the_text_alone_nor_addresses_alone_check_anything(desk, missing) -> None:
    letters = world.several(desk)
    sent = {name: value for name, value in ticks(*letters).items() if name != missing}
    page = signed_in(desk.worker).post(url("check_together", letters[0]), sent)
    assert page.status_code == 422
    wanted = {"letter": "Tick each letter", "body_confirmed": "Confirm that the text is correct"}
    assert wanted[missing] in words_of(page)
    kept = re.findall(r"<input[^>]*type=.checkbox.[^>]* checked", words_of(page))
    assert len(kept) == (1 if missing == "letter" else 2), "what was ticked stays"
    for letter in letters:
        assert Reading.objects.filter(subject=letter.ledger_subject, reader_id=desk.worker.pk).exists(), (
            "shown, so read"
        )
    assert states(letters) == [State.TYPED] * 2
    assert not TextCheck.objects.exists()


def test_one_that_changed_meanwhile_is_named_and_stops_no_other(desk) -> None:
    teacher = desk.case.people.get(relationship="professional")
    letters = world.several(desk, 3, body=f"{teacher.name} comes too.")
    sent = ticks(*letters)
    new = world.typed("Quite other words.")
    actions.type_letter(letter=letters[2], by=desk.admin, seen=Seen.of(letters[2]), typed=new)
    browser = signed_in(desk.worker)
    page = words_of(browser.post(url("check_together", letters[0]), sent))
    assert "2 of 3 could not be done" in page
    assert "Look at what was found in its words" in page
    assert "has changed since you opened it" in page
    assert "It says or encloses something else. Check it on its own page." in page
    assert states(letters) == [State.TYPED, State.WORKER_CHECKED, State.TYPED]
    browser.post(url("check_together", letters[0]), ticks(letters[0], **{f"found-{letters[0].reference}": "on"}))
    assert states(letters) == [State.WORKER_CHECKED, State.WORKER_CHECKED, State.TYPED]
    assert last_entry(letters[0]).action == "check_address"


def test_another_text_than_was_seen_is_not_confirmed(desk) -> None:
    letters = world.several(desk)
    for sent in (ticks(*letters, seen_text="x"), ticks(*letters, seen_text="")):
        page = signed_in(desk.worker).post(url("check_together", letters[0]), sent)
        assert page.status_code == 409
        assert "Nothing was done" in words_of(page)
    for spoilt in ("", "x", f"{letters[0].reference}:x:y", "A" * 5000, "\0::"):
        sent = ticks(letters[0], letter=[spoilt])
        assert signed_in(desk.worker).post(url("check_together", letters[0]), sent).status_code == 422
    assert not Check.objects.exists()


def test_no_page_shows_two_who_must_not_know_of_each_other(desk) -> None:
    letters = world.several(desk, 3)
    a, b = sorted((letters[0].addressee, letters[1].addressee), key=lambda one: one.pk)
    MustNotKnow.objects.create(case=desk.case, a=a, b=b, reason="Court order.", set_by=desk.worker)
    browser = signed_in(desk.worker)
    for mine, theirs in (letters[:2], letters[1::-1]):
        page = words_of(browser.get(url("check_together", mine)))
        assert mine.addressee.name in page
        assert letters[2].addressee.name in page
        assert theirs.addressee.name not in page
        assert theirs.reference not in page
        assert "1 more goes to people who must not know of these" in page
        assert not browser.post(url("check_together", mine), ticks(theirs)).context["results"]
    assert states(letters) == [State.TYPED] * 3


def test_walking_leads_to_the_letters_together_and_past_them(desk) -> None:
    letters, alone, browser = world.several(desk), world.letter_in(desk, State.TYPED), signed_in(desk.worker)
    first = url("check_together", letters[0]) + "?walk=1"
    assert browser.get(reverse("letters:next_check")).url == first
    # What is no reference leaves nothing out, be it what no database takes.
    assert browser.get(reverse("letters:next_check"), {"but": "\0", "set": "1"}).url == first
    page = words_of(browser.get(url("check_together", letters[0]) + "?walk=1"))
    past = re.search(r'href="([^"]*set=1)"', page)
    assert past
    assert browser.get(past[1]).url == url("check", alone) + "?walk=1"
    page = words_of(browser.get(url("check", letters[1])))
    assert url("check_together", letters[1]) in page
    both = {"address_confirmed": "on", "body_confirmed": "on"}
    browser.post(url("check", letters[1]), {**seen(letters[1]), **both})
    assert Check.objects.get().text_check is None, "one of them on its own, as any letter"
    assert url("check_together", letters[0]) not in words_of(browser.get(url("check", letters[0])))
    done = browser.post(url("check_together", letters[0]), ticks(letters[0], walk="1"))
    assert done.url == reverse("letters:next_check")


def test_a_wrong_text_goes_back_with_all_that_say_it(desk) -> None:
    letters, browser = world.several(desk, 3), signed_in(desk.worker)
    browser.post(url("check_together", letters[0]), ticks(letters[0]))
    page = url("send_text_back", letters[1])
    assert "3 letters say this" in words_of(browser.get(page))
    sent = {**seen(letters[1]), **ticks(letters[1]), "proposed_body": "On Tuesday."}
    assert "Say what is wrong" in words_of(browser.post(page, {**sent, "reason": " "}))
    assert browser.post(page, {**sent, "reason": "A day.", "seen_text": "x"}).status_code == 409
    assert browser.post(page, {**sent, "reason": "A day."}).url == reverse("letters:my_work")
    assert states(letters) == [State.DRAFTED] * 3
    assert [letter.proposals.get().body for letter in letters] == ["On Tuesday."] * 3
    assert not Check.objects.filter(voided_at__isnull=True).exists()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["phone", *(pytest.param(kind, marks=pytest.mark.soak) for kind in ("plain", "page"))])
def test_in_a_browser_without_scripts_and_on_a_phone(request, live_server, kind) -> None:
    page: Page = request.getfixturevalue(kind)
    desk = world.Desk(world.make_office("fen", "Fenland", "screen"))
    letters = world.several(desk, 3)
    Address.objects.filter(pk=letters[2].address_id).update(in_doubt=True, doubt_reason="It came back.")
    become(page, live_server.url, desk.worker)
    page.goto(live_server.url + url("check", letters[0]))
    page.get_by_role("link", name="Check the text once").click()
    axe(page) if kind != "plain" else None
    page.get_by_role("button", name="Confirm what is ticked").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    axe(page) if kind != "plain" else None
    page.get_by_label("The text is correct").check()
    page.get_by_label(f"Address and greeting are correct, for this person, today: {letters[1].addressee.name}").check()
    page.get_by_role("button", name="Confirm what is ticked").click()
    expect(page.locator("main")).to_contain_text("Its address is checked.")
    axe(page) if kind != "plain" else None
    assert states(letters) == [State.TYPED, State.WORKER_CHECKED, State.TYPED]
    page.get_by_role("link", name="Something is wrong with the text").click()
    axe(page) if kind != "plain" else None
    page.get_by_role("link", name="The letters", exact=True).click()
    page.get_by_label("Address and greeting are correct").check()
    page.get_by_role("button", name="Confirm what is ticked").click()
    expect(page.locator("main")).to_contain_text("1 letter checked, each at its own address.")
    assert states(letters) == [State.WORKER_CHECKED, State.WORKER_CHECKED, State.TYPED]
