"""What has gone and still owes something is chased by e-mail, once a day, until it does not; about whom is not said."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from distribution import actions, chasing
from distribution.models import Item
from distribution.tests.world import Conference, fresh
from postroom.cases.actions import restrict
from postroom.cases.models import Case
from postroom.outbox.models import Job
from postroom.people.roles import Role
from postroom.steps.engine import Seen
from tests.support import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def conference() -> Conference:
    world.Desk(world.make_office("hill", "Hillside"))  # whose admin has nothing to do with it
    return Conference(world.Desk(world.make_office("riv", "Riverside")))


def told(notice: str) -> list[int]:
    """Who is told of it, an id for each e-mail owed."""
    jobs = Job.objects.filter(kind="notice", key__startswith=f"{notice}:")
    return sorted(job.payload["user"] for job in jobs)


def in_a_week(days: int = 0) -> dt.datetime:
    return timezone.now() + dt.timedelta(days=9 + days)


def admins(conference: Conference) -> list[int]:
    return sorted([conference.desk.admin.pk, conference.desk.other_admin.pk])


@pytest.mark.policy("OGP-8")
def test_registered_post_is_chased_until_it_is_there(conference: Conference):
    item = conference.in_state("sent by post")
    chasing.chase()
    assert told("items_not_proved") == []  # posted today
    assert chasing.chase(in_a_week()) == 2
    assert chasing.chase(in_a_week()) == 2  # again on the same day: the same e-mails
    assert told("items_not_proved") == admins(conference)
    chasing.chase(in_a_week(1))
    assert len(told("items_not_proved")) == 4
    actions.prove_delivery(
        item=fresh(item),
        by=conference.desk.admin,
        seen=Seen.of(fresh(item)),
        delivered_on=timezone.localdate(),
        delivered_time=dt.time(0),
        printed_name="F WAY",
    )
    chasing.chase(in_a_week(2))
    assert len(told("items_not_proved")) == 4


@pytest.mark.policy("OGP-6")
def test_what_is_not_on_the_case_record_is_chased(conference: Conference):
    item = conference.in_state("handed over")
    chasing.chase(in_a_week())
    assert told("items_not_uploaded") == admins(conference)
    actions.upload(item=fresh(item), by=conference.desk.admin, seen=Seen.of(fresh(item)), ics_reference="ICS-1")
    chasing.chase(in_a_week(1))
    assert told("items_not_uploaded") == admins(conference)


@pytest.mark.policy("CLS-6")
def test_a_document_that_nobody_can_open_is_its_workers_matter(conference: Conference):
    conference.in_state("sent by e-mail")
    chasing.chase(in_a_week())
    assert told("item_not_opened") == [conference.desk.worker.pk]
    job = Job.objects.get(key__startswith="item_not_opened:")
    names = [person.name for person in conference.desk.case.people.all()]
    assert not any(name in str([job.key, job.payload]) for name in names)


@pytest.mark.policy("CLS-1")
def test_nobody_is_told_of_a_case_that_is_kept_from_them(conference: Conference):
    conference.in_state("sent by post")
    governance = world.make_user("Ivy Gove", None, Role.INFORMATION_GOVERNANCE)
    case = Case.objects.get(pk=conference.desk.case.pk)
    named = [conference.desk.other_admin]
    restrict(case=case, named=named, by=governance, seen=Seen.of(case), reason="A relative works here.")
    chasing.chase(in_a_week())
    assert told("items_not_proved") == [conference.desk.other_admin.pk]
    assert Item.objects.count() == 1
