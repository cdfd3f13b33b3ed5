"""Checking, signing, pp, sending back (OGP-3a, OGP-3b)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone

from letters.actions.common import hold_case, step, tell, void
from letters.actions.printing import unsaid_prints
from letters.content import make_files, post_of, signed_pdf
from letters.leaks import Found, stopped_by
from letters.models import (
    Check,
    Letter,
    Notice,
    Print,
    Proposal,
    Signature,
    SignatureKind,
    SignatureMedium,
)
from letters.named import NOT_YOURS, found_in, may_say, say_names, waits_for_worker
from letters.policy import check_action
from letters.states import Action
from letters.ways import Way
from postroom.files.models import StoredFile
from postroom.people.models import User
from postroom.people.roles import ROLE_NAMES
from postroom.steps.engine import Seen, Taken, is_entered_later, moment, require_seen
from postroom.steps.errors import InvalidStep


def check(
    *,
    letter: Letter,
    by: User,
    seen: Seen,
    address_confirmed: bool,
    body_confirmed: bool = False,
    found_belongs: bool = False,
    translator: str = "",
    translated_on: dt.date | None = None,
) -> Letter:
    """The two separate confirmations, bound to the exact content that was seen.

    `found_belongs`: names were found in its words that aren't on this case, or of somebody else who gets one, and the
    person says that they belong there; of the latter only its worker can say so, or the duty worker for them (an entry
    of its own). An address or a full name that the addressee must not know can't be confirmed away.

    Of a letter in another language the translator's confirmation stands for that of the body: `translator` names who
    gave it and `translated_on` when. Raises InvalidStep naming the confirmation that is missing.
    """
    translator = translator.strip()
    if not address_confirmed:
        raise InvalidStep("Confirm that the address is correct, or send the letter back.", "address_confirmed")
    if not body_confirmed and not translator:
        raise InvalidStep("Confirm that the body is correct, or send the letter back.", "body_confirmed")
    if translated_on is not None and translated_on > timezone.localdate(moment()):
        words = "after it was checked" if is_entered_later() else "in the future"
        raise InvalidStep(f"The translator can't have confirmed it {words}.", "translated_on")

    def change(locked: Letter, taken: Taken) -> dict[str, Any]:
        _judge_translation(locked, translator, translated_on)
        found = judge_words(locked, by, found_belongs)
        mark_checked(locked, by, taken.at)
        details: dict[str, Any] = {"address": True, "body": True}
        if found:
            details["found_belongs"] = len(found)
        if translator and translated_on:
            details["translated"] = translated_on.isoformat()
        return details

    def after(locked: Letter, taken: Taken) -> None:
        keep_check(locked, by, taken, translator=translator, translated_on=translated_on if translator else None)

    with transaction.atomic():
        if found_belongs:
            hold_case(letter.case_id)  # before the letter, as ever: what is said of its names locks the letter
            say_names(letter, by, seen)
        return step(letter, Action.CHECK, by=by, seen=seen, change=change, after=after)


def mark_checked(letter: Letter, by: User, at: dt.datetime) -> None:
    """Inside a step: this content is checked by this person from now on, and no check before it stands."""
    Check.objects.filter(letter=letter, voided_at__isnull=True).update(voided_at=at)
    letter.checked_hash, letter.checked_by, letter.checked_at = letter.content_hash, by, at


def keep_check(letter: Letter, by: User, taken: Taken, **rests_on: Any) -> None:
    """After such a step: its row, address and body confirmed; `rests_on`: a translator's word, or a text's check."""
    assert taken.grant is not None  # noqa: S101 - a person's step has one
    Check.objects.create(
        letter=letter,
        version=letter.typed_version,
        by=by,
        role=ROLE_NAMES[taken.grant.role],
        at=taken.at,
        address_confirmed=True,
        body_confirmed=True,
        **rests_on,
    )


def judge_words(letter: Letter, by: User, found_belongs: bool) -> list[Found]:
    """What its words give away, which the person says belongs there. Raises InvalidStep where it can't stay."""
    found = found_in(letter, by)
    if stop := stopped_by(found):
        raise InvalidStep(f"{stop} Send the letter back.", "body_confirmed")
    if waits_for_worker(letter, found) and not may_say(letter, by):
        raise InvalidStep(NOT_YOURS, "found_belongs")
    if found and not found_belongs:
        raise InvalidStep("Look at what was found in its words, and say that it belongs here.", "found_belongs")
    return found


def _judge_translation(letter: Letter, translator: str, translated_on: dt.date | None) -> None:
    """A translator is named for a translation, and for nothing else. Raises InvalidStep."""
    translated = bool(letter.typed_version.as_content.get("language"))
    if translated and not (translator and translated_on):
        raise InvalidStep(
            "This letter is a translation. Enter who translated it and the day they confirmed that it says what "
            "the original says.",
            "translator",
        )
    if translator and not translated:
        raise InvalidStep("This letter is no translation: confirm its body yourself.", "body_confirmed")


def sign(*, letter: Letter, by: User, seen: Seen) -> Letter:
    """The allocated worker signs what they checked, on paper or on screen as the office chose; by e-mail goes only what
    is signed on screen.

    On paper: the checked print is signed; the step says which print. On screen: the signature block is filled in,
    the window is proved again and only that PDF is printed for the envelope. Raises InvalidStep.
    """
    return _sign(letter, by, seen, Action.SIGN, SignatureKind.WORKER)


def pp(*, letter: Letter, by: User, seen: Seen) -> Letter:
    """Sign on the worker's behalf; the authority is kept as it stood at that moment (OGP-3b)."""
    return _sign(letter, by, seen, Action.PP, SignatureKind.PP)


def _sign(letter: Letter, by: User, seen: Seen, action: Action, kind: SignatureKind) -> Letter:
    fresh = Letter.objects.select_related("case", "address__person", "current__signatory").get(pk=letter.pk)
    require_seen(fresh, seen)
    check_action(fresh, by, action)
    medium = SignatureMedium.SCREEN if fresh.way == Way.SECURE_EMAIL else post_of(fresh).signature_medium
    # Rendered before the transaction, which only takes it in if the letter is still the same.
    make_files(fresh)
    signed_file = _signed_file(fresh, by, kind) if medium == SignatureMedium.SCREEN else None
    made: list[Signature] = []

    def change(locked: Letter, taken: Taken) -> dict[str, Any]:
        version = locked.typed_version
        if version.signatory_id != locked.case.allocated_worker_id:
            raise InvalidStep(
                "This letter was typed in the name of a worker who doesn't have the case any more. "
                "Return it for retyping, so that it goes out in the right name.",
                "",
            )
        assert taken.grant is not None  # noqa: S101
        signature = Signature(
            letter=locked,
            version=version,
            relied_on=Check.objects.get(letter=locked, voided_at__isnull=True),
            kind=kind,
            medium=medium,
            by=by,
            signed_for=version.signatory if kind == SignatureKind.PP else None,
            role=ROLE_NAMES[taken.grant.role],
            authority=taken.authority,
            at=taken.at,
            pdf=signed_file,
        )
        made.append(signature)
        locked.signed_hash, locked.signed_by, locked.signed_at = locked.content_hash, by, taken.at
        locked.signature_kind, locked.signature_medium = kind, medium
        locked.signed_for, locked.authority = signature.signed_for, taken.authority
        locked.sheets_in_hand = False
        return _medium_details(locked, signature)

    def after(locked: Letter, taken: Taken) -> None:
        made[0].save(force_insert=True)

    return step(letter, action, by=by, seen=seen, change=change, after=after)


def _signed_file(letter: Letter, by: User, kind: SignatureKind) -> StoredFile:
    version = letter.typed_version
    return signed_pdf(version, by=by, signed_for=version.signatory if kind == SignatureKind.PP else None)


def _medium_details(letter: Letter, signature: Signature) -> dict[str, Any]:
    details = {"medium": str(signature.medium), "kind": str(signature.kind), "check_by": signature.relied_on.by_id}
    if signature.pdf_id:
        return {**details, "pdf": str(signature.pdf_id)}
    prints = Print.objects.filter(letter=letter, version_id=letter.current_id)
    printed = prints.exclude(came_out=False).latest("pk")
    return {**details, "print": str(printed.pdf_id)}


def confirm_signature(
    *, letter: Letter, by: User, seen: Seen, bears_signature: bool, scan: StoredFile | None = None
) -> Letter:
    """Whoever receives the signed paper confirms that this printed version bears the signature; a scan can be added."""
    if not bears_signature:
        raise InvalidStep("Look at the sheets and confirm that they bear the signature.", "bears_signature")

    def change(locked: Letter, taken: Taken) -> dict[str, Any]:
        locked.sheets_in_hand = True
        return {"scan": str(scan.pk)} if scan else {}

    def after(locked: Letter, taken: Taken) -> None:
        # Whoever has the signed sheets in hand has seen that they came out.
        unsaid_prints(locked).update(came_out=True, said_by=by, said_at=taken.at)
        Signature.objects.filter(letter=locked, voided_at__isnull=True).update(
            confirmed_by=by, confirmed_at=taken.at, **({"scan": scan} if scan else {})
        )

    return step(letter, Action.CONFIRM_SIGNATURE, by=by, seen=seen, change=change, after=after)


def return_for_retyping(*, letter: Letter, by: User, seen: Seen, reason: str, proposed_body: str = "") -> Letter:
    """Send the letter back to admin, with why and, where wanted, the wording to use instead."""
    told: list[tuple[int, str]] = []

    def change(locked: Letter, taken: Taken) -> dict[str, Any]:
        told.extend(void(locked, taken))
        told.append((locked.typed_version.typed_by_id, Notice.Code.SENT_BACK))
        return {"proposal": bool(proposed_body.strip())}

    def after(locked: Letter, taken: Taken) -> None:
        unchanged = proposed_body.strip() == locked.typed_version.body.strip()
        Proposal.objects.create(
            letter=locked,
            version=locked.typed_version,
            by=by,
            at=taken.at,
            note=taken.reason,
            body="" if unchanged else proposed_body,
        )
        tell(locked, told, but=by)

    return step(letter, Action.RETURN_FOR_RETYPING, by=by, seen=seen, reason=reason, change=change, after=after)
