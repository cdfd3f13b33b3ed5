"""Secure e-mail to professionals, once (OGP-9, CLS-6): asked for, sent by the outbox, decided where it is uncertain,
and what comes back. The password has a file of its own (`passwords`).

The item says `uncertain` from the moment before the message's first byte: the attempt, its Message-ID and that state
are committed together. The server's answer makes it `sent`, or `released` again; no answer leaves it as it is, which is
the truth, and a person decides. Locks are taken in one order everywhere: the job, the case, the item.
"""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction

from distribution.actions.common import step, tell, void
from distribution.models import EmailPassword, Item, OfficeMail
from distribution.sealing import encrypt_pdf, new_password, seal, unseal
from distribution.states import Action, State
from letters.actions.common import hold_case
from postroom.files.errors import FileError
from postroom.files.store import read
from postroom.outbox.errors import Drop, Fail, NotDecidable, Retry
from postroom.outbox.mail import message_id, send_message
from postroom.outbox.models import Job, JobState
from postroom.outbox.queue import decide_uncertain, enqueue, proved_sent
from postroom.outbox.registry import kind_of
from postroom.people.models import User
from postroom.steps.engine import Seen, Taken
from postroom.steps.errors import NotPossible, StepError

KIND = "item_email"
SUBJECT = "A confidential document for you"


def send(*, item: Item, by: User, seen: Seen) -> Item:
    """Ask the outbox to send it. A failed or returned e-mail is asked for anew, by a person, never by itself."""

    def change(locked: Item, taken: Taken) -> dict[str, Any]:
        locked.sends += 1
        locked.sending, locked.sent_by = True, by
        mail = OfficeMail.objects.get(office_id=locked.case.office_id)  # the guard has looked
        return {"send": locked.sends, "secure_domain": mail.is_secure(locked.email)}

    def after(locked: Item, taken: Taken) -> None:
        EmailPassword.objects.create(item=locked, send=locked.sends, sealed=seal(new_password()), made_at=taken.at)
        enqueue(
            KIND,
            key=f"{locked.reference}:{locked.sends}",
            subject=locked.ledger_subject,
            payload={"item": locked.reference, "send": locked.sends},
        )

    return step(item, Action.SEND, by=by, seen=seen, change=change, after=after)


def carry(job: Job) -> Any:
    """The outbox's handler: send one item's document, encrypted, at most once. See the module's words."""
    item = _item_of(job)
    if item is None:
        raise Drop("not_wanted")
    message = _message(job, item)

    def beginning() -> None:
        hold_case(item.case_id)  # the recipient stays as they are until the attempt stands
        now = _item_of(job, lock=True)
        if now is None:
            raise Drop("not_wanted")
        _attempt(now)

    try:
        send_message(job, message, beginning=beginning)
    except Retry as error:
        last = job.attempts >= kind_of(KIND).max_attempts
        _not_sent(job, error.code, for_good=last)
        if last:
            raise Fail(error.code) from None
        raise
    except Fail as error:
        _not_sent(job, error.code, for_good=True)
        raise
    except StepError:  # refused at the last moment: the route, the recipient or the domain isn't open any more
        _not_sent(job, "not_open", for_good=True)
        raise Fail("not_open") from None
    return lambda: _sent(job)


def _item_of(job: Job, *, lock: bool = False) -> Item | None:
    """The item this job may send: released, still asked for, and by this very job."""
    rows = Item.objects.select_related("case__office", "person", "pdf")
    if lock:
        rows = rows.select_for_update(of=("self",))
    return rows.filter(
        reference=job.payload["item"], sends=job.payload["send"], state=State.RELEASED, sending=True
    ).first()


def _message(job: Job, item: Item) -> EmailMessage:
    """Subject and text are fixed words; what tells of anybody is inside the encrypted file. Raises Fail."""
    mail = OfficeMail.objects.filter(office_id=item.case.office_id).first()
    password = EmailPassword.objects.filter(item=item, send=item.sends).first()
    plain = unseal(password.sealed) if password else None
    if mail is None or plain is None:
        _not_sent(job, "no_sender" if mail is None else "no_password", for_good=True)
        raise Fail("no_sender" if mail is None else "no_password")
    if settings.SECURE_MAIL_NEEDS_TLS and not (settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL):
        raise Retry("smtp_without_tls")
    try:
        sealed = encrypt_pdf(read(item.pdf_id), plain)
    except FileError:
        _not_sent(job, "file_missing", for_good=True)
        raise Fail("file_missing") from None
    message = EmailMessage(
        subject=SUBJECT,
        body=(
            f"{settings.COUNCIL_NAME} sends you the attached document. It is encrypted and opens with a password, "
            "which you are given by phone or text message, never by e-mail.\n\n"
            f"If you did not expect it, don't pass it on; tell the sender. Reference {item.reference}.\n"
        ),
        from_email=mail.sender,
        to=[item.email],
        headers={"Message-ID": message_id(job)},
    )
    message.attach(f"{item.reference}.pdf", sealed, "application/pdf")
    return message


def _attempt(item: Item) -> None:
    step(item, Action.ATTEMPT, by=None, seen=None)


def _sent(job: Job) -> None:
    """Together with the job's `done`. A person may have decided so meanwhile."""
    item = Item.objects.select_for_update(of=("self",)).get(reference=job.payload["item"])
    if item.state == State.UNCERTAIN and item.sends == job.payload["send"]:

        def change(locked: Item, taken: Taken) -> dict[str, Any]:
            locked.sending, locked.sent_at = False, taken.at
            return {"message_id": message_id(job).strip("<>")}

        step(item, Action.MARK_SENT, by=None, seen=None, change=change)


def given_up(job: Job) -> None:
    """The outbox tried as often as it may, or its workers died before each message: on hold, a person looks."""
    _not_sent(job, "given_up", for_good=True)


def _not_sent(job: Job, code: str, *, for_good: bool) -> None:
    """The server said no, or was never reached: certain that nothing was sent. `for_good`: on hold, a person looks."""
    with transaction.atomic():
        item = Item.objects.select_for_update(of=("self",)).get(reference=job.payload["item"])
        if item.sends != job.payload["send"] or not item.sending:
            return
        if for_good and item.state in (State.RELEASED, State.UNCERTAIN):

            def change(locked: Item, taken: Taken) -> dict[str, Any]:
                sender.append(locked.sent_by_id)
                void(locked)
                locked.sent_by = None
                return {"code": code}

            sender: list[int | None] = []
            step(
                item,
                Action.FAIL,
                by=None,
                seen=None,
                reason="The mail server did not take it, or the way was not open any more. Nothing was sent.",
                change=change,
                after=lambda locked, taken: tell(locked, "held", [*sender, locked.case.allocated_worker_id]),
            )
        elif item.state == State.UNCERTAIN:
            step(item, Action.MARK_NOT_SENT, by=None, seen=None)


def decide(*, item: Item, by: User, seen: Seen, sent: bool, reason: str) -> Item:
    """A person's word on an e-mail that may or may not have left (never a second sending by itself).

    `sent` false: it is sent again, at once. Raises NotPossible while the worker still has it in hand.
    """
    with transaction.atomic():
        job = Job.objects.select_for_update().filter(kind=KIND, key=f"{item.reference}:{item.sends}").first()
        action = Action.DECIDE_SENT if sent else Action.DECIDE_NOT_SENT

        def change(locked: Item, taken: Taken) -> dict[str, Any]:
            locked.sending = not sent
            locked.sent_at = taken.at if sent else None
            return {"send": locked.sends, "job": str(job.pk) if job else ""}

        if job is not None and job.state in (JobState.LEASED, JobState.OWED):
            raise NotPossible("It is being sent at this moment. Look again in a few minutes.")
        item = step(item, action, by=by, seen=seen, reason=reason, change=change)
        if job is not None:
            try:
                decide_uncertain(job, sent=sent, by=by)
            except NotDecidable as error:
                raise NotPossible("The e-mail was decided on meanwhile. Look at it as it is now.") from error
    return item


_MESSAGE_ID = re.compile(r"\b([0-9a-f]{32})@[A-Za-z0-9.-]+")


def bounced(*, message_ids: list[str], reason: str) -> Item | None:
    """A delivery report says that one of our messages did not arrive: its item is on hold, its sender is told.

    `message_ids`: every Message-ID that the report names. None: none of them is ours, or it was dealt with already.
    """
    for found in dict.fromkeys(m for text in message_ids for m in _MESSAGE_ID.findall(text)):
        job = Job.objects.filter(pk=found, kind=KIND).first()
        if job is None:
            continue
        with transaction.atomic():
            Job.objects.select_for_update().get(pk=job.pk)
            item = Item.objects.select_for_update(of=("self",)).get(reference=job.payload["item"])
            states = (State.SENT, State.UNCERTAIN, State.DELIVERED)
            if item.sends != job.payload["send"] or item.state not in states or not item.is_emailed:
                return None
            proved_sent(job)
            return _bounce(item, reason)
    return None


def _bounce(item: Item, reason: str) -> Item:
    def change(locked: Item, taken: Taken) -> dict[str, Any]:
        sender.append(locked.sent_by_id)
        details = {"send": locked.sends}
        void(locked)
        locked.sent_at = locked.sent_by = None
        return details

    sender: list[int | None] = []
    return step(
        item,
        Action.BOUNCE,
        by=None,
        seen=None,
        reason=reason,
        change=change,
        after=lambda locked, taken: tell(locked, "bounced", [*sender, locked.case.allocated_worker_id]),
    )
