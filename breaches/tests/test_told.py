"""What a page that refuses gives away, and what the history says (OGP-12, OGP-0)."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

import postroom.people.sessions  # noqa: F401 - its receiver starts the session's clocks
from breaches import actions
from breaches.actions.common import tell
from breaches.chasing import unheld
from breaches.duties import Duty, Kind
from breaches.models import Breach
from breaches.presenters import timeline
from breaches.selectors import visible_to
from breaches.sight import Sight
from breaches.tests.scene import Scene
from breaches.work_lists import lists_for
from postroom.cases.models import CaseAccess
from postroom.ledger.models import Entry, Reading
from postroom.outbox.models import Job
from postroom.people.authority import authority_of
from postroom.people.models import User
from postroom.people.roles import Role
from postroom.steps.engine import Seen
from postroom.steps.errors import InvalidStep, NotAllowed

pytestmark = [pytest.mark.django_db, pytest.mark.policy("OGP-12")]


@pytest.fixture
def scene() -> Scene:
    return Scene()


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.mark.parametrize("page", ["facts", "aware", "more", "involve", "assess", "close", "notify", "cause"])
def test_an_old_page_sent_again_tells_a_reporter_nothing_of_the_history(scene: Scene, page: str):
    breach = scene.reported()
    breach = actions.change_aware(
        breach=breach, by=scene.ig, seen=Seen.of(breach), aware_at=breach.aware_at, reason="A secret reason."
    )
    client = signed_in(scene.desk.other_worker)  # who reported it
    answer = client.post(reverse(f"breaches:{page}", args=[breach.reference]), {"seen_version": 1, "seen_hash": ""})
    assert answer.status_code in (403, 409)
    assert "secret reason" not in answer.content.decode()


@pytest.mark.policy("OGP-0")
def test_the_history_says_which_duty_phase_person_and_case(scene: Scene):
    breach = scene.done(scene.reported(), Duty.GOVERNANCE)
    breach = actions.name_involved(
        breach=breach, by=scene.ig, seen=Seen.of(breach), person=scene.desk.worker, how="Took the letter."
    )
    breach = actions.name_people(breach=breach, by=scene.ig, seen=Seen.of(breach), people=[scene.desk.parent])
    with pytest.raises(InvalidStep, match="on the list already"):
        actions.name_people(breach=breach, by=scene.ig, seen=Seen.of(breach), people=[scene.desk.parent])
    with pytest.raises(InvalidStep, match="Leave the case in"):
        actions.amend(breach=breach, by=scene.ig, seen=Seen.of(breach), facts={"cases": [scene.far.case]})
    both = [scene.desk.case, scene.far.case]
    breach = actions.amend(breach=breach, by=scene.ig, seen=Seen.of(breach), facts={"cases": both, "what": "Both."})
    details = json.loads(Entry.objects.get(subject=breach.ledger_subject, action="amend").payload)
    assert details["cases"] == sorted(case.reference for case in both)
    breach = scene.decided(scene.referred(scene.advised(breach)))
    signed_in(scene.ig).get(reverse("breaches:history", args=[breach.reference]))
    assert Reading.objects.get(subject=breach.ledger_subject).what == "page"  # looked at, and so on record (CLS-1)
    said = [event.title for event in timeline(breach, Sight.FULL)]
    assert said == [
        "Decided by both: not to report it to the Commissioner",
        "Decision written by the first of the two",
        "Data Protection Officer's advice given",
        "Data Protection Officer asked",
        "Risk assessed: likelihood 3, severity 3",
        "Reported to the Commissioner, phase 1",
        "Notification to the Commissioner made, phase 1",
        "Data Protection Officer's advice given",
        "Data Protection Officer asked",
        "Facts put right: what happened, its cases",
        "People whose data it was named: 1 person",
        f"A person involved was named: {scene.desk.worker.name}",
        "Duty done: Tell the Governance Team",
        "Reported",
    ]


@pytest.mark.policy("CLS-1")
def test_who_is_barred_from_the_case_has_no_part_in_its_breach(scene: Scene):
    """Somebody of governance, a decider and the Director whom the case doesn't concern: the breach isn't there."""
    breach = scene.assessed(scene.reported())
    assert duty_names(scene.ig)
    others = [scene.ig, scene.cg, scene.wide[Role.DIRECTOR]]
    for who in others:
        CaseAccess.objects.create(case=scene.desk.case, user=who, kind="barred", set_by=scene.desk.manager)
        assert not visible_to(who).exists()
        client = signed_in(who)
        assert client.get(reverse("breaches:breach", args=[breach.reference])).status_code == 404
        register = client.get(reverse("breach_reports:register", args=["csv"]))
        assert breach.reference not in register.content.decode(errors="replace")
    assert not duty_names(scene.ig)
    with pytest.raises(NotAllowed):
        scene.assessed(breach)
    with pytest.raises(NotAllowed):
        scene.proposed(breach, by=scene.cg)
    assert unheld(breach)[:2] == [Role.INFORMATION_GOVERNANCE, Role.CALDICOTT_GUARDIAN]
    told = set(Job.objects.values_list("pk", flat=True))
    assert not tell(breach, [one.pk for one in others], "breach_asked", "barred")
    assert set(Job.objects.values_list("pk", flat=True)) == told
    CaseAccess.objects.update(ended_at=timezone.now())
    assert visible_to(scene.ig).get() == breach


def duty_names(user: User) -> list[str]:
    """What My work says that this person owes."""
    return [row.title for one in lists_for(user, authority_of(user)) for row in one.rows]


@pytest.mark.policy("CLS-14")
def test_who_decides_on_one_person_s_meeting_reads_whom_it_is_about(scene: Scene):
    breach = actions.name_people(
        breach=(made := scene.reported()), by=scene.ig, seen=Seen.of(made), people=[scene.desk.parent]
    )
    row = breach.service_users.get()
    ask = reverse("breaches:ask_exception", args=[breach.reference])
    assert scene.desk.parent.name in signed_in(scene.ig).get(f"{ask}?person={row.pk}").content.decode()
    actions.ask_exception(
        breach=breach, by=scene.ig, seen=Seen.of(breach), kind="refused", reason="No.", service_user=row
    )
    page = reverse("breaches:answer_meeting", args=[breach.reference])
    assert scene.desk.parent.name in signed_in(scene.desk.manager).get(page).content.decode()
    case = scene.desk.case
    case.is_restricted = True
    case.save()
    for who, where in ((scene.desk.manager, page), (scene.ig, reverse("breaches:breach", args=[breach.reference]))):
        said = signed_in(who).get(where).content.decode()
        assert scene.desk.parent.name not in said
        assert "about one person" in said or "kept from you" in said


@pytest.mark.policy("OGP-11")
def test_the_same_report_sent_again_is_the_same_breach(scene: Scene):
    told = scene.tells(Kind.LOSS)
    first = actions.report_once(by=scene.desk.other_worker, told=told)
    assert actions.report_once(by=scene.desk.other_worker, told=told) == first
    assert actions.report_once(by=scene.desk.worker, told=told) != first  # somebody else's is another
    assert actions.report_once(by=scene.desk.other_worker, told=replace(told, what="Another bag.")) != first
    assert Breach.objects.count() == 3
