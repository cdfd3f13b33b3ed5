"""When it is somebody's turn: at once, in the morning or not at all; the summary is sent once, and nothing is lost."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core import mail
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from postroom.outbox import summary
from postroom.outbox.carrier import carry, run_due
from postroom.outbox.choices import choose
from postroom.outbox.mail import notify
from postroom.outbox.models import HeldNotice, Job, JobState, When
from postroom.outbox.notices import all_notices, notice_of
from postroom.outbox.queue import decide_uncertain
from postroom.people.models import Office, RoleGrant, User
from postroom.people.roles import Role

# A Thursday, a Friday and the Monday after; local time is UTC then.
THURSDAY, FRIDAY, SATURDAY, MONDAY = (dt.date(2026, 11, n) for n in (26, 27, 28, 30))
PLAIN, URGENT = "item_issued", "JOB_STUCK"


def at(day: dt.date, hour: int = 8, minute: int = 1) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time(hour, minute)))


@pytest.fixture
def ada(db: None) -> User:
    return User.objects.create_user("ada.invented@example.org", name="Ada Invented", initials="AI")


def tell(person: User, notice: str = PLAIN, occasion: int = 1) -> list[Job]:
    return notify([person.pk], notice, "item/K7Q2M4XD9", "/distribution/items/K7Q2M4XD9/", occasion=occasion)


def sent() -> list[str]:
    return [str(message.subject) for message in mail.outbox]


def morning(day: dt.date, hour: int = 8) -> int:
    """The scheduler runs, then a worker; gives how many summaries were planned."""
    planned = summary.plan(at(day, hour))
    run_due()
    return planned


@pytest.mark.parametrize(
    ("when", "notice", "jobs", "held"),
    [
        (None, PLAIN, 1, 0),
        (When.AT_ONCE, PLAIN, 1, 0),
        (When.MORNING, PLAIN, 0, 1),
        (When.NONE, PLAIN, 0, 0),
        (None, URGENT, 1, 0),
        (When.MORNING, URGENT, 1, 0),
        (When.NONE, URGENT, 1, 0),
        (None, "letter_to_type", 0, 0),
        (When.AT_ONCE, "letter_to_type", 1, 0),
        (When.MORNING, "letter_to_type", 0, 0),
        (When.NONE, "letter_to_type", 0, 0),
    ],
)
def test_each_notice_goes_as_its_person_chose(ada: User, when: str | None, notice: str, jobs: int, held: int) -> None:
    if when:
        choose(user=ada, when=when)
    for _ in range(2):
        assert len(tell(ada, notice)) == jobs
    assert Job.objects.count() == jobs
    assert HeldNotice.objects.count() == held


def test_what_cant_be_turned_off() -> None:
    """By hand: what runs against a clock, or stands at a door. None of it is a desk's."""
    urgent = {notice.code for notice in all_notices() if notice.urgent}
    assert urgent >= {"JOB_STUCK", "breach_reported", "breach_mark", "papers_lost", "record_not_intact"}
    assert urgent >= {"letter_in_danger", "letter_not_delivered", "item_bounced"}
    assert not urgent & {"letter_typed", "letter_question", "item_issued", "papers_agreed", "letters_not_uploaded"}
    assert not any(notice.urgent and notice.shared for notice in all_notices())


def test_the_morning_has_one_e_mail_with_references_alone(ada: User, settings) -> None:
    settings.SITE_URL = "https://post.example"
    choose(user=ada, when=When.MORNING)
    tell(ada)
    tell(ada, occasion=2)
    assert summary.plan(at(FRIDAY, 7, 59)) == 0
    assert morning(FRIDAY) == 1
    (message,) = mail.outbox
    assert message.subject == summary.SUBJECT
    assert message.to == [ada.email]
    assert message.body.count(notice_of(PLAIN).subject) == 1, "the same words of the same page are said once"
    assert "https://post.example/distribution/items/K7Q2M4XD9/" in message.body
    assert "Ada" not in message.body + message.subject
    assert morning(FRIDAY) == morning(FRIDAY, 17) == 0
    assert len(mail.outbox) == 1
    assert HeldNotice.objects.filter(settled_at__isnull=True).count() == 0


def test_nothing_waits_nothing_is_sent(ada: User) -> None:
    choose(user=ada, when=When.MORNING)
    assert morning(FRIDAY) == 1
    assert mail.outbox == []
    assert Job.objects.get().state == JobState.DONE


def test_what_comes_after_the_summary_is_in_the_next_working_days(ada: User) -> None:
    choose(user=ada, when=When.MORNING)
    tell(ada)
    morning(FRIDAY)
    tell(ada, occasion=2)
    for day in (FRIDAY, SATURDAY):
        assert morning(day, 9) == 0
    assert len(mail.outbox) == 1
    assert morning(MONDAY) == 1
    assert len(mail.outbox) == 2


@pytest.mark.parametrize("back", [at(THURSDAY, 15), at(FRIDAY), at(MONDAY, 23)])
def test_a_scheduler_that_was_down_loses_nothing(ada: User, back: dt.datetime) -> None:
    choose(user=ada, when=When.MORNING)
    tell(ada)
    summary.plan(back)
    summary.plan(back + dt.timedelta(minutes=5))
    run_due()
    assert len(mail.outbox) == 1


def test_a_worker_that_was_down_sends_yesterdays_and_says_nothing_twice(ada: User) -> None:
    """Two mornings' jobs are owed: the first says all, the second finds nothing left to say."""
    choose(user=ada, when=When.MORNING)
    tell(ada)
    assert summary.plan(at(THURSDAY)) == summary.plan(at(FRIDAY)) == 1
    run_due()
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(("wanted", "mails"), [(When.AT_ONCE, 2), (When.NONE, 0)])
def test_a_change_of_mind_neither_loses_nor_doubles(ada: User, wanted: str, mails: int) -> None:
    choose(user=ada, when=When.MORNING)
    tell(ada)
    tell(ada, occasion=2)
    for _ in range(2):
        choose(user=ada, when=wanted)
    choose(user=ada, when=When.MORNING)
    tell(ada)  # asked for again: it is out already, or was let go
    run_due()
    morning(FRIDAY)
    assert len(mail.outbox) == mails
    assert summary.SUBJECT not in sent()


def test_held_in_the_moment_of_the_change_is_told_all_the_same(ada: User) -> None:
    """Another transaction held it just after the person had chosen "at once"."""
    choose(user=ada, when=When.MORNING)
    tell(ada)
    HeldNotice.objects.update(settled_at=None)
    choose(user=ada, when=When.AT_ONCE)
    Job.objects.all().delete()
    HeldNotice.objects.update(settled_at=None)
    assert morning(FRIDAY) == 1
    assert len(mail.outbox) == 1


def test_somebody_who_left_gets_none(ada: User) -> None:
    choose(user=ada, when=When.MORNING)
    tell(ada)
    summary.plan(at(FRIDAY))
    User.objects.filter(pk=ada.pk).update(is_active=False)
    run_due()
    assert mail.outbox == []
    assert summary.plan(at(MONDAY)) == 0


def test_admin_who_chose_nothing_has_the_mornings_counts(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    office = Office.objects.create(code="riv", name="Riverside", address="1 Invented Street\nNM1 1AA")
    RoleGrant.objects.create(user=ada, role=Role.ADMIN, office=office, starts=THURSDAY - dt.timedelta(days=365))
    monkeypatch.setattr("postroom.work.lines_waiting", lambda user, authority: [("To type", 12), ("To print", 100)])
    assert morning(FRIDAY) == 1
    body = str(mail.outbox[0].body)
    assert "To type: 12\nTo print: 99+\n" in body
    for when in (When.AT_ONCE, When.NONE):
        choose(user=ada, when=when)
        assert summary.plan(at(MONDAY)) == 0


def test_an_uncertain_summary_that_was_not_sent_says_it_again(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    choose(user=ada, when=When.MORNING)
    tell(ada)
    summary.plan(at(FRIDAY))
    job = Job.objects.get(kind=summary.KIND)

    def cut_off(job, message, *, beginning):
        from postroom.outbox.queue import begin_attempt

        begin_attempt(job, "<x@y>", beginning)
        raise OSError

    with monkeypatch.context() as patched:
        patched.setattr(summary, "send_message", cut_off)
        assert carry(job.pk) == JobState.UNCERTAIN
    assert HeldNotice.objects.get().told_in_id == job.pk
    assert summary.plan(at(MONDAY)) == 1, "the next morning comes whatever became of this one"
    job.refresh_from_db()
    decide_uncertain(job, sent=False, by=ada)
    assert carry(job.pk) == JobState.DONE
    assert len(mail.outbox) == 1


@pytest.mark.django_db(transaction=True)
def test_two_schedulers_and_two_workers_at_once_send_one(ada: User) -> None:
    choose(user=ada, when=When.MORNING)
    with transaction.atomic():
        tell(ada)
    gate = Barrier(4)

    def run(n: int) -> int:
        try:
            gate.wait(timeout=30)
            return sum(summary.plan(at(FRIDAY)) + run_due().total() for _ in range(3))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(run, range(4)))
    run_due()
    assert Job.objects.filter(kind=summary.KIND).count() == 1
    assert len(mail.outbox) == 1


def test_on_ones_own_page(ada: User) -> None:
    client = Client()
    client.force_login(ada, backend="allauth.account.auth_backends.AuthenticationBackend")
    page = client.get("/account/notices/").content.decode()
    assert "chosen yet" in page
    assert notice_of(URGENT).subject in page
    wrong = client.post("/account/notices/", {"when": "never"})
    assert wrong.status_code == 422
    assert client.post("/account/notices/", {}).status_code == 422
    assert client.post("/account/notices/", {"when": "morning"}).status_code == 302
    page = client.get("/account/notices/").content.decode()
    assert "chosen yet" not in page
    assert page.count(" checked") == 1
    assert "/account/notices/" in client.get("/account/").content.decode()
