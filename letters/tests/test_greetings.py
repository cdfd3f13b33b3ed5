"""A greeting that isn't the addressee's raises a question before the check (OGP-3a: the right person's letter)."""

from __future__ import annotations

import pytest

from letters import actions
from letters.greetings import fits
from letters.leaks import Kind, look_for
from letters.models import Letter
from letters.tests.work_help import desk, seen, signed_in, url, words_of
from postroom.cases.models import CasePerson
from postroom.steps.engine import Seen
from postroom.steps.errors import InvalidStep
from tests.support import world

__all__ = ["desk"]
pytestmark = pytest.mark.policy("OGP-3a")
GREEN = ("Mrs Ana Green", "Mrs Green", "")


@pytest.mark.parametrize(
    ("greeting", "known_as", "expected"),
    [
        ("Dear Mrs Green", GREEN, True),
        ("Dear Mr Brown", GREEN, False),
        ("Dear Mrs Brown,", GREEN, False),
        ("Dear Mr Green", GREEN, False),
        ("Dear Ms Green", GREEN, True),
        ("Dear Miss Ana Green", GREEN, True),
        ("Dear Dr Green", GREEN, True),
        ("Dear Mr and Mrs Green", GREEN, True),
        ("Dear Mr and Mrs Brown", GREEN, False),
        ("Dear Ana", GREEN, True),
        ("Dear ANA,", GREEN, True),
        ("Hi Ana", GREEN, True),
        ("Dear Theo", GREEN, False),
        ("Dear A. Green", GREEN, True),
        ("Dear Sir or Madam", GREEN, True),
        ("Dear Parents", GREEN, True),
        ("Dear parent or carer", GREEN, True),
        ("Dear all", GREEN, True),
        ("To whom it may concern", GREEN, True),
        ("Dear Green family", GREEN, True),
        ("Dear Brown family", GREEN, False),
        ("Good morning, Mrs Green", GREEN, True),
        ("", GREEN, True),
        ("Dear Mrs Núñez-O'Hara", ("Mrs Zoë Nunez-OHara", "", ""), True),
        ("Dear Zoe", ("Mrs Zoë Nunez-OHara", "", ""), True),
        ("Dear Headteacher", ("Mr Sam Teacher", "", "Invented Primary School"), True),
        ("Dear Invented Primary School", ("Mr Sam Teacher", "", "Invented Primary School"), True),
        ("Dear Mr Brown", ("Mx Ren Green", "", ""), False),
        ("Dear Mr Green", ("Mx Ren Green", "", ""), True),
        ("Dear Mr and Mrs Green", ("Mr and Mrs Green", "", ""), True),
        ("Dear Mrs Green", ("Mr and Mrs Green", "", ""), True),
        ("Annwyl Mrs Green", GREEN, True),
        ("Annwyl Mr Brown", GREEN, False),
        ("Szanowna Pani Green", GREEN, True),
        ("Cara Signora", GREEN, True),
    ],
)
def test_whose_greeting_it_could_be(greeting: str, known_as: tuple[str, ...], expected: bool) -> None:
    assert fits(greeting, known_as) is expected


def test_in_another_language_a_name_of_another_of_the_case_is_told_apart() -> None:
    for greeting, expected in (("Szanowny Panie Brown", False), ("Szanowna Pani Green", True), ("Caro Piotr", True)):
        assert fits(greeting, GREEN, others=("Mr Theo Brown", "Robin Green"), foreign=True) is expected


@pytest.mark.django_db
def test_it_is_asked_while_typing_and_before_the_check_and_can_be_confirmed(desk) -> None:
    CasePerson.objects.create(case=desk.case, relationship="parent", name="Mr Theo Brown")

    def typed(greeting: str) -> Letter:
        letter = world.hand_over(desk)
        typed = world.typed(salutation=greeting)
        return actions.type_letter(letter=letter, by=desk.admin, seen=Seen.of(letter), typed=typed)

    letter = typed("Dear Mr Brown")
    (one,) = look_for(letter, [], user=desk.worker, greeting="Dear Mr Brown")
    assert (one.kind, one.stops, one.is_workers) == (Kind.GREETING, False, False)
    both = {"address_confirmed": True, "body_confirmed": True}
    with pytest.raises(InvalidStep, match="Look at what was found"):
        actions.check(letter=letter, by=desk.worker, seen=Seen.of(letter), **both)
    page = words_of(signed_in(desk.worker).get(url("check", letter)))
    assert f"The greeting is “Dear Mr Brown”, and the letter goes to {desk.parent.name}." in page
    fields = {"salutation": "Dear Mr Brown", "body": "Come.", "address": desk.address.pk, **seen(letter)}
    looked = words_of(signed_in(desk.admin).post(url("preview", letter), fields))
    assert "Is that whom it greets?" in looked
    actions.check(letter=letter, by=desk.manager, seen=Seen.of(letter), found_belongs=True, **both)
    letter = typed("Dear Sir or Madam")
    actions.check(letter=letter, by=desk.worker, seen=Seen.of(letter), **both)
