"""The typing screen (OGP-2): autosave, conflicts, preview, proposals, changes after the check."""

import pytest
from django.utils import timezone

from letters import actions
from letters.models import Letter, WorkingText
from letters.policy import can
from letters.states import Action, State
from letters.tests.desk_help import date_parts, desk, elsewhere, last_entry, seen, signed_in, url
from postroom.cases.models import Address
from postroom.steps.engine import Seen
from tests.support import world

__all__ = ["desk", "elsewhere"]
pytestmark = pytest.mark.django_db
TEXT = "Thank you for coming.\r\n\r\nI will **visit** on 3 August."


def entries(desk, letter, **over):
    return {
        **seen(letter),
        "version": 0,
        "address": desk.address.pk,
        **date_parts("letter_date", timezone.localdate()),
        "salutation": "Dear Ms Example",
        "subject": "Our meeting",
        "body": TEXT,
        "sign_off": "Yours sincerely",
        **over,
    }


@pytest.fixture
def drafted(desk):
    return world.hand_over(desk)


@pytest.mark.policy("OGP-2")
def test_admin_types_and_hands_it_to_the_worker(desk, drafted):
    client = signed_in(desk.admin)
    page = client.get(url("type", drafted))
    assert page.context["form"].initial["salutation"] == f"Dear {desk.parent.salutation}"
    assert "please type: thanks for meeting me" in page.content.decode()
    sent = entries(desk, drafted, finish="1", **{"enclosure-1-title": "A map", "enclosure-1-sheets": "2"})
    answer = client.post(url("type", drafted), sent)
    assert answer.status_code == 302, answer.content.decode()
    letter = world.fresh(drafted)
    assert letter.state == State.TYPED
    assert letter.current.body == TEXT.replace("\r\n", "\n")
    assert letter.current.as_content["enclosures"][0]["title"] == "A map"
    assert last_entry(letter).action == "type"
    assert not WorkingText.objects.exists()


@pytest.mark.parametrize("name", ["type", "autosave", "preview"])
def test_only_admin_of_the_office_types(desk, elsewhere, drafted, name):
    for person in (desk.worker, desk.manager, desk.duty):
        assert signed_in(person).post(url(name, drafted), entries(desk, drafted, finish="1")).status_code == 403
    assert signed_in(elsewhere.admin).post(url(name, drafted), entries(desk, drafted)).status_code == 404
    assert world.fresh(drafted).state == State.DRAFTED
    assert not WorkingText.objects.exists()


@pytest.mark.parametrize("name", ["autosave", "preview"])
def test_get_is_refused_where_it_must_be_post(desk, drafted, name):
    assert signed_in(desk.admin).get(url(name, drafted)).status_code == 405


def test_a_posted_letter_is_not_typed_and_the_text_is_shown(desk):
    letter = world.letter_in(desk, State.POSTED)
    client = signed_in(desk.admin)
    assert client.get(url("type", letter)).status_code == 409
    answer = client.post(url("type", letter), entries(desk, letter, finish="1"))
    assert answer.status_code == 409
    assert "I will **visit** on 3 August." in answer.content.decode()


def test_what_is_typed_is_kept_by_itself(desk, drafted):
    client = signed_in(desk.admin)
    answer = client.post(url("autosave", drafted), entries(desk, drafted, body="Half a sen"))
    assert answer.json() == {"version": 1}
    answer = client.post(url("autosave", drafted), entries(desk, drafted, body="Half a sentence", version=1))
    assert answer.json() == {"version": 2}
    page = signed_in(desk.other_admin).get(url("type", drafted))
    assert page.context["form"].initial["body"] == "Half a sentence"
    assert page.context["edition"] == 2


def test_a_half_filled_form_is_kept_as_it_is(desk, drafted):
    client = signed_in(desk.admin)
    odd = {"letter_date_day": "31", "letter_date_month": "febr", "enclosure-1-title": "", "enclosure-1-sheets": "x"}
    client.post(url("type", drafted), entries(desk, drafted, body="\0Odd", save="1", **odd))
    body = client.get(url("type", drafted)).content.decode()
    assert 'value="febr"' in body
    assert 'value="x"' in body
    assert "Odd" in body


def test_a_second_tab_is_told_and_both_texts_are_shown(desk, drafted):
    client = signed_in(desk.admin)
    client.post(url("autosave", drafted), entries(desk, drafted, body="The first text."))
    answer = client.post(url("autosave", drafted), entries(desk, drafted, body="The second text.", version=0))
    assert answer.status_code == 409
    assert "error" in answer.json()
    for button in ("save", "show", "finish"):
        answer = client.post(
            url("type", drafted), entries(desk, drafted, body="The second text.", version=0, **{button: "1"})
        )
        assert answer.status_code == 409
        body = answer.content.decode()
        assert "The first text." in body
        assert "The second text." in body
    assert WorkingText.objects.get().fields["body"] == "The first text."
    assert world.fresh(drafted).state == State.DRAFTED


def test_the_scripts_own_save_overtaking_the_button_is_no_conflict(desk, drafted):
    client = signed_in(desk.admin)
    sent = entries(desk, drafted, body="One text.", version=0)
    client.post(url("autosave", drafted), sent)
    assert client.post(url("type", drafted), {**sent, "finish": "1"}).status_code == 302
    assert world.fresh(drafted).state == State.TYPED


def test_one_of_two_texts_is_chosen(desk, drafted):
    client = signed_in(desk.admin)
    client.post(url("autosave", drafted), entries(desk, drafted, body="The first text."))
    conflict = client.post(url("type", drafted), entries(desk, drafted, body="The second text.", version=0, save="1"))
    again = dict(conflict.context["hidden"])
    again |= {**seen(drafted), "version": conflict.context["edition"], "overwrite": "1"}
    assert client.post(url("type", drafted), again).status_code == 302
    assert WorkingText.objects.get().fields["body"] == "The second text."


def test_a_letter_finished_by_somebody_else_meanwhile_loses_nothing(desk, drafted):
    mine = entries(desk, drafted, body="My longer text.", version=0)
    letter = actions.type_letter(
        letter=drafted, by=desk.other_admin, seen=Seen.of(drafted), typed=world.typed("Their text.")
    )
    answer = signed_in(desk.admin).post(url("type", drafted), {**mine, "finish": "1"})
    assert answer.status_code == 409
    assert "My longer text." in answer.content.decode()
    assert "Their text." in answer.content.decode()
    assert signed_in(desk.admin).post(url("autosave", drafted), mine).status_code == 409
    assert world.fresh(letter).current.body == "Their text."


@pytest.mark.policy("OGP-4a")
def test_the_pages_are_shown_and_belong_to_this_letter_alone(desk, elsewhere, drafted):
    client = signed_in(desk.admin)
    answer = client.post(url("preview", drafted), entries(desk, drafted))
    assert answer.status_code == 200
    shown = answer.context["preview"]
    assert shown.pages == 1
    picture = client.get(url("preview_picture", drafted, shown.key, 1))
    assert picture["Content-Type"] == "image/png"
    assert "private" in picture["Cache-Control"]
    other = world.hand_over(desk)
    assert client.get(url("preview_picture", other, shown.key, 1)).status_code == 404
    assert client.get(url("preview_picture", drafted, shown.key, 2)).status_code == 404
    assert signed_in(desk.worker).get(url("preview_picture", drafted, shown.key, 1)).status_code == 403
    assert signed_in(elsewhere.admin).get(url("preview_picture", drafted, shown.key, 1)).status_code == 404
    assert world.fresh(drafted).state == State.DRAFTED


def test_the_pages_are_shown_without_scripts(desk, drafted):
    answer = signed_in(desk.admin).post(url("type", drafted), entries(desk, drafted, show="1"))
    assert answer.status_code == 200
    assert "/type/preview/" in answer.content.decode()
    assert WorkingText.objects.get().fields["body"] == TEXT.replace("\r\n", "\n")


@pytest.mark.policy("OGP-4a")
def test_an_address_that_can_not_be_printed_is_a_fault_while_typing(desk, drafted):
    bad = Address.objects.create(
        person=desk.parent,
        lines="No fixed abode\nNORTHMERE\nNM2 3BB",
        source="ics",
        verified_on=timezone.localdate(),
        verified_by=desk.worker,
    )
    client = signed_in(desk.admin)
    answer = client.post(url("preview", drafted), entries(desk, drafted, address=bad.pk))
    assert answer.status_code == 422
    assert "no fixed address" in answer.content.decode()
    answer = client.post(url("type", drafted), entries(desk, drafted, address=bad.pk, finish="1"))
    assert answer.status_code == 422
    assert "address" in answer.context["form"].errors
    assert "I will **visit** on 3 August." in answer.content.decode()


@pytest.mark.policy("OGP-4a")
def test_an_address_too_wide_for_the_window_is_a_fault_while_typing(desk, drafted):
    bad = Address.objects.create(
        person=desk.parent,
        lines="The Extraordinarily Long Invented House Name Beside The Old Sample Mill And Weir\nNORTHMERE\nNM2 3BB",
        source="ics",
        verified_on=timezone.localdate(),
        verified_by=desk.worker,
    )
    answer = signed_in(desk.admin).post(url("type", drafted), entries(desk, drafted, address=bad.pk, finish="1"))
    assert answer.status_code == 422
    assert "address" in answer.context["form"].errors


@pytest.mark.policy("CLS-6")
@pytest.mark.parametrize("state", [State.DRAFTED, State.TYPED, State.WORKER_CHECKED])
def test_a_letter_whose_address_was_retired_is_typed_for_the_new_one(desk, state):
    letter = world.letter_in(desk, state)
    new = world.make_address(desk.parent, desk.worker)
    Address.objects.filter(pk=desk.address.pk).update(retired_at=timezone.now())
    client = signed_in(desk.admin)
    assert url("type", letter) in client.get(url("letter", letter)).content.decode()
    kept = client.post(url("type", letter), entries(desk, letter, finish="1", reason="They moved."))
    assert kept.status_code == 422
    sent = entries(desk, letter, version=1, address=new.pk, finish="1", reason="They moved.")
    assert client.post(url("type", letter), sent).status_code == 302
    letter = world.fresh(letter)
    assert (letter.state, letter.address_id, letter.typed_version.address_id) == (State.TYPED, new.pk, new.pk)
    assert can(letter, desk.worker, Action.CHECK)


@pytest.mark.policy("CLS-6")
def test_an_address_in_doubt_can_not_be_chosen_and_what_is_typed_is_kept(desk, drafted):
    Address.objects.filter(pk=desk.address.pk).update(in_doubt=True, doubt_reason="It came back.")
    client = signed_in(desk.admin)
    assert "It came back." in client.get(url("type", drafted)).content.decode()
    answer = client.post(url("type", drafted), entries(desk, drafted, finish="1"))
    assert answer.status_code == 422
    assert WorkingText.objects.get().fields["body"]


@pytest.mark.parametrize("wrong", [{"body": " "}, {"salutation": ""}, {"letter_date_month": "13"}, {"sign_off": ""}])
def test_bad_input_keeps_what_was_typed(desk, drafted, wrong):
    answer = signed_in(desk.admin).post(url("type", drafted), entries(desk, drafted, finish="1", **wrong))
    assert answer.status_code == 422
    assert "There is a problem" in answer.content.decode()
    assert "Our meeting" in answer.content.decode()
    assert world.fresh(drafted).state == State.DRAFTED


def test_an_enclosure_without_its_sheets_is_a_fault(desk, drafted):
    sent = entries(desk, drafted, finish="1", **{"enclosure-1-title": "A map", "enclosure-1-sheets": ""})
    answer = signed_in(desk.admin).post(url("type", drafted), sent)
    assert answer.status_code == 422
    assert "Say how many there are of the enclosure" in answer.content.decode()


def test_more_rows_for_enclosures(desk, drafted):
    sent = entries(desk, drafted, more_enclosures="1", **{"enclosure-1-title": "A map", "enclosure-1-sheets": "1"})
    answer = signed_in(desk.admin).post(url("type", drafted), sent)
    assert len(answer.context["rows"]) == 4
    assert "A map" in answer.content.decode()


def test_the_draft_is_copied_in(desk, drafted):
    client = signed_in(desk.admin)
    client.post(url("type", drafted), entries(desk, drafted, body="", use_draft="1"))
    assert client.get(url("type", drafted)).context["form"].initial["body"] == drafted.draft_text


@pytest.mark.policy("OGP-3a")
def test_a_proposed_wording_is_shown_and_taken_in_with_one_button(desk):
    letter = world.letter_in(desk, State.TYPED)
    letter = actions.return_for_retyping(
        letter=letter,
        by=desk.worker,
        seen=Seen.of(letter),
        reason="The day is wrong.",
        proposed_body=letter.current.body.replace("Monday", "Tuesday"),
    )
    client = signed_in(desk.admin)
    page = client.get(url("type", letter))
    body = page.content.decode()
    assert "The day is wrong." in body
    assert "Tuesday" in body
    proposal = letter.proposals.get()
    sent = entries(desk, letter, body=letter.current.body, take_in=proposal.pk, subject="Kept as typed")
    assert client.post(url("type", letter), sent).status_code == 302
    initial = client.get(url("type", letter)).context["form"].initial
    assert "Tuesday" in initial["body"]
    assert initial["subject"] == "Kept as typed"


def test_a_proposal_of_another_letter_is_not_taken_in(desk):
    letter, other = world.letter_in(desk, State.TYPED), world.letter_in(desk, State.TYPED)
    other = actions.return_for_retyping(
        letter=other, by=desk.worker, seen=Seen.of(other), reason="No.", proposed_body="Other words."
    )
    client = signed_in(desk.admin)
    client.post(url("type", letter), entries(desk, letter, take_in=other.proposals.get().pk))
    assert "Other words." not in client.get(url("type", letter)).content.decode()


@pytest.mark.policy("OGP-3a")
@pytest.mark.parametrize("state", [State.WORKER_CHECKED, State.SIGNED])
def test_a_change_after_the_check_says_so_and_needs_a_reason(desk, state):
    letter = world.letter_in(desk, state)
    client = signed_in(desk.admin)
    assert "they will be told" in client.get(url("type", letter)).content.decode()
    answer = client.post(url("type", letter), entries(desk, letter, finish="1"))
    assert answer.status_code == 422
    assert "reason" in answer.context["form"].errors
    assert world.fresh(letter).state == state
    working = WorkingText.objects.get(letter=letter)
    sent = entries(desk, letter, finish="1", reason="The date was wrong.", version=working.edition)
    assert client.post(url("type", letter), sent).status_code == 302
    after = world.fresh(letter)
    assert after.state == State.TYPED
    assert after.checked_by is None
    assert last_entry(after).action == "edit_after_check"


def test_the_screen_takes_a_fixed_number_of_queries(desk, drafted, django_assert_max_num_queries):
    client = signed_in(desk.admin)
    for _ in range(4):
        world.make_address(desk.parent, desk.worker)
        world.hand_over(desk)
    with django_assert_max_num_queries(25):  # one for the number at the head of the page, one for whom it names
        client.get(url("type", drafted))


def test_nobody_types_an_unknown_letter(desk):
    assert signed_in(desk.admin).get("/letters/AAAAAAAAA/type/").status_code == 404
    assert not Letter.objects.exists()


def test_typed_by_somebody_in_the_very_moment_of_a_save(desk, drafted, monkeypatch):
    """The row of what is being typed goes with the step that finishes it, while a save waits for that row."""
    row = actions.save_working_text(letter=drafted, by=desk.admin, fields={"body": "Mine."}, edition=0)

    def found_and_gone(**wanted):
        WorkingText.objects.filter(pk=row.pk).delete()
        return row, False

    monkeypatch.setattr(WorkingText.objects, "get_or_create", found_and_gone)
    page = signed_in(desk.admin).post(url("autosave", drafted), entries(desk, drafted, version=1))
    assert page.status_code == 409
    assert "took a step while you were typing" in page.json()["error"]
