"""Whom a letter names as having a copy: nobody unless its worker says so, never two who must not know of each other."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from letters import actions, policy
from letters.leaks import Kind, look_for
from letters.models import Letter
from letters.states import Guard, State
from letters.tests.work_help import desk, last_entry, seen, signed_in, url, words_of
from postroom.cases.models import CasePerson, MustNotKnow
from postroom.steps.engine import Seen
from postroom.steps.errors import InvalidStep, StepError
from tests.support import world

__all__ = ["desk"]
pytestmark = [pytest.mark.django_db, pytest.mark.policy("OGP-4b", "CLS-5")]


def teacher_of(desk: world.Desk) -> CasePerson:
    return desk.case.people.get(relationship="professional")


def father_of(desk: world.Desk) -> CasePerson:
    return CasePerson.objects.create(case=desk.case, relationship="parent", name="Mr Theo Apart")


def apart(desk: world.Desk, one: CasePerson, other: CasePerson) -> MustNotKnow:
    """Written at once: what the steps of a case do besides (voiding, telling) is not what is asked here."""
    a, b = sorted((one, other), key=lambda person: person.pk)
    return MustNotKnow.objects.create(case=desk.case, a=a, b=b, reason="Court order.", set_by=desk.worker)


def handed(desk: world.Desk, *copies: CasePerson) -> Letter:
    return actions.hand_over(
        case=desk.case,
        addressee=desk.parent,
        address=desk.address,
        by=desk.worker,
        draft_text="Please type.",
        copies_to=copies,
    )


def typed(desk: world.Desk, letter: Letter) -> Letter:
    return actions.type_letter(letter=letter, by=desk.admin, seen=Seen.of(letter), typed=world.typed())


def test_a_letter_names_nobody_unless_its_worker_says_so(desk) -> None:
    assert typed(desk, handed(desk)).typed_version.as_content["copies_to"] == []
    teacher = teacher_of(desk)
    letter = handed(desk, teacher)
    assert f'"copies_to":[{teacher.pk}]' in last_entry(letter).payload
    letter = typed(desk, letter)
    assert letter.typed_version.as_content["copies_to"] == [f"{teacher.name}, {teacher.organisation}"]
    page = signed_in(desk.worker).get(url("check", letter)).content.decode()
    assert "Copy to:" in page
    assert f"<li>{teacher.name}, {teacher.organisation}</li>" in page


def test_the_worker_alone_says_it_and_in_a_draft_alone(desk) -> None:
    letter, teacher = handed(desk), teacher_of(desk)
    page = url("brief", letter)
    fields = {"letter_format": "standard", "copies_to": [teacher.pk], **seen(letter)}
    for other in (desk.admin, desk.manager):
        assert signed_in(other).post(page, fields).status_code == 403
    assert signed_in(desk.worker).post(page, fields).status_code == 302
    letter = world.fresh(letter)
    assert list(letter.copies_to.all()) == [teacher]
    letter = typed(desk, letter)
    answer = signed_in(desk.worker).post(page, {"letter_format": "standard", **seen(letter)})
    assert "Send it back for retyping first" in words_of(answer)
    assert list(world.fresh(letter).copies_to.all()) == [teacher]


def test_two_who_must_not_know_share_neither_letter_nor_copy(desk) -> None:
    father, teacher = father_of(desk), teacher_of(desk)
    apart(desk, desk.parent, father)
    with pytest.raises(InvalidStep, match="must not know of each other"):
        handed(desk, father)
    letter = handed(desk, teacher)
    answer = signed_in(desk.worker).post(
        url("brief", letter), {"letter_format": "standard", "copies_to": [father.pk, teacher.pk], **seen(letter)}
    )
    assert "must not know of each other" in words_of(answer)
    apart(desk, teacher, father)
    other = CasePerson.objects.create(case=desk.case, relationship="relative", name="Ms Gran Neutral")
    for people in ((teacher, father), (father, teacher, other)):
        with pytest.raises(InvalidStep, match="must not know of each other"):
            actions.change_brief(
                letter=letter,
                by=desk.worker,
                seen=Seen.of(world.fresh(letter)),
                due_kind="",
                due_on=None,
                due_why="",
                letter_format="standard",
                language="",
                copies_to=people,
            )
    assert list(world.fresh(letter).copies_to.all()) == [teacher]


@pytest.mark.parametrize("state", [State.TYPED, State.WORKER_CHECKED, State.SIGNED, State.ENVELOPED])
def test_kept_apart_afterwards_the_letter_goes_no_further(desk, state: State, monkeypatch) -> None:
    plain, teacher = world.hand_over, teacher_of(desk)

    def naming(*args: object, **more: object) -> Letter:
        letter = plain(*args, **more)  # type: ignore[arg-type]
        letter.copies_to.add(teacher)
        return letter

    monkeypatch.setattr(world, "hand_over", naming)
    letter = world.letter_in(desk, state)
    onward = {
        State.TYPED: world._check,
        State.WORKER_CHECKED: world._sign,
        State.SIGNED: world.put_in_envelope,
        State.ENVELOPED: world._post,
    }
    if state == State.SIGNED:
        letter = world.sheets_in_hand(desk, letter)
    apart(desk, desk.parent, teacher)
    with pytest.raises(StepError, match="must not know"):
        onward[state](desk, letter)
    assert world.fresh(letter).state == state
    if state in (State.TYPED, State.WORKER_CHECKED, State.SIGNED):
        letter = world.fresh(letter)
        back = actions.return_for_retyping(letter=letter, by=desk.worker, seen=Seen.of(letter), reason="Names two.")
        back.copies_to.clear()
        assert typed(desk, back).typed_version.as_content["copies_to"] == []


def test_the_database_refuses_what_nobody_said(desk) -> None:
    father, teacher, letter = father_of(desk), teacher_of(desk), handed(desk)
    stranger = world.make_case(desk.office, desk.worker).people.get(relationship="parent")
    apart(desk, desk.parent, father)
    apart(desk, teacher, father)
    rows = Letter.copies_to.through.objects
    for person in (father, stranger, desk.parent):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.create(letter_id=letter.pk, caseperson_id=person.pk)
    row = rows.create(letter_id=letter.pk, caseperson_id=teacher.pk)
    with pytest.raises(IntegrityError, match="must not know"), transaction.atomic():
        rows.create(letter_id=letter.pk, caseperson_id=father.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.filter(pk=row.pk).update(caseperson_id=stranger.pk)
    letter = typed(desk, letter)
    for change in (
        lambda: rows.filter(pk=row.pk).delete(),
        lambda: rows.create(
            letter_id=letter.pk,
            caseperson_id=CasePerson.objects.create(case=desk.case, relationship="relative", name="Ms Late").pk,
        ),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_a_version_cannot_name_whom_no_row_names(desk) -> None:
    version = typed(desk, handed(desk, teacher_of(desk))).typed_version
    other = handed(desk)
    version.pk, version.letter = None, other
    with pytest.raises(IntegrityError, match="unless its worker said so"), transaction.atomic():
        version.save(force_insert=True)


def test_the_database_takes_no_letter_on_that_names_somebody_off_the_case(desk, monkeypatch) -> None:
    teacher = teacher_of(desk)
    letter = typed(desk, handed(desk, teacher))
    both = {"address_confirmed": True, "body_confirmed": True}
    monkeypatch.setitem(policy._GUARDS, Guard.LINES_CURRENT, lambda _: True)
    CasePerson.objects.filter(pk=teacher.pk).update(is_active=False)
    with pytest.raises(IntegrityError, match="not on its case any more"), transaction.atomic():
        actions.check(letter=letter, by=desk.worker, seen=Seen.of(letter), **both)
    assert world.fresh(letter).state == State.TYPED
    CasePerson.objects.filter(pk=teacher.pk).update(is_active=True)
    assert actions.check(letter=letter, by=desk.worker, seen=Seen.of(letter), **both).state == State.WORKER_CHECKED


def test_each_of_several_names_the_others_and_not_itself(desk) -> None:
    teacher = teacher_of(desk)
    page = reverse("letters:new_for_case", args=[desk.case.reference])
    fields = {
        "address": [desk.address.pk, teacher.addresses.get().pk],
        "copies_to": [desk.parent.pk, teacher.pk],
        "draft_text": "An invitation.",
    }
    assert signed_in(desk.worker).post(page, fields).status_code == 302
    named = {letter.addressee_id: [one.pk for one in letter.copies_to.all()] for letter in Letter.objects.all()}
    assert named == {desk.parent.pk: [teacher.pk], teacher.pk: [desk.parent.pk]}
    assert len(set(Letter.objects.values_list("together", flat=True))) == 1
    apart(desk, desk.parent, teacher)
    refused = signed_in(desk.worker).post(page, fields)
    assert refused.status_code == 422
    assert "must not know of each other" in words_of(refused)
    assert "An invitation." in refused.content.decode()
    assert Letter.objects.count() == 2


def test_a_name_of_another_recipient_in_the_words_is_asked_about(desk) -> None:
    """One text, many addressees: none of the letters names another recipient unless whoever checks says so."""
    teacher = teacher_of(desk)

    def letters_to_both(*copies: CasePerson) -> Letter:
        both = {"case": desk.case, "by": desk.worker, "draft_text": "Come.", "together": f"t{len(copies)}"}
        actions.hand_over(addressee=teacher, address=teacher.addresses.get(), **both)
        return actions.hand_over(addressee=desk.parent, address=desk.address, copies_to=copies, **both)

    words = [f"{teacher.name} comes too."]
    assert [one.kind for one in look_for(handed(desk), words, user=desk.worker)] == []
    assert [one.kind for one in look_for(letters_to_both(teacher), words, user=desk.worker)] == []
    letter = letters_to_both()
    assert [one.kind for one in look_for(letter, words, user=desk.worker)] == [Kind.RECIPIENT]
    letter = actions.type_letter(letter=letter, by=desk.admin, seen=Seen.of(letter), typed=world.typed(body=words[0]))
    both = {"address_confirmed": True, "body_confirmed": True}
    with pytest.raises(InvalidStep, match="Look at what was found"):
        actions.check(letter=letter, by=desk.worker, seen=Seen.of(letter), **both)
    actions.check(letter=letter, by=desk.worker, seen=Seen.of(letter), found_belongs=True, **both)
