"""No fixed abode, or post that is not safe: nothing goes by Royal Mail, what was prepared is void (CLS-5, CLS-6)."""

from __future__ import annotations

import pytest

from letters import actions
from letters.states import State
from letters.tests.work_help import desk
from letters.ways import Way
from postroom.cases import actions as case_actions
from postroom.cases.actions import AddressMarks, PersonDetails
from postroom.cases.models import Case
from postroom.steps.engine import Seen
from postroom.steps.errors import GuardFailed, InvalidStep
from tests.support import world

__all__ = ["desk"]
pytestmark = pytest.mark.policy("CLS-5", "CLS-6")


def make_unsafe(desk: world.Desk, how: str) -> None:
    case = Case.objects.get(pk=desk.case.pk)
    told = {"case": case, "by": desk.worker, "seen": Seen.of(case)}
    if how == "person":
        case_actions.mark_person(person=desk.parent, safe_to_post=False, why="He opens her post.", **told)
    elif how == "address":
        marks = AddressMarks(area="in", safe_to_post=False, unsafe_why="Shared hallway.")
        case_actions.mark_address(address=desk.address, marks=marks, **told)
    else:
        details = PersonDetails(
            relationship="parent", name=desk.parent.name, salutation=desk.parent.salutation, no_fixed_abode=True
        )
        case_actions.change_person(person=desk.parent, details=details, **told)
    desk.parent.refresh_from_db()
    desk.address.refresh_from_db()
    desk.address.person.refresh_from_db()


@pytest.mark.parametrize("how", ["person", "address", "no fixed abode"])
@pytest.mark.parametrize("way", [Way.POST, Way.REGISTERED_POST])
def test_no_letter_starts_by_royal_mail(desk: world.Desk, how: str, way: Way) -> None:
    make_unsafe(desk, how)
    arguments = {
        "case": desk.case, "addressee": desk.parent, "address": desk.address, "by": desk.worker, "draft_text": "Hello"
    }  # fmt: skip
    with pytest.raises(InvalidStep) as refused:
        actions.hand_over(**arguments, way=way)  # type: ignore[arg-type]
    assert refused.value.field == "way"
    by_hand = actions.hand_over(**arguments, way=Way.BY_HAND)  # type: ignore[arg-type]
    with pytest.raises(InvalidStep):
        actions.choose_way(
            letter=by_hand, by=desk.worker, seen=Seen.of(by_hand), way=way, sensitive=False, reason="Quicker."
        )


@pytest.mark.parametrize("how", ["person", "address", "no fixed abode"])
@pytest.mark.parametrize("state", [State.WORKER_CHECKED, State.SIGNED])
def test_what_was_checked_or_signed_is_void(desk: world.Desk, how: str, state: State) -> None:
    letter = world.letter_in(desk, state)
    make_unsafe(desk, how)
    assert world.fresh(letter).state == State.TYPED


@pytest.mark.parametrize("how", ["person", "address", "no fixed abode"])
def test_a_letter_in_its_envelope_is_not_posted(desk: world.Desk, how: str) -> None:
    letter = world.letter_in(desk, State.ENVELOPED)
    make_unsafe(desk, how)
    letter = world.fresh(letter)
    with pytest.raises(GuardFailed):
        actions.post(
            letter=letter, by=desk.admin, seen=Seen.of(letter), posted_on=letter.enveloped_on, post_class="second"
        )
