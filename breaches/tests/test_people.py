"""Each person whose data it was is met and written to; who their letter goes to, and what comes back (CLS-14)."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from breaches import actions, presenters
from breaches.duties import Duty, Kind, duties_for
from breaches.models import Breach, ServiceUser, ServiceUserLetter
from breaches.policy import POLICY, people_left, still_to_do
from breaches.reports.parts import moment
from breaches.reports.register import rows_of
from breaches.selectors import open_duties
from breaches.sight import Sight
from breaches.states import BreachGuard
from breaches.tests.scene import Scene
from breaches.tests.test_reports import text_of
from letters.models import Hold, Letter
from letters.states import State
from papers.tests.help import in_place
from postroom.cases.models import CasePerson, Relationship
from postroom.people.models import User
from postroom.steps.engine import Seen
from postroom.steps.errors import InvalidStep
from tests.support import world

pytestmark = [pytest.mark.django_db, pytest.mark.policy("CLS-14")]


@pytest.fixture
def scene() -> Scene:
    return Scene()


def named(scene: Scene, breach: Breach, *people: CasePerson) -> Breach:
    return actions.name_people(breach=breach, by=scene.ig, seen=Seen.of(breach), people=people)


def met(scene: Scene, breach: Breach, person: CasePerson, by: User | None = None) -> Breach:
    return actions.meet_person(
        breach=breach, by=by or scene.ig, seen=Seen.of(breach), happened_at=timezone.now(), note="At home.",
        service_user=ServiceUser.objects.get(person=person, cleared_at=None),
    )  # fmt: skip


def linked(scene: Scene, breach: Breach, letter: Letter) -> Breach:
    return actions.link_letter(breach=breach, by=scene.ig, seen=Seen.of(breach), letter=letter)


def test_each_of_those_named_is_met_or_excused_and_then_the_duty_is_done(scene: Scene):
    breach, parent = scene.reported(), scene.desk.parent
    child = scene.desk.case.people.filter(relationship=Relationship.CHILD).first()
    assert child is not None
    breach = named(scene, breach, parent, child)
    with pytest.raises(InvalidStep, match="each person named"):
        scene.done(breach, Duty.SERVICE_USER_MEETING)
    breach = linked(scene, breach, world.letter_in(scene.desk, State.TYPED))
    assert Hold.objects.filter(released_at=None).count() == 1
    with pytest.raises(DatabaseError), transaction.atomic():
        Hold.objects.update(released_at=timezone.now())
    breach = met(scene, breach, parent)
    assert not Hold.objects.filter(released_at=None).exists()  # their own letter is free, whoever else waits
    assert breach.duties.get(duty=Duty.SERVICE_USER_MEETING).status == "open"
    breach = actions.ask_exception(
        breach=breach, by=scene.ig, seen=Seen.of(breach), kind="impossible", reason="A baby.",
        service_user=ServiceUser.objects.get(person=child),
    )  # fmt: skip
    breach = actions.approve_no_meeting(
        breach=breach, by=scene.desk.manager, seen=Seen.of(breach), agreed=True, reason="So it is."
    )
    row = breach.duties.get(duty=Duty.SERVICE_USER_MEETING)
    assert (row.status, row.note) == ("done", "1 of 2 people met, each as it stands beside them.")
    assert {one.person for one in people_left(breach)} == {parent, child}  # to be written to
    with pytest.raises(DatabaseError), transaction.atomic():
        ServiceUser.objects.update(met_at=None)


def test_only_family_of_its_cases_is_named_and_a_mistake_is_taken_back(scene: Scene):
    breach = scene.reported()
    doctor = CasePerson.objects.create(
        case=scene.desk.case, relationship=Relationship.PROFESSIONAL, name="Dr Who Else", organisation="Surgery"
    )
    for person in (doctor, scene.far.parent):
        with pytest.raises(InvalidStep, match="cases of this breach"):
            named(scene, breach, person)
        with pytest.raises(DatabaseError), transaction.atomic():
            ServiceUser.objects.create(breach=breach, person=person, named_by=scene.ig)
    breach = named(scene, breach, scene.desk.parent)
    one = ServiceUser.objects.get()
    breach = actions.clear_person(
        breach=breach, by=scene.ig, seen=Seen.of(breach), service_user=one, reason="Another Ms Sample."
    )
    assert people_left(breach) == []
    breach = named(scene, breach, scene.desk.parent)
    breach = met(scene, breach, scene.desk.parent)
    with pytest.raises(InvalidStep, match="stay on the list"):
        actions.clear_person(
            breach=breach, by=scene.ig, seen=Seen.of(breach), reason="No.",
            service_user=ServiceUser.objects.get(cleared_at=None),
        )  # fmt: skip


def test_the_letter_goes_to_a_service_user_and_to_one_of_those_named(scene: Scene):
    breach, desk = scene.reported(), scene.desk
    letter = world.letter_in(desk, State.TYPED)
    other = CasePerson.objects.create(case=desk.case, relationship=Relationship.RELATIVE, name="Mr Ned Neighbour")
    breach = named(scene, breach, other)
    with pytest.raises(InvalidStep, match="nobody named"):
        linked(scene, breach, letter)
    CasePerson.objects.filter(pk=desk.parent.pk).update(relationship=Relationship.PROFESSIONAL)
    with pytest.raises(InvalidStep, match="professional"):
        linked(scene, breach, letter)


@pytest.mark.parametrize("state", [State.POSTED, State.HANDED_OVER])
def test_a_letter_posted_or_handed_over_counts_and_one_that_came_back_does_not(scene: Scene, state: State):
    breach = scene.done(scene.reported(), Duty.SERVICE_USER_MEETING)
    waits, went, back = (world.letter_in(scene.desk, one) for one in (State.ENVELOPED, state, State.RETURNED))
    ServiceUserLetter.objects.create(breach=breach, letter=waits, linked_by=scene.ig)
    with pytest.raises(InvalidStep, match="posted or handed over"):
        scene.done(breach, Duty.SERVICE_USER_LETTER)
    ServiceUserLetter.objects.update(letter=went)
    breach = scene.done(breach, Duty.SERVICE_USER_LETTER)
    row = breach.duties.get(duty=Duty.SERVICE_USER_LETTER)
    assert not still_to_do(breach, row)
    ServiceUserLetter.objects.update(letter=back)
    assert still_to_do(breach, row)
    assert row in open_duties(Breach.objects.all())
    assert POLICY.failed_guards(breach, [BreachGuard.DUTIES_SETTLED]) == [BreachGuard.DUTIES_SETTLED]
    known = Client()
    known.force_login(scene.ig)
    page = known.get(reverse("breaches:breach", args=[breach.reference])).content.decode()
    assert "To do again" in page or "Overdue" in page
    assert reverse("breaches:link_letter", args=[breach.reference]) in page


def test_the_pages_name_people_and_record_each_meeting(scene: Scene):
    breach, known = scene.reported(), Client()
    known.force_login(scene.ig)
    seen = {"seen_version": breach.version, "seen_hash": breach.content_hash}
    path = reverse("breaches:name_people", args=[breach.reference])
    assert scene.desk.parent.name in known.get(path).content.decode()
    assert "Choose whose data it was" in known.post(path, seen).content.decode()
    assert known.post(path, seen | {"people": [scene.far.parent.pk]}).status_code == 200
    assert known.post(path, seen | {"people": [scene.desk.parent.pk]}).status_code == 302
    one, breach = ServiceUser.objects.get(), Breach.objects.get()
    page = known.get(reverse("breaches:breach", args=[breach.reference])).content.decode()
    assert scene.desk.parent.name in page
    meet = reverse("breaches:meet_person", args=[breach.reference, one.pk])
    assert meet in page
    seen = {"seen_version": breach.version, "seen_hash": breach.content_hash}
    answer = known.post(meet, seen | {"note": "The worker, at home."})
    assert "Enter the day of the meeting" in answer.content.decode()
    assert "The worker, at home." in answer.content.decode()
    known.force_login(scene.desk.other_worker)  # whoever reported it reads no names
    page = known.get(reverse("breaches:breach", args=[breach.reference])).content.decode()
    assert scene.desk.parent.name not in page


@pytest.mark.policy("CLS-3", "CLS-7", "CLS-9", "CLS-15")
def test_a_stolen_bag_from_the_register_of_papers_to_closing(scene: Scene):
    lost = in_place(scene.desk, "lost")
    breach = Breach.objects.get()
    assert lost.reference in breach.what
    assert breach.kinds == (Kind.THEFT,)
    assert breach.involved.get().user == scene.desk.worker
    breach = named(scene, scene.assessed(breach), scene.desk.parent)
    breach = met(scene, breach, scene.desk.parent)
    breach = scene.agreed(scene.proposed(scene.advised(breach), commissioner=True))
    breach = scene.caused(scene.settled(breach))
    closed = actions.close(breach=breach, by=scene.ig, seen=Seen.of(breach))
    assert closed.state == "closed"
    assert {row.duty for row in closed.duties.all()} == {row.duty for row in duties_for([Kind.THEFT])}
    assert [row[0] for row in rows_of(Breach.objects.all())] == [closed.reference]


@pytest.mark.policy("OGP-0")
def test_the_whole_history_is_on_a_page_and_in_a_pdf(scene: Scene, monkeypatch):
    monkeypatch.setattr("breaches.views.history.ON_A_PAGE", 3)
    breach = scene.asked_once(scene.assessed(scene.reported()))
    for reason in ("It was seen at noon.", "No, at one."):
        earlier = breach.aware_at - dt.timedelta(minutes=1)
        breach = actions.change_aware(breach=breach, by=scene.ig, seen=Seen.of(breach), aware_at=earlier, reason=reason)
    known = Client()
    known.force_login(scene.ad)
    path = reverse("breaches:history", args=[breach.reference])
    page = known.get(path).content.decode()
    assert ("No, at one." in page, "Risk assessed" in page) == (True, False)
    older = known.get(path, {"before": 3}).content.decode()
    assert ("Risk assessed" in older, "No, at one." in older) == (True, False)
    assert known.get(path, {"before": "x"}).status_code == 200
    text = text_of(known.get(reverse("breaches:history_pdf", args=[breach.reference])).content)
    monkeypatch.setattr("breaches.views.history.ON_A_PAGE", 100)
    page = known.get(path).content.decode()
    events = presenters.timeline(breach, Sight.DECIDER, most=100)
    assert [event.seq for event in events] == list(range(breach.version, 0, -1))
    for event in events:  # each step, on the screen as in the PDF
        for words in (moment(event.when), event.title, event.by, *event.text.split()):
            assert escape(words) in page
            assert words in text, words
    for words in ("Reported", "Risk assessed", "It was seen at noon.", scene.ig.name):
        assert words in text


@pytest.mark.policy("CLS-7", "CLS-9")
def test_what_is_due_at_once_reads_do_it_now_for_an_hour_and_then_overdue(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
):
    breach, known = scene.reported(Kind.THEFT), Client()
    known.force_login(scene.ig)
    path = reverse("breaches:breach", args=[breach.reference])
    page = known.get(path).content.decode()
    assert ("Do it now" in page, "Overdue since" in page) == (True, False)
    police = breach.duties.get(duty=Duty.POLICE)
    assert police.is_overdue()  # the clock itself, and whom it tells, is as strict as before
    monkeypatch.setattr("breaches.models.duties.FOR_NOW", dt.timedelta(0))
    page = known.get(path).content.decode()
    assert ("Do it now" in page, "Overdue since" in page) == (False, True)
