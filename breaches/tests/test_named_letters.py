"""Whom a letter tells when people are named late, taken off and named again; and what the database holds of it."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from breaches import actions
from breaches.duties import Duty
from breaches.models import Breach, ServiceUser, ServiceUserLetter
from breaches.policy import BreachPolicy
from breaches.tests.scene import Scene
from breaches.tests.test_people import linked, met, named
from letters.actions import print_letter, sign
from letters.models import Hold, Letter
from letters.states import State
from postroom.cases.models import Relationship
from postroom.steps.engine import Seen
from postroom.steps.errors import GuardFailed
from tests.support import world

pytestmark = [pytest.mark.django_db, pytest.mark.policy("CLS-14")]


@pytest.fixture
def scene() -> Scene:
    return Scene()


def cleared(scene: Scene, breach: Breach) -> Breach:
    row = ServiceUser.objects.get(cleared_at=None)
    return actions.clear_person(breach=breach, by=scene.ig, seen=Seen.of(breach), service_user=row, reason="Not hers.")


def signed(scene: Scene, letter: Letter) -> Letter:
    now = world.fresh(letter)
    if not now.prints.exists():
        now = print_letter(letter=now, by=scene.desk.admin, seen=Seen.of(now))
    return sign(letter=now, by=scene.desk.worker, seen=Seen.of(now))


def waits(letter: Letter) -> bool:
    return Hold.objects.filter(letter=letter, released_at=None).exists()


def test_a_letter_linked_after_the_one_meeting_waits_again_for_who_is_named_later(scene: Scene):
    breach = scene.done(scene.reported(), Duty.SERVICE_USER_MEETING)
    letter = world.letter_in(scene.desk, State.WORKER_CHECKED)
    breach = linked(scene, breach, letter)
    assert not waits(letter)
    breach = named(scene, breach, scene.desk.parent)
    assert waits(letter)
    with pytest.raises(GuardFailed, match="on hold"):
        signed(scene, letter)
    Hold.objects.filter(letter=letter).delete()  # by hand, past every step: the letter itself waits all the same
    with pytest.raises(DatabaseError), transaction.atomic():
        signed(scene, letter)
    met(scene, breach, scene.desk.parent)
    assert signed(scene, letter).state == State.SIGNED


def test_a_hold_that_was_released_for_all_stands_again(scene: Scene):
    letter = world.letter_in(scene.desk, State.WORKER_CHECKED)
    breach = scene.done(linked(scene, scene.reported(), letter), Duty.SERVICE_USER_MEETING)
    assert not waits(letter)
    breach = named(scene, breach, scene.desk.parent)
    assert waits(letter)
    breach = cleared(scene, breach)
    assert ServiceUserLetter.objects.get().person is None
    assert waits(letter)  # it tells nobody now, and goes to nobody
    breach = named(scene, breach, scene.desk.parent)
    assert ServiceUserLetter.objects.get().person == ServiceUserLetter.objects.get().breach.service_users.last()
    met(scene, breach, scene.desk.parent)
    assert not waits(letter)


def test_of_somebody_taken_off_it_tells_the_child_who_is_named(scene: Scene):
    letter = world.letter_in(scene.desk, State.WORKER_CHECKED)
    child = scene.desk.case.people.filter(relationship=Relationship.CHILD).get()
    breach = linked(scene, named(scene, scene.reported(), scene.desk.parent), letter)
    breach = met(scene, named(scene, breach, child), child)
    assert waits(letter)
    row = ServiceUser.objects.get(person=scene.desk.parent)
    actions.clear_person(breach=breach, by=scene.ig, seen=Seen.of(breach), service_user=row, reason="Not hers.")
    link = ServiceUserLetter.objects.get()
    assert link.person is not None
    assert (link.person.person, waits(letter)) == (child, False)


def test_a_case_stays_while_somebody_on_it_is_named(scene: Scene):
    breach = named(scene, scene.reported(), scene.desk.parent)
    known = Client()
    known.force_login(scene.ig)
    seen = {
        "seen_version": breach.version,
        "seen_hash": breach.content_hash,
        "what": "Told anew.",
        "discovered_by": "I",
    }
    day = {"discovered_on_day": 1, "discovered_on_month": 7, "discovered_on_year": 2026, "discovered_time": "10:00"}
    said = known.post(reverse("breaches:facts", args=[breach.reference]), seen | day | {"case_references": ""})
    assert "a case you left out are named on this breach" in said.content.decode()
    assert "Told anew." in said.content.decode()
    for change in (
        lambda: breach.cases.through.objects.all().delete(),
        lambda: breach.cases.through.objects.update(case=scene.far.case),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    breach = cleared(scene, breach)
    breach = actions.amend(breach=breach, by=scene.ig, seen=Seen.of(breach), facts={"cases": []})
    assert not breach.cases.exists()


@pytest.mark.parametrize("people", [True, False])
def test_no_breach_closes_on_a_letter_that_came_back_or_never_went(scene: Scene, monkeypatch, people: bool):
    """By the guard, and in the database where somebody is past it."""
    breach = scene.decided(scene.reported())
    row = None
    if people:
        breach = met(scene, named(scene, breach, scene.desk.parent), scene.desk.parent)
        row = ServiceUser.objects.get()
    else:
        breach = scene.done(breach, Duty.SERVICE_USER_MEETING)
    went, back = (world.letter_in(scene.desk, state) for state in (State.POSTED, State.RETURNED))
    link = ServiceUserLetter.objects.create(breach=breach, letter=went, person=row, linked_by=scene.ig)
    breach = scene.caused(scene.settled(scene.done(breach, Duty.SERVICE_USER_LETTER)))
    ServiceUserLetter.objects.update(letter=back)
    with pytest.raises(GuardFailed):
        actions.close(breach=breach, by=scene.ig, seen=Seen.of(breach))
    monkeypatch.setattr(BreachPolicy, "failed_guards", lambda *_: [])
    with pytest.raises(DatabaseError), transaction.atomic():
        actions.close(breach=breach, by=scene.ig, seen=Seen.of(breach))
    if people:
        link.delete()
        with pytest.raises(DatabaseError), transaction.atomic():
            actions.close(breach=breach, by=scene.ig, seen=Seen.of(breach))
        link.save(force_insert=True)
    ServiceUserLetter.objects.update(letter=went)
    assert actions.close(breach=breach, by=scene.ig, seen=Seen.of(breach)).state == "closed"
