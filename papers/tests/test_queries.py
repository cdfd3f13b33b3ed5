"""Every page of papers out asks the database as often for few as for many entries, cases, people and agreements."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

import postroom.people.sessions  # noqa: F401 - its receiver starts the session's clocks, before any middleware is loaded
from papers import actions
from papers.actions.agreements import Terms
from papers.models import AwayAgreement, PapersOut
from papers.tests import help as make
from postroom.people.models import User
from postroom.people.roles import Role
from tests.access.expected_papers import PAGES
from tests.support import world

pytestmark = pytest.mark.django_db
MOST = 22


class Register:
    """Papers of a desk's worker in every state, and how to have more of it all."""

    def __init__(self) -> None:
        self.desk = world.Desk(world.make_office("riv", "Riverside"))
        make.with_managers(self.desk)
        self.of = {state: make.in_place(self.desk, state) for state in ("out", "agreed", "asked", "lost")}
        self.more()

    def more(self) -> None:
        """One more of everything that a page lists."""
        desk = self.desk
        person = world.make_user("Mo More", desk.office, Role.WORKER)
        person.line_manager = desk.manager
        person.save()
        case = world.make_case(desk.office, desk.worker)
        for state in ("out", "agreed", "asked", "lost", "back", "refused"):
            make.in_place(desk, state)
        late = actions.take_out(case=case, office=desk.office, leaves=make.leaves(), security=make.SAFE, by=desk.worker)
        PapersOut.objects.filter(pk=late.pk).update(due_on=timezone.localdate() - dt.timedelta(days=3))
        today = timezone.localdate()
        terms = Terms(place="home", access="Remote access", starts=today, ends=today)
        actions.register_agreement(person=person, terms=terms, by=desk.manager)

    def pages(self) -> dict[str, tuple[User, str]]:
        """Name -> who opens it where."""
        desk, found = self.desk, {}
        for name, (state, _, _) in PAGES.items():
            match name:
                case "take" | "ask":
                    arguments = [desk.case.reference]
                case "agreement_end":
                    arguments = [AwayAgreement.objects.order_by("pk")[0].reference]
                case _:
                    arguments = [self.of[state].reference] if state else []
            who = desk.manager if name in ("answer", "agreements", "agreement_new", "agreement_end") else desk.worker
            found[name] = (who, reverse(f"papers:{name}", args=arguments))
        return found | {"my work": (desk.worker, "/"), "the manager's work": (desk.manager, "/")}


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


def few_and_many(*names: str) -> dict[str, tuple[int, int]]:
    """The numbers for these pages (all, if none is named), which are the same for few and for many."""
    register = Register()
    wanted = {name: page for name, page in register.pages().items() if not names or name in names}
    queries(wanted)  # the number at the head is remembered from here on
    few = queries(wanted)
    for _ in range(2):
        register.more()
    assert queries(wanted) == few
    assert {status for status, _ in few.values()} == {200}, few
    return few


def test_the_pages_that_list_things_ask_as_often_for_few_as_for_many():
    few = few_and_many("board", "ended", "entry", "new", "agreements", "agreement_new", "my work", "the manager's work")
    assert max(count for name, (_, count) in few.items() if "work" not in name) <= MOST, few


@pytest.mark.soak
def test_every_page_asks_as_often_for_few_as_for_many():
    few_and_many()
