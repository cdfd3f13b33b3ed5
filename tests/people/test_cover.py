"""Admin duty and cover: for its days, at its office, given by its managers, on record; nothing beyond."""

from __future__ import annotations

import datetime as dt
import json
from unittest import mock

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from postroom.cases.actions import open_case
from postroom.cases.actions.common import can_be_allocated
from postroom.cases.actions.opening import ChildDetails
from postroom.cases.selectors import visible_to
from postroom.outbox.models import Job
from postroom.people import actions
from postroom.people.authority import authority_of
from postroom.people.errors import NotPermitted, Refused
from postroom.people.models import DutySlot, HalfDay, RoleGrant, User
from postroom.people.roles import Role
from tests.support.council import Council, case_of, entries, give, person


def today(days: int = 0) -> dt.date:
    return timezone.localdate() + dt.timedelta(days=days)


def cover(council: Council, who: User, role: Role = Role.ADMIN, **over: object) -> RoleGrant:
    asked = {"starts": today(), "ends": today(2), "by": council.near.manager, "office": council.near.office, **over}
    return actions.give_cover(person=who, role=role, **asked)  # type: ignore[arg-type]


def at(days: int) -> dt.datetime:
    return timezone.now() + dt.timedelta(days=days)


@pytest.mark.policy("CLS-1")
def test_it_holds_for_its_days_at_its_office_alone(council: Council) -> None:
    who, near, far = council.far.worker, council.near.office, council.far.office
    grant = cover(council, who, Role.WORKER, starts=today(1), ends=today(2))
    before = {role for role, office in authority_of(who).held if office == near.pk}
    assert before == set()
    for days, holds in ((0, False), (1, True), (2, True), (3, False)):
        found = authority_of(who, at(days))
        assert (Role.WORKER in found.at_office(near.pk)) is holds, days
        assert found.at_office(far.pk) == {Role.WORKER}
    words = authority_of(who, at(1)).how(Role.WORKER, near.pk)
    assert words == f"Social worker, Nearby (cover until {grant.ends:%-d %B %Y})"
    entry = entries(who)[-1]
    assert entry.action == "give_cover"
    assert json.loads(entry.payload)["office"] == near.pk
    assert entry.actor_authority == "Team manager, Nearby"
    job = Job.objects.get(kind="notice", payload__notice="cover_given")
    assert job.payload["user"] == who.pk


@pytest.mark.policy("CLS-1")
def test_reads_of_cases_widen_for_these_days_alone(council: Council) -> None:
    case, who = case_of(council.near), council.far.nobody
    give(who, Role.ADMIN, council.far.office)
    grant = cover(council, who)
    assert visible_to(who).filter(pk=case.pk).exists()
    with mock.patch("django.utils.timezone.now", return_value=at(3)):
        assert not visible_to(who).filter(pk=case.pk).exists()
    actions.end_cover(grant=grant, by=council.near.deputy)
    assert not visible_to(who).filter(pk=case.pk).exists()
    assert entries(who)[-1].action == "end_cover"
    with pytest.raises(Refused):
        actions.end_cover(grant=grant, by=council.near.deputy)


@pytest.mark.policy("CLS-1")
def test_only_this_offices_managers_and_never_for_themselves(council: Council) -> None:
    near, far = council.near, council.far
    wrong = [near.worker, near.duty, near.ap, near.admin, near.nobody, far.manager, far.deputy, *council.wide.values()]
    for by in wrong:
        with pytest.raises(NotPermitted):
            cover(council, near.nobody, by=by)
    with pytest.raises(NotPermitted):
        cover(council, near.manager, by=near.manager)
    grant = cover(council, near.nobody, by=near.deputy)
    for by in (*wrong, near.nobody):
        with pytest.raises(NotPermitted):
            actions.end_cover(grant=grant, by=by)
    assert RoleGrant.objects.filter(is_cover=True).count() == 1


def test_what_cant_be_given_is_refused_in_words(council: Council) -> None:
    near, far = council.near, council.far
    twin = person("Tess Twin", near.office)
    User.objects.filter(pk=twin.pk).update(initials=near.admin.initials)
    stranger = council.wide[Role.SAFEGUARDING]
    closed = person("Clo Closed", near.office)
    User.objects.filter(pk=closed.pk).update(is_active=False)
    tries = [
        ({"who": near.nobody, "role": Role.WORKER}, "role", "no social worker at another office"),
        ({"who": far.worker, "role": Role.TEAM_MANAGER}, "role", "no team manager at another office"),
        ({"who": far.worker, "role": Role.SAFEGUARDING}, "role", "admin duty, or the role"),
        ({"who": near.admin}, "role", "holds this role in that time already"),
        ({"who": near.nobody, "starts": today(-1)}, "starts", "can't begin in the past"),
        ({"who": near.nobody, "starts": today(3)}, "ends", "before the first"),
        ({"who": near.nobody, "ends": today(31)}, "ends", "31 days at most"),
        ({"who": council.system}, "person", "works at another one"),
        ({"who": stranger}, "person", "works at another one"),
        ({"who": closed}, "person", "works at another one"),
        ({"who": User.objects.get(pk=twin.pk)}, "person", "writes the initials"),
    ]
    for over, field, words in tries:
        with pytest.raises(Refused, match=words) as caught:
            cover(council, **over)
        assert caught.value.field == field
    assert not RoleGrant.objects.filter(is_cover=True).exists()
    assert cover(council, near.nobody, ends=today(30)).is_cover


@pytest.mark.policy("CLS-1")
def test_no_case_stays_with_somebody_who_only_covered(council: Council) -> None:
    who = council.far.worker
    cover(council, who, Role.WORKER)
    assert not can_be_allocated(who, council.near.office.pk)
    child = ChildDetails(name="Robin New", ics_number="778899")
    assert open_case(office=council.near.office, children=[child], by=who).allocated_worker_id is None


@pytest.mark.policy("OGP-3b")
def test_duty_goes_with_the_cover_it_was_given_on(council: Council) -> None:
    who, near = council.far.worker, council.near
    grant = cover(council, who, Role.WORKER, ends=today(4))
    actions.put_on_duty(person=who, office=near.office, day=today(3), half=HalfDay.MORNING, by=near.manager)
    with pytest.raises(Refused):
        actions.put_on_duty(person=who, office=near.office, day=today(5), half=HalfDay.MORNING, by=near.manager)
    actions.end_cover(grant=grant, by=near.manager)
    assert not DutySlot.objects.filter(user=who).exists()


@pytest.mark.policy("CLS-1")
@pytest.mark.parametrize(
    "change",
    [
        {"ends": today(9)},
        {"ends": None},
        {"is_cover": False},
        {"role": Role.TEAM_MANAGER},
        {"granted_by": None},
        {"starts": today(-5)},
    ],
)
def test_the_database_keeps_cover_as_it_was_given(council: Council, change: dict) -> None:
    grant = cover(council, council.near.nobody, starts=today(1))
    with pytest.raises(IntegrityError), transaction.atomic():
        RoleGrant.objects.filter(pk=grant.pk).update(**change)
    RoleGrant.objects.filter(pk=grant.pk).update(ends=today(1))


def test_on_the_pages(council: Council) -> None:
    near, far = council.near, council.far
    client = Client()
    client.force_login(near.manager)
    assert client.get(reverse("cover")).headers["Location"] == reverse("cover_office", args=["near"])
    form = client.get(reverse("cover_give", args=["near"])).content.decode()
    assert far.worker.name in form
    assert council.system.name not in form
    assert f'value="{near.manager.pk}"' not in form
    day, last = today(), today(2)
    sent = {"person": far.worker.pk, "role": "worker"} | {
        f"{name}_{part}": getattr(value, part)
        for name, value in (("starts", day), ("ends", last))
        for part in ("day", "month", "year")
    }
    wrong = client.post(reverse("cover_give", args=["near"]), {**sent, "role": "team_manager"}).content.decode()
    assert "no team manager at another office" in wrong
    assert f'value="{far.worker.pk}" selected' in wrong
    assert client.post(reverse("cover_give", args=["near"]), sent).status_code == 302
    listed = client.get(reverse("cover_office", args=["near"])).content.decode()
    assert far.worker.name in listed
    grant = RoleGrant.objects.get(is_cover=True)
    assert client.post(reverse("cover_end", args=["near", grant.pk]), {}).status_code == 302
    assert client.get(reverse("cover_end", args=["near", grant.pk])).status_code == 404
    mine = Client()
    mine.force_login(far.worker)
    assert mine.get(reverse("cover")).status_code == 403


def test_the_list_takes_the_same_queries_for_2_and_12(council: Council, django_assert_num_queries: object) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = Client()
    client.force_login(council.near.manager)
    counts = []
    for n in range(12):
        cover(council, person(f"Cov Er{n}", council.near.office))
        if n in (1, 11):
            client.get(reverse("cover_office", args=["near"]))
            with CaptureQueriesContext(connection) as captured:
                client.get(reverse("cover_office", args=["near"]))
            counts.append(len(captured))
    assert counts[0] == counts[1]
