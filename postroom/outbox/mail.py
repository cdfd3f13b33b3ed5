"""Notices by e-mail: built from fixed words when sent, each sent at most once, none lost without a word."""

from __future__ import annotations

import re
import smtplib
from collections.abc import Callable, Iterable
from contextlib import suppress
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from postroom.outbox.choices import choices_of
from postroom.outbox.errors import Drop, Fail, PayloadRefused, Retry
from postroom.outbox.models import HeldNotice, Job, When
from postroom.outbox.notices import UnknownNotice, notice_of
from postroom.outbox.queue import begin_attempt, enqueue
from postroom.people.models import User

KIND = "notice"
# A path of ours with references in it; nothing typed by anybody.
LINK = re.compile(r"(/[A-Za-z0-9_-]+)*/?")


def notify(
    user_ids: Iterable[int], notice_code: str, subject_ref: str, link_path: str, *, occasion: str | int
) -> list[Job]:
    """Owe each of these people one e-mail, in the caller's transaction; returns the jobs that are to go at once.

    As each has chosen (postroom.outbox.choices) it goes at once, is held for their morning's summary, or isn't sent.

    `notice_code`: from the table of notices. `subject_ref`: the ledger's subject (`letter/K7Q2M4XD9`). `link_path`:
    path behind SITE_URL, of references only. `occasion` tells this time from the next (the letter's version, say):
    the same person, notice, subject and occasion is one e-mail, however often it is asked for.

    Raises UnknownNotice, PayloadRefused, OutsideTransaction.
    """
    notice = notice_of(notice_code)
    if not link_path.startswith("/") or not LINK.fullmatch(link_path):
        raise PayloadRefused("link_path")
    wanted = sorted(set(user_ids))
    chosen = choices_of(wanted) if wanted and not notice.urgent else {}
    jobs = []
    for user_id in wanted:
        key = f"{notice_code}:{subject_ref}:{occasion}:{user_id}"
        when = chosen.get(user_id, When.AT_ONCE if notice.urgent or not notice.shared else "")
        if when == When.AT_ONCE:
            jobs.append(_owe(user_id, notice_code, subject_ref, link_path, key))
        # Sent or held, the key is the same: a change of mind in between makes no second e-mail.
        elif when == When.MORNING and not notice.shared and not Job.objects.filter(kind=KIND, key=key).exists():
            _hold(user_id, notice_code, subject_ref, link_path, key)
    return jobs


def _owe(user_id: int, notice_code: str, subject_ref: str, link_path: str, key: str) -> Job:
    payload = {"user": user_id, "notice": notice_code, "link": link_path}
    return enqueue(KIND, key=key, subject=subject_ref, payload=payload)


def _hold(user_id: int, notice_code: str, subject_ref: str, link_path: str, key: str) -> None:
    row = HeldNotice(user_id=user_id, notice=notice_code, subject=subject_ref, link=link_path, key=key)
    HeldNotice.objects.bulk_create([row], ignore_conflicts=True)


def send_held(held: HeldNotice) -> Job:
    """Owe a held notice at once after all, in the caller's transaction."""
    return _owe(held.user_id, held.notice, held.subject, held.link, held.key)


def message_id(job: Job) -> str:
    """The same for every attempt at this job, so that a mail system that has it already can tell."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{job.pk.hex}@{domain}>"


def send_notice(job: Job) -> None:
    """The handler: send one notice. Drops it if its person has left; `send_message` says what the server can do."""
    person = User.objects.filter(pk=job.payload["user"]).first()
    if person is None or not person.is_active:
        raise Drop("person_inactive")
    try:
        notice = notice_of(job.payload["notice"])
    except UnknownNotice:
        raise Fail("unknown_notice") from None
    message = EmailMessage(
        subject=notice.subject,
        body=f"{notice.text}\n\n{settings.SITE_URL}{job.payload['link']}\n",
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[person.email],
        headers={"Message-ID": message_id(job), "Auto-Submitted": "auto-generated"},
    )
    send_message(job, message)


def send_message(job: Job, message: EmailMessage, *, beginning: Callable[[], None] | None = None) -> None:
    """Hand the message to the mail server, once; its Message-ID must be `message_id(job)`.

    `beginning` runs in the transaction that commits the attempt, right before the message's bytes go out; whatever it
    raises goes on up, and nothing was sent.

    Up to the server's "go ahead" after DATA nothing can have been sent, so what fails there is tried again or, if the
    server says never (5xx), failed. The attempt is committed right before the message's own bytes go out; what fails
    after that without a clear answer leaves the job uncertain (whatever is raised goes on up).
    """
    connection: Any = get_connection()
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as error:
        raise Retry(_code("connect", error)) from None
    smtp = getattr(connection, "connection", None)

    def begin() -> None:
        begin_attempt(job, message_id(job), beginning)

    if isinstance(smtp, smtplib.SMTP):
        _before_data(smtp, begin)
    else:
        begin()  # a file or a list in memory: there is no telling its stages apart
    try:
        connection.send_messages([message])
    except smtplib.SMTPRecipientsRefused as error:
        number = next(iter(error.recipients.values()))[0]
        raise _refused("recipient", number) from None
    except smtplib.SMTPResponseException as error:  # at MAIL, at DATA, or in answer to the whole message
        raise _refused("refused", error.smtp_code) from None
    except (OSError, smtplib.SMTPException) as error:
        if job.attempted_at is None:
            raise Retry(_code("cut_off", error)) from None
        raise
    finally:
        with suppress(OSError, smtplib.SMTPException):  # it is sent or not by now, whatever QUIT says
            connection.close()


def _before_data(smtp: smtplib.SMTP, begin: Callable[[], None]) -> None:
    """Have `begin` called when sender and recipient are accepted and the message is about to go out."""
    data: Any = smtp.data

    def begin_and_send(msg: Any) -> Any:
        begin()
        return data(msg)

    smtp.data = begin_and_send  # type: ignore[method-assign]


def _refused(stage: str, number: int) -> Retry | Fail:
    """What an SMTP reply means: 5xx is for ever, anything else for now. Neither has delivered the message."""
    code = f"smtp_{stage}:{number}"
    return Fail(code) if 500 <= number < 600 else Retry(code)


def _code(stage: str, error: Exception) -> str:
    return f"smtp_{stage}:{type(error).__name__}"
