"""Typing, printing, giving the print back to the worker (OGP-2)."""

from __future__ import annotations

from typing import Any

from letters.actions.common import step, tell, void
from letters.content import Prepared, Typed, make_files, prepare, signatory_of
from letters.leaks import look_for, stopped_by
from letters.models import Letter, LetterVersion, Print, Proposal, Signature, SignatureMedium, WorkingText
from letters.policy import may_type
from letters.states import Action, State
from postroom.cases.models import Address
from postroom.files.store import path_of
from postroom.outbox.mail import notify
from postroom.people.models import User
from postroom.steps.engine import Seen, Taken, require_seen
from postroom.steps.errors import InvalidStep


def type_letter(
    *, letter: Letter, by: User, seen: Seen, typed: Typed, address: Address | None = None, reason: str = ""
) -> Letter:
    """Finish typing: a new frozen, rendered and proved version, handed to the worker to check.

    In `worker_checked` or `signed` this is the named step back "an edit after a check": it needs a reason and voids
    both. `address`: another of the addressee's addresses. Raises InvalidStep naming the field that stands against it.
    """
    fresh = Letter.objects.select_related("case__allocated_worker", "office", "addressee", "address__person").get(
        pk=letter.pk
    )
    if address is not None:
        if address.person_id != fresh.addressee_id:
            raise InvalidStep("Choose one of this person's own addresses.", "address")
        fresh.address = address
    action = Action.TYPE if fresh.state in (State.DRAFTED, State.TYPED) else Action.EDIT_AFTER_CHECK
    require_seen(fresh, seen)
    may_type(fresh, by, action)
    titles = [title for title, _ in typed.enclosures]
    found = look_for(fresh, [typed.subject, typed.salutation, typed.body, *titles], user=by)
    if stop := stopped_by(found):
        raise InvalidStep(stop, "body")
    prepared = prepare(fresh, typed)
    told: list[tuple[int, str]] = []

    def change(locked: Letter, taken: Taken) -> dict[str, Any]:
        told.extend(void(locked, taken))
        version = _freeze(locked, prepared, by, fresh)
        locked.address, locked.subject = fresh.address, prepared.content.subject
        locked.current, locked.content_hash, locked.typed_by = version, prepared.content_hash, by
        return {"version": version.number, "sheets": prepared.sheets, "pdf": prepared.pdf.pk}

    def after(locked: Letter, taken: Taken) -> None:
        WorkingText.objects.filter(letter=locked).delete()
        Proposal.objects.filter(letter=locked, taken_in_at__isnull=True).update(taken_in_at=taken.at)
        tell(locked, told, but=by)
        _tell_worker(locked)

    return step(letter, action, by=by, seen=seen, reason=reason, change=change, after=after)


def _freeze(locked: Letter, prepared: Prepared, by: User, fresh: Letter) -> LetterVersion:
    newest = LetterVersion.objects.filter(letter=locked).order_by("-number").values_list("number", flat=True).first()
    return LetterVersion.objects.create(
        letter=locked,
        number=(newest or 0) + 1,
        content=prepared.text,
        salt=prepared.salt,
        content_hash=prepared.content_hash,
        body=prepared.content.body,
        address=fresh.address,
        stock=prepared.stock,
        stock_figures=prepared.figures,
        signatory=signatory_of(fresh),
        typed_by=by,
        pdf=prepared.pdf,
        sheets=prepared.sheets,
    )


def _tell_worker(letter: Letter) -> None:
    """OGP-2: the worker is told that it waits for checking, by e-mail without personal data."""
    worker = letter.case.allocated_worker_id
    if worker:
        notify(
            [worker],
            "letter_typed",
            letter.ledger_subject,
            f"/letters/{letter.reference}/",
            occasion=letter.version,
        )


def print_letter(*, letter: Letter, by: User, seen: Seen) -> Letter:
    """Record that the letter as it stands was sent to the printer: which bytes, by whom, when.

    A letter signed on screen is printed with its signature, and only then are the sheets for the envelope in hand.
    """
    made: dict[str, Any] = {}
    make_files(letter)

    def change(locked: Letter, taken: Taken) -> dict[str, Any]:
        pdf, signed = pdf_to_print(locked)
        made.update(pdf=pdf, signed=signed)
        if signed:
            locked.sheets_in_hand = True
        return {"pdf": pdf, "signed": signed}

    def after(locked: Letter, taken: Taken) -> None:
        Print.objects.create(
            letter=locked, version=locked.typed_version, pdf_id=made["pdf"], signed=made["signed"], by=by, at=taken.at
        )

    return step(letter, Action.PRINT, by=by, seen=seen, change=change, after=after)


def pdf_to_print(letter: Letter) -> tuple[str, bool]:
    """SHA-256 of the bytes to print now, and whether they bear an on-screen signature.

    Raises InvalidStep if the file isn't there yet (it is made when the page is opened).
    """
    if letter.state == State.SIGNED and letter.signature_medium == SignatureMedium.SCREEN:
        signature = Signature.objects.filter(letter=letter, voided_at__isnull=True).order_by("-pk").first()
        if signature is None or not signature.pdf_id:
            raise InvalidStep("Open the signed PDF first, then print it.", "")
        return str(signature.pdf_id), True
    version = letter.typed_version
    if not version.pdf_id or not path_of(str(version.pdf_id)).exists():
        raise InvalidStep("Open the PDF first, then print it.", "")
    return str(version.pdf_id), False


def return_to_worker(*, letter: Letter, by: User, seen: Seen) -> Letter:
    """Record that the print was handed back to the worker, who is told again."""
    return step(letter, Action.RETURN_TO_WORKER, by=by, seen=seen, after=lambda locked, taken: _tell_worker(locked))
