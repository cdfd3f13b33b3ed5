"""The password by text: through the outbox, by GOV.UK Notify's interface or any other gateway (CLS-6)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

import postroom.people.sessions  # noqa: F401 - its receiver starts the session's clocks, before any middleware is loaded
from distribution import actions, texting
from distribution.actions.passwords import KIND, password_of
from distribution.models import EmailPassword, Item
from distribution.states import State
from distribution.tests.notify import GATEWAY, KEY, SERVICE, Notify, notify_service
from distribution.tests.world import Conference, fresh
from distribution.texting import NotifyGateway, NotTexted, gateway_stands
from postroom.cases.models import CasePerson
from postroom.ledger.models import Entry, Reading
from postroom.outbox.carrier import carry, claim, reap
from postroom.outbox.models import Job
from postroom.steps.engine import Seen
from postroom.steps.errors import GuardFailed
from tests.support import world

pytestmark = pytest.mark.policy("CLS-6")
MOBILE = "+447700900123"
LATER = dt.timedelta(days=1)
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def notify(settings: Any) -> Iterator[Notify]:
    """It runs on loopback, and Postroom is set up for it."""
    with notify_service() as service:
        settings.SMS_GATEWAY, settings.NOTIFY_API_KEY, settings.NOTIFY_TEMPLATE = GATEWAY, KEY, "a-template"
        settings.NOTIFY_URL = service.url
        yield service


def test_notify_gets_number_text_template_and_key(notify: Notify) -> None:
    NotifyGateway().send(MOBILE, "The password is X.", "job-1")
    assert notify.kept == [
        {
            "phone_number": MOBILE,
            "template_id": "a-template",
            "personalisation": {"text": "The password is X."},
            "reference": "job-1",
        }
    ]


@pytest.mark.parametrize(
    ("mode", "final"),
    [("400", True), ("403", True), ("404", True), ("302", True), ("408", False), ("429", False), ("500", False),
     ("503", False), ("answer lost", False)],
)  # fmt: skip
def test_what_notify_refuses(notify: Notify, mode: str, final: bool) -> None:
    notify.mode = mode
    with pytest.raises(NotTexted) as refused:
        NotifyGateway().send(MOBILE, "x", "job-1")
    assert refused.value.final is final


def test_a_key_of_another_service_and_one_that_is_none(notify: Notify, settings: Any) -> None:
    settings.NOTIFY_API_KEY = f"postroom-{SERVICE}-{SERVICE}"
    with pytest.raises(NotTexted, match="http_403"):
        NotifyGateway().send(MOBILE, "x", "job-1")
    settings.NOTIFY_API_KEY = "postroom"
    with pytest.raises(NotTexted, match="notify_key"):
        NotifyGateway().send(MOBILE, "x", "job-1")
    settings.NOTIFY_API_KEY, settings.NOTIFY_URL = KEY, "http://127.0.0.1:1"
    with pytest.raises(NotTexted) as away:
        NotifyGateway().send(MOBILE, "x", "job-1")
    assert not away.value.final


@pytest.mark.parametrize(
    ("name", "more", "fault"),
    [
        ("", {}, ""),
        ("distribution.texting.NotifyGateway", {}, ""),
        ("distribution.texting.NotifyGateway", {"NOTIFY_API_KEY": "postroom"}, "distribution.E003"),
        ("distribution.texting.NotifyGateway", {"NOTIFY_TEMPLATE": ""}, "distribution.E003"),
        ("distribution.texting.FolderGateway", {}, ""),
        ("distribution.texting.FolderGateway", {"PRODUCTION": True}, "distribution.E002"),
        ("distribution.nowhere.Gateway", {}, "distribution.E001"),
        ("nonsense", {}, "distribution.E001"),
    ],
)
def test_nothing_starts_with_a_gateway_that_can_not_work(
    notify: Notify, settings: Any, name: str, more: dict[str, Any], fault: str
) -> None:
    settings.SMS_GATEWAY = name
    for key, value in more.items():
        setattr(settings, key, value)
    assert [message.id for message in gateway_stands(None)] == ([fault] if fault else [])


@pytest.fixture
def conference(db: None) -> Conference:
    return Conference(world.Desk(world.make_office("riv", "Riverside")))


@pytest.fixture
def asked(conference: Conference, notify: Notify) -> Item:
    """An e-mailed document whose password is to go by text; what staff are told is out of the way."""
    item = conference.in_state("sent by e-mail")
    Job.objects.all().delete()
    return actions.text_password(item=item, by=conference.desk.worker, seen=Seen.of(item))


def go(*, now: dt.datetime | None = None) -> list[str]:
    """Carry the texts that are due."""
    reap(now=now)
    due = Job.objects.due(now or timezone.now()).filter(kind=KIND)
    return [carry(key, now=now) for key in list(due.values_list("pk", flat=True))]


def told() -> bool:
    return Job.objects.filter(key__startswith="item_not_texted").exists()


def looked(item: Item) -> int:
    """How often the password was looked at."""
    return Reading.objects.filter(subject=item.ledger_subject, what="password").count()


def actions_of(item: Item) -> list[str]:
    return list(Entry.objects.filter(subject=item.ledger_subject).order_by("seq").values_list("action", flat=True))


@pytest.mark.django_db(transaction=True)
def test_by_text_once_and_nothing_of_it_is_kept(conference: Conference, asked: Item, notify: Notify) -> None:
    password = password_of(asked)
    assert password
    assert (asked.state, asked.sending) == (State.SENT, True)
    assert go() == ["done"]
    assert go(now=timezone.now() + LATER) == []
    [message] = notify.kept
    assert message["phone_number"] == MOBILE
    assert message["personalisation"]["text"].endswith(f"reference {asked.reference}: {password}")
    assert conference.teacher.name not in str(message)
    item, row = fresh(asked), EmailPassword.objects.get(item=asked)
    assert (item.state, item.sending, password_of(item)) == (State.DELIVERED, False, None)
    assert (row.sealed, row.given_how, row.given_by) == ("", "text", conference.desk.worker)
    assert not told()
    job = Job.objects.get(kind=KIND)
    assert password not in f"{job.payload}{job.key}{job.last_error}"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("mode", ["429", "503", "answer lost"])
def test_a_gateway_that_is_away_is_tried_again(asked: Item, notify: Notify, mode: str) -> None:
    notify.mode = mode
    assert go() == ["owed"]
    assert (fresh(asked).state, password_of(asked) is not None) == (State.SENT, True)
    notify.mode = "up"
    assert go(now=timezone.now() + LATER) == ["done"]
    assert fresh(asked).state == State.DELIVERED


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("why", ["refused", "away for good", "no mobile any more", "off the case", "no gateway"])
def test_what_can_not_be_sent_comes_back_and_is_read_out(
    conference: Conference, asked: Item, notify: Notify, settings: Any, why: str
) -> None:
    worker, people = conference.desk.worker, CasePerson.objects.filter(pk=conference.teacher.pk)
    if why == "no mobile any more":
        people.update(mobile="")
    elif why == "off the case":
        people.update(is_active=False)
    elif why == "no gateway":
        settings.SMS_GATEWAY = ""
    notify.mode = {"refused": "400", "away for good": "503"}.get(why, "up")
    for day in range(4):
        go(now=timezone.now() + day * LATER)
    item = fresh(asked)
    assert (item.state, item.sending) == (State.SENT, False)
    assert actions_of(item)[-2:] == ["text_password", "mark_not_texted"]
    assert (told(), notify.kept) == (True, [])
    people.update(is_active=True)
    given = actions.give_password(item=item, by=worker, seen=Seen.of(item), recipient_known=True)
    assert given.state == State.DELIVERED


@pytest.mark.django_db(transaction=True)
def test_read_out_by_phone_while_the_text_is_under_way(conference: Conference, asked: Item, notify: Notify) -> None:
    worker, item = conference.desk.worker, fresh(asked)
    with pytest.raises(GuardFailed):  # asked for already
        actions.text_password(item=item, by=worker, seen=Seen.of(item))
    actions.give_password(item=item, by=worker, seen=Seen.of(item), recipient_known=True)
    assert go() == ["dropped"]
    assert notify.kept == []
    assert EmailPassword.objects.get(item=item).given_how == "phone"


@pytest.mark.django_db(transaction=True)
def test_read_out_between_the_gateway_s_word_and_ours(
    conference: Conference, asked: Item, notify: Notify, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The text has left; what stands is what was first: the phone."""
    worker, real = conference.desk.worker, texting.NotifyGateway.send

    def sends_late(self: NotifyGateway, to: str, text: str, key: str) -> None:
        real(self, to, text, key)
        item = fresh(asked)
        actions.give_password(item=item, by=worker, seen=Seen.of(item), recipient_known=True)

    monkeypatch.setattr(texting.NotifyGateway, "send", sends_late)
    assert go() == ["done"]
    assert len(notify.kept) == 1
    assert actions_of(asked)[-2:] == ["text_password", "give_password"]


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_on_the_way_leaves_it_to_the_next(asked: Item, notify: Notify) -> None:
    assert claim(Job.objects.get(kind=KIND).pk) is not None
    assert go(now=timezone.now() + LATER) == ["done"]
    assert fresh(asked).state == State.DELIVERED
    assert len({message["reference"] for message in notify.kept}) == 1


@pytest.mark.django_db(transaction=True)
def test_the_page_offers_it_where_it_can_be_and_records_who_looked(
    conference: Conference, notify: Notify, settings: Any
) -> None:
    item, client = conference.in_state("sent by e-mail"), Client()
    client.force_login(conference.desk.worker, backend=BACKEND)
    page = reverse("distribution:password", args=[item.reference])
    looks = looked(item)
    shown = client.get(page).content.decode()
    assert str(password_of(item)) in shown
    assert "Send it by text to the mobile on the case" in shown
    assert looked(item) == looks + 1
    settings.SMS_GATEWAY = ""
    assert "Send it by text" not in client.get(page).content.decode()
    now = fresh(item)
    seen = {"seen_version": now.version, "seen_hash": now.content_hash}
    assert client.post(page, seen | {"how": "text"}).status_code == 409
    settings.SMS_GATEWAY = "distribution.texting.NotifyGateway"
    assert "being sent by text" in client.post(page, seen | {"how": "text"}, follow=True).content.decode()
    assert go() == ["done"]
    about = client.get(reverse("distribution:item", args=[item.reference])).content.decode()
    assert "Sent by text message" in about
