"""Every page of breaches asks the database as often for few as for many: breaches, duties, people, phases, actions."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

import postroom.people.sessions  # noqa: F401 - its receiver starts the session's clocks, before any middleware is loaded
from breaches import actions
from breaches.duties import Duty, Kind
from breaches.models import Breach, ReportDraft
from breaches.tests.scene import Scene
from letters.states import State
from postroom.people.models import User
from postroom.people.roles import Role
from postroom.steps.engine import Seen
from tests.access.expected_breach_reports import NAMES as REPORT_NAMES
from tests.access.expected_breaches import EXPECTED
from tests.support import world

pytestmark = pytest.mark.django_db
MOST = 50  # the breach's own page, with everything on it
# Only posted to, or a file.
NO_PAGES = {"discard", "duty_file"}


class Stage:
    """A theft on which everything has happened, and how to have more of it all."""

    def __init__(self) -> None:
        self.scene = scene = Scene()
        breach = scene.reported(Kind.THEFT, letter=scene.posted_letter())
        breach = scene.done(breach, Duty.DIRECTOR_REPORT)
        self.breach = scene.proposed(scene.advised(scene.assessed(scene.caused(breach))))
        self.draft = ReportDraft.objects.create(by=scene.ig)
        self.more()

    def fresh(self) -> Breach:
        return Breach.objects.get(pk=self.breach.pk)

    def more(self) -> None:
        """One more of everything that a page lists."""
        scene = self.scene
        scene.caused(scene.reported(Kind.LOSS))
        scene.reported(Kind.NEAR_MISS)
        ReportDraft.objects.create(by=scene.ig)
        person = world.make_user("Mo More", scene.desk.office, Role.WORKER)
        for step in (self.another_action, self.another_phase, self.another_letter):
            step()
        breach = self.fresh()
        breach.cases.add(world.make_case(scene.desk.office, person))
        actions.name_involved(breach=breach, by=scene.ig, seen=Seen.of(breach), person=person, how="Was there.")
        breach = self.fresh()
        child = breach.cases.latest("pk").people.exclude(relationship="professional").first()
        assert child is not None
        people = [scene.desk.parent, child]
        actions.name_people(breach=breach, by=scene.ig, seen=Seen.of(breach), people=people)

    def another_action(self) -> None:
        breach, day = self.fresh(), timezone.localdate()
        actions.add_follow_up(
            breach=breach, by=self.scene.ig, seen=Seen.of(breach), words="Train.", owner=self.scene.ig, due_on=day
        )

    def another_phase(self) -> None:
        self.scene.referred(self.fresh())

    def another_letter(self) -> None:
        breach, letter = self.fresh(), world.letter_in(self.scene.desk, State.DRAFTED)
        actions.link_letter(breach=breach, by=self.scene.ig, seen=Seen.of(breach), letter=letter)

    def pages(self) -> dict[str, tuple[User, str]]:
        """Name -> who opens it where. Pages of steps that nobody can take now are left to the other tests."""
        scene, breach = self.scene, self.fresh()
        involved = breach.involved.order_by("pk").first()
        assert involved is not None
        more: dict[str, list[Any]] = {
            "duty": ["governance"],
            "set_aside": ["insurers"],
            "clear_involved": [involved.pk],
            "meet_person": [breach.service_users.order_by("pk")[0].pk],
            "clear_person": [breach.service_users.order_by("pk")[0].pk],
            "report": ["director"],
        }
        who = {
            "advise": scene.dpo,
            "decide": scene.ad,
            "agree": scene.cg,
            "sign_report": scene.wide[Role.RECORDS_MANAGER],
            "breach": scene.ad,
        }
        arguments: list[Any]
        found = {}
        for name in sorted(set(EXPECTED) - NO_PAGES):
            match name:
                case "breaches" | "report":
                    arguments = []
                case "draft":
                    arguments = [self.draft.key]
                case "follow_up":
                    arguments = [breach.follow_ups.order_by("pk")[0].pk]
                case _:
                    arguments = [breach.reference, *more.get(name, [])]
            found[name] = (who.get(name, scene.ig), reverse(f"breaches:{name}", args=arguments))
        for name in sorted(REPORT_NAMES - {"breach_reports:register"}):
            short = name.partition(":")[2]
            arguments = [] if short == "overview" else [breach.reference, *more.get(short, [])]
            found[name] = (scene.ig, reverse(name, args=arguments))
        found["register"] = (scene.ig, reverse("breach_reports:register", args=["csv"]))
        found["my work"] = (scene.ig, "/")
        found["the breach, its reporter"] = (scene.desk.other_worker, found["breach"][1])
        return found


def queries(pages: dict[str, tuple[User, str]]) -> dict[str, tuple[int, int]]:
    """Name -> status, number of queries."""
    found = {}
    for name, (user, path) in pages.items():
        client = Client()
        client.force_login(user)
        with CaptureQueriesContext(connection) as caught:
            status = client.get(path).status_code
        found[name] = (status, len(caught))
    return found


def few_and_many(stage: Stage, *names: str) -> dict[str, tuple[int, int]]:
    """The numbers for these pages (all, if none is named), which are the same for few and for many."""
    wanted = {name: page for name, page in stage.pages().items() if not names or name in names}
    queries(wanted)  # the number at the head is remembered from here on
    few = queries(wanted)
    for _ in range(2):
        stage.more()
    assert queries(wanted) == few
    return few


def test_the_pages_that_list_things_ask_as_often_for_few_as_for_many():
    names = (
        "breach",
        "breaches",
        "the breach, its reporter",
        "breach_reports:overview",
        "register",
        "my work",
        "cause",
    )
    few = few_and_many(Stage(), *names)
    assert {status for status, _ in few.values()} == {200}
    assert max(count for _, count in few.values()) <= MOST, few


@pytest.mark.soak
def test_every_page_asks_as_often_for_few_as_for_many():
    few = few_and_many(Stage())
    opened = {name for name, (status, _) in few.items() if status == 200}
    assert set(few) - opened == {"answer_deferral", "answer_meeting", "close"}
    assert max(count for _, count in few.values()) <= MOST, few
