"""One text to many: the words are confirmed once, each address singly, and each letter's check is its own (OGP-3a)."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from letters import actions
from letters.actions.disposing import destroy_content
from letters.actions.together import Addressed
from letters.models import Check, Letter, SharedText, TextCheck
from letters.policy import can
from letters.shared import text_hash_of
from letters.states import Action, State
from letters.tests.test_replay import bare, found
from letters.tests.work_help import desk, last_entry
from postroom.cases import actions as case_actions
from postroom.cases.models import Address, CasePerson
from postroom.ledger.recording import SYSTEM
from postroom.people.models import User
from postroom.people.roles import Role
from postroom.steps.engine import Seen
from postroom.steps.errors import GuardFailed, InvalidStep, NotAllowed, NotPossible, Stale
from tests.support import world

__all__ = ["bare", "desk"]
pytestmark = [pytest.mark.django_db, pytest.mark.policy("OGP-3a", "OGP-3b")]


def address_checked(letter: Letter, by: User, **over: object) -> Letter:
    letter = world.fresh(letter)
    return actions.check_address(letter=letter, by=by, seen=Seen.of(letter), **over)


def retyped(desk: world.Desk, letter: Letter, body: str = world.BODY, **over: object) -> Letter:
    letter = world.fresh(letter)
    typed = world.typed(body, salutation=letter.typed_version.as_content["salutation"])
    return actions.type_letter(letter=letter, by=desk.admin, seen=Seen.of(letter), typed=typed, **over)


def test_the_text_is_confirmed_once_and_each_letter_has_a_check_of_its_own(desk) -> None:
    letters = world.several(desk, 3)
    assert len({letter.typed_version.text_hash for letter in letters}) == 1
    assert len({letter.content_hash for letter in letters}) == 3
    world.text_checked(letters, desk.worker)
    assert not Check.objects.exists()
    assert {world.fresh(letter).state for letter in letters} == {State.TYPED}
    text_check = TextCheck.objects.get()
    for letter in letters[:2]:
        assert address_checked(letter, desk.worker).state == State.WORKER_CHECKED
        check = Check.objects.get(letter=letter)
        assert (check.by, check.version, check.text_check) == (desk.worker, letter.current, text_check)
        entry = last_entry(letter)
        assert (entry.action, entry.actor_id, entry.content_hash) == (
            "check_address",
            desk.worker.pk,
            letter.content_hash,
        )
        told = json.loads(entry.payload)
        assert (told["text_check"], told["text"]) == (text_check.pk, text_check.text_hash)
    assert world.fresh(letters[2]).state == State.TYPED
    world.text_checked(letters, desk.worker)  # a second time it is the same
    assert TextCheck.objects.count() == 1
    letter = world.sheets_in_hand(desk, world._signed(desk, world.fresh(letters[0]), actions.sign, desk.worker))
    assert world.put_in_envelope(desk, letter).state == State.ENVELOPED
    assert found() == []


def test_words_alike_are_known_as_such_and_only_they(desk) -> None:
    same, other = world.several(desk), world.several(desk)
    texts = [letter.typed_version.text_hash for letter in (*same, *other)]
    assert texts[0] == texts[1] != texts[2] == texts[3], "another set has another salt"
    assert not world.letter_in(desk, State.TYPED).typed_version.text_hash
    content = same[0].typed_version.as_content
    changed = dict.fromkeys(("body", "subject", "letter_date", "signatory_name", "sign_off", "document_sha256"), "x")
    for name, value in {**changed, "enclosures": [{}], "large_print": True}.items():
        assert text_hash_of(json.dumps({**content, name: value}), "s") != text_hash_of(json.dumps(content), "s")
    for name in ("reference", "address_lines", "salutation", "copies_to"):
        assert text_hash_of(json.dumps({**content, name: "x"}), "s") == text_hash_of(json.dumps(content), "s")
    # A translator answers for a translation, letter by letter.
    assert text_hash_of(json.dumps({**content, "language": "Welsh"}), "s") == ""


def test_only_who_confirmed_these_very_words_checks_an_address_on_them(desk) -> None:
    letters, others = world.several(desk), world.several(desk)
    with pytest.raises(NotAllowed, match="Check the text of these letters first"):
        address_checked(letters[0], desk.worker)
    world.text_checked(letters, desk.worker)
    for letter, by in ((letters[0], desk.duty), (letters[0], desk.admin), (others[0], desk.worker)):
        with pytest.raises(NotAllowed):
            address_checked(letter, by)
    world.text_checked(letters, desk.duty)
    assert address_checked(letters[0], desk.duty).checked_by == desk.duty
    assert address_checked(letters[1], desk.worker).checked_by == desk.worker
    assert found() == []


def test_who_typed_the_words_on_any_of_them_confirms_them_for_none(desk) -> None:
    world.grant(desk.admin, Role.TEAM_MANAGER, desk.office)
    letters = world.several(desk, typed_by=desk.other_admin)
    world.text_checked(letters, desk.admin)
    retyped(desk, letters[1])
    with pytest.raises(NotAllowed):
        address_checked(letters[0], desk.admin)
    TextCheck.objects.update(voided_at=timezone.now())
    with pytest.raises(NotAllowed, match="You typed this version"):
        world.text_checked(letters, desk.admin)


def test_a_change_of_one_voids_that_one_alone(desk) -> None:
    letters = world.several(desk)
    world.text_checked(letters, desk.worker)
    for letter in letters:
        address_checked(letter, desk.worker)
    changed = retyped(desk, letters[0], "Other words.", reason="A date.")
    assert changed.state == State.TYPED
    assert world.fresh(letters[1]).state == State.WORKER_CHECKED
    assert not can(changed, desk.worker, Action.CHECK_ADDRESS)
    # Back to the words that were confirmed: its address is checked again, the text needn't be.
    retyped(desk, letters[0])
    assert address_checked(letters[0], desk.worker).state == State.WORKER_CHECKED
    assert Check.objects.filter(text_check__isnull=False, voided_at__isnull=True).count() == 2
    assert found() == []


def test_the_text_sent_back_voids_all(desk) -> None:
    letters = world.several(desk, 3)
    world.text_checked(letters, desk.worker)
    address_checked(letters[0], desk.worker)
    text = letters[0].typed_version.text_hash
    with pytest.raises(InvalidStep, match="Say what is wrong"):
        actions.send_text_back(letter=letters[0], by=desk.worker, seen_text=text, reason=" ")
    with pytest.raises(NotAllowed):
        actions.send_text_back(letter=letters[0], by=desk.admin, seen_text=text, reason="A date.")
    with pytest.raises(Stale):
        actions.send_text_back(letter=letters[0], by=desk.worker, seen_text="x", reason="A date.")
    results = actions.send_text_back(letter=letters[1], by=desk.worker, seen_text=text, reason="A date.")
    assert [result.done for result in results] == [True] * 3
    assert {world.fresh(letter).state for letter in letters} == {State.DRAFTED}
    assert not TextCheck.objects.filter(voided_at__isnull=True).exists()
    retyped(desk, letters[0])
    with pytest.raises(NotAllowed):
        address_checked(letters[0], desk.worker)


def test_another_worker_of_the_case_reads_it_anew(desk) -> None:
    letters = world.several(desk)
    world.text_checked(letters, desk.worker)

    case = case_actions.allocate(case=desk.case, worker=desk.other_worker, by=desk.manager, seen=Seen.of(desk.case))
    case_actions.allocate(case=case, worker=desk.worker, by=desk.manager, seen=Seen.of(case))
    with pytest.raises(NotAllowed):
        address_checked(letters[0], desk.worker)


def test_all_that_a_check_asks_is_asked_here_and_one_that_fails_stops_no_other(desk) -> None:
    letters = world.several(desk, 4)
    world.text_checked(letters, desk.worker)
    chosen = [Addressed(letter, Seen.of(letter)) for letter in letters]
    Address.objects.filter(pk=letters[0].address_id).update(in_doubt=True, doubt_reason="It came back.")
    CasePerson.objects.filter(pk=letters[1].addressee_id).update(name="Ms Name Corrected")
    retyped(desk, letters[2])
    results = actions.check_addresses(chosen=chosen, by=desk.worker)
    assert [result.done for result in results] == [False, False, False, True]
    said = [result.words for result in results]
    assert "in doubt" in said[0]
    assert "name" in said[1]
    assert "has changed since you opened it" in said[2]
    assert [world.fresh(letter).state for letter in letters] == [State.TYPED] * 3 + [State.WORKER_CHECKED]
    assert Check.objects.count() == 1
    with pytest.raises(GuardFailed):
        address_checked(letters[0], desk.worker)
    with pytest.raises(InvalidStep, match="Confirm that the address"):
        address_checked(letters[2], desk.worker, address_confirmed=False)


def test_another_recipient_named_in_the_words_is_asked_about_for_each(desk) -> None:
    teacher = desk.case.people.get(relationship="professional")
    letters = world.several(desk, body=f"{teacher.name} comes too.")
    world.text_checked(letters, desk.worker)
    with pytest.raises(InvalidStep, match="Look at what was found"):
        address_checked(letters[0], desk.worker)
    address_checked(letters[0], desk.worker, found_belongs=True)
    assert json.loads(last_entry(letters[0]).payload)["found_belongs"] == 1
    address_checked(letters[1], desk.worker)  # it is the teacher's own


def test_a_letter_alone_has_no_text_in_common(desk) -> None:
    letter = world.letter_in(desk, State.TYPED)
    with pytest.raises(NotPossible, match="its own"):
        actions.check_text(letter=letter, by=desk.worker, seen_text="", body_confirmed=True)
    letters = world.several(desk)
    with pytest.raises(InvalidStep, match="Confirm that the text"):
        actions.check_text(letter=letters[0], by=desk.worker, seen_text="", body_confirmed=False)
    with pytest.raises(Stale):
        actions.check_text(letter=letters[0], by=desk.worker, seen_text="", body_confirmed=True)


def test_the_database_refuses_what_does_not_rest_on_it(desk) -> None:
    letters, others = world.several(desk), world.several(desk)
    world.text_checked(letters, desk.worker)
    letter, text_check = address_checked(letters[0], desk.worker), TextCheck.objects.get()
    check = {"at": timezone.now(), "role": "Worker", "address_confirmed": True, "body_confirmed": True}
    check |= {"letter": letter, "version": letter.current, "by": desk.worker, "text_check": text_check}
    for wrong in (
        {"by": desk.duty},
        {"letter": letters[1]},
        {"version": letters[1].current},
        {"letter": others[0], "version": others[0].current},
        {"at": text_check.at - dt.timedelta(minutes=1)},
        {"translator": "Lingua"},
    ):
        with pytest.raises(IntegrityError, match="rests on a text"), transaction.atomic():
            Check.objects.create(**{**check, **wrong})

    with pytest.raises(IntegrityError, match="made by its step"), transaction.atomic():
        Check.objects.create(**{**check, "letter": letters[1], "version": letters[1].current})
    row = {"shared": text_check.shared, "version": letter.current, "text_hash": text_check.text_hash, "role": "x"}
    for wrong in ({"by": desk.admin}, {"version": others[0].current}, {"text_hash": "ab"}, {"by": desk.worker}):
        with pytest.raises(IntegrityError), transaction.atomic():
            TextCheck.objects.create(**{**row, "by": desk.duty, **wrong})
    kept = (
        lambda: TextCheck.objects.update(by=desk.duty),
        lambda: TextCheck.objects.all().delete(),
        lambda: Check.objects.update(text_check=None),
        lambda: SharedText.objects.update(salt=""),
        lambda: SharedText.objects.update(word="another"),
        lambda: Letter.objects.filter(pk=letter.pk).update(together=""),
        lambda: letter.versions.update(text_hash="ab"),
    )
    for change in kept:
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    TextCheck.objects.update(voided_at=timezone.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        TextCheck.objects.update(voided_at=None)
    with pytest.raises(IntegrityError, match="rests on a text"), transaction.atomic():
        Check.objects.create(**check)


def test_the_salt_goes_with_the_content_of_the_last(desk) -> None:
    letters = world.several(desk)
    world.text_checked(letters, desk.worker)
    for number, letter in enumerate(letters):
        destroy_content(letter, under="disposal/x", by=SYSTEM)
        assert bool(SharedText.objects.get().salt) is (number == 0)


def test_the_verifier_names_a_check_that_rests_on_something_else(desk, bare) -> None:
    letters = world.several(desk)
    world.text_checked(letters, desk.worker)
    for letter in letters:
        address_checked(letter, desk.worker)
    assert found() == []
    bare()
    Check.objects.filter(letter=letters[0]).update(text_check=None)
    letters[1].versions.update(text_hash="ab" * 32)
    said = found()
    rests = "a check of its address rests on another text than its entries say"
    assert f"{letters[0].ledger_subject}: {rests}" in said
    assert f"{letters[1].ledger_subject}: {rests}" in said
    assert any("does not have the words in common" in text for text in said)
