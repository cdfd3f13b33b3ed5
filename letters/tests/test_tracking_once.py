"""A tracking number is one person's: typed for two in the same moment, one is refused; SQL can't take it either."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction

from letters.actions.posting import judge_number
from letters.models import Letter, Registered, TrackedNumber
from letters.states import State
from letters.tests.test_desk_asking import at_once
from postroom.steps.errors import InvalidStep
from tests.support import world

NUMBER = "KW100000025GB"
pytestmark = pytest.mark.policy("OGP-8")


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_typed_for_eight_in_the_same_moment_it_is_one_persons():
    office = world.make_office("riv", "Riverside")
    worker = world.make_user("Wren Worker", office)
    people = [world.make_case(office, worker).people.first() for _ in range(8)]

    def claim(number: int) -> None:
        with transaction.atomic():
            judge_number(NUMBER, person_id=people[number].pk)

    results = at_once(claim)
    assert sum(result is None for result in results) == 1
    refused = [result for result in results if result is not None]
    assert all(isinstance(result, InvalidStep) and "on record already" in str(result) for result in refused), refused


@pytest.mark.django_db
def test_sql_neither_takes_nor_frees_somebody_elses_number():
    desk, far = (world.Desk(world.make_office(*names)) for names in (("riv", "Riverside"), ("hill", "Hillside")))
    judge_number(NUMBER, person_id=far.parent.pk)
    letter = world.letter_in(desk, State.ENVELOPED)
    nobodys = "RB473124829GB"
    for attempt in (
        lambda: Registered.objects.create(letter=letter, number=nobodys, by=desk.admin),
        lambda: Letter.objects.filter(pk=letter.pk).update(tracking_number=nobodys),
        lambda: Letter.objects.filter(pk=letter.pk).update(tracking_number=NUMBER),
        lambda: Registered.objects.create(letter=letter, number=NUMBER, by=desk.admin),
        lambda: TrackedNumber.objects.update(person=desk.parent),
        lambda: TrackedNumber.objects.all().delete(),
        lambda: TrackedNumber.objects.create(number=NUMBER, person=desk.parent),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            attempt()
    judge_number(NUMBER, person_id=far.parent.pk)  # two letters to one person may go in one envelope
