"""People and cases are looked for by name, on the server: what is typed stays, nobody is taken on part of a name."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from breaches.forms import InvolvedForm, ReportForm
from breaches.models import Breach, Involved
from breaches.tests.scene import Scene
from postroom.cases.actions import access as case_access
from postroom.cases.models import Case
from postroom.cases.selectors import visible_to as cases_visible_to
from postroom.people.models import User
from postroom.people.roles import Role
from postroom.steps.engine import Seen
from tests.support import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return Scene()


def named(scene: Scene, *names: str) -> list[User]:
    return [world.make_user(name, scene.desk.office, Role.WORKER) for name in names]


def involved(**data: Any) -> InvolvedForm:
    posted = QueryDict(mutable=True)
    posted.update({"how": "Was there.", **data})
    return InvolvedForm(posted)


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ("", "Type the name of the person who is involved"),
        ("lee", "Choose whom you mean, below the box."),
        ("  an   LEE ", "Choose whom you mean, below the box."),  # one by part of the name is still asked
        ("anna leeson", ""),
        ("Jo Lee", "Choose whom you mean, below the box."),  # two of that very name
        ("Leaver", "Nobody with an account is called that."),
        ("Many", "More than 10 people are called that."),
        ("%", "Nobody with an account"),
        ("\0", "Type the name"),
    ],
)
def test_only_a_whole_name_of_one_person_is_enough(scene: Scene, typed: str, error: str):
    _, anna, *_ = named(scene, "Jo Lee", "Anna Leeson", "Jo Lee")
    named(scene, *[f"Many Person{number}" for number in range(12)])
    leaver = named(scene, "Lou Leaver")[0]
    User.objects.filter(pk=leaver.pk).update(is_active=False)
    form = involved(person=typed)
    assert form.is_valid() is (error == "")
    if error:
        assert error in form.errors["person"][0]
    else:
        assert form.cleaned_data["person"] == anna


def test_who_is_chosen_of_those_found_is_meant_and_nobody_else(scene: Scene):
    first, second, other = named(scene, "Jo Lee", "Jo Lee", "Ray Other")
    form = involved(person="jo lee")
    found = re.findall(r'value="(\d+)"', str(form["person"]))
    assert found == [str(first.pk), str(second.pk)]
    assert "Riverside" in str(form["person"])
    assert involved(person="jo lee", person_chosen=str(second.pk)).is_valid()
    form = involved(person="jo lee", person_chosen=str(second.pk))
    assert form.is_valid()
    assert form.cleaned_data["person"] == second
    for wrong in (str(other.pk), "x", "9" * 30, "-1", ""):  # chosen before the words were changed, or made up
        assert not involved(person="jo lee", person_chosen=wrong).is_valid()
    begun = InvolvedForm(initial={"person": second})
    assert 'value="Jo Lee"' in str(begun["person"])
    assert re.search(rf'value="{second.pk}" checked', str(begun["person"]))


def test_a_council_of_hundreds_costs_a_report_no_more(scene: Scene):
    client = Client()
    client.force_login(scene.desk.worker)
    path = reverse("breaches:report")

    def page() -> tuple[int, int]:
        with CaptureQueriesContext(connection) as caught:
            size = len(client.get(path).content)
        return len(caught), size

    page()
    queries, size = page()
    User.objects.bulk_create(User(email=f"many{n}@example.test", name=f"Many Person{n}") for n in range(400))
    assert page()[0] == queries
    assert abs(page()[1] - size) < 200


@pytest.mark.policy("OGP-11", "CLS-1")
def test_cases_are_found_by_the_names_on_them_among_those_one_may_read(scene: Scene):
    desk = scene.desk
    child = desk.case.people.get(relationship="child")
    hidden = world.make_case(desk.office, desk.worker)
    case_access.restrict(
        case=hidden, by=desk.manager, seen=Seen.of(hidden), reason="A colleague.", named=[desk.manager]
    )
    reader = scene.desk.other_admin
    cases = cases_visible_to(reader)

    def report(typed: str, *chosen: str) -> ReportForm:
        """A form looked at already; the rest of it is missing."""
        data = QueryDict(mutable=True)
        data["case_references"] = typed
        data.setlist("case_references_chosen", list(chosen))
        form = ReportForm(data, cases=cases)
        assert not form.is_valid()
        return form

    mine, name = desk.case.reference, child.name
    assert report(f"{mine.lower()}, {mine[:4]} {mine[4:]}").cleaned_data["case_references"] == [mine]
    form = report(name)
    assert form.errors["case_references"] == ["Choose which case you mean, below the box."]
    assert re.findall(r'value="(\w{9})"', str(form["case_references"])) == [mine]
    assert "case_references" not in report(name, mine).errors
    assert report(f"{mine}, {name}", mine).cleaned_data["case_references"] == [mine]
    # Neither a case of another office, nor one that is kept from this person, by name or by choice.
    for other in (hidden, scene.far.case):
        there = other.people.get(relationship="child").name
        form = report(there, other.reference)
        assert "You read no case with that name" in form.errors["case_references"][0]
        assert other.reference not in str(form["case_references"])
        assert "case_references" in report(name, other.reference).errors
    assert "You read no case" in report("ABC123").errors["case_references"][0]
    assert report("", mine).cleaned_data["case_references"] == []


@pytest.mark.policy("OGP-11", "OGP-12")
def test_on_the_page_what_was_typed_stays_and_half_finished_is_kept(scene: Scene):
    first, second = named(scene, "Jo Lee", "Jo Lee")
    breach = scene.reported()
    client = Client()
    client.force_login(scene.ig)
    path = reverse("breaches:involve", args=[breach.reference])
    entered = {"seen_version": breach.version, "seen_hash": breach.content_hash, "how": "Typed it.", "person": "Jo L"}
    page = client.post(path, entered).content.decode()
    assert "There is a problem" in page
    assert 'value="Typed it."' in page
    assert 'value="Jo L"' in page
    assert client.post(path, entered | {"person_chosen": str(first.pk)}).status_code == 302
    assert Involved.objects.get().user == first
    # A report for a colleague, kept half finished with the words and the choice.
    client.force_login(scene.desk.worker)
    client.post(
        reverse("breaches:report"), {"reported_for": "Jo L", "reported_for_chosen": str(second.pk), "later": "1"}
    )
    draft = scene.desk.worker.breach_drafts.get()
    path = reverse("breaches:draft", args=[draft.key])
    page = client.get(path).content.decode()
    assert re.search(rf'value="{second.pk}" checked', page)
    now = timezone.localtime()
    moment = {"on_day": now.day, "on_month": now.month, "on_year": now.year, "time": f"{now:%H:%M}"}
    whole = {f"{name}_{part}": value for name in ("discovered", "aware") for part, value in moment.items()}
    whole |= {
        "what": "A letter lay open.", "kinds": ["disclosure"], "office": scene.desk.office.pk, "discovered_by": "Jo",
        "reported_for": "Jo L", "reported_for_chosen": str(second.pk),
        "case_references": scene.desk.case.people.get(relationship="child").name,
        "case_references_chosen": [scene.desk.case.reference],
    }  # fmt: skip
    assert client.post(path, whole).status_code == 302
    made = Breach.objects.get(reported_by=scene.desk.worker)
    assert (made.reported_for, list(made.cases.all())) == (second, [Case.objects.get(pk=scene.desk.case.pk)])
