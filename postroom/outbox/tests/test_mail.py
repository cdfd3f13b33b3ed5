"""Notices over a real SMTP server: sent once, retried when certainly not sent, uncertain when nobody can know."""

import datetime as dt
import smtplib

import pytest
from django.utils import timezone

from postroom.outbox.carrier import reap, run_due
from postroom.outbox.errors import NotDecidable, PayloadRefused
from postroom.outbox.mail import message_id, notify
from postroom.outbox.models import Job, JobState
from postroom.outbox.notices import UnknownNotice, all_notices, register_notice
from postroom.outbox.queue import decide_uncertain
from postroom.outbox.selectors import stuck_jobs
from postroom.people.models import User
from tests.support.smtp import free_port, mail_server

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def ada():
    return User.objects.create_user("ada.invented@example.org", name="Ada Invented", initials="AI")


@pytest.fixture
def room(settings):
    with mail_server() as room:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = room.host, room.port
        settings.EMAIL_TIMEOUT = 10
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.SITE_URL = "https://post.example"
        yield room


def owe(person, occasion=1):
    (job,) = notify([person.pk, person.pk], "JOB_STUCK", "letter/K7Q2M4XD9", "/letters/K7Q2M4XD9/", occasion=occasion)
    return job


def later(job):
    job.refresh_from_db()
    return job.run_after + dt.timedelta(seconds=1)


def test_a_notice_is_fixed_words_a_link_and_its_own_id(ada, room):
    job = owe(ada)
    assert owe(ada).pk == job.pk
    assert run_due() == {"done": 1}
    (message,) = room.kept
    assert message["Message-ID"] == message_id(job)
    assert message["Subject"] == "Postroom could not finish a job"
    assert message.get_content().rstrip().endswith("https://post.example/letters/K7Q2M4XD9/")
    assert "Ada" not in message.get_content()
    assert room.envelopes[0][1] == ["ada.invented@example.org"]
    assert ada.email not in str(job.payload) + job.key
    assert run_due(now=timezone.now() + HOUR) == {}
    assert owe(ada, occasion=2).pk != job.pk


def test_who_has_left_gets_nothing(ada, room):
    job = owe(ada)
    User.objects.update(is_active=False)
    assert run_due() == {"dropped": 1}
    job.refresh_from_db()
    assert (job.state, job.last_error) == (JobState.DROPPED, "person_inactive")
    assert room.seen == []


def test_a_slow_server_is_waited_for(ada, room):
    room.mode = "slow"
    owe(ada)
    assert run_due() == {"done": 1}
    assert len(room.kept) == 1


@pytest.mark.parametrize(
    ("mode", "reply", "state", "code"),
    [
        ("refusing_mail", "", "owed", "smtp_refused:451"),
        ("refusing_mail", "550 5.7.1 not you", "failed", "smtp_refused:550"),
        ("refusing_rcpt", "", "failed", "smtp_recipient:550"),
        ("refusing_rcpt", "452 4.2.2 mailbox full", "owed", "smtp_recipient:452"),
        ("refusing_data", "", "failed", "smtp_refused:554"),
        ("busy", "", "owed", "smtp_refused:451"),
        ("dropped_at_rcpt", "", "owed", "smtp_cut_off:SMTPServerDisconnected"),
    ],
)
def test_what_was_certainly_not_sent_is_tried_again_or_fails(ada, room, mode, reply, state, code):
    room.mode, room.reply = mode, reply
    job = owe(ada)
    assert run_due() == {state: 1}
    job.refresh_from_db()
    assert (job.state, job.last_error, job.attempted_at) == (state, code, None)
    assert room.kept == []
    assert (job in stuck_jobs()) is (state == "failed")
    room.mode = "up"
    assert run_due() == {}, "the back-off is waited for"
    expected = {"done": 1} if state == "owed" else {}
    assert run_due(now=later(job)) == expected
    assert len(room.kept) == len(expected)


def test_no_server_at_all_is_tried_ten_times_and_then_shown(ada, room, settings):
    settings.EMAIL_PORT = free_port()
    job = owe(ada)
    assert run_due() == {"owed": 1}
    waits = []
    for _ in range(9):
        job.refresh_from_db()
        waits.append(job.run_after - timezone.now())
        run_due(now=job.run_after)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.last_error) == (JobState.FAILED, 10, "smtp_connect:ConnectionRefusedError")
    assert waits == sorted(waits), "each wait is longer than the one before"
    assert list(stuck_jobs()) == [job]


def test_dropped_after_the_message_went_out_is_for_a_person(ada, room):
    room.mode = "dropped_after_data"
    job = owe(ada)
    assert run_due() == {"uncertain": 1}
    room.mode = "up"
    assert run_due(now=timezone.now() + 24 * HOUR) == {}, "never tried again by itself"
    job.refresh_from_db()
    assert job.attempt_id == message_id(job) == room.ids[0]
    assert list(stuck_jobs()) == [job]
    decide_uncertain(job, sent=True, by=ada)
    assert (job.state, job.decided_by) == (JobState.DONE, ada)
    with pytest.raises(NotDecidable):
        decide_uncertain(job, sent=False, by=ada)
    assert run_due(now=timezone.now() + 24 * HOUR) == {}
    assert len(room.kept) == 1


def test_a_person_may_say_that_it_was_not_sent(ada, room):
    room.mode = "dropped_after_data"
    job = owe(ada)
    run_due()
    room.mode = "up"
    decide_uncertain(job, sent=False, by=ada)
    assert run_due() == {"done": 1}
    assert room.ids == [message_id(job)] * 2, "the same id, so that a mail system can tell"


def test_a_bounce_comes_back_to_the_sender_and_is_not_sent_again(ada, room, settings):
    room.mode = "bouncing"
    settings.DEFAULT_FROM_EMAIL = "Postroom <postroom@example.org>"
    owe(ada)
    assert run_due() == {"done": 1}
    assert room.bounces[0][0] == "postroom@example.org"
    assert room.kept[0]["Auto-Submitted"] == "auto-generated"


def test_a_server_that_fails_at_quit_has_the_message_all_the_same(ada, room, monkeypatch):
    def dies(smtp):
        smtp.close()
        raise smtplib.SMTPResponseException(421, b"shutting down")

    monkeypatch.setattr(smtplib.SMTP, "quit", dies)
    owe(ada)
    assert run_due() == {"done": 1}
    assert len(room.kept) == 1


def test_a_worker_lost_before_the_message_tries_again_after_it_does_not(ada, room):
    """The lease's end decides by what was committed; kill -9 itself is in test_killed.py."""
    from postroom.outbox.carrier import claim
    from postroom.outbox.queue import begin_attempt

    before, after = owe(ada, 1), owe(ada, 2)
    claim(before.pk)
    begin_attempt(claim(after.pk), "<id@example.org>")
    assert reap(now=timezone.now() + HOUR) == 2
    before.refresh_from_db()
    after.refresh_from_db()
    assert (before.state, after.state) == (JobState.OWED, JobState.UNCERTAIN)


@pytest.mark.parametrize(
    "path", ["letters/K7", "/letters/Mary Invented", "/x?q=mary@example.org", "//evil.example", ""]
)
def test_a_link_is_a_path_of_references(ada, path):
    with pytest.raises(PayloadRefused):
        notify([ada.pk], "JOB_STUCK", "letter/K7", path, occasion=1)
    assert not Job.objects.exists()


def test_the_table_of_notices_is_closed(ada):
    with pytest.raises(UnknownNotice):
        notify([ada.pk], "NO_SUCH", "letter/K7", "/", occasion=1)
    with pytest.raises(ValueError, match="placeholder"):
        register_notice("X", "A letter for {name}", "Words.")
    with pytest.raises(ValueError, match="Two notices"):
        register_notice("JOB_STUCK", "Other words", "Words.")
    for notice in all_notices():
        assert "@" not in notice.subject + notice.text
