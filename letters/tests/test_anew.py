"""A letter whose names or address changed on the case says so, isn't printed, and waits in a list of its own."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.db.migrations import Migration
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from letters import actions, anew
from letters.actions.print_runs import make_run, start_run
from letters.actions.tray import Chosen
from letters.models import Anew, Letter
from letters.queues import BY_SLUG, Viewer
from letters.states import GUARD_WORDS, Action, Guard, State
from letters.tests.work_help import desk, signed_in, url, words_of
from letters.ways import Way
from letters.work_lists import page_of
from postroom.cases import actions as case_actions
from postroom.cases.actions import PersonDetails
from postroom.cases.models import Address, Case, CasePerson
from postroom.outbox.models import Job
from postroom.people.authority import authority_of
from postroom.people.models import User
from postroom.steps.engine import Seen
from postroom.steps.errors import GuardFailed
from tests.support import world

__all__ = ["desk"]
pytestmark = pytest.mark.policy("OGP-3a", "OGP-4b", "CLS-6")
NEW = "Mx New Copy"


@pytest.fixture
def copied(desk: world.Desk, monkeypatch: pytest.MonkeyPatch) -> CasePerson:
    """Somebody on the case whom every letter names as having a copy."""
    plain = world.hand_over
    other = CasePerson.objects.create(case=desk.case, relationship="relative", name="Mx Old Copy")

    def naming(*args: object, **more: object) -> Letter:
        letter = plain(*args, **more)  # type: ignore[arg-type]
        letter.copies_to.add(other)
        return letter

    monkeypatch.setattr(world, "hand_over", naming)
    return other


def step_of_case(desk: world.Desk, verb: Callable[..., Case], **more: object) -> None:
    case = Case.objects.get(pk=desk.case.pk)
    verb(case=case, by=desk.worker, seen=Seen.of(case), **more)


def rename(desk: world.Desk, person: CasePerson, name: str = NEW) -> None:
    details = PersonDetails(relationship=person.relationship, name=name)
    step_of_case(desk, case_actions.change_person, person=person, details=details)


def lists_with(user: User, letter: Letter) -> set[str]:
    """The lists of this person's work in which the letter is."""
    viewer = Viewer(user, authority_of(user))
    slugs = [slug for slug, queue in BY_SLUG.items() if queue.is_work and queue.parts(viewer) is not None]
    return {
        slug
        for slug in slugs
        if letter.reference in [row.reference for row in page_of(viewer, BY_SLUG[slug], size=9)[0]]
    }


@pytest.mark.parametrize("state", [State.TYPED, State.WORKER_CHECKED, State.SIGNED])
def test_renamed_under_copy_to_it_is_unchecked_not_printed_and_to_be_typed_anew(
    desk: world.Desk, copied: CasePerson, state: State
):
    letter = world.letter_in(desk, state)
    rename(desk, copied)
    letter = world.fresh(letter)
    assert (letter.state, letter.checked_by, letter.anew) == (State.TYPED, None, Anew.TYPE)
    assert not letter.signatures.filter(voided_at__isnull=True).exists()
    with pytest.raises(GuardFailed) as caught:
        actions.print_letter(letter=letter, by=desk.admin, seen=Seen.of(letter))
    assert caught.value.guard == Guard.LINES_CURRENT
    assert lists_with(desk.admin, letter) == {"anew"}
    assert not lists_with(desk.worker, letter)
    page = signed_in(desk.admin).get(url("letter", letter))
    assert "Next: type it again" in words_of(page)
    assert page.context["names_changed"] == [anew.Changed("Copy to Mx Old Copy", f"Copy to {NEW}")]
    assert f"On the case now: <strong>Copy to {NEW}</strong>" in words_of(
        signed_in(desk.admin).get(url("type", letter))
    )
    letter = actions.type_letter(letter=letter, by=desk.admin, seen=Seen.of(letter), typed=world.typed())
    assert (letter.anew, letter.typed_version.as_content["copies_to"]) == ("", [NEW])
    assert {"check"} <= lists_with(desk.worker, letter)
    for step in (world._check, world._sign, world._envelope, world._post):
        letter = step(desk, world.fresh(letter))
    assert letter.state == State.POSTED


def test_off_the_case_its_worker_takes_the_name_out_first(desk: world.Desk, copied: CasePerson):
    letter = world.letter_in(desk, State.WORKER_CHECKED)
    step_of_case(desk, case_actions.take_off, person=copied)
    letter = world.fresh(letter)
    assert (letter.state, letter.anew) == (State.TYPED, Anew.TAKE_OUT)
    assert lists_with(desk.worker, letter) == {"see-to-it"}
    assert not lists_with(desk.admin, letter)
    assert "Next: send it back" in words_of(signed_in(desk.worker).get(url("letter", letter)))
    letter = actions.return_for_retyping(letter=letter, by=desk.worker, seen=Seen.of(letter), reason="The copy.")
    assert lists_with(desk.worker, letter) == {"see-to-it"}
    assert not lists_with(desk.admin, letter)
    assert "Next: take a name out of Copy to" in words_of(signed_in(desk.worker).get(url("letter", letter)))
    letter = actions.change_brief(
        letter=letter,
        by=desk.worker,
        seen=Seen.of(letter),
        due_kind="",
        due_on=None,
        due_why="",
        letter_format=letter.letter_format,
        language="",
        copies_to=[],
    )
    assert letter.anew == ""
    assert lists_with(desk.admin, letter) == {"sent-back"}


@pytest.mark.policy("CLS-5")
def test_an_organisation_put_in_or_taken_out_is_told_and_no_line_of_the_address(desk: world.Desk):
    Address.objects.filter(pk=desk.address.pk).update(is_confidential=True, confidential_kind="other")
    letter = world.letter_in(desk, State.ENVELOPED)
    parent = desk.parent
    details = PersonDetails(relationship=parent.relationship, name=parent.name, organisation="Harbour House")
    step_of_case(desk, case_actions.change_person, person=parent, details=details)
    letter = world.fresh(letter)
    assert anew.names_changed(letter) == [anew.Changed(parent.name, f"{parent.name}, Harbour House")]
    assert not anew.names_changed(letter, address_shown=False)
    page = signed_in(desk.ap).get(url("letter", letter))
    assert "Confidential address" in words_of(page)
    assert (page.context["why_anew"], page.context["names_changed"]) == (anew.WHY[Anew.TYPE], [])
    letter = actions.reopen(letter=letter, by=desk.admin, seen=Seen.of(letter), reason="Moved.")
    letter = actions.return_for_retyping(letter=letter, by=desk.worker, seen=Seen.of(letter), reason="Moved.")
    letter = actions.type_letter(letter=letter, by=desk.admin, seen=Seen.of(letter), typed=world.typed())
    rename(desk, parent, parent.name)
    was = anew.names_changed(world.fresh(letter))
    assert was == [anew.Changed(f"{parent.name}, Harbour House", parent.name)]


def test_put_back_or_named_as_before_it_needs_nothing_and_is_checked_again(desk: world.Desk, copied: CasePerson):
    letter = world.letter_in(desk, State.TYPED)
    step_of_case(desk, case_actions.take_off, person=copied)
    step_of_case(desk, case_actions.put_back, person=copied)
    assert world.fresh(letter).anew == ""
    rename(desk, copied)
    rename(desk, copied, "Mx Old Copy")
    assert world.fresh(letter).anew == ""
    assert {"check"} <= lists_with(desk.worker, letter)


def test_in_its_envelope_it_is_opened_again_and_not_offered_for_the_bag(desk: world.Desk, copied: CasePerson):
    letter = world.letter_in(desk, State.ENVELOPED)
    rename(desk, copied)
    letter = world.fresh(letter)
    assert (letter.state, letter.anew) == (State.ENVELOPED, Anew.TYPE)
    assert lists_with(desk.admin, letter) == {"open-again"}
    tray = signed_in(desk.admin).get(reverse("letters:tray", args=[desk.office.code]))
    assert "Open it again" in words_of(tray)
    assert not tray.context["posting"]
    page = words_of(signed_in(desk.admin).get(url("reopen", letter)))
    assert "nor does the signature" in page
    assert "has changed on the case.</textarea>" in page
    letter = actions.reopen(letter=letter, by=desk.admin, seen=Seen.of(letter), reason="Renamed.")
    assert lists_with(desk.admin, letter) == {"anew"}


def test_an_address_in_doubt_and_verified_again(desk: world.Desk):
    letter = world.letter_in(desk, State.TYPED)
    address = Address.objects.get(pk=desk.address.pk)
    step_of_case(desk, case_actions.doubt_address, address=address, reason="Heard so.")
    letter = world.fresh(letter)
    # Nobody can type it for another address: it is its worker's, who verifies this one or another.
    assert letter.anew == Anew.ADDRESS
    assert (lists_with(desk.worker, letter), lists_with(desk.admin, letter)) == ({"see-to-it"}, set())
    page = signed_in(desk.worker).get(url("letter", letter))
    assert "Next: see to its address on the case" in words_of(page)
    other = Address.objects.create(person=desk.parent, lines="9 Other Street\nNORTHMERE\nNM2 3BB", source="ics")
    step_of_case(desk, case_actions.verify_address, address=other, source="ics")
    letter = world.fresh(letter)
    assert (letter.anew, lists_with(desk.admin, letter)) == (Anew.TYPE, {"anew"})
    step_of_case(desk, case_actions.verify_address, address=address, source="ics")
    assert world.fresh(letter).anew == ""


def test_not_safe_for_post_or_off_the_case_it_is_its_worker_s_too(desk: world.Desk):
    letter = world.letter_in(desk, State.TYPED)
    step_of_case(desk, case_actions.mark_person, person=desk.parent, safe_to_post=False, why="Another reads it.")
    letter = world.fresh(letter)
    assert (letter.anew, lists_with(desk.admin, letter)) == (Anew.ADDRESS, set())
    by_hand = {"way": Way.BY_HAND, "sensitive": False, "reason": "Not by post."}
    letter = actions.choose_way(letter=letter, by=desk.worker, seen=Seen.of(letter), **by_hand)
    assert (letter.anew, {"check"} <= lists_with(desk.worker, letter)) == ("", True)
    step_of_case(desk, case_actions.take_off, person=desk.parent)
    assert world.fresh(letter).anew == Anew.ADDRESS


def test_a_print_run_begun_before_the_name_changed_says_why_it_left_one_out(desk: world.Desk, copied: CasePerson):
    letter = world.letter_in(desk, State.TYPED)
    run = start_run(office=desk.office, by=desk.admin, chosen=[Chosen(letter, Seen.of(letter))])
    rename(desk, copied)
    make_run(Job.objects.get(kind="print_run"))
    row = run.letters.get()
    assert row.printed_id is None
    assert row.words == GUARD_WORDS[Guard.LINES_CURRENT]


def test_what_puts_it_right_is_a_step_of_the_table_wherever_it_stands(desk: world.Desk):
    for state in anew.BEFORE_IT_GOES:
        for needs in Anew.values:
            for out in (None, desk.worker.pk):
                letter = Letter(state=state, carried_by_id=out)
                for action in anew.mends(letter, needs):
                    assert letter.rules.transition(action, state) is not None, (state, action)
    assert not anew.mends(Letter(state=State.TYPED), "")
    assert anew.mends(Letter(state=State.TYPED), Anew.TYPE) == (Action.TYPE,)


def test_of_a_letter_that_names_nobody_it_asks_next_to_nothing(desk: world.Desk):
    letter = world.fresh(world.letter_in(desk, State.TYPED))
    assert letter.addressee.name == letter.address.person.name
    with CaptureQueriesContext(connection) as captured:
        assert not anew.needed(letter)
    assert len(captured) <= 1


def test_what_was_stale_when_the_lists_came_is_noted_by_their_migration_alone(desk: world.Desk):
    letter, drafted = world.letter_in(desk, State.SIGNED), world.letter_in(desk, State.DRAFTED)
    CasePerson.objects.filter(pk=desk.parent.pk).update(name=NEW)
    anew.note_what_was_stale("default")  # as flush sends it, without a plan
    anew.note_what_was_stale("default", [(Migration("0001_initial", "letters"), False)])
    assert not Letter.objects.exclude(anew="").exists()
    anew.note_what_was_stale("default", [(Migration("0026_anew", "letters"), False)])
    assert [world.fresh(one).anew for one in (letter, drafted)] == [Anew.TYPE, ""]
