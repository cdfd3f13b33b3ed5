"""The password of an e-mailed document, by another channel than the document (CLS-6): read out by phone, or by text.

A text goes through the outbox: the gateway may be slow or away, and nobody's step waits for it. It may be tried more
than once, also where the gateway took it and its answer was lost: the same text twice to the same phone harms nobody.
While it is under way, and after it failed, the password can be read out by phone.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction

from distribution.actions.common import step, tell
from distribution.models import EmailPassword, Item
from distribution.states import Action, State
from distribution.texting import NotTexted, gateway
from letters.sealing import unseal
from postroom.outbox.errors import Drop, Fail, Retry
from postroom.outbox.models import Job
from postroom.outbox.queue import enqueue
from postroom.people.models import User
from postroom.steps.engine import Seen, Taken
from postroom.steps.errors import InvalidStep

KIND = "item_text"
_GONE = "The password can't be read any more. Make it ready again and send it anew."


def password_of(item: Item) -> str | None:
    """The password to read out, while it hasn't been given; the page that shows it records the look."""
    row = EmailPassword.objects.filter(item=item, send=item.sends, given_at__isnull=True).first()
    return unseal(row.sealed) if row else None


def give_password(*, item: Item, by: User, seen: Seen, recipient_known: bool) -> Item:
    """Read out by phone to the recipient, called on a number that is theirs. Raises InvalidStep.

    The recipient has theirs from now on, and nothing of the password is kept.
    """
    if not recipient_known:
        raise InvalidStep(
            "Call the recipient on the number that you know is theirs, make sure it is them, and confirm it.",
            "recipient_known",
        )

    def change(locked: Item, taken: Taken) -> dict[str, Any]:
        locked.sending = False  # a text that is still under way is not wanted any more
        return {"how": "phone"}

    def after(locked: Item, taken: Taken) -> None:
        if not _given(locked, taken, by.pk, "phone"):
            raise InvalidStep(_GONE, "")

    return step(item, Action.GIVE_PASSWORD, by=by, seen=seen, change=change, after=after)


def text_password(*, item: Item, by: User, seen: Seen) -> Item:
    """Have it sent by text to the mobile that the case has. The recipient has theirs when the gateway took it."""

    def change(locked: Item, taken: Taken) -> dict[str, Any]:
        if password_of(locked) is None:
            raise InvalidStep(_GONE, "")
        locked.sending = True
        return {"send": locked.sends}

    def after(locked: Item, taken: Taken) -> None:
        enqueue(
            KIND,
            key=f"{locked.reference}:{locked.version}",
            subject=locked.ledger_subject,
            payload={"item": locked.reference, "send": locked.sends, "by": by.pk},
        )

    return step(item, Action.TEXT_PASSWORD, by=by, seen=seen, change=change, after=after)


def carry_text(job: Job) -> Any:
    """The outbox's handler: hand one password to the gateway."""
    item = _asked(job).select_related("person").first()
    plain = password_of(item) if item else None
    if item is None or plain is None:
        raise Drop("not_wanted")
    texts = gateway()
    if texts is None or not item.person.is_active or not item.person.mobile:
        raise _not_texted(job, "no_mobile" if texts else "no_gateway")
    text = f"The password for the document with reference {item.reference}: {plain}"
    try:
        texts.send(item.person.mobile, text, str(job.pk))
    except NotTexted as error:
        if error.final:
            raise _not_texted(job, error.code) from None
        raise Retry(error.code) from None
    return lambda: _texted(job)


def given_up(job: Job) -> None:
    """The outbox tried as often as it may: the worker is told, and reads it out by phone."""
    _not_texted(job, "given_up")


def _asked(job: Job) -> Any:
    """The item whose text this job is for, if it is still wanted."""
    rows = Item.objects.filter(reference=job.payload["item"], sends=job.payload["send"])
    return rows.filter(state=State.SENT, sending=True)


def _texted(job: Job) -> None:
    """Together with the job's `done`. It may have been read out by phone meanwhile."""
    item = _asked(job).select_for_update(of=("self",)).first()
    if item is None:
        return

    def change(locked: Item, taken: Taken) -> dict[str, Any]:
        locked.sending = False
        return {"asked_by": job.payload["by"]}

    def after(locked: Item, taken: Taken) -> None:
        _given(locked, taken, job.payload["by"], "text")

    step(item, Action.MARK_TEXTED, by=None, seen=None, change=change, after=after)


def _not_texted(job: Job, code: str) -> Fail:
    """The password waits for the phone, and whoever asked is told. Gives what the handler raises."""
    with transaction.atomic():
        item = _asked(job).select_for_update(of=("self",)).first()
        if item is not None:

            def change(locked: Item, taken: Taken) -> dict[str, Any]:
                locked.sending = False
                return {"code": code}

            def after(locked: Item, taken: Taken) -> None:
                tell(locked, "not_texted", [job.payload["by"], locked.case.allocated_worker_id])

            why = "The text could not be sent. Nothing was given; it can be read out by phone."
            step(item, Action.MARK_NOT_TEXTED, by=None, seen=None, reason=why, change=change, after=after)
    return Fail(code)


def _given(item: Item, taken: Taken, by_id: int, how: str) -> bool:
    """Note who gave it and how, and keep nothing of it; False where there is nothing left to give."""
    row = EmailPassword.objects.select_for_update().filter(item=item, send=item.sends).first()
    if row is None or unseal(row.sealed) is None:
        return False
    row.sealed, row.given_by_id, row.given_at, row.given_how = "", by_id, taken.at, how
    row.save()
    return True
