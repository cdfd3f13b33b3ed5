"""The admin's steps in a browser: envelope, reopen, post, upload, returned (OGP-4 to OGP-6)."""

import datetime as dt

import pytest
from django.utils import timezone

from letters import actions
from letters.actions.enveloping import sheets_to_count
from letters.models import Letter, Return
from letters.states import State
from letters.tests.desk_help import date_parts, desk, elsewhere, last_entry, seen, signed_in, url
from postroom.ledger.models import Reading
from postroom.steps.engine import Seen
from tests.support import world

__all__ = ["desk", "elsewhere"]
pytestmark = pytest.mark.django_db


def in_hand(desk: world.Desk) -> Letter:
    """Signed, and the signed sheets are with admin."""
    return world.sheets_in_hand(desk, world.letter_in(desk, State.SIGNED))


# name of the page -> the letter in the right state, what a good form holds, the state after
PAGES = {
    "envelope": (
        in_hand,
        lambda letter: {
            "sheets": sheets_to_count(letter),
            "contents_checked": "on",
            "new_envelope": "on",
            "return_mark_on": "on",
            "initials_written": "on",
        },
        State.ENVELOPED,
    ),
    "reopen": (
        lambda desk: world.letter_in(desk, State.ENVELOPED),
        lambda letter: {"reason": "The leaflet was left out."},
        State.SIGNED,
    ),
    "post": (
        lambda desk: world.letter_in(desk, State.ENVELOPED),
        lambda letter: {**date_parts("posted_on", timezone.localdate()), "post_class": "second"},
        State.POSTED,
    ),
    "upload": (
        lambda desk: world.letter_in(desk, State.POSTED),
        lambda letter: {"ics_reference": "ICS-DOC-77"},
        State.UPLOADED,
    ),
    "returned": (
        lambda desk: world.letter_in(desk, State.POSTED),
        lambda letter: {
            **date_parts("came_back_on", timezone.localdate()),
            "was_opened": "no",
            "reason": "Gone away.",
        },
        State.RETURNED,
    ),
}
ACTION = {"returned": "return_undelivered"}


@pytest.fixture(params=PAGES)
def step(request, desk):
    make, entries, after = PAGES[request.param]
    letter = make(desk)
    return request.param, letter, entries(letter), after


def test_works_and_is_in_the_ledger(desk, step):
    name, letter, entries, after = step
    client = signed_in(desk.admin)
    assert client.get(url(name, letter)).status_code == 200
    answer = client.post(url(name, letter), {**seen(letter), **entries})
    assert answer.status_code == 302, answer.content.decode()
    assert world.fresh(letter).state == after
    assert last_entry(letter).action == ACTION.get(name, name)
    assert last_entry(letter).actor_id == desk.admin.pk


def test_a_look_changes_nothing_and_is_logged(desk, step):
    name, letter, _, _ = step
    before = letter.version
    signed_in(desk.admin).get(url(name, letter))
    assert world.fresh(letter).version == before
    assert Reading.objects.filter(subject=letter.ledger_subject, reader_id=desk.admin.pk, what="page").exists()


@pytest.mark.policy("OGP-4b")
def test_the_wrong_role_is_refused(desk, step):
    name, letter, entries, _ = step
    for person in (desk.worker, desk.manager, desk.ap, desk.duty):
        client = signed_in(person)
        assert client.get(url(name, letter)).status_code == 403
        assert client.post(url(name, letter), {**seen(letter), **entries}).status_code == 403
    assert world.fresh(letter).version == letter.version


@pytest.mark.policy("CLS-1")
def test_another_office_finds_nothing(desk, elsewhere, step):
    name, letter, entries, _ = step
    client = signed_in(elsewhere.admin)
    assert client.get(url(name, letter)).status_code == 404
    assert client.post(url(name, letter), {**seen(letter), **entries}).status_code == 404
    assert world.fresh(letter).version == letter.version


def test_the_wrong_state_is_a_conflict(desk, step):
    name, _, entries, _ = step
    other = world.letter_in(desk, State.TYPED)
    client = signed_in(desk.admin)
    assert client.get(url(name, other)).status_code == 409
    assert client.post(url(name, other), {**seen(other), **entries}).status_code == 409
    assert world.fresh(other).state == State.TYPED


def test_a_stale_page_is_a_conflict(desk, step):
    name, letter, entries, _ = step
    stale = {**seen(letter), "seen_version": letter.version - 1}
    answer = signed_in(desk.admin).post(url(name, letter), {**stale, **entries})
    assert answer.status_code == 409
    assert world.fresh(letter).version == letter.version


def test_an_empty_form_says_what_to_do_and_changes_nothing(desk, step):
    name, letter, _, _ = step
    answer = signed_in(desk.admin).post(url(name, letter), seen(letter))
    assert answer.status_code == 422
    assert "There is a problem" in answer.content.decode()
    assert world.fresh(letter).version == letter.version


def test_other_methods_are_refused(desk, step):
    name, letter, _, _ = step
    assert signed_in(desk.admin).put(url(name, letter)).status_code == 405


def test_queries_do_not_grow_with_the_office(desk, step, django_assert_max_num_queries):
    name, letter, _, _ = step
    client = signed_in(desk.admin)
    client.get(url(name, letter))
    for _ in range(3):
        world.letter_in(desk, State.POSTED)
    with django_assert_max_num_queries(17):
        client.get(url(name, letter))


@pytest.mark.policy("OGP-4b")
def test_a_wrong_count_of_sheets_is_refused_and_the_count_stays(desk):
    letter = in_hand(desk)
    entries = PAGES["envelope"][1](letter)
    answer = signed_in(desk.admin).post(url("envelope", letter), {**seen(letter), **entries, "sheets": "7"})
    assert answer.status_code == 422
    body = answer.content.decode()
    assert "you counted 7" in body
    assert 'value="7"' in body


@pytest.mark.policy("OGP-4b")
@pytest.mark.parametrize("tick", ["contents_checked", "new_envelope", "return_mark_on", "initials_written"])
def test_each_tick_is_needed(desk, tick):
    letter = in_hand(desk)
    entries = PAGES["envelope"][1](letter)
    del entries[tick]
    answer = signed_in(desk.admin).post(url("envelope", letter), {**seen(letter), **entries})
    assert answer.status_code == 422
    assert tick in answer.context["form"].errors
    assert world.fresh(letter).state == State.SIGNED


@pytest.mark.policy("OGP-4b")
def test_the_envelope_asks_for_the_initials_of_whoever_is_signed_in(desk):
    letter = in_hand(desk)
    body = signed_in(desk.other_admin).get(url("envelope", letter)).content.decode()
    assert f"<em>{desk.other_admin.initials}</em>" in body
    entries = PAGES["envelope"][1](letter)
    signed_in(desk.other_admin).post(url("envelope", letter), {**seen(letter), **entries})
    assert world.fresh(letter).initialled_by == desk.other_admin


@pytest.mark.policy("OGP-4a")
def test_the_envelope_page_shows_the_address_of_the_version(desk):
    letter = in_hand(desk)
    body = signed_in(desk.admin).get(url("envelope", letter)).content.decode()
    for line in letter.current.as_content["address_lines"]:
        assert line in body


def test_a_posting_date_in_the_future_or_before_the_envelope_is_refused(desk):
    letter = world.letter_in(desk, State.ENVELOPED)
    client = signed_in(desk.admin)
    for days, words in ((1, "in the future"), (-1, "posted before")):
        day = timezone.localdate() + dt.timedelta(days=days)
        answer = client.post(
            url("post", letter), {**seen(letter), **date_parts("posted_on", day), "post_class": "first"}
        )
        assert answer.status_code == 422
        assert words in answer.content.decode()
        assert f'value="{day.year}"' in answer.content.decode()


@pytest.mark.policy("OGP-6")
def test_the_notes_begin_with_the_day_posted(desk):
    letter = world.letter_in(desk, State.POSTED)
    page = signed_in(desk.admin).get(url("upload", letter))
    assert page.context["notes"].startswith(f"Posted {letter.posted_on.day} {letter.posted_on:%B %Y}.")


@pytest.mark.policy("OGP-6")
def test_a_missing_upload_stays_due_after_the_return(desk):
    letter = world.letter_in(desk, State.RETURNED)
    client = signed_in(desk.admin)
    body = client.get(url("returned_next", letter)).content.decode()
    assert url("upload", letter) in body
    assert client.post(url("upload", letter), {**seen(letter), "ics_reference": "ICS-9"}).status_code == 302
    assert url("upload", letter) not in client.get(url("returned_next", letter)).content.decode()


def test_an_opened_letter_leads_to_a_breach_report(desk):
    letter = world.letter_in(desk, State.POSTED)
    client = signed_in(desk.admin)
    entries = {**PAGES["returned"][1](letter), "was_opened": "yes"}
    answer = client.post(url("returned", letter), {**seen(letter), **entries}, follow=True)
    assert Return.objects.get().was_opened
    assert "data breach" in answer.content.decode()


def test_what_comes_next_is_only_there_after_a_return(desk):
    assert signed_in(desk.admin).get(url("returned_next", world.letter_in(desk, State.POSTED))).status_code == 404


def test_an_envelope_whose_sheets_are_not_in_hand_says_so(desk):
    letter = world.letter_in(desk, State.SIGNED)
    answer = signed_in(desk.admin).get(url("envelope", letter))
    assert answer.status_code == 409
    assert "signed sheets are not in hand" in answer.content.decode()


def test_a_letter_that_moved_on_shows_what_was_typed(desk):
    letter = world.letter_in(desk, State.ENVELOPED)
    before = seen(letter)
    actions.reopen(letter=letter, by=desk.other_admin, seen=Seen.of(letter), reason="Wrong leaflet.")
    answer = signed_in(desk.admin).post(url("reopen", letter), {**before, "reason": "The map is missing."})
    assert answer.status_code == 409
    assert "The map is missing." in answer.content.decode()
    assert desk.other_admin.name in answer.content.decode()
