"""Letters by secure e-mail, over a real mail server: never twice, nothing outside it, every guard asked again."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from letters import actions
from letters.actions import emailing
from letters.actions.emailing import KIND, bounced, password_of
from letters.actions.posting import long_date, notes_text
from letters.models import Letter, LetterPassword, Notice, OfficePost
from letters.states import State
from postroom.ledger.verify import verify
from postroom.outbox.carrier import carry, reap
from postroom.outbox.models import Job
from postroom.steps.engine import Seen
from postroom.steps.errors import GuardFailed, InvalidStep, NotPossible, StepError
from tests.support import world
from tests.support.smtp import Mailroom

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.policy("CLS-6")]
DAY = dt.timedelta(days=1)


@pytest.fixture
def desk() -> world.Desk:
    return world.Desk(world.make_office("riv", "Riverside"))


@pytest.fixture
def signed(desk: world.Desk) -> Letter:
    return world.letter_in(desk, State.SIGNED, way="secure_email")


@pytest.fixture
def asked(desk: world.Desk, signed: Letter) -> Letter:
    return send(desk, signed)


def send(desk: world.Desk, letter: Letter, **over: Any) -> Letter:
    entries = world.emailing(letter) | over
    return actions.send_email(letter=letter, by=desk.worker, seen=Seen.of(letter), **entries)


def go(*, now: dt.datetime | None = None) -> Counter[str]:
    """Carry every letter that is due, and nothing that staff are told."""
    reap(now=now)
    due = Job.objects.due(now or timezone.now()).filter(kind=KIND)
    return Counter(carry(key, now=now) for key in list(due.values_list("pk", flat=True)))


def test_signed_on_screen_also_where_the_office_signs_on_paper(desk: world.Desk, signed: Letter):
    """No print, no envelope: and the PDF that was signed is what goes."""
    assert desk.office.post.signature_medium == "paper"
    assert signed.signature_medium == "screen"
    with pytest.raises(GuardFailed, match="in no envelope"):
        world.put_in_envelope(desk, actions.print_letter(letter=signed, by=desk.admin, seen=Seen.of(signed)))


def test_sent_once_encrypted_and_put_on_the_case_record(desk: world.Desk, asked: Letter, room: Mailroom):
    password = password_of(asked)
    assert password
    assert go() == {"done": 1}
    assert go(now=timezone.now() + DAY) == {}
    [message] = room.kept
    letter = world.fresh(asked)
    assert (letter.state, letter.emailed_on, letter.sending) == (State.EMAILED, timezone.localdate(), False)
    assert (message["From"], message["To"]) == ("post@council.example", letter.addressee.email)
    [part] = list(message.iter_attachments())
    data = part.get_payload(decode=True)
    names = [person.name for person in desk.case.people.all()]
    for word in (*names, desk.case.reference, letter.subject, password):
        if word:
            assert word not in message.as_string()
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(BytesIO(data), password="")
    with pikepdf.open(BytesIO(data), password=password) as opened:
        assert opened.encryption.R == 6
        assert len(opened.pages) == letter.typed_version.sheets
    assert notes_text(letter).startswith(f"Sent by secure e-mail {long_date(timezone.localdate())}")
    with pytest.raises(InvalidStep):
        actions.give_password(letter=letter, by=desk.worker, seen=Seen.of(letter), recipient_known=False)
    letter = actions.give_password(letter=letter, by=desk.worker, seen=Seen.of(letter), recipient_known=True)
    assert password_of(letter) is None
    assert LetterPassword.objects.get(letter=letter).sealed == ""
    letter = actions.upload(letter=letter, by=desk.admin, seen=Seen.of(letter), ics_reference="ICS-7")
    assert letter.state == State.UPLOADED
    assert [str(one) for one in verify().findings if str(one).startswith("letter/")] == []


@pytest.mark.parametrize(
    ("mode", "state", "job_state"),
    [
        ("busy", State.SIGNED, "owed"),
        ("refusing_rcpt", State.SIGNED, "failed"),
        ("dropped_after_data", State.UNCERTAIN, "uncertain"),
    ],
)
def test_whatever_the_server_does(
    desk: world.Desk, asked: Letter, room: Mailroom, mode: str, state: State, job_state: str
):
    room.mode = mode
    assert go() == {job_state: 1}
    letter = world.fresh(asked)
    assert (letter.state, letter.sending) == (state, job_state != "failed")
    room.mode = "up"
    later = go(now=timezone.now() + DAY)
    assert later == ({"done": 1} if job_state == "owed" else {})
    if job_state == "failed":
        assert Notice.objects.filter(letter=letter, code="not_emailed", user=desk.worker).count() == 1
        assert letter.right_by is None
        assert not LetterPassword.objects.exclude(sealed="").exists()
        again = send(desk, world.fresh(letter))
        assert go() == {"done": 1}
        assert world.fresh(again).state == State.EMAILED
    assert len(room.kept) == 1


@pytest.mark.parametrize("sent", [True, False])
def test_a_person_decides_on_an_uncertain_one(desk: world.Desk, asked: Letter, room: Mailroom, sent: bool):
    room.mode = "dropped_after_data"
    go()
    room.mode = "up"
    letter = world.fresh(asked)
    verb = actions.decide_sent if sent else actions.decide_not_sent
    letter = verb(letter=letter, by=desk.worker, seen=Seen.of(letter), reason="I rang them.")
    assert go() == ({} if sent else {"done": 1})
    letter = world.fresh(letter)
    assert letter.state == State.EMAILED
    assert len(room.kept) == (1 if sent else 2)
    assert password_of(letter)
    assert [str(one) for one in verify().findings if str(one).startswith("letter/")] == []


def test_nobody_decides_while_it_is_being_sent(desk: world.Desk, asked: Letter):
    emailing.MAILING.attempt(asked)
    letter = world.fresh(asked)
    with pytest.raises(NotPossible, match="at this moment"):
        actions.decide_sent(letter=letter, by=desk.worker, seen=Seen.of(letter), reason="I rang them.")


def turned_off(desk: world.Desk, letter: Letter) -> None:
    yesterday = timezone.localdate() - DAY
    OfficePost.objects.update(letters_by_email_from=yesterday, letters_by_email_until=yesterday)


def other_email(desk: world.Desk, letter: Letter) -> None:
    letter.addressee.email = f"other@{world.SCHOOL}"
    letter.addressee.save()


def domain_gone(desk: world.Desk, letter: Letter) -> None:
    desk.office.secure_mail.allowed_domains = ""
    desk.office.secure_mail.save()


def held_safe(desk: world.Desk, letter: Letter) -> None:
    OfficePost.objects.update(keeping="all")


def off_the_case(desk: world.Desk, letter: Letter) -> None:
    letter.addressee.is_active = False
    letter.addressee.save()


def withdrawn(desk: world.Desk, letter: Letter) -> None:
    actions.withdraw(letter=letter, by=desk.worker, seen=Seen.of(letter), reason="Not needed.")


@pytest.mark.parametrize(
    "meanwhile", [turned_off, other_email, domain_gone, held_safe, off_the_case, withdrawn], ids=lambda f: f.__name__
)
def test_every_guard_is_asked_again_at_sending(desk: world.Desk, asked: Letter, room: Mailroom, meanwhile: Any):
    meanwhile(desk, world.fresh(asked))
    assert go() == {"dropped" if meanwhile is withdrawn else "failed": 1}
    letter = world.fresh(asked)
    assert room.kept == []
    assert letter.state == (State.WITHDRAWN if meanwhile is withdrawn else State.SIGNED)
    assert (letter.sending, letter.email, letter.emailed_on) == (False, "", None)
    if meanwhile not in (withdrawn, other_email):
        with pytest.raises(StepError):
            send(desk, letter)


def test_what_came_back_is_returned_and_its_sender_told(desk: world.Desk, asked: Letter, room: Mailroom):
    go()
    letter = world.fresh(asked)
    found = bounced(message_ids=room.ids, reason="The e-mail came back undelivered (5.1.1).")
    assert found is not None
    letter = world.fresh(letter)
    assert (letter.state, letter.upload_owed) == (State.RETURNED, True)
    assert Notice.objects.filter(letter=letter, code="email_returned", user=desk.worker).exists()
    assert password_of(letter) is None
    assert bounced(message_ids=room.ids, reason="Once more.") is None
    assert notes_text(letter).startswith("Sent by secure e-mail")


def test_a_report_of_an_uncertain_one_proves_that_it_left(desk: world.Desk, asked: Letter, room: Mailroom):
    room.mode = "dropped_after_data"
    go()
    assert bounced(message_ids=room.ids, reason="It came back.") is not None
    assert world.fresh(asked).state == State.RETURNED
    assert Job.objects.get(kind=KIND).state == "done"


def test_who_may_write_to_whom(desk: world.Desk, signed: Letter):
    """Off unless the office turns it on; to a domain on its list; signed on screen; never a sensitive one."""

    def refused(letter: Letter, words: str, sensitive: bool = False) -> None:
        with pytest.raises(InvalidStep, match=words), transaction.atomic():
            actions.choose_way(
                letter=letter,
                by=desk.worker,
                seen=Seen.of(letter),
                way="secure_email",
                sensitive=sensitive,
                reason="They asked.",
            )

    to_parent = world.letter_in(desk, State.TYPED)
    refused(to_parent, "to professionals alone")
    on_paper = world.letter_in(desk, State.SIGNED)
    on_paper.addressee.__class__.objects.filter(pk=on_paper.addressee_id).update(relationship="professional")
    on_paper.addressee.__class__.objects.filter(pk=on_paper.addressee_id).update(email=f"pat@{world.SCHOOL}")
    refused(world.fresh(on_paper), "signed on paper")
    refused(world.fresh(to_parent), "marked sensitive", sensitive=True)
    domain_gone(desk, signed)
    refused(world.fresh(to_parent), "not on the office's list")
    turned_off(desk, signed)
    refused(world.fresh(to_parent), "only from an office that has turned this on")
    with pytest.raises(InvalidStep, match="only from an office that has turned this on"):
        world.actions.hand_over(
            case=desk.case,
            addressee=signed.addressee,
            address=signed.address,
            by=desk.worker,
            draft_text="Dear",
            way="secure_email",
        )


def test_the_right_is_confirmed_for_the_address_that_was_seen(desk: world.Desk, signed: Letter):
    for over, field in (({"basis": ""}, "basis"), ({"address_confirmed": False}, "address_confirmed")):
        with pytest.raises(InvalidStep) as error:
            send(desk, signed, **over)
        assert error.value.field == field
    with pytest.raises(InvalidStep, match="has changed"):
        send(desk, signed, email="other@invented-school.example")


def attempt_after(meanwhile: Any, desk: world.Desk, letter: Letter) -> None:
    with transaction.atomic(), pytest.MonkeyPatch.context() as patch:
        patch.setattr("letters.policy.LetterPolicy.failed_guards", lambda *_: [])
        meanwhile(desk, world.fresh(letter))
        emailing.MAILING.attempt(world.fresh(letter))


def test_the_database_refuses_a_row_that_lies(desk: world.Desk, asked: Letter, room: Mailroom):
    def lie(letter: Letter, **values: Any) -> None:
        with pytest.raises(DatabaseError), transaction.atomic():
            Letter.objects.filter(pk=letter.pk).update(**values)

    lie(asked, sending=True, way="post")
    lie(asked, state="uncertain")
    lie(asked, emailed_on=timezone.localdate(), right_by=None)
    lie(asked, emailed_on=timezone.localdate(), signature_medium="paper")
    to_parent = world.letter_in(desk, State.SIGNED)
    lie(to_parent, sending=True)
    lie(to_parent, emailed_on=timezone.localdate())
    # The engine's own step, were its guards asked of nothing: the office has it off; the case has another address.
    for meanwhile in (turned_off, other_email):
        with pytest.raises(DatabaseError, match="turned this on"):
            attempt_after(meanwhile, desk, asked)
    assert world.fresh(asked).state == State.SIGNED
    go()
    letter = world.fresh(asked)
    lie(letter, emailed_on=timezone.localdate() - DAY)
    lie(letter, email=f"other@{world.SCHOOL}")
    with pytest.raises(DatabaseError), transaction.atomic():
        LetterPassword.objects.filter(letter=letter).delete()
