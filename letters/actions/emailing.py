"""A letter by secure e-mail, where its office has turned that on (CLS-6): its worker confirms the addressee's right and
sends it, the outbox carries it at most once (`sealed_mail`), a person decides where it is uncertain, the password is
read out by phone; and what comes back.

No envelope, no initials: what goes is the very PDF that was signed on screen.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from letters.actions import sealed_mail
from letters.actions.common import step, tell, unsend
from letters.actions.ics import owe_upload
from letters.completed import standing_signature
from letters.models import Letter, LetterPassword, Notice, OfficeMail
from letters.sealing import new_password, seal, unseal
from letters.states import Action, State
from postroom.cases.models import CasePerson
from postroom.outbox.models import Job
from postroom.outbox.queue import enqueue, proved_sent
from postroom.people.models import User
from postroom.steps.engine import Seen, Taken
from postroom.steps.errors import InvalidStep

KIND = "letter_email"
# Why somebody has a right to what a letter says, as its worker confirms it (CLS-6). Code → words.
RIGHTS: dict[str, str] = {
    "works_with": "They work with the child or the family, and need it for that",
    "represents": "They represent the child or a parent",
    "court": "The court has asked for it",
    "about_them": "It concerns their own part in the case",
}
_PASSWORD_GONE = "The password can't be read any more. Ask whoever runs Postroom, or hand the letter over anew."  # noqa: S105


def send_email(*, letter: Letter, by: User, seen: Seen, email: str, basis: str, address_confirmed: bool) -> Letter:
    """Its worker confirms where it goes and the addressee's right to it, and has it sent.

    `email`: the address that they saw. What could not be sent is sent anew by a person, never by itself. Raises
    InvalidStep (email, basis, address_confirmed).
    """
    if basis not in RIGHTS:
        raise InvalidStep("Say why this person has a right to what the letter says.", "basis")
    if not address_confirmed:
        raise InvalidStep(
            "Check the e-mail address and that it is this person's own, and confirm it.", "address_confirmed"
        )

    def change(locked: Letter, taken: Taken) -> dict[str, Any]:
        now = CasePerson.objects.values_list("email", flat=True).get(pk=locked.addressee_id)
        if email != now:
            raise InvalidStep("The e-mail address on the case has changed. Look at it again.", "address_confirmed")
        locked.email = now
        locked.right_by, locked.right_at, locked.right_basis = by, taken.at, basis
        locked.sends += 1
        locked.sending, locked.emailed_by, locked.emailed_on = True, by, None
        mail = OfficeMail.objects.get(office_id=locked.office_id)  # the guard has looked
        return {"send": locked.sends, "basis": basis, "secure_domain": mail.is_secure(now)}

    def after(locked: Letter, taken: Taken) -> None:
        LetterPassword.objects.create(letter=locked, send=locked.sends, sealed=seal(new_password()), made_at=taken.at)
        enqueue(
            KIND,
            key=f"{locked.reference}:{locked.sends}",
            subject=locked.ledger_subject,
            payload={"letter": locked.reference, "send": locked.sends},
        )

    return step(letter, Action.SEND_EMAIL, by=by, seen=seen, change=change, after=after)


class LetterMailing:
    """What the outbox asks of a letter."""

    kind = KIND

    def wanted(self, job: Job, *, lock: bool) -> Letter | None:
        """Signed, and asked for by this job."""
        rows = Letter.objects.select_related("case", "addressee", "address__person", "current")
        if lock:
            rows = rows.select_for_update(of=("self",))
        payload = job.payload
        wanted = rows.filter(reference=payload["letter"], sends=payload["send"], state=State.SIGNED, sending=True)
        return wanted.first()

    def parcel(self, letter: Letter) -> sealed_mail.Parcel:
        """The PDF as it was signed on screen."""
        signature = standing_signature(letter)
        if signature is None or signature.pdf_id is None:
            raise InvalidStep("There is no signed PDF.", "")
        password = LetterPassword.objects.filter(letter=letter, send=letter.sends).first()
        return sealed_mail.Parcel(
            case_id=letter.case_id,
            office_id=letter.office_id,
            reference=letter.reference,
            to=letter.email,
            pdf_id=str(signature.pdf_id),
            password=password,
        )

    def attempt(self, letter: Letter) -> None:
        """From now on it is uncertain, until the server answers."""

        def change(locked: Letter, taken: Taken) -> dict[str, Any]:
            locked.emailed_on = timezone.localdate(taken.at)
            return {"emailed_on": locked.emailed_on.isoformat()}

        step(letter, Action.ATTEMPT, by=None, seen=None, change=change)

    def sent(self, job: Job) -> None:
        """The server took it."""
        letter = _locked(job)
        if letter.state == State.UNCERTAIN and letter.sends == job.payload["send"]:

            def change(locked: Letter, taken: Taken) -> dict[str, Any]:
                locked.sending = False
                return sealed_mail.details_of_sending(job) | _day(locked)

            step(letter, Action.MARK_SENT, by=None, seen=None, change=change, after=_gone)

    def not_sent(self, job: Job, code: str, *, for_good: bool) -> None:
        """Back where it was signed; `for_good`: its worker is told, and nothing of what was confirmed stands."""
        with transaction.atomic():
            letter = _locked(job)
            if letter.sends != job.payload["send"] or not letter.sending:
                return
            if for_good and letter.state in (State.SIGNED, State.UNCERTAIN):
                sender = letter.emailed_by_id

                def change(locked: Letter, taken: Taken) -> dict[str, Any]:
                    unsend(locked)
                    _forget_password(locked)
                    return {"code": code}

                step(
                    letter,
                    Action.FAIL,
                    by=None,
                    seen=None,
                    reason="The mail server did not take it, or the way was not open any more. Nothing was sent.",
                    change=change,
                    after=lambda locked, taken: _tell(locked, sender, Notice.Code.NOT_EMAILED),
                )
            elif letter.state == State.UNCERTAIN:

                def back(locked: Letter, taken: Taken) -> dict[str, Any]:
                    locked.emailed_on = None
                    return {}

                step(letter, Action.MARK_NOT_SENT, by=None, seen=None, change=back)


MAILING = LetterMailing()


def carry(job: Job) -> Any:
    """The outbox's handler."""
    return sealed_mail.carry(MAILING, job)


def given_up(job: Job) -> None:
    """The outbox tried as often as it may, or its workers died before each message: a person looks."""
    MAILING.not_sent(job, "given_up", for_good=True)


def _locked(job: Job) -> Letter:
    return Letter.objects.select_for_update(of=("self",)).get(reference=job.payload["letter"])


def _day(letter: Letter) -> dict[str, Any]:
    assert letter.emailed_on is not None  # noqa: S101 - set with the attempt
    return {"emailed_on": letter.emailed_on.isoformat()}


def _gone(letter: Letter, taken: Taken) -> None:
    owe_upload(letter, taken)


def _forget_password(letter: Letter) -> None:
    """Nobody is to open anything with it any more."""
    LetterPassword.objects.filter(letter=letter).update(sealed="")


def _tell(letter: Letter, sender: int | None, code: str) -> None:
    tell(letter, [(sender, code), (letter.case.allocated_worker_id, code)])


def decide_sent(*, letter: Letter, by: User, seen: Seen, reason: str) -> Letter:
    """A person's word that an uncertain e-mail was sent. Raises NotPossible while it is still being sent."""
    return _decide(letter, by, seen, reason, sent=True)


def decide_not_sent(*, letter: Letter, by: User, seen: Seen, reason: str) -> Letter:
    """A person's word that it was not: it is sent again, at once."""
    return _decide(letter, by, seen, reason, sent=False)


def _decide(letter: Letter, by: User, seen: Seen, reason: str, *, sent: bool) -> Letter:
    action = Action.DECIDE_SENT if sent else Action.DECIDE_NOT_SENT

    def take(job: Job | None) -> Letter:
        def change(locked: Letter, taken: Taken) -> dict[str, Any]:
            details = {"send": locked.sends, "job": str(job.pk) if job else ""}
            locked.sending = not sent
            if sent:
                return details | _day(locked)
            locked.emailed_on = None
            return details

        return step(letter, action, by=by, seen=seen, reason=reason, change=change, after=_gone if sent else None)

    with transaction.atomic():
        return sealed_mail.decided(KIND, f"{letter.reference}:{letter.sends}", sent=sent, by=by, take=take)


def password_of(letter: Letter) -> str | None:
    """The password to read out, while it hasn't been given; the page that shows it records the look."""
    row = LetterPassword.objects.filter(letter=letter, send=letter.sends, given_at__isnull=True).first()
    return unseal(row.sealed) if row else None


def give_password(*, letter: Letter, by: User, seen: Seen, recipient_known: bool) -> Letter:
    """Read out by phone to the addressee, called on a number that is theirs; nothing of it is kept.

    Raises InvalidStep.
    """
    if not recipient_known:
        raise InvalidStep(
            "Call the recipient on the number that you know is theirs, make sure it is them, and confirm it.",
            "recipient_known",
        )

    def after(locked: Letter, taken: Taken) -> None:
        row = LetterPassword.objects.select_for_update().filter(letter=locked, send=locked.sends).first()
        if row is None or unseal(row.sealed) is None:
            raise InvalidStep(_PASSWORD_GONE, "")
        row.sealed, row.given_by, row.given_at, row.given_how = "", by, taken.at, "phone"
        row.save()

    return step(
        letter,
        Action.GIVE_PASSWORD,
        by=by,
        seen=seen,
        change=lambda locked, taken: {"how": "phone", "send": locked.sends},
        after=after,
    )


def bounced(*, message_ids: list[str], reason: str) -> Letter | None:
    """A delivery report says that one of our letters did not arrive: it is among what came back, its sender is told.

    None: none of these is ours, or it was dealt with already.
    """
    for job in sealed_mail.jobs_named(KIND, message_ids):
        with transaction.atomic():
            Job.objects.select_for_update().get(pk=job.pk)
            letter = _locked(job)
            states = (State.UNCERTAIN, State.EMAILED, State.UPLOADED)
            if letter.sends != job.payload["send"] or letter.state not in states or letter.emailed_on is None:
                return None
            proved_sent(job)
            return _bounce(letter, reason)
    return None


def _bounce(letter: Letter, reason: str) -> Letter:
    uncertain = letter.state == State.UNCERTAIN

    def change(locked: Letter, taken: Taken) -> dict[str, Any]:
        locked.sending = False
        _forget_password(locked)
        return {"send": locked.sends} | _day(locked)

    def after(locked: Letter, taken: Taken) -> None:
        if uncertain:  # it has gone after all, and belongs on the case record with what became of it
            owe_upload(locked, taken)
        _tell(locked, locked.emailed_by_id, Notice.Code.EMAIL_RETURNED)

    return step(letter, Action.BOUNCE, by=None, seen=None, reason=reason, change=change, after=after)
