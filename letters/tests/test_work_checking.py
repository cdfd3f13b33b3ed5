"""Checking and sending back, in a browser (OGP-3a, OGP-3b)."""

import pytest
from django.urls import reverse

from letters import actions
from letters.models import Check, Proposal
from letters.states import State
from letters.tests.work_help import desk, elsewhere, last_entry, screen_desk, seen, signed_in, url, words_of
from postroom.ledger.models import Reading
from postroom.steps.engine import Seen
from tests.support import world

__all__ = ["desk", "elsewhere", "screen_desk"]

BOTH = {"address_confirmed": "on", "body_confirmed": "on"}


@pytest.mark.policy("OGP-3a")
def test_the_worker_confirms_address_and_body_and_the_ledger_says_so(desk):
    letter = world.letter_in(desk, State.TYPED)
    page = signed_in(desk.worker).get(url("check", letter))
    assert "Sample Road" in words_of(page)
    response = signed_in(desk.worker).post(url("check", letter), {**seen(letter), **BOTH, "then": "letter"})
    assert response.status_code == 302
    assert response.url == url("letter", letter)
    assert world.fresh(letter).state == State.WORKER_CHECKED
    entry = last_entry(letter)
    assert (entry.action, entry.actor_id) == ("check", desk.worker.pk)
    assert Check.objects.get(letter=letter).version_id == world.fresh(letter).current_id


@pytest.mark.policy("OGP-3a")
@pytest.mark.parametrize("missing", ["address_confirmed", "body_confirmed"])
def test_one_confirmation_alone_is_no_check(desk, missing):
    letter = world.letter_in(desk, State.TYPED)
    given = {name: value for name, value in BOTH.items() if name != missing}
    response = signed_in(desk.worker).post(url("check", letter), {**seen(letter), **given})
    assert response.status_code == 200
    assert "or send the letter back" in words_of(response)
    assert f'name="{next(iter(given))}"' in words_of(response)
    assert "checked" in words_of(response).split(f'name="{next(iter(given))}"')[1][:200]
    assert world.fresh(letter).state == State.TYPED


def test_checking_refuses_the_wrong_person_the_other_office_and_the_wrong_state(desk, elsewhere):
    letter = world.letter_in(desk, State.TYPED)
    data = {**seen(letter), **BOTH}
    for somebody in (desk.admin, desk.other_worker):
        # Another worker of the office reads only their own cases' letters.
        expected = 403 if somebody == desk.admin else 404
        assert signed_in(somebody).get(url("check", letter)).status_code == expected
        assert signed_in(somebody).post(url("check", letter), data).status_code == expected
    assert signed_in(elsewhere.manager).post(url("check", letter), data).status_code == 404
    assert signed_in(elsewhere.worker).get(url("check", letter)).status_code == 404
    drafted = world.letter_in(desk, State.DRAFTED)
    assert signed_in(desk.worker).get(url("check", drafted)).status_code == 409
    assert signed_in(desk.worker).post(url("check", drafted), {**seen(drafted), **BOTH}).status_code == 409
    assert world.fresh(letter).state == State.TYPED


def test_what_changed_meanwhile_is_told_with_who_and_when(desk):
    letter = world.letter_in(desk, State.TYPED)
    stale = seen(letter)
    actions.type_letter(letter=letter, by=desk.admin, seen=Seen.of(letter), typed=world.typed("Other words now."))
    response = signed_in(desk.worker).post(url("check", letter), {**stale, **BOTH})
    assert response.status_code == 409
    page = words_of(response)
    assert "Nothing was done" in page
    assert desk.admin.name in page
    assert "version 2" in page
    assert not Check.objects.exists()


def test_a_button_pressed_twice_is_told_as_done(desk):
    letter = world.letter_in(desk, State.TYPED)
    once = {**seen(letter), **BOTH}
    browser = signed_in(desk.worker)
    browser.post(url("check", letter), once)
    response = browser.post(url("check", letter), once)
    assert response.status_code == 409
    assert "You have done this already" in words_of(response)
    assert Check.objects.count() == 1


@pytest.mark.parametrize("spoilt", [{}, {"seen_version": "x"}, {"seen_version": "9" * 40}, {"seen_version": "-1"}])
def test_without_what_was_seen_nothing_is_checked(desk, spoilt):
    letter = world.letter_in(desk, State.TYPED)
    assert signed_in(desk.worker).post(url("check", letter), {**spoilt, **BOTH}).status_code == 409
    assert world.fresh(letter).state == State.TYPED


@pytest.mark.policy("OGP-3b")
def test_whoever_may_pp_checks_the_same_way(desk):
    letter = world.letter_in(desk, State.TYPED)
    for somebody in (desk.duty, desk.ap, desk.deputy, desk.manager):
        assert signed_in(somebody).get(url("check", letter)).status_code == 200
    response = signed_in(desk.duty).post(url("check", letter), {**seen(letter), **BOTH})
    assert response.status_code == 302
    assert Check.objects.get().by == desk.duty


def test_the_second_check_opens_on_the_differences(desk):
    letter = world.letter_in(desk, State.TYPED)
    browser = signed_in(desk.worker)
    assert "What changed" not in words_of(browser.get(url("check", letter)))
    actions.type_letter(
        letter=letter,
        by=desk.admin,
        seen=Seen.of(world.fresh(letter)),
        typed=world.typed(world.BODY.replace("Monday", "Tuesday")),
    )
    page = words_of(browser.get(url("check", letter)))
    assert "What changed since you saw version 1" in page
    assert "<del>" in page
    assert "Monday." in page.split("<del>")[1][:80]
    assert "Tuesday." in page.split("<ins>")[1][:80]
    # Somebody who never saw the first version is not shown a comparison with it.
    assert "What changed" not in words_of(signed_in(desk.manager).get(url("check", letter)))


def test_check_and_next_walks_the_queue_and_says_when_it_ends(desk):
    letters = [world.letter_in(desk, State.TYPED) for _ in range(3)]
    browser = signed_in(desk.worker)
    response = browser.get(reverse("letters:next_check"))
    for letter in letters:
        assert response.url == url("check", letter) + "?walk=1"
        assert "Confirm and check next" in words_of(browser.get(response.url))
        response = browser.post(url("check", letter), {**seen(letter), **BOTH, "walk": "1", "then": "next"})
        assert response.url == reverse("letters:next_check")
        response = browser.get(response.url)
    assert response.url == reverse("letters:my_work")
    assert "You have checked every letter" in words_of(browser.get(response.url))


def test_check_then_sign_is_two_buttons_on_screen(screen_desk):
    letter = world.letter_in(screen_desk, State.TYPED)
    browser = signed_in(screen_desk.worker)
    response = browser.post(url("check", letter), {**seen(letter), **BOTH, "then": "sign"})
    assert response.url == url("sign", letter)
    response = browser.post(response.url, seen(letter))
    assert response.status_code == 302
    assert world.fresh(letter).state == State.SIGNED


@pytest.mark.policy("OGP-3a")
def test_sending_back_keeps_reason_and_proposed_wording(desk):
    letter = world.letter_in(desk, State.WORKER_CHECKED)
    browser = signed_in(desk.worker)
    assert "We agreed that" in words_of(browser.get(url("send_back", letter)))
    data = {**seen(letter), "reason": "It was Tuesday.", "proposed_body": "Thank you for meeting me on Tuesday."}
    assert browser.post(url("send_back", letter), data).status_code == 302
    letter = world.fresh(letter)
    assert letter.state == State.DRAFTED
    assert letter.checked_by is None
    proposal = Proposal.objects.get()
    assert (proposal.note, proposal.body) == ("It was Tuesday.", "Thank you for meeting me on Tuesday.")
    assert last_entry(letter).action == "return_for_retyping"


def test_without_a_reason_what_was_typed_stays(desk):
    letter = world.letter_in(desk, State.TYPED)
    data = {**seen(letter), "reason": " ", "proposed_body": "Quite other words."}
    response = signed_in(desk.worker).post(url("send_back", letter), data)
    assert response.status_code == 200
    assert "Say what is wrong" in words_of(response)
    assert "Quite other words." in words_of(response)
    assert world.fresh(letter).state == State.TYPED


def test_what_was_typed_is_shown_again_when_the_letter_moved_on(desk):
    letter = world.letter_in(desk, State.TYPED)
    stale = seen(letter)
    actions.check(letter=letter, by=desk.worker, seen=Seen.of(letter), address_confirmed=True, body_confirmed=True)
    data = {**stale, "reason": "Wrong day.", "proposed_body": "Tuesday."}
    response = signed_in(desk.worker).post(url("send_back", letter), data)
    assert response.status_code == 409
    assert "Wrong day." in words_of(response)
    assert "Tuesday." in words_of(response)


def test_sending_back_refuses_admin_and_the_wrong_state(desk):
    letter = world.letter_in(desk, State.TYPED)
    data = {**seen(letter), "reason": "No."}
    assert signed_in(desk.admin).post(url("send_back", letter), data).status_code == 403
    posted = world.letter_in(desk, State.POSTED)
    assert signed_in(desk.worker).get(url("send_back", posted)).status_code == 409


@pytest.mark.policy("CLS-1")
def test_opening_a_letter_to_check_is_logged_as_reading(desk):
    letter = world.letter_in(desk, State.TYPED)
    signed_in(desk.worker).get(url("check", letter))
    assert Reading.objects.get(subject=letter.ledger_subject).reader_id == desk.worker.pk
    signed_in(desk.admin).get(url("check", letter))
    assert Reading.objects.filter(subject=letter.ledger_subject, reader_id=desk.admin.pk).count() == 1
