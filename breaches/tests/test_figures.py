"""Figures of breaches: what they are counted against, where they rise, and who is told of it how often."""

from __future__ import annotations

import datetime as dt
import re

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from breaches import tasks
from breaches.alerts import raise_all
from breaches.models import Breach, TrendAlert
from breaches.reports import figures
from breaches.tests.scene import Scene
from breaches.tests.test_reports import client
from distribution.tests.world import Conference
from letters.states import State
from postroom.outbox.models import Job
from postroom.people.models import RoleGrant
from postroom.people.roles import Role
from tests.support import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_per_thousand_counts_every_item_that_left_by_whatever_way(scene: Scene):
    today = timezone.localdate()
    conference = Conference(scene.desk)
    for state in ("handed over", "delivered by post", "sent by e-mail", "released by hand, out", "prepared", "held"):
        conference.in_state(state)  # the last three have reached nobody
    assert figures.sent_by_office(today) == {"Riverside": figures.Sent(0, 1, 1, 1)}
    for state, way in ((State.POSTED, ""), (State.POSTED, ""), (State.HANDED_OVER, "by_hand"), (State.ENVELOPED, "")):
        world.letter_in(scene.desk, state, way=way)
    scene.reported()
    line = figures.by_office(Breach.objects.all(), today)[0]
    assert line.sent == figures.Sent(letters=3, registered=1, emailed=1, handed_over=1)
    assert (line.items, line.per_thousand) == (6, "166.7")
    assert figures.sent_by_office(today + dt.timedelta(days=1)) == {}
    far = world.Desk(world.make_office("lak", "Lakeside"))
    world.letter_in(far, State.POSTED)
    lines = figures.by_office(Breach.objects.all(), today)
    assert [(one.name, one.items, one.per_thousand) for one in lines] == [
        ("Lakeside", 1, "0.0"),
        ("Riverside", 6, "166.7"),
    ]
    cause = figures.by_cause(Breach.objects.all(), today, figures.whole(lines).sent)[0]
    assert (cause.items, cause.per_thousand) == (7, "142.9")
    sent = figures.Sent(letters=400)
    assert figures.Line("X", 3, 0, sent).per_thousand == "7.5"
    assert figures.Line("X", 3, 0, figures.Sent()).per_thousand == "–"
    # The page says the same.
    page = client(scene.ig).get(reverse("breach_reports:overview")).content.decode()
    cells = [" ".join(re.sub("<[^>]+>", " ", row).split()) for row in re.findall(r"<tr.*?</tr>", page, re.S)]
    assert "Riverside 1 0 3 1 1 1 6 166.7" in cells
    assert "All offices 1 0 4 1 1 1 7 142.9" in cells
    assert "Not entered yet 1 0 142.9" in cells


def test_alerts_rise_by_office_and_by_step(scene: Scene):
    today = timezone.localdate()
    for _ in range(2):
        scene.caused(scene.reported())
    assert figures.alerts(Breach.objects.all(), today) == []
    scene.caused(scene.reported())
    assert [alert.words for alert in figures.alerts(Breach.objects.all(), today)] == [
        "The worker's check of the address failed: 3 times in 30 days; 0.0 is usual.",
        "At Riverside: 3 were reported in 30 days; 0.0 is usual.",
    ]
    # As many as ever is no alert: nine in the half-year before make 1.5 a month; three are not more than twice that.
    RoleGrant.objects.update(starts=dt.date(2020, 1, 1))
    with time_machine.travel(timezone.now() - dt.timedelta(days=60), tick=False):
        for _ in range(9):
            scene.caused(scene.reported())
    assert figures.alerts(Breach.objects.all(), today) == []


def test_an_alert_is_told_once_to_those_who_run_breaches_and_again_when_it_rises_anew(scene: Scene):
    def told() -> list[int]:
        jobs = Job.objects.filter(payload__notice="breach_trend").order_by("created_at", "pk")
        return [job.payload["user"] for job in jobs]

    second = world.make_user("Second Governance", None, Role.INFORMATION_GOVERNANCE)
    for _ in range(2):
        scene.reported()
    assert (raise_all(), told()) == (0, [])
    scene.caused(scene.reported())
    assert (tasks.remind.run() > 0, raise_all()) == (True, 0)
    assert sorted(told()) == sorted([scene.ig.pk, second.pk])
    # Another one on top of it is the same alert; another thing that rises is another alert.
    for breach in Breach.objects.filter(cause=""):
        scene.caused(breach)
    scene.reported()
    assert (raise_all(), len(told())) == (1, 4)
    assert set(TrendAlert.objects.values_list("office__name", "control", "over_at")) == {
        ("Riverside", "", None), (None, "address_check", None),
    }  # fmt: skip
    for job in Job.objects.filter(payload__notice="breach_trend"):
        assert job.payload["link"] == "/breach-reports/"
        assert not {"Riverside", "address_check"} & set(str(job.payload).split("'"))
    # Two beats at once: the second finds its row taken.
    with transaction.atomic(), pytest.raises(IntegrityError):
        TrendAlert.objects.create(office=scene.desk.office, number=3)
    # 40 days on nothing was reported: they are over; two days the scheduler was down, then it rises anew.
    RoleGrant.objects.update(starts=dt.date(2020, 1, 1))
    later = timezone.now() + dt.timedelta(days=40)
    with time_machine.travel(later, tick=False):
        assert raise_all() == 0
        assert not TrendAlert.objects.filter(over_at__isnull=True).exists()
        for _ in range(6):
            scene.reported()
    with time_machine.travel(later + dt.timedelta(days=2), tick=False):
        assert (raise_all(), raise_all(), len(told())) == (1, 0, 6)
