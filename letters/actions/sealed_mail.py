"""Sending one encrypted document by secure e-mail, at most once (CLS-6): what letters and the copies of the floor above
have in common. Each says in a `Mailing` what its document is and which steps its subject takes.

The subject says `uncertain` from the moment before the message's first byte: the attempt, its Message-ID and that state
are committed together. The server's answer says what is true; no answer leaves it as it is, and a person decides. Locks
are taken in one order everywhere: the job, the case, the subject.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from django.conf import settings
from django.core.mail import EmailMessage

from letters.actions.common import hold_case
from letters.models import OfficeMail, SealedPassword
from letters.sealing import encrypt_pdf, unseal
from postroom.files.errors import FileError
from postroom.files.store import read
from postroom.outbox.errors import Drop, Fail, NotDecidable, Retry
from postroom.outbox.mail import message_id, send_message
from postroom.outbox.models import Job, JobState
from postroom.outbox.queue import decide_uncertain
from postroom.outbox.registry import kind_of
from postroom.people.models import User
from postroom.steps.errors import NotPossible, StepError

SUBJECT = "A confidential document for you"
T = TypeVar("T")


@dataclass(frozen=True)
class Parcel:
    """What is to go: of which case and office, under which reference, where to, the PDF, and its password's row."""

    case_id: int
    office_id: int
    reference: str
    to: str
    pdf_id: str
    password: SealedPassword | None


class Mailing(Protocol[T]):
    """One kind of subject that goes by secure e-mail, and its steps."""

    kind: str

    def wanted(self, job: Job, *, lock: bool) -> T | None:
        """The subject that this job may send: ready, still asked for, and by this very job."""
        ...

    def parcel(self, subject: T) -> Parcel:
        """What is to go. Raises StepError where it can't go any more."""
        ...

    def attempt(self, subject: T) -> None:
        """Its step to `uncertain`, which asks every guard again. Raises StepError."""
        ...

    def sent(self, job: Job) -> None:
        """Its step when the server took it, together with the job's `done`. A person may have decided so meanwhile."""
        ...

    def not_sent(self, job: Job, code: str, *, for_good: bool) -> None:
        """Certain that nothing was sent. `for_good`: a person looks."""
        ...


def carry(mailing: Mailing[T], job: Job) -> Callable[[], object]:
    """The outbox's work: send one document, encrypted, at most once. See the module's words."""
    subject = mailing.wanted(job, lock=False)
    if subject is None:
        raise Drop("not_wanted")
    try:
        parcel = mailing.parcel(subject)
        message = _message(mailing, job, parcel)
    except StepError:
        mailing.not_sent(job, "not_open", for_good=True)
        raise Fail("not_open") from None

    def beginning() -> None:
        hold_case(parcel.case_id)  # the recipient stays as they are until the attempt stands
        now = mailing.wanted(job, lock=True)
        if now is None:
            raise Drop("not_wanted")
        mailing.attempt(now)

    try:
        send_message(job, message, beginning=beginning)
    except Retry as error:
        last = job.attempts >= kind_of(mailing.kind).max_attempts
        mailing.not_sent(job, error.code, for_good=last)
        if last:
            raise Fail(error.code) from None
        raise
    except Fail as error:
        mailing.not_sent(job, error.code, for_good=True)
        raise
    except StepError:  # refused at the last moment: the way, the recipient or the domain isn't open any more
        mailing.not_sent(job, "not_open", for_good=True)
        raise Fail("not_open") from None
    return lambda: mailing.sent(job)


def _message(mailing: Mailing[T], job: Job, parcel: Parcel) -> EmailMessage:
    """Subject and text are fixed words; what tells of anybody is inside the encrypted file. Raises Fail, Retry."""
    mail = OfficeMail.objects.filter(office_id=parcel.office_id).first()
    plain = unseal(parcel.password.sealed) if parcel.password else None
    if mail is None or plain is None:
        code = "no_sender" if mail is None else "no_password"
        mailing.not_sent(job, code, for_good=True)
        raise Fail(code)
    if settings.SECURE_MAIL_NEEDS_TLS and not (settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL):
        raise Retry("smtp_without_tls")
    try:
        sealed = encrypt_pdf(read(parcel.pdf_id), plain)
    except FileError:
        mailing.not_sent(job, "file_missing", for_good=True)
        raise Fail("file_missing") from None
    message = EmailMessage(
        subject=SUBJECT,
        body=(
            f"{settings.COUNCIL_NAME} sends you the attached document. It is encrypted and opens with a password, "
            "which you are given by phone or text message, never by e-mail.\n\n"
            f"If you did not expect it, don't pass it on; tell the sender. Reference {parcel.reference}.\n"
        ),
        from_email=mail.sender,
        to=[parcel.to],
        headers={"Message-ID": message_id(job)},
    )
    message.attach(f"{parcel.reference}.pdf", sealed, "application/pdf")
    return message


def decided(kind: str, key: str, *, sent: bool, by: User, take: Callable[[Job | None], T]) -> T:
    """A person's word on an e-mail that may or may not have left, in the caller's transaction: `take` is the subject's
    own step. Raises NotPossible while the worker still has it in hand, or somebody else decided."""
    job = Job.objects.select_for_update().filter(kind=kind, key=key).first()
    if job is not None and job.state in (JobState.LEASED, JobState.OWED):
        raise NotPossible("It is being sent at this moment. Look again in a few minutes.")
    subject = take(job)
    if job is not None:
        try:
            decide_uncertain(job, sent=sent, by=by)
        except NotDecidable as error:
            raise NotPossible("The e-mail was decided on meanwhile. Look at it as it is now.") from error
    return subject


_MESSAGE_ID = re.compile(r"\b([0-9a-f]{32})@[A-Za-z0-9.-]+")


def jobs_named(kind: str, message_ids: Iterable[str]) -> list[Job]:
    """Our jobs of a kind among the Message-IDs that a delivery report names."""
    found = dict.fromkeys(m for text in message_ids for m in _MESSAGE_ID.findall(text))
    rows = (Job.objects.filter(pk=one, kind=kind).first() for one in found)
    return [job for job in rows if job is not None]


def details_of_sending(job: Job) -> dict[str, Any]:
    """What the ledger keeps of a message that was sent: its Message-ID."""
    return {"message_id": message_id(job).strip("<>")}
