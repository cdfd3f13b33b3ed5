"""Policy in force: word for word, opened before it is acknowledged, once a person, past its review (OGP-0)."""

from __future__ import annotations

import datetime as dt
import hashlib

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.actions import policies as actions
from audit.models import Acknowledgement, PolicyReading, PolicyVersion
from audit.policies.known import KNOWN
from audit.policies.reading import still_to_acknowledge
from letters.tests.work_help import BACKEND
from postroom.ledger.models import Entry
from postroom.ledger.verify import verify
from postroom.people.models import User
from postroom.people.roles import Role
from postroom.steps.errors import InvalidStep, NotAllowed, NotPossible
from tests.access.expected_audit import POLICY_PAGES
from tests.access.test_letters import Council
from tests.support import world

pytestmark = [pytest.mark.django_db, pytest.mark.policy("OGP-0")]
# Of the two files that the council gave, taken with sha256sum.
GIVEN = {
    "outgoing-post": "6c57c3401a5b2b3fa4f425128f44631cfa54b98acecb9cc59a8df0c20137b8af",
    "confidentiality": "a8a9e10bcb995f75d4fe9e9895de8e4d5f2d39acdd3bbaa4e4c261af13129787",
}


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


@pytest.fixture
def post() -> PolicyVersion:
    return PolicyVersion.objects.get(slug="outgoing-post", number=1)


@pytest.fixture
def anne() -> User:
    return world.make_user("Anne Example", None, Role.SAFEGUARDING)


@pytest.fixture
def dam() -> User:
    return world.make_user("Dee Aham", None, Role.DISTRICT_ADMIN_MANAGER)


def header(**over: object) -> dict:
    values = {
        **dict.fromkeys(("title", "author", "approval", "audience", "rationale"), "Words"),
        "review_on": dt.date(2099, 1, 1),
        "issued_on": timezone.localdate(),
        "version": "4",
        "text": "New text.",
    }
    return {**values, **over}


def test_both_are_there_word_for_word():
    assert {v.slug: v.sha256 for v in PolicyVersion.objects.all()} == GIVEN
    for version in PolicyVersion.objects.all():
        assert hashlib.sha256(version.text.encode()).hexdigest() == GIVEN[version.slug]
    assert {known.slug: hashlib.sha256(known.text.encode()).hexdigest() for known in KNOWN} == GIVEN


def test_every_field_of_the_header(post):
    assert (post.version, post.author) == ("3", "Christine Hoggarth/Julia Simpson")
    assert (post.issued_words, post.review_words, post.review_on) == ("July 2020", "July 2021", dt.date(2021, 7, 31))
    assert post.audience == "Administration, Social workers, Team Managers"
    assert post.rationale.startswith("This process has been devised")
    assert all(words in post.text for words in (post.author, post.audience, post.rationale, post.title))


def test_both_are_past_their_review(settings):
    found = {v.slug: v.review_due for v in PolicyVersion.objects.all()}
    assert found == {"outgoing-post": dt.date(2021, 7, 31), "confidentiality": dt.date(2014, 7, 31)}
    assert all(v.review_overdue for v in PolicyVersion.objects.all())
    settings.POLICY_REVIEW_MONTHS = 24
    assert PolicyVersion.objects.get(slug="confidentiality").review_due == dt.date(2015, 7, 31)


def test_opened_before_acknowledged_and_once(post, anne):
    with pytest.raises(InvalidStep, match="Open the whole text"):
        actions.acknowledge(version=post, by=anne, read=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        Acknowledgement.objects.create(version=post, user=anne)
    actions.open_text(version=post, by=anne)
    with pytest.raises(InvalidStep, match="Tick"):
        actions.acknowledge(version=post, by=anne, read=False)
    first = actions.acknowledge(version=post, by=anne, read=True)
    assert actions.acknowledge(version=post, by=anne, read=True) == first
    entry = Entry.objects.get(subject="policy/outgoing-post.1")
    assert (entry.action, entry.actor_id, entry.actor_role) == ("acknowledge_policy", anne.pk, "Safeguarding")
    assert post.sha256 in entry.payload
    assert [v.slug for v in still_to_acknowledge(anne)] == ["confidentiality"]
    assert verify().found == 0


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit_policyversion SET text = 'x'",
        "UPDATE audit_policyversion SET review_on = NULL",
        "DELETE FROM audit_policyversion",
        "UPDATE audit_acknowledgement SET user_id = 1",
        "DELETE FROM audit_acknowledgement",
        "DELETE FROM audit_policyreading",
    ],
)
def test_the_database_keeps_what_was_acknowledged(post, anne, sql):
    actions.open_text(version=post, by=anne)
    actions.acknowledge(version=post, by=anne, read=True)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_a_new_version_is_acknowledged_anew(post, anne, dam):
    actions.open_text(version=post, by=anne)
    actions.acknowledge(version=post, by=anne, read=True)
    new = actions.add_version(by=dam, slug="outgoing-post", **header())
    assert (new.number, actions.in_force(new), actions.in_force(post)) == (2, True, False)
    assert not new.review_overdue
    assert new in still_to_acknowledge(anne)
    late = world.make_user("Late Comer", None, Role.SAFEGUARDING)
    actions.open_text(version=post, by=late)
    with pytest.raises(NotPossible, match="newer version"):
        actions.acknowledge(version=post, by=late, read=True)
    assert verify().found == 0


def test_what_a_new_version_must_be(post, anne, dam):
    add = actions.add_version
    with pytest.raises(NotAllowed):
        add(by=anne, slug="outgoing-post", **header())
    for over, words in (
        ({"text": "  "}, "Paste"),
        ({"text": post.text}, "in force already"),
        ({"version": "3"}, "of that name"),
        ({"review_on": timezone.localdate()}, "after the issue"),
        ({"text": "x" * 200_001}, "longer"),
    ):
        with pytest.raises(InvalidStep, match=words):
            add(by=dam, slug="outgoing-post", **header(**over))
    assert PolicyVersion.objects.count() == 2


def test_the_pages(post, anne, dam):
    client = browser(anne)
    path = reverse("audit:policy", args=["outgoing-post", 1])
    assert "Policies to read and acknowledge" in client.get("/").content.decode()
    assert client.post(path, {"read": "on"}).status_code == 422  # not opened yet
    body = client.get(path).content.decode()
    assert "Under no circumstances are these to be posted out to family members" in body
    assert "past its review date" in body
    assert client.post(path, {}).status_code == 422
    assert client.post(path, {"read": "on"}).status_code == 302
    assert "You have acknowledged this version" in client.get(path).content.decode()
    page = browser(dam).get(reverse("audit:policy_missing")).content.decode()
    assert "Anne Example" in page.split("1.1.4 Confidentiality")[1]
    assert "Anne Example" not in page.split("1.1.4 Confidentiality")[0].split("Out-going Post")[1]
    assert client.get(reverse("audit:policy", args=["outgoing-post", 9])).status_code == 404


def test_each_page_for_each_person():
    council, wrong = Council(), []
    today = timezone.localdate()
    new = {
        **dict.fromkeys(("title", "version", "author", "approval", "audience", "rationale", "text"), "Words"),
        **{f"issued_on_{part}": getattr(today, part) for part in ("day", "month", "year")},
        "review_on_day": 1,
        "review_on_month": 1,
        "review_on_year": 2099,
    }
    more = {"policy": ["outgoing-post", 1], "policy_new": ["outgoing-post"]}
    for who, user in council.people.items():
        client = browser(user)
        for name, pair in POLICY_PAGES.items():
            path = reverse(f"audit:{name}", args=more.get(name, []))
            for method, allowed in zip(("get", "post"), pair, strict=True):
                if name == "policy" and method == "post":
                    PolicyReading.objects.get_or_create(
                        version=PolicyVersion.objects.get(slug="outgoing-post"), user=user
                    )
                point = transaction.savepoint()
                sent = (new if name == "policy_new" else {"read": "on"}) if method == "post" else {}
                status = getattr(client, method)(path, sent).status_code
                transaction.savepoint_rollback(point)
                good = (405,) if allowed is None else (200, 302) if who in allowed else (403, 404)
                if status not in good and not (allowed is None and status == 403):
                    wrong.append(f"{who} {method} {name}: {status}")
    assert wrong == []


def test_a_manager_sees_their_own_office_alone():
    here, there = world.Desk(world.make_office("riv", "Riverside")), world.Desk(world.make_office("sta", "Station"))
    body = browser(here.manager).get(reverse("audit:policy_missing")).content.decode()
    assert here.admin.name in body
    assert there.admin.name not in body
