"""Secure e-mail against a real mail server under STARTTLS: up, slow, refusing, bouncing, dropped, the worker killed.

OGP-9 and CLS-6: professionals get an encrypted file, once; the password never in the same message.
"""

from __future__ import annotations

import datetime as dt
import io
import sys
from collections import Counter
from email.message import EmailMessage
from io import BytesIO

import pikepdf
import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from distribution import actions
from distribution.actions.emailing import KIND, bounced
from distribution.actions.passwords import password_of
from distribution.models import EmailPassword, Item, OfficeMail
from distribution.states import State
from distribution.tests.world import Conference, fresh
from letters.actions.sealed_mail import SUBJECT
from postroom.cases.models import CasePerson
from postroom.ledger.models import Entry
from postroom.outbox.carrier import carry, claim, reap
from postroom.outbox.models import Job, JobState
from postroom.outbox.queue import begin_attempt
from postroom.steps.engine import Seen
from postroom.steps.errors import GuardFailed, InvalidStep, NotPossible, StepError
from tests.support import world
from tests.support.smtp import Mailroom

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.policy("OGP-9", "CLS-6")]
DAY = dt.timedelta(days=1)


@pytest.fixture
def conference() -> Conference:
    return Conference(world.Desk(world.make_office("riv", "Riverside")))


@pytest.fixture
def asked(conference: Conference) -> Item:
    """An item whose sending was asked for; notices to staff are out of the way."""
    item = conference.in_state("released by e-mail, sending")
    Job.objects.exclude(kind=KIND).delete()
    return item


def job_of(item: Item) -> Job:
    return Job.objects.get(kind=KIND, key=f"{item.reference}:{fresh(item).sends or item.sends}")


def go(*, now: dt.datetime | None = None) -> Counter[str]:
    """Carry every document that is due, and nothing that staff are told."""
    reap(now=now)
    due = Job.objects.due(now or timezone.now()).filter(kind=KIND)
    return Counter(carry(key, now=now) for key in list(due.values_list("pk", flat=True)))


def documents(room: Mailroom) -> list[EmailMessage]:
    """The messages that carry a document, without what staff are told."""
    return [message for message in room.kept if message["Subject"] == SUBJECT]


def test_sent_once_encrypted_and_without_a_word_about_anybody(conference: Conference, asked: Item, room: Mailroom):
    password = password_of(asked)
    assert password
    assert go() == {"done": 1}
    assert go(now=timezone.now() + DAY) == {}
    [message] = documents(room)
    assert fresh(asked).state == State.SENT
    assert message["From"] == "post@council.example"
    assert message["To"] == conference.teacher.email
    [part] = list(message.iter_attachments())
    data = part.get_payload(decode=True)
    assert part.get_filename() == f"{asked.reference}.pdf"
    case = conference.desk.case
    words = [person.name for person in case.people.all()] + [case.reference, password, conference.child.ics_number]
    seen = message.as_string()
    for word in words:
        assert word not in seen
        assert word.encode() not in data
    for wrong in ("", "wrong", password.lower()):
        with pytest.raises(pikepdf.PasswordError):
            pikepdf.open(BytesIO(data), password=wrong)
    with pikepdf.open(BytesIO(data), password=password) as opened:
        assert (opened.encryption.R, opened.encryption.bits, str(opened.encryption.stream_method)) == (
            6,
            256,
            "EncryptionMethod.aesv3",
        )
        assert not opened.docinfo or "/Author" not in opened.docinfo
    assert password not in EmailPassword.objects.get(item=asked).sealed


def test_the_password_is_given_once_and_nothing_of_it_is_kept(conference: Conference, asked: Item, room: Mailroom):
    go()
    item = fresh(asked)
    with pytest.raises(InvalidStep):
        actions.give_password(item=item, by=conference.desk.worker, seen=Seen.of(item), recipient_known=False)
    with pytest.raises(GuardFailed):  # no gateway is plugged in
        actions.text_password(item=item, by=conference.desk.worker, seen=Seen.of(item))
    given = actions.give_password(item=item, by=conference.desk.worker, seen=Seen.of(item), recipient_known=True)
    assert given.state == State.DELIVERED
    assert password_of(given) is None
    assert EmailPassword.objects.get(item=item).sealed == ""


@pytest.mark.parametrize(
    ("mode", "state", "job_state"),
    [
        ("refusing_mail", State.RELEASED, "owed"),
        ("dropped_at_rcpt", State.RELEASED, "owed"),
        ("busy", State.RELEASED, "owed"),
        ("refusing_rcpt", State.HELD, "failed"),
        ("refusing_data", State.HELD, "failed"),
        ("dropped_after_data", State.UNCERTAIN, "uncertain"),
        ("slow", State.SENT, "done"),
    ],
)
def test_whatever_the_server_does(asked: Item, room: Mailroom, mode: str, state: State, job_state: str):
    room.mode, room.delay = mode, 0.2
    assert go() == {job_state: 1}
    item = fresh(asked)
    assert item.state == state
    sent = len(documents(room))
    assert sent == (1 if state in (State.SENT, State.UNCERTAIN) else 0)
    room.mode = "up"
    Job.objects.exclude(kind=KIND).delete()
    job = Job.objects.get(kind=KIND)
    again = go(now=max(job.run_after, timezone.now()) + DAY)
    assert again == ({"done": 1} if job_state == "owed" else {})
    assert len(documents(room)) == (1 if state != State.HELD else 0), "nobody gets it twice, ever, by itself"
    if job_state == "owed":
        assert fresh(asked).state == State.SENT
    if state == State.HELD:
        assert (fresh(asked).right_by_id, fresh(asked).sending) == (None, False)


def test_without_tls_nothing_leaves(asked: Item, room: Mailroom, settings):
    settings.EMAIL_USE_TLS = False
    assert go() == {"owed": 1}
    assert not room.seen
    assert fresh(asked).state == State.RELEASED


def test_uncertain_is_for_a_person(conference: Conference, asked: Item, room: Mailroom):
    room.mode = "dropped_after_data"
    go()
    room.mode = "up"
    item, worker = fresh(asked), conference.desk.worker
    assert item.state == State.UNCERTAIN
    job = Job.objects.get(kind=KIND)
    assert job.attempt_id == room.ids[0]
    with pytest.raises(StepError):
        actions.decide(item=item, by=conference.desk.admin, seen=Seen.of(item), sent=True, reason="They said so.")
    decided = actions.decide(item=item, by=worker, seen=Seen.of(item), sent=True, reason="They said so.")
    assert decided.state == State.SENT
    assert Job.objects.get(kind=KIND).state == JobState.DONE
    go(now=timezone.now() + DAY)
    assert len(documents(room)) == 1


def test_a_person_says_it_did_not_arrive_and_it_is_sent_again(conference: Conference, asked: Item, room: Mailroom):
    room.mode = "dropped_after_data"
    go()
    room.mode = "up"
    item = fresh(asked)
    actions.decide(item=item, by=conference.desk.worker, seen=Seen.of(item), sent=False, reason="Nothing came.")
    assert go() == {"done": 1}
    assert fresh(asked).state == State.SENT
    assert len(set(room.ids)) == 1, "the same Message-ID, so that a mail system can tell"


def test_a_worker_killed_before_and_after_the_attempt(conference: Conference, asked: Item, room: Mailroom):
    """What stands committed decides: before it nothing has left, after it nobody knows."""
    job = job_of(asked)
    claim(job.pk)
    reap(now=timezone.now() + DAY)
    assert (job_of(asked).state, fresh(asked).state) == (JobState.OWED, State.RELEASED)
    claimed = claim(job.pk, now=timezone.now() + DAY)
    assert claimed is not None
    from distribution.actions.emailing import MAILING

    def begin() -> None:
        found = MAILING.wanted(claimed, lock=True)
        assert found is not None
        MAILING.attempt(found)

    begin_attempt(claimed, "<id@council.example>", begin)
    item = fresh(asked)
    with pytest.raises(NotPossible):  # the worker has it in hand
        actions.decide(item=item, by=conference.desk.worker, seen=Seen.of(item), sent=True, reason="They said so.")
    reap(now=timezone.now() + 3 * DAY)
    assert (job_of(asked).state, fresh(asked).state) == (JobState.UNCERTAIN, State.UNCERTAIN)
    assert go(now=timezone.now() + 3 * DAY) == {}
    assert not documents(room)


def test_workers_that_die_before_the_message_time_and_again_leave_it_to_a_person(asked: Item, room: Mailroom):
    """It doesn't stay "being sent" for ever: on hold, the worker is told."""
    now = timezone.now()
    for day in range(1, 7):
        assert claim(job_of(asked).pk, now=now + day * DAY) is not None
        reap(now=now + day * DAY + DAY / 2)
    job = Job.objects.get(kind=KIND)
    assert (job.state, job.attempts) == (JobState.FAILED, 6)
    item = fresh(asked)
    assert (item.state, item.sending) == (State.HELD, False)
    assert Job.objects.filter(key__startswith="item_held").exists()
    assert not documents(room)


@pytest.mark.parametrize("change", ["relationship", "email", "domain", "off the case"])
def test_asked_again_at_the_last_moment(conference: Conference, asked: Item, room: Mailroom, change: str):
    """Something changed past Postroom's own steps between asking and sending: nothing leaves."""
    people = CasePerson.objects.filter(pk=conference.teacher.pk)
    if change == "relationship":
        people.update(relationship="parent", email="", mobile="")
    elif change == "email":
        people.update(email="other@invented-school.example")
    elif change == "domain":
        OfficeMail.objects.update(allowed_domains="")
    else:
        people.update(is_active=False)
    go()
    assert not documents(room)
    assert fresh(asked).state == State.HELD


def test_only_to_the_office_s_domains(conference: Conference, room: Mailroom):
    conference.teacher.email = "head@elsewhere.example"
    conference.teacher.save()
    item = conference.item("minutes", conference.teacher)
    with pytest.raises(InvalidStep, match="domain"):
        conference.ready(item)
    OfficeMail.objects.update(secure_domains="elsewhere.example")
    assert conference.ready(item).state == State.RELEASED


def test_a_bounce_comes_back_to_the_sender(asked: Item, room: Mailroom, monkeypatch: pytest.MonkeyPatch, capsys):
    room.mode = "bouncing"
    go()
    [(to, report)] = room.bounces
    assert to == "post@council.example"
    item = take_bounce(report.as_bytes(), asked, monkeypatch)
    assert item.state == State.HELD
    assert item.right_by_id is None
    entry = Entry.objects.filter(subject=item.ledger_subject).latest("seq")
    assert (entry.action, entry.from_state) == ("bounce", "sent")
    assert Job.objects.filter(key__startswith="item_bounced").count() == 1
    with pytest.raises(CommandError):  # a second report of the same changes nothing
        take_bounce(report.as_bytes(), asked, monkeypatch)


@pytest.mark.parametrize("junk", [b"", b"hello", b"\xff\xfe\x00", b"Subject: x\n\n<" + b"0" * 32 + b"@x>"])
def test_what_is_no_report_of_ours_is_refused(
    asked: Item, room: Mailroom, monkeypatch: pytest.MonkeyPatch, junk: bytes
):
    go()
    with pytest.raises(CommandError):
        take_bounce(junk, asked, monkeypatch)
    assert fresh(asked).state == State.SENT
    assert bounced(message_ids=["<nothing>"], reason="x") is None


def test_a_delay_is_no_failure(asked: Item, room: Mailroom, monkeypatch: pytest.MonkeyPatch):
    room.mode = "bouncing"
    go()
    text = room.bounces[0][1].as_bytes().replace(b"Action: failed", b"Action: delayed")
    assert take_bounce(text, asked, monkeypatch).state == State.SENT


def take_bounce(data: bytes, item: Item, monkeypatch: pytest.MonkeyPatch) -> Item:
    """The command with this on its stdin."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(BytesIO(data)))
    call_command("take_bounce", stdout=io.StringIO())
    return fresh(item)
