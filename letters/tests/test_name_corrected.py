"""A name that was corrected on the case never goes out as it was: what bears the old one is typed anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from letters import actions, policy, protection_names
from letters.content import lines_are_current
from letters.models import Letter
from letters.policy import address_is_current, can
from letters.states import GUARD_WORDS, Action, Guard, State
from letters.tests.work_help import desk, signed_in, url, words_of
from letters.ways import Way
from postroom.cases import actions as case_actions
from postroom.cases.actions import PersonDetails
from postroom.cases.models import Address, Case, CasePerson
from postroom.steps.engine import Seen
from postroom.steps.errors import GuardFailed, InvalidStep
from tests.support import world

__all__ = ["desk"]
pytestmark = pytest.mark.policy("OGP-3a", "CLS-6")
RIGHT = "Ms Pat Exemplar"
OPEN = [State.TYPED, State.WORKER_CHECKED, State.SIGNED, State.ENVELOPED]


def change(desk: world.Desk, **over: Any) -> None:
    """The worker changes the addressee's details on the case."""
    now = CasePerson.objects.get(pk=desk.parent.pk)
    details = PersonDetails(
        **{
            "relationship": now.relationship,
            "name": now.name,
            "salutation": now.salutation,
            "organisation": now.organisation,
            **over,
        }
    )
    case = Case.objects.get(pk=desk.case.pk)
    case_actions.change_person(case=case, person=now, details=details, by=desk.worker, seen=Seen.of(case))
    desk.parent.refresh_from_db()
    desk.address = Address.objects.get(pk=desk.address.pk)


def refused(step: Callable[[world.Desk, Letter], Letter], desk: world.Desk, letter: Letter) -> None:
    with pytest.raises(GuardFailed) as caught:
        step(desk, world.fresh(letter))
    assert caught.value.guard == Guard.LINES_CURRENT
    assert str(caught.value) == GUARD_WORDS[Guard.LINES_CURRENT]


def retype(desk: world.Desk, letter: Letter) -> Letter:
    letter = world.fresh(letter)
    return actions.type_letter(
        letter=letter, by=desk.admin, seen=Seen.of(letter), typed=world.typed(), reason="The name was corrected."
    )


def onward(desk: world.Desk, letter: Letter) -> Letter:
    """From typed to posted, by the real steps."""
    for step in (world._check, world._sign, world._envelope, world._post):
        letter = step(desk, world.fresh(letter))
    return letter


@pytest.mark.parametrize("over", [{"name": RIGHT}, {"organisation": "Invented Refuge"}])
@pytest.mark.parametrize("state", [State.TYPED, State.WORKER_CHECKED, State.SIGNED])
def test_the_old_version_is_not_checked_again_and_typing_anew_heals_it(desk: world.Desk, state: State, over: Any):
    letter = world.letter_in(desk, state)
    change(desk, **over)
    assert world.fresh(letter).state == State.TYPED
    refused(world._check, desk, letter)
    assert not can(world.fresh(letter), desk.worker, Action.CHECK)
    letter = retype(desk, letter)
    assert next(iter(over.values())) in letter.typed_version.as_content["address_lines"]
    assert onward(desk, letter).state == State.POSTED


def test_it_is_not_posted_from_its_envelope_and_goes_when_it_was_typed_anew(desk: world.Desk):
    letter = world.letter_in(desk, State.ENVELOPED)
    change(desk, name=RIGHT)
    assert address_is_current(world.fresh(letter)), "the address row itself is as it was"
    refused(world._post, desk, letter)
    page = signed_in(desk.admin).get(url("letter", letter))
    assert "Next: open its envelope again" in words_of(page)
    assert [row.now for row in page.context["names_changed"]] == [RIGHT]
    letter = world.fresh(letter)
    letter = actions.reopen(letter=letter, by=desk.admin, seen=Seen.of(letter), reason="The name was corrected.")
    refused(world.put_in_envelope, desk, letter)
    letter = retype(desk, letter)
    assert letter.state == State.TYPED
    assert onward(desk, letter).typed_version.as_content["address_lines"][0] == RIGHT


@pytest.mark.parametrize(
    ("state", "steps"),
    [
        (State.WORKER_CHECKED, (world._sign, world._pp)),
        (State.SIGNED, (world.sheets_in_hand, world.put_in_envelope)),
    ],
)
def test_without_the_voiding_no_step_outward_goes_through_either(desk: world.Desk, state: State, steps: Any):
    """Whoever changed the row past the case's steps (an import, SQL by hand) gets no old name out."""
    letter = world.letter_in(desk, state)
    CasePerson.objects.filter(pk=desk.parent.pk).update(name=RIGHT)
    for step in steps:
        refused(step, desk, letter)
    assert retype(desk, letter).state == State.TYPED


@pytest.mark.parametrize("way", [Way.BY_HAND, Way.COLLECTED])
def test_nor_does_it_go_into_their_own_hands(desk: world.Desk, way: Way):
    letter = world.letter_in(desk, State.ENVELOPED, way=way)
    change(desk, name=RIGHT)
    refused(world._give, desk, letter)


def test_a_confidential_address_is_judged_like_any_other_and_the_sentence_shows_none_of_it(desk: world.Desk):
    Address.objects.filter(pk=desk.address.pk).update(is_confidential=True, confidential_kind="other")
    desk.address.refresh_from_db()
    letter = world.letter_in(desk, State.ENVELOPED)
    assert lines_are_current(world.fresh(letter))
    change(desk, name=RIGHT)
    refused(world._post, desk, letter)


@pytest.mark.parametrize("state", OPEN)
def test_blanks_and_what_is_not_printed_change_nothing(desk: world.Desk, state: State):
    desk.address = Address.objects.create(
        person=desk.parent,
        lines=" 7  Sample   Road \n\nNORTHMERE \n nm2  3bb\n",
        source="ics",
        verified_on=desk.address.verified_on,
        verified_by=desk.worker,
    )
    letter = world.letter_in(desk, state)
    with pytest.raises(InvalidStep, match="Nothing was changed"):
        change(desk)
    change(desk, salutation="Pat")
    CasePerson.objects.filter(pk=desk.parent.pk).update(name=desk.parent.name.replace(" ", "  "))
    now = world.fresh(letter)
    assert now.state == state
    assert lines_are_current(now)


def with_copy(desk: world.Desk, state: State, monkeypatch: pytest.MonkeyPatch) -> tuple[Letter, CasePerson]:
    """A letter in that state that names the case's teacher as having a copy."""
    plain, teacher = world.hand_over, desk.case.people.get(relationship="professional")

    def naming(*args: Any, **more: Any) -> Letter:
        letter = plain(*args, **more)
        letter.copies_to.add(teacher)
        return letter

    monkeypatch.setattr(world, "hand_over", naming)
    return world.letter_in(desk, state), teacher


@pytest.mark.policy("OGP-4b")
@pytest.mark.parametrize(
    ("state", "step"),
    [
        (State.TYPED, world._check),
        (State.WORKER_CHECKED, world._sign),
        (State.SIGNED, world.put_in_envelope),
        (State.ENVELOPED, world._post),
    ],
)
@pytest.mark.parametrize("over", [{"name": RIGHT}, {"organisation": "Invented School"}, {"is_active": False}])
def test_one_named_as_having_a_copy_is_so_still(
    desk: world.Desk, state: State, step: Any, over: Any, monkeypatch: pytest.MonkeyPatch
):
    letter, teacher = with_copy(desk, state, monkeypatch)
    CasePerson.objects.filter(pk=teacher.pk).update(name=teacher.name.replace(" ", "  "))
    assert lines_are_current(world.fresh(letter)), "blanks make no difference"
    CasePerson.objects.filter(pk=teacher.pk).update(**over)
    refused(step, desk, letter)
    letter = world.fresh(letter)
    if state == State.ENVELOPED:
        letter = actions.reopen(letter=letter, by=desk.admin, seen=Seen.of(letter), reason="Of the copy.")
    if "is_active" in over:
        with pytest.raises(InvalidStep, match="takes the name out first"):
            retype(desk, letter)
        return
    letter = retype(desk, letter)
    assert next(iter(over.values())) in letter.typed_version.as_content["copies_to"][0]
    assert onward(desk, letter).state == State.POSTED


def test_a_letter_that_is_not_typed_yet_bears_no_lines(desk: world.Desk):
    letter = world.letter_in(desk, State.DRAFTED)
    change(desk, name=RIGHT)
    assert lines_are_current(world.fresh(letter))
    assert onward(desk, retype(desk, letter)).state == State.POSTED


def test_it_asks_the_database_nothing_that_the_address_was_not_asked(desk: world.Desk):
    now = world.fresh(world.letter_in(desk, State.ENVELOPED))
    assert address_is_current(now)
    with CaptureQueriesContext(connection) as captured:
        assert lines_are_current(now)
    assert not captured.captured_queries


@pytest.mark.policy("OGP-4b")
@pytest.mark.parametrize(
    ("state", "way", "step"),
    [
        (State.TYPED, Way.POST, world._check),
        (State.SIGNED, Way.POST, world._envelope),
        (State.ENVELOPED, Way.POST, world._post),
        (State.ENVELOPED, Way.COLLECTED, world._give),
        (State.SIGNED, Way.SECURE_EMAIL, world._uncertain),
    ],
)
def test_the_database_takes_no_letter_on_that_names_one_of_them_by_other_words(
    desk: world.Desk, state: State, way: Way, step: Any, monkeypatch: pytest.MonkeyPatch
):
    """The engine's guard set aside, as SQL by hand would be: blanks alone make no difference, any other word does."""
    plain = world.hand_over
    other = CasePerson.objects.create(case=desk.case, relationship="relative", name='Mx "Zoë"  O\'Copy')

    def naming(*args: Any, **more: Any) -> Letter:
        letter = plain(*args, **more)
        letter.copies_to.add(other)
        return letter

    monkeypatch.setattr(world, "hand_over", naming)
    letter = world.letter_in(desk, state, way=way)
    monkeypatch.setitem(policy._GUARDS, Guard.LINES_CURRENT, lambda _: True)
    row = CasePerson.objects.filter(pk=other.pk)
    for over in ({"name": 'Mx "Zoe" O\'Copy'}, {"name": "Mx Zoë O'Copy]"}, {"organisation": "Invented School"}):
        row.update(name=other.name, organisation="")
        row.update(**over)
        with pytest.raises(IntegrityError, match="by other words than its case has now"), transaction.atomic():
            step(desk, world.fresh(letter))
        assert world.fresh(letter).state == state
    row.update(name='\u2003Mx \t "Zoë"\u00a0\n O\'Copy ', organisation="")
    assert step(desk, world.fresh(letter)).state != state


@pytest.mark.policy("OGP-4b")
@pytest.mark.parametrize(
    ("state", "way", "step"),
    [
        (State.TYPED, Way.POST, world._check),
        (State.WORKER_CHECKED, Way.POST, world._sign),
        (State.SIGNED, Way.POST, world._envelope),
        (State.ENVELOPED, Way.POST, world._post),
        (State.ENVELOPED, Way.COLLECTED, world._give),
        (State.SIGNED, Way.SECURE_EMAIL, world._uncertain),
    ],
)
def test_the_database_takes_no_letter_on_to_its_addressee_by_another_name(
    desk: world.Desk, state: State, way: Way, step: Any, monkeypatch: pytest.MonkeyPatch
):
    """The engine's guard set aside, and SQL by hand: another name, another organisation, one added or taken away."""
    CasePerson.objects.filter(case=desk.case).exclude(relationship="child").update(
        name='Mx "Zoë"  O\'Post', organisation="An  Invented Refuge"
    )
    desk.parent.refresh_from_db()
    desk.address = Address.objects.create(
        person=desk.parent,
        lines="\n 7  Sample   Road \r\n\u00a0\n\nNORTHMERE \n nm2  3bb\n",
        source="ics",
        verified_on=desk.address.verified_on,
        verified_by=desk.worker,
    )
    letter = world.letter_in(desk, state, way=way)
    monkeypatch.setitem(policy._GUARDS, Guard.LINES_CURRENT, lambda _: True)
    row = CasePerson.objects.filter(pk=letter.addressee_id)
    was = row.values("name", "organisation").get()
    for over in (
        {"name": 'Mx "Zoe" O\'Post'},
        {"name": 'Mx "Zoë" O\'post'},
        {"organisation": "An Invented refuge"},
        {"organisation": ""},
        {"name": "An Invented Refuge", "organisation": ""},
    ):
        row.update(**was)
        row.update(**over)
        with pytest.raises(IntegrityError, match="by another name or organisation"), transaction.atomic():
            step(desk, world.fresh(letter))
        assert world.fresh(letter).state == state
    row.update(name='\u2003Mx \t "Zoë"\u00a0\n O\'Post ', organisation="An Invented\tRefuge\u3000")
    assert step(desk, world.fresh(letter)).state != state


@pytest.mark.policy("OGP-4b")
def test_nor_where_an_organisation_was_put_in_for_one_who_had_none(desk: world.Desk, monkeypatch: pytest.MonkeyPatch):
    letter = world.letter_in(desk, State.TYPED)
    monkeypatch.setitem(policy._GUARDS, Guard.LINES_CURRENT, lambda _: True)
    first_line = letter.address.line_list[0]
    for organisation in ("Invented Refuge", first_line):
        CasePerson.objects.filter(pk=desk.parent.pk).update(organisation=organisation)
        with pytest.raises(IntegrityError, match="by another name or organisation"), transaction.atomic():
            world._check(desk, world.fresh(letter))


def test_the_database_breaks_an_address_into_the_lines_that_python_does():
    found = {one for one in map(chr, range(0x3000)) if len(f"a{one}b".splitlines()) > 1}
    assert set(protection_names._BREAKS) == found
