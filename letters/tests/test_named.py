"""No letter names another recipient unless its worker says so (decision 0166)."""

from __future__ import annotations

import json

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from letters import actions, policy
from letters.actions.common import hold_case
from letters.leaks import Kind, look_for
from letters.models import Letter, NamedOther
from letters.replay import check_names_said
from letters.states import Guard, State
from letters.tests.test_copies import apart, father_of, teacher_of
from letters.tests.work_help import desk, seen, signed_in, url, words_of
from postroom.cases.models import Case
from postroom.cases.names import first_name, name_key, names_alone
from postroom.ledger.models import Entry
from postroom.steps import engine
from postroom.steps.engine import Seen
from postroom.steps.errors import GuardFailed, InvalidStep, NotAllowed
from tests.support import world

__all__ = ["desk"]
pytestmark = [pytest.mark.django_db, pytest.mark.policy("OGP-4b", "CLS-5")]
lock = engine._lock
BOTH = {"address_confirmed": True, "body_confirmed": True}


def naming(desk: world.Desk, text: str = "") -> Letter:
    """Typed: the parent's letter of two with one text, whose words name the teacher, who gets the other."""
    return world.several(desk, body=text or f"{teacher_of(desk).name} comes too.")[0]


@pytest.mark.parametrize(
    ("name", "text", "there"),
    [
        ("Ms Zoë O'Neill", "and ZOE'S school", True),
        ("Zoe O'Neill", "Zoë.", True),
        ("Zoe O'Neill", "Zoey comes", False),
        ("Mr Will Hart", "we will come", False),
        ("Mr Will Hart", "ask Will", True),
        ("Mr J Hart", "J comes", False),
        ("Mr Brown", "Brown bread", True),
    ],
)
def test_a_first_name_is_a_whole_word_however_it_is_written(name: str, text: str, there: bool) -> None:
    assert (first_name(name_key(name)) in names_alone(text)) is there


def test_first_names_of_other_recipients_and_of_whom_they_must_not_know(desk) -> None:
    letter, father = naming(desk), father_of(desk)

    def found(text: str) -> list[Kind]:
        return [one.kind for one in look_for(letter, [text], user=desk.worker)]

    assert found("Ask sám.") == [Kind.RECIPIENT]
    assert found("Theo was there.") == []
    apart(desk, desk.parent, father)
    assert found("THEO's car.") == [Kind.APART_FIRST]
    # The child's own, the addressee's own and the writer's say nothing; nor does part of a word.
    assert found("Robin and Pat came, says Wren; the samples; theology.") == []
    assert found(f"{father.name} came with Sam.") == [Kind.APART, Kind.RECIPIENT]
    for other in (father, teacher_of(desk)):
        other.name = "Mx Robin Apart"
        other.save()
    assert found("Robin came.") == []


def test_in_full_whom_the_addressee_must_not_know_stops_the_typing(desk) -> None:
    father = father_of(desk)
    apart(desk, desk.parent, father)
    letter = world.hand_over(desk)
    with pytest.raises(InvalidStep, match="Take the name out"):
        actions.type_letter(letter=letter, by=desk.admin, seen=Seen.of(letter), typed=world.typed(f"{father.name} is."))
    for sign_off in ("Yours, Theo", "Yours sincerely"):
        typed = world.typed("Thank you.", sign_off=sign_off)
        letter = actions.type_letter(letter=letter, by=desk.admin, seen=Seen.of(letter), typed=typed)
        assert NamedOther.objects.filter(version=letter.current).exists() is (sign_off != "Yours sincerely")


@pytest.mark.parametrize("who", ["worker", "duty", "ap", "deputy", "manager"])
def test_only_its_worker_or_the_duty_worker_says_it(desk, who: str) -> None:
    letter, by = naming(desk), getattr(desk, who)
    (row,) = NamedOther.objects.filter(version=letter.current)
    assert (row.person, row.said_by) == (teacher_of(desk), None)
    with pytest.raises(InvalidStep, match="what was found" if who in ("worker", "duty") else "Only its worker"):
        actions.check(letter=letter, by=by, seen=Seen.of(letter), **BOTH)
    if who not in ("worker", "duty"):
        with pytest.raises(InvalidStep, match="Only its worker"):
            actions.check(letter=letter, by=by, seen=Seen.of(letter), found_belongs=True, **BOTH)
        with pytest.raises(NotAllowed):
            actions.name_others(letter=letter, by=by, seen=Seen.of(letter))
        # Once its worker has said it, whoever stands in can check it as any letter.
        actions.name_others(letter=letter, by=desk.worker, seen=Seen.of(letter))
    letter = actions.check(letter=letter, by=by, seen=Seen.of(letter), found_belongs=True, **BOTH)
    said = desk.worker if who not in ("worker", "duty") else by
    row.refresh_from_db()
    assert row.said_by == said
    entry = Entry.objects.get(subject=letter.ledger_subject, action="name_others")
    assert (entry.actor_id, json.loads(entry.payload)["people"]) == (said.pk, [row.person_id])
    assert not list(check_names_said("default"))
    with pytest.raises(GuardFailed):
        actions.name_others(letter=letter, by=desk.worker, seen=Seen.of(letter))


@pytest.mark.parametrize("together", [False, True])
def test_the_case_is_held_before_its_letter(desk, monkeypatch, together: bool) -> None:
    """As the steps of a case take them: a worker's check and a manager's move of the case can't wait for each other."""
    letter, order = naming(desk), []

    def note_case(pk: int) -> Case:
        order.append("case")
        return hold_case(pk)

    def note_letter(row: Letter) -> Letter:
        order.append("letter")
        return lock(row)

    for module in (actions.common, actions.checking, actions.together):
        monkeypatch.setattr(module, "hold_case", note_case, raising=False)
    monkeypatch.setattr(engine, "_lock", note_letter)
    if together:
        actions.check_text(letter=letter, by=desk.worker, seen_text=letter.typed_version.text_hash, body_confirmed=True)
        order.clear()
        actions.check_address(letter=letter, by=desk.worker, seen=Seen.of(letter), found_belongs=True)
    else:
        actions.check(letter=letter, by=desk.worker, seen=Seen.of(letter), found_belongs=True, **BOTH)
    assert order[0] == "case"
    assert order.count("letter") == 2, "the entry of its own, and the check"


def test_one_text_to_many_asks_the_same_person(desk) -> None:
    letter = naming(desk)
    for by, done in ((desk.manager, False), (desk.duty, True)):
        actions.check_text(letter=letter, by=by, seen_text=letter.typed_version.text_hash, body_confirmed=True)
        chosen = [actions.together.Addressed(letter, Seen.of(letter), found_belongs=True)]
        (result,) = actions.check_addresses(chosen=chosen, by=by)
        assert result.done is done, result.words
    assert NamedOther.objects.get(version=letter.current).said_by == desk.duty


def test_no_step_outward_without_it_and_the_database_holds_it_too(desk, monkeypatch) -> None:
    letter = world.letter_in(desk, State.WORKER_CHECKED)
    row = NamedOther.objects.create(version=letter.typed_version, person=teacher_of(desk))
    letter = actions.print_letter(letter=letter, by=desk.admin, seen=Seen.of(letter))
    for verb, by in ((actions.sign, desk.worker), (actions.pp, desk.manager)):
        with pytest.raises(GuardFailed, match="names somebody else"):
            verb(letter=letter, by=by, seen=Seen.of(letter))
    rows, now = NamedOther.objects.filter(pk=row.pk), timezone.now()
    for change in (
        lambda: rows.update(said_by=desk.worker, said_at=now),
        lambda: rows.update(person=desk.parent),
        lambda: rows.delete(),
        lambda: NamedOther.objects.create(
            version=letter.typed_version, person=desk.parent, said_by=desk.worker, said_at=now
        ),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    with monkeypatch.context() as patched:
        patched.setitem(policy._GUARDS, Guard.NAMES_SAID, lambda letter: True)
        with pytest.raises(IntegrityError, match="has not said"), transaction.atomic():
            actions.sign(letter=letter, by=desk.worker, seen=Seen.of(letter))
    actions.name_others(letter=letter, by=desk.worker, seen=Seen.of(letter))
    assert actions.sign(letter=letter, by=desk.worker, seen=Seen.of(letter)).state == State.SIGNED
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(said_by=desk.duty)


def test_the_pages_say_whose_word_it_is(desk) -> None:
    letter = naming(desk)
    page = url("check", letter)
    ticks = {"address_confirmed": "on", "body_confirmed": "on", "found_belongs": "on", **seen(letter)}
    for name in ("check", "check_together"):
        theirs = words_of(signed_in(desk.manager).get(url(name, letter)))
        assert "leave the check to them" in theirs
        assert "I looked at what was found" not in theirs
        assert "I looked at what was found" in words_of(signed_in(desk.worker).get(url(name, letter)))
    refused = signed_in(desk.manager).post(page, ticks)
    assert refused.status_code == 200
    assert "leave the check to them" in words_of(refused)
    assert world.fresh(letter).state == State.TYPED
    assert signed_in(desk.duty).post(page, ticks).status_code == 302
    assert "Said that it may name somebody else" in words_of(signed_in(desk.manager).get(url("letter", letter)))
