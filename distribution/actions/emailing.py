"""Secure e-mail to professionals, once (OGP-9, CLS-6): asked for, sent by the outbox, decided where it is uncertain,
and what comes back. The password has a file of its own (`passwords`).

How a message goes at most once stands in `letters.actions.sealed_mail`. The server's answer makes the item `sent`, or
`released` again; no answer leaves it `uncertain`, which is the truth, and a person decides.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction

from distribution.actions.common import step, tell, void
from distribution.models import EmailPassword, Item, OfficeMail
from distribution.states import Action, State
from letters.actions import sealed_mail
from letters.sealing import new_password, seal
from postroom.outbox.models import Job
from postroom.outbox.queue import enqueue, proved_sent
from postroom.people.models import User
from postroom.steps.engine import Seen, Taken

KIND = "item_email"


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


class ItemMailing:
    """What the outbox asks of a copy."""

    kind = KIND

    def wanted(self, job: Job, *, lock: bool) -> Item | None:
        """Released, and asked for by this job."""
        rows = Item.objects.select_related("case__office", "person", "pdf")
        if lock:
            rows = rows.select_for_update(of=("self",))
        return rows.filter(
            reference=job.payload["item"], sends=job.payload["send"], state=State.RELEASED, sending=True
        ).first()

    def parcel(self, item: Item) -> sealed_mail.Parcel:
        """The recipient's own version."""
        return sealed_mail.Parcel(
            case_id=item.case_id,
            office_id=item.case.office_id,
            reference=item.reference,
            to=item.email,
            pdf_id=str(item.pdf_id),
            password=EmailPassword.objects.filter(item=item, send=item.sends).first(),
        )

    def attempt(self, item: Item) -> None:
        """From now on it is uncertain, until the server answers."""
        step(item, Action.ATTEMPT, by=None, seen=None)

    def sent(self, job: Job) -> None:
        """The server took it."""
        _sent(job)

    def not_sent(self, job: Job, code: str, *, for_good: bool) -> None:
        """Ready to go again; `for_good`: on hold."""
        _not_sent(job, code, for_good=for_good)


MAILING = ItemMailing()


def carry(job: Job) -> Any:
    """The outbox's handler."""
    return sealed_mail.carry(MAILING, job)


def _sent(job: Job) -> None:
    """Together with the job's `done`. A person may have decided so meanwhile."""
    item = Item.objects.select_for_update(of=("self",)).get(reference=job.payload["item"])
    if item.state == State.UNCERTAIN and item.sends == job.payload["send"]:

        def change(locked: Item, taken: Taken) -> dict[str, Any]:
            locked.sending, locked.sent_at = False, taken.at
            return sealed_mail.details_of_sending(job)

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
    action = Action.DECIDE_SENT if sent else Action.DECIDE_NOT_SENT

    def take(job: Job | None) -> Item:
        def change(locked: Item, taken: Taken) -> dict[str, Any]:
            locked.sending = not sent
            locked.sent_at = taken.at if sent else None
            return {"send": locked.sends, "job": str(job.pk) if job else ""}

        return step(item, action, by=by, seen=seen, reason=reason, change=change)

    with transaction.atomic():
        return sealed_mail.decided(KIND, f"{item.reference}:{item.sends}", sent=sent, by=by, take=take)


def bounced(*, message_ids: list[str], reason: str) -> Item | None:
    """A delivery report says that one of our messages did not arrive: its item is on hold, its sender is told.

    `message_ids`: every Message-ID that the report names. None: none of them is ours, or it was dealt with already.
    """
    for job in sealed_mail.jobs_named(KIND, message_ids):
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
