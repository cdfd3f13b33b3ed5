"""One text to many is typed once: its words are given to the others, each by a `type` step of its own (OGP-2)."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from letters import actions
from letters.actions.giving import Given
from letters.actions.handing_over import save_working_text
from letters.content import Typed
from letters.forms.typing import first_fields
from letters.models import Letter, LetterFormat, WorkingText
from letters.presenters import event_of
from letters.rendering.content import EnclosedItem
from letters.replay import check_words_given
from letters.states import State
from letters.tests.test_replay import bare, found
from letters.tests.work_help import desk, elsewhere, last_entry, seen, signed_in, url, words_of
from postroom.cases.models import Address, MustNotKnow
from postroom.ledger.models import Entry, Reading
from postroom.steps.engine import Seen
from postroom.steps.errors import NotPossible, Stale
from postroom.uploads import Checked, Kind
from tests.support import world
from tests.support.browser import axe, become

__all__ = ["bare", "desk", "elsewhere"]
pytestmark = [pytest.mark.django_db, pytest.mark.policy("OGP-2")]
OTHERS = "Quite other words, of its own."


def key(letter: Letter, edition: int = 0) -> str:
    letter = world.fresh(letter)
    return f"{letter.reference}:{letter.version}:{letter.content_hash}:{edition}"


def ticks(source: Letter, *letters: Letter) -> dict[str, object]:
    return {**seen(source), "letter": [key(letter) for letter in letters]}


def given(letter: Letter, kept: int = 0, **over: object) -> Given:
    letter = world.fresh(letter)
    typed = Typed(**{"salutation": f"Dear {letter.addressee.name}", "body": "x", **over})  # type: ignore[arg-type]
    return Given(letter, Seen.of(letter), kept, typed, letter.address)


def give(desk: world.Desk, source: Letter, *chosen: Given, by: object = None) -> list[str]:
    """What was said of each: "" for one that was done."""
    source = world.fresh(source)
    results = actions.give_words(letter=source, by=by or desk.admin, seen=Seen.of(source), chosen=chosen)
    assert all(bool(result.words) is not result.done for result in results)
    return [result.words for result in results]


def begin(letter: Letter, by: object, **over: object) -> WorkingText:
    letter = world.fresh(letter)
    kept = WorkingText.objects.filter(letter=letter).first()
    fields = {**first_fields(letter), **(kept.fields if kept else {}), **over}
    return save_working_text(letter=letter, by=by, fields=fields, edition=kept.edition if kept else 0)


def body(letter: Letter) -> str:
    return world.fresh(letter).typed_version.body


def retype(desk: world.Desk, letter: Letter, text: str, **over: object) -> Letter:
    letter = world.fresh(letter)
    typed = world.typed(text, salutation=f"Dear {letter.addressee.name}")
    return actions.type_letter(letter=letter, by=desk.admin, seen=Seen.of(letter), typed=typed, **over)


def test_the_words_go_across_and_all_else_stays_its_own(desk) -> None:
    letters = world.several(desk, 3, only=1)
    item = EnclosedItem("Map of the place", 2)
    assert give(desk, letters[0], given(letters[1], enclosures=(item,)), given(letters[2])) == ["", ""]
    one, *rest = [world.fresh(letter) for letter in letters]
    for letter in rest:
        content = letter.typed_version.as_content
        assert letter.state == State.TYPED
        for name in ("subject", "body", "sign_off", "letter_date"):
            assert content[name] == one.typed_version.as_content[name]
        assert content["salutation"] == f"Dear {letter.addressee.name}"
        assert letter.addressee.name in content["address_lines"]
        entry = last_entry(letter)
        assert (entry.action, entry.actor_id, entry.content_hash) == ("type", desk.admin.pk, letter.content_hash)
        assert json.loads(entry.payload)["same_as"] == one.current_id
        assert event_of(entry).title.endswith("version 1, with the words typed for several")
    assert [len(letter.typed_version.as_content["enclosures"]) for letter in rest] == [1, 0]
    # Those that are alike in all that is read can be checked once.
    assert rest[1].typed_version.text_hash == one.typed_version.text_hash != rest[0].typed_version.text_hash
    assert found() == []


def test_each_is_judged_as_if_it_were_typed_by_itself(desk, elsewhere) -> None:
    """Rights, address, window, what it gives away: of each, and one that fails stops no other (OGP-4a)."""
    letters = world.several(desk, 4, only=1, body=f"{desk.parent.name} comes too.")
    Address.objects.filter(pk=letters[1].address_id).update(in_doubt=True, doubt_reason="It came back.")
    a, b = sorted((letters[0].addressee, letters[2].addressee), key=lambda one: one.pk)
    MustNotKnow.objects.create(case=desk.case, a=a, b=b, reason="Court order.", set_by=desk.worker)
    said = give(desk, letters[0], *(given(letter) for letter in letters[1:]))
    assert "in doubt" in said[0]
    assert "must not know of each other" in said[1]
    assert said[2] == ""
    # To whom the words name somebody of whom they must not know, on its own page too.
    with pytest.raises(Exception, match="Take the name out"):
        retype(desk, letters[2], body(letters[0]))
    for by in (desk.worker, desk.manager, elsewhere.admin, desk.duty):
        assert "Your role does not include this step" in give(desk, letters[0], given(letters[3]), by=by)[0]
    assert [world.fresh(letter).state for letter in letters] == ["typed", "drafted", "drafted", "typed"]


def test_only_what_may_be_given_and_only_to_its_own_set(desk) -> None:
    letters, others = world.several(desk, 3, only=2), world.several(desk, 2, only=1)
    alone = world.letter_in(desk, State.TYPED)
    not_theirs = [given(others[1]), given(letters[0]), given(world.hand_over(desk))]
    assert all("not handed over together" in words for words in give(desk, letters[0], *not_theirs))
    for source, match in ((alone, "by itself"), (letters[2], "typed first")):
        with pytest.raises(NotPossible, match=match):
            give(desk, source, given(letters[1]))
    with pytest.raises(Stale):
        actions.give_words(letter=letters[0], by=desk.admin, seen=Seen(0, ""), chosen=[given(letters[1])])
    Letter.objects.filter(pk=letters[2].pk).update(letter_format=LetterFormat.LANGUAGE, language="Welsh")
    assert "translation" in give(desk, letters[0], given(letters[2]))[0]
    back = actions.return_for_retyping(letter=letters[0], by=desk.worker, seen=Seen.of(letters[0]), reason="Wrong.")
    with pytest.raises(NotPossible, match="typed first"):
        give(desk, back, given(letters[1]))


@pytest.mark.policy("OGP-3a")
def test_what_is_checked_or_changed_meanwhile_is_left(desk) -> None:
    letters = world.several(desk, 3)
    retype(desk, letters[0], OTHERS)
    before = [given(letter) for letter in letters[1:]]
    world._check(desk, world.fresh(letters[1]))
    retype(desk, letters[2], "Changed since.")
    said = give(desk, letters[0], *before)
    assert "has been checked as it is" in said[0]
    assert "has changed since you opened it" in said[1]
    assert "has been checked as it is" in give(desk, letters[0], given(letters[1]))[0]
    assert world.fresh(letters[1]).state == State.WORKER_CHECKED
    assert body(letters[2]) == "Changed since."


def test_what_somebody_is_typing_is_not_lost_unseen(desk) -> None:
    letters = world.several(desk, 2, only=1)
    before = given(letters[1])
    kept = begin(letters[1], desk.other_admin, body=OTHERS)
    assert "was typing this letter" in give(desk, letters[0], before)[0]
    begin(letters[1], desk.other_admin, body=OTHERS + " More.")
    assert "was typing this letter" in give(desk, letters[0], given(letters[1], kept.edition))[0]
    assert world.fresh(letters[1]).state == State.DRAFTED
    assert WorkingText.objects.get().fields["body"] == OTHERS + " More."
    # Seen and chosen; whoever types it in another tab then is shown both texts by their next save.
    assert give(desk, letters[0], given(letters[1], kept.edition + 1)) == [""]
    assert not WorkingText.objects.exists()
    with pytest.raises(Stale):
        save_working_text(
            letter=letters[1], by=desk.other_admin, fields={}, edition=kept.edition, seen=Seen.of(letters[1])
        )


def test_the_verifier_names_words_that_were_not_given(desk, bare) -> None:
    letters = world.several(desk, 2, only=1)
    give(desk, letters[0], given(letters[1]))
    assert not list(check_words_given("default"))
    bare()
    version = world.fresh(letters[1]).typed_version
    version.content = version.content.replace("Our meeting", "Another one")
    type(version).objects.filter(pk=version.pk).update(content=version.content)
    assert [finding.subject for finding in check_words_given("default")] == [letters[1].ledger_subject]


# --- The page ---------------------------------------------------------------------------------------------------------


def typing(desk: world.Desk, letter: Letter, **over: object) -> dict[str, object]:
    fields = first_fields(world.fresh(letter))
    day, month, year = fields.pop("letter_date")
    fields |= {"letter_date_day": day, "letter_date_month": month, "letter_date_year": year, "version": 0}
    return {**seen(letter), **fields, "body": world.BODY, **over}


def test_typing_one_leads_to_the_others_and_one_press_gives_it_to_all(desk) -> None:
    letters, browser = world.several(desk, 4, only=0), signed_in(desk.admin)
    assert "4 letters with the same text" in words_of(browser.get(url("type", letters[0])))
    done = browser.post(url("type", letters[0]), typing(desk, letters[0], finish="1"))
    assert done.url == url("give_words", letters[0])
    page = words_of(browser.get(done.url))
    assert page.count(" checked>") == 3
    for letter in letters[1:]:
        assert f"Dear {letter.addressee.salutation or letter.addressee.name}" in page
        assert letter.address.line_list[0] in page
        assert Reading.objects.filter(subject=letter.ledger_subject, reader_id=desk.admin.pk).count() == 1
    assert browser.post(done.url, {**seen(letters[0]), "letter": []}).status_code == 422
    answer = browser.post(done.url, ticks(letters[0], *letters[1:]))
    assert answer.url == reverse("letters:my_work")
    assert len({world.fresh(letter).typed_version.text_hash for letter in letters}) == 1
    page = words_of(browser.get(url("give_words", letters[0])))
    assert page.count("It says this already.") == 3
    assert '<form method="post" novalidate' not in page


def test_a_correction_is_offered_to_those_that_say_the_old_words(desk) -> None:
    letters, browser = world.several(desk, 5, only=4), signed_in(desk.admin)
    retype(desk, letters[1], OTHERS)
    begin(letters[2], desk.other_admin, body="Begun otherwise.")
    world._check(desk, world.fresh(letters[3]))
    sent = typing(desk, letters[0], body="The right words.", finish="1")
    assert browser.post(url("type", letters[0]), sent).url == url("give_words", letters[0])
    begin(letters[4], desk.other_admin, body=world.BODY, subject="Our meeting")
    page = words_of(browser.get(url("give_words", letters[0])))
    ticked = {letter.reference for letter in letters if f'value="{key(letter)}" checked' in page}
    assert ticked == set(), "one has begun words, the other edition is 1"
    assert page.count(" checked>") == 1
    assert f'value="{key(letters[4], 1)}" checked' in page
    assert "typed with words of its own" in page
    assert f"{desk.other_admin.name} has begun to type other words" in page
    assert "It has been checked as it is" in page
    assert f'value="{key(letters[3])}"' not in page
    # Left as they were, but for the one that was ticked.
    browser.post(url("give_words", letters[0]), {**seen(letters[0]), "letter": [key(letters[4], 1)]})
    assert [body(letter) for letter in (letters[1], letters[2], letters[4])] == [OTHERS, world.BODY, "The right words."]
    # Chosen all the same.
    chosen = [key(letters[1]), key(letters[2], 1)]
    browser.post(url("give_words", letters[0]), {**seen(letters[0]), "letter": chosen})
    assert body(letters[1]) == body(letters[2]) == "The right words."
    assert world.fresh(letters[3]).state == State.WORKER_CHECKED


def test_one_that_was_sent_back_for_itself_is_not_ticked(desk) -> None:
    letters, browser = world.several(desk, 3), signed_in(desk.admin)
    actions.return_for_retyping(
        letter=letters[1], by=desk.worker, seen=Seen.of(letters[1]), reason="Add the time for them."
    )
    retype(desk, letters[0], OTHERS)
    page = words_of(browser.get(url("give_words", letters[0])))
    assert "Add the time for them." in page
    assert f'value="{key(letters[2])}" checked' in page
    assert f'value="{key(letters[1])}">' in page
    text = letters[2].typed_version.text_hash
    actions.send_text_back(letter=letters[2], by=desk.worker, seen_text=text, reason="All of it is wrong.")
    assert browser.get(url("give_words", letters[2])).status_code == 409


def test_what_was_entered_for_one_stays_with_it(desk) -> None:
    """Greeting and enclosures that somebody has begun to enter go with their own letter."""
    letters, browser = world.several(desk, 3, only=1), signed_in(desk.admin)
    row = ["Consent form", "2", "", "", "on"]
    begin(letters[1], desk.other_admin, salutation="Dear Gran", enclosures=[row])
    begin(letters[2], desk.other_admin, enclosures=[["Map", "", "", "", ""]])
    page = words_of(browser.get(url("give_words", letters[0])))
    assert "Dear Gran" in page
    assert "encloses Consent form" in page
    chosen = [key(letters[1], 1), key(letters[2], 1), "spoilt", key(letters[1]) + ":x", "A" * 3000]
    page = words_of(browser.post(url("give_words", letters[0]), {**seen(letters[0]), "letter": chosen}))
    assert "1 of 2 could not be done" in page
    assert "Say how many there are of the enclosure. Type it on its own page." in page
    content = world.fresh(letters[1]).typed_version.as_content
    assert content["salutation"] == "Dear Gran"
    assert [(item["title"], item["pages"], item["original"]) for item in content["enclosures"]] == [
        ("Consent form", 2, True)
    ]
    assert world.fresh(letters[2]).state == State.DRAFTED


def test_what_it_encloses_goes_along_where_that_is_asked(desk) -> None:
    """Only with those that enclose nothing; a file stands among each letter's own files then, an original goes once."""
    letters, browser = world.several(desk, 3, only=0), signed_in(desk.admin)
    checked = Checked(Kind.PDF, "application/pdf", world.A_PDF, pages=1)
    leaflet = actions.add_file(letter=letters[0], by=desk.admin, purpose="enclosure", checked=checked)
    file = EnclosedItem("Leaflet", 1, "file", leaflet.file_id, leaflet.media_type)
    passport = EnclosedItem("Passport", 1, original=True)
    typed = world.typed(salutation=f"Dear {letters[0].addressee.name}", enclosures=(file, passport))
    actions.type_letter(letter=letters[0], by=desk.admin, seen=Seen.of(letters[0]), typed=typed)
    begin(letters[2], desk.other_admin, enclosures=[["Map", "1", "", "", ""]])
    assert "encloses nothing yet: Leaflet<" in words_of(browser.get(url("give_words", letters[0])))
    chosen = [key(letters[1]), key(letters[2], 1)]
    browser.post(url("give_words", letters[0]), {**seen(letters[0]), "letter": chosen, "enclose": "1"})
    titles = [[item["title"] for item in world.fresh(one).typed_version.as_content["enclosures"]] for one in letters]
    assert titles == [["Leaflet", "Passport"], ["Leaflet"], ["Map"]]
    (copied,) = letters[1].files.all()
    assert (copied.file_id, copied.pages, copied.by) == (leaflet.file_id, leaflet.pages, desk.admin)
    assert first_fields(world.fresh(letters[1]))["enclosures"] == [["Leaflet", "1", "", str(copied.pk), ""]]
    assert not letters[2].files.exists()
    # Given once more, the file isn't there twice.
    again = given(letters[1])
    again = Given(again.letter, again.seen, 0, again.typed, again.address, enclose=True)
    assert give(desk, letters[0], again) == [""]
    assert letters[1].files.count() == 1
    assert found() == []


@pytest.mark.policy("CLS-6")
def test_no_page_tells_of_two_who_must_not_know_of_each_other(desk) -> None:
    letters, browser = world.several(desk, 3, only=1), signed_in(desk.admin)
    a, b = sorted((letters[0].addressee, letters[1].addressee), key=lambda one: one.pk)
    MustNotKnow.objects.create(case=desk.case, a=a, b=b, reason="Court order.", set_by=desk.worker)
    page = words_of(browser.get(url("give_words", letters[0])))
    assert letters[1].addressee.name not in page
    assert letters[1].reference not in page
    assert "1 more goes to people who must not know of these" in page
    browser.post(url("give_words", letters[0]), ticks(letters[0], letters[1], letters[2]))
    assert world.fresh(letters[1]).state == State.DRAFTED
    # On its own page the words are put in by a button that doesn't say whose they are.
    page = words_of(browser.get(url("type", letters[1])))
    assert "Put in the words typed for the others" in page
    assert letters[0].addressee.name not in page
    browser.post(url("type", letters[1]), typing(desk, letters[1], body="", use_words="1"))
    kept = WorkingText.objects.get(letter=letters[1]).fields
    assert (kept["body"], kept["subject"]) == (world.BODY, "Our meeting")
    browser.post(url("type", letters[1]), {**typing(desk, letters[1], body="Mine.", use_words="1"), "version": 1})
    assert WorkingText.objects.get(letter=letters[1]).fields["body"] == f"Mine.\n\n{world.BODY}"
    # A correction takes the place of the words that it says so far; others than these two have a page for that.
    retype(desk, letters[1], world.BODY)
    assert "Put in the words" not in words_of(browser.get(url("type", letters[1])))
    retype(desk, letters[0], OTHERS)
    assert "Put in the words" in words_of(browser.get(url("type", letters[1])))
    browser.post(url("type", letters[1]), typing(desk, letters[1], use_words="1"))
    assert WorkingText.objects.get(letter=letters[1]).fields["body"] == OTHERS
    retype(desk, letters[2], world.BODY)
    assert "Put in the words" not in words_of(browser.get(url("type", letters[2])))


def test_the_page_is_admins_of_the_office_and_of_letters_handed_over_together(desk, elsewhere) -> None:
    letters, alone = world.several(desk, 2, only=1), world.letter_in(desk, State.TYPED)
    for who, status in ((desk.worker, 403), (desk.manager, 403), (elsewhere.admin, 404)):
        browser = signed_in(who)
        assert browser.get(url("give_words", letters[0])).status_code == status
        assert browser.post(url("give_words", letters[0]), ticks(*letters)).status_code == status
    browser = signed_in(desk.admin)
    assert browser.get(url("give_words", alone)).status_code == 409
    assert "has to be typed first" in words_of(browser.get(url("give_words", letters[1])))
    assert url("give_words", letters[0]) in words_of(browser.get(url("letter", letters[0])))
    assert url("give_words", alone) not in words_of(browser.get(url("letter", alone)))
    assert url("give_words", letters[0]) not in words_of(signed_in(desk.worker).get(url("letter", letters[0])))
    stale = {**ticks(*letters), "seen_version": 0}
    assert browser.post(url("give_words", letters[0]), stale).status_code == 409
    assert Entry.objects.filter(subject=letters[1].ledger_subject, action="type").count() == 0


def test_many_more_letters_take_no_more_queries(desk) -> None:
    few, many, browser = world.several(desk, 2, only=1), world.several(desk, 8, only=1), signed_in(desk.admin)
    browser.get(url("give_words", few[0]))
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for letters in (few, many):
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(url("give_words", letters[0])).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["phone", *(pytest.param(kind, marks=pytest.mark.soak) for kind in ("plain", "page"))])
def test_in_a_browser_without_scripts_and_on_a_phone(request, live_server, kind) -> None:
    page: Page = request.getfixturevalue(kind)
    desk = world.Desk(world.make_office("fen", "Fenland", "screen"))
    letters = world.several(desk, 3, only=0)
    become(page, live_server.url, desk.admin)
    page.goto(live_server.url + url("type", letters[0]))
    page.get_by_role("textbox", name="Letter", exact=True).fill("We agreed that I will visit on 3 August.")
    page.get_by_label("Enclosure 1").fill("Map of the place")
    page.get_by_label("How many").first.fill("1")
    page.get_by_role("button", name="Hand to").click()
    expect(page.get_by_role("heading", name="Give the same words to the others")).to_be_visible()
    axe(page) if kind != "plain" else None
    ticks = page.get_by_role("checkbox")
    for place in range(2):
        ticks.nth(place).uncheck()
    page.get_by_role("button", name="Give these words to those ticked").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    axe(page) if kind != "plain" else None
    ticks.nth(1).check()
    page.get_by_role("button", name="Give these words to those ticked").press("Enter")
    expect(page.get_by_role("heading", name="Done", exact=True)).to_be_visible()
    axe(page) if kind != "plain" else None
    assert [world.fresh(letter).state for letter in letters] == [State.TYPED, State.DRAFTED, State.TYPED]
    ticks.nth(0).check()
    page.get_by_role("button", name="Give these words to those ticked").click()
    expect(page.locator("main")).to_contain_text("1 letter says the same now.")
