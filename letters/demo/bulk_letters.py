"""The steps of a letter as rows in memory, each as letters.actions writes it; the test holds one to the other.

What a step owes to the outside is left out: nobody is to get an e-mail today for what the demo says was weeks ago.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.utils import timezone

from letters.actions.enveloping import sheets_to_count
from letters.actions.posting import notes_text
from letters.completed import children_of, reference_shown
from letters.content import Typed, content_of, hash_of, letterhead_of, render_proved, sheets_to_print, signed_pdf
from letters.deadlines import late_at
from letters.demo import carried
from letters.demo.bulk_cases import BulkCases, actor_of
from letters.demo.bulk_people import BulkPeople
from letters.models import (
    Check,
    Envelope,
    Handing,
    IcsUpload,
    IcsWay,
    Letter,
    LetterVersion,
    Notice,
    OfficePost,
    Print,
    Printer,
    Proposal,
    Return,
    Signature,
    SignatureKind,
    SignatureMedium,
)
from letters.permissions import RULES
from letters.policy import standing_of
from letters.rendering.content import Letterhead
from letters.states import Action, State
from postroom.cases.access import Kept
from postroom.cases.models import Address, Case, CasePerson
from postroom.files.store import store
from postroom.ledger.recording import Step
from postroom.people.models import User
from postroom.people.roles import ROLE_NAMES
from postroom.steps.engine import Standing

# Every letter of the demo fits one sheet; a test renders them all.
SHEETS = 1
STALE_AFTER = dt.timedelta(days=settings.ADDRESS_STALE_AFTER_DAYS)


class _Records:
    """What stands of a letter while its steps are written: the newest row of each kind."""

    def __init__(self) -> None:
        self.check: Check | None = None
        self.signature: Signature | None = None
        self.print: Print | None = None
        self.proposal: Proposal | None = None
        self.envelope: Envelope | None = None
        self.uploads: list[IcsUpload] = []
        self.handed_over: list[Callable[[dt.datetime], None]] = []
        self.versions = 0
        self.prints = 0


class BulkLetters(BulkCases, BulkPeople):
    """The letters' part of BulkHand. While `rendering` is on, PDFs are made now; else at the first look."""

    rendering = False
    _posts: dict[int, OfficePost]
    _children: dict[int, list[CasePerson]]
    _letterheads: dict[int, Letterhead]

    def hand_over(
        self,
        at: dt.datetime,
        by: User,
        *,
        reference: str,
        case: Case,
        addressee: CasePerson,
        address: Address,
        draft_text: str,
        subject: str,
        instructions: str,
    ) -> Letter:
        """A draft."""
        letter = Letter(
            reference=reference,
            case=case,
            office=case.office,
            addressee=addressee,
            address=address,
            created_by=by,
            draft_text=draft_text,
            subject=subject,
            instructions=instructions,
            created_at=at,
            state_since=at,
            late_at=late_at(at, "", None),
        )
        standing = self._standing(letter, by, at)
        self.rows.add(letter)
        letter.demo = _Records()
        letter.version = 1
        self.rows.note(letter, by, at, "+")
        stale = timezone.localdate(at) - (address.verified_on or dt.date.min) > STALE_AFTER
        details = {"stale_address_confirmed": True} if stale else {}
        self._record(at, by, letter, Action.HAND_OVER, standing, "", details)
        self.rows.note(letter, by, at, "~")
        return letter

    def type_letter(self, at: dt.datetime, by: User, letter: Letter, typed: Typed, reason: str = "") -> Letter:
        """A new frozen version; after a check it voids check and signature."""
        retyped = letter.state not in (State.DRAFTED, State.TYPED)
        standing = self._standing(letter, by, at)
        told = self._void(letter, at)
        version = self._freeze(at, by, letter, typed)
        letter.subject = typed.subject
        letter.current, letter.content_hash, letter.typed_by = version, version.content_hash, by
        records = _records(letter)
        if records.proposal and records.proposal.taken_in_at is None:
            records.proposal.taken_in_at = at
        details = {"version": version.number, "sheets": version.sheets, "pdf": version.pdf_id}
        action = Action.EDIT_AFTER_CHECK if retyped else Action.TYPE
        self._take(at, by, letter, action, details, standing, reason)
        self._tell(at, by, letter, told)
        return letter

    def print_letter(self, at: dt.datetime, by: User, letter: Letter, printer: Printer) -> Letter:
        """To the printer; signed on screen, the signed PDF."""
        standing = self._standing(letter, by, at)
        records = _records(letter)
        signed = letter.state == State.SIGNED and letter.signature_medium == SignatureMedium.SCREEN
        if signed:
            letter.sheets_in_hand = True
        records.prints += 1
        source = records.signature.pdf_id if signed and records.signature else letter.typed_version.pdf_id
        sheets = sheets_to_print(letter.typed_version, str(source), records.prints) if source else None
        pdf_id = sheets.pdf.pk if sheets else None
        details = {"pdf": pdf_id, "number": records.prints, "signed": signed, "printer": printer.pk}
        self._take(at, by, letter, Action.PRINT, details, standing)
        before = records.print
        if before is not None and before.version_id == letter.current_id and before.signed == signed:
            _say(before, False, by, at)
        records.print = self.rows.add(
            Print(
                letter=letter,
                version=letter.typed_version,
                pdf_id=pdf_id,
                number=records.prints,
                bare=list(sheets.bare) if sheets else [],
                signed=signed,
                by=by,
                at=at,
                printer=printer,
            )
        )
        return letter

    def confirm_print(self, at: dt.datetime, by: User, letter: Letter) -> Letter:
        """It came out whole: recorded beside the way, the letter's version stays."""
        printed = _records(letter).print
        assert printed is not None  # noqa: S101 - printed before
        standing = self._standing(letter, by, at)
        self._record(at, by, letter, Action.CONFIRM_PRINT, standing, str(letter.state), {"print": printed.pk})
        _say(printed, True, by, at)
        return letter

    def return_to_worker(self, at: dt.datetime, by: User, letter: Letter) -> Letter:
        """The print goes back to the worker; so its sheets had come out."""
        printed = _records(letter).print
        if printed is not None and printed.version_id == letter.current_id:
            _say(printed, True, by, at)
        return self._take(at, by, letter, Action.RETURN_TO_WORKER, {}, self._standing(letter, by, at))

    def check(self, at: dt.datetime, by: User, letter: Letter) -> Letter:
        """Address and body, confirmed."""
        standing = self._standing(letter, by, at)
        records = _records(letter)
        if records.check and records.check.voided_at is None:
            records.check.voided_at = at
        letter.checked_hash, letter.checked_by, letter.checked_at = letter.content_hash, by, at
        actor, _ = actor_of(RULES, Action.CHECK, by, standing)
        self._take(at, by, letter, Action.CHECK, {"address": True, "body": True}, standing)
        check = Check(letter=letter, version=letter.typed_version, by=by, role=actor.role, at=at)
        check.address_confirmed = check.body_confirmed = True
        records.check = self.rows.add(check)
        return letter

    def sign(self, at: dt.datetime, by: User, letter: Letter) -> Letter:
        """By the worker."""
        return self._sign(at, by, letter, Action.SIGN, SignatureKind.WORKER)

    def pp(self, at: dt.datetime, by: User, letter: Letter) -> Letter:
        """On the worker's behalf."""
        return self._sign(at, by, letter, Action.PP, SignatureKind.PP)

    def _sign(self, at: dt.datetime, by: User, letter: Letter, action: Action, kind: SignatureKind) -> Letter:
        standing = self._standing(letter, by, at)
        actor, grant = actor_of(RULES, action, by, standing)
        records = _records(letter)
        version, check = letter.typed_version, records.check
        assert check is not None  # noqa: S101 - the way has a check before
        medium = self.post_of(letter).signature_medium
        signature = Signature(
            letter=letter,
            version=version,
            relied_on=check,
            kind=kind,
            medium=medium,
            by=by,
            signed_for=version.signatory if kind == SignatureKind.PP else None,
            role=ROLE_NAMES[grant.role],
            authority=actor.authority,
            at=at,
        )
        details: dict[str, Any] = {"medium": str(medium), "kind": str(kind), "check_by": check.by_id}
        if medium == SignatureMedium.SCREEN:
            if self.rendering:
                signature.pdf = signed_pdf(
                    version, by=by, signed_for=signature.signed_for, signed_on=timezone.localdate(at)
                )
            details["pdf"] = signature.pdf_id
        else:
            assert records.print is not None  # noqa: S101 - paper is printed before it is signed
            details["print"] = records.print.pdf_id
        letter.signed_hash, letter.signed_by, letter.signed_at = letter.content_hash, by, at
        letter.signature_kind, letter.signature_medium = kind, medium
        letter.signed_for, letter.authority = signature.signed_for, actor.authority
        letter.sheets_in_hand = False
        self._take(at, by, letter, action, details, standing)
        records.signature = self.rows.add(signature)
        return letter

    def confirm_signature(self, at: dt.datetime, by: User, letter: Letter) -> Letter:
        """The paper bears the signature."""
        standing = self._standing(letter, by, at)
        letter.sheets_in_hand = True
        self._take(at, by, letter, Action.CONFIRM_SIGNATURE, {}, standing)
        signature = _records(letter).signature
        assert signature is not None  # noqa: S101
        signature.confirmed_by, signature.confirmed_at = by, at
        printed = _records(letter).print
        if printed is not None and printed.version_id == letter.current_id:
            _say(printed, True, by, at)
        return letter

    def return_for_retyping(self, at: dt.datetime, by: User, letter: Letter, reason: str, proposed_body: str) -> Letter:
        """Back to admin, with the wording to use instead."""
        standing = self._standing(letter, by, at)
        version = letter.typed_version
        told = [*self._void(letter, at), (version.typed_by_id, Notice.Code.SENT_BACK)]
        details = {"proposal": bool(proposed_body)}
        self._take(at, by, letter, Action.RETURN_FOR_RETYPING, details, standing, reason)
        proposal = Proposal(letter=letter, version=version, by=by, at=at, note=reason, body=proposed_body)
        _records(letter).proposal = self.rows.add(proposal)
        self._tell(at, by, letter, told)
        return letter

    def envelope(self, at: dt.datetime, by: User, letter: Letter) -> Letter:
        """Into its envelope, initialled."""
        standing = self._standing(letter, by, at)
        sheets = sheets_to_count(letter)
        letter.initialled_by, letter.initials = by, by.initials
        letter.enveloped_at, letter.enveloped_on = at, timezone.localdate(at)
        details = {"sheets": sheets, "initials": by.initials, "scanned": 0, "print_number": 0}
        self._take(at, by, letter, Action.ENVELOPE, details, standing)
        _records(letter).envelope = self.rows.add(
            Envelope(
                letter=letter,
                version=letter.typed_version,
                by=by,
                initials=by.initials,
                at=at,
                sheets=sheets,
                return_mark=self.post_of(letter).return_mark,
            )
        )
        return letter

    def reopen(self, at: dt.datetime, by: User, letter: Letter, reason: str) -> Letter:
        """Out of its envelope again."""
        standing = self._standing(letter, by, at)
        _unseal(letter)
        self._take(at, by, letter, Action.REOPEN, {}, standing, reason)
        envelope = _records(letter).envelope
        assert envelope is not None  # noqa: S101
        envelope.reopened_at = at
        return letter

    def post(self, at: dt.datetime, by: User, letter: Letter, posted_on: dt.date, post_class: str) -> Letter:
        """To the post."""
        standing = self._standing(letter, by, at)
        letter.posted_on, letter.posted_by, letter.post_class = posted_on, by, post_class
        details = {"posted_on": posted_on.isoformat(), "class": post_class}
        self._take(at, by, letter, Action.POST, details, standing)
        return self._owe_upload(at, letter)

    def choose_way(self, at: dt.datetime, by: User, letter: Letter, way: str, reason: str) -> Letter:
        """Another way for it."""
        standing = self._standing(letter, by, at)
        letter.way = way
        details = {"way": str(way), "sensitive": letter.sensitive}
        return self._take(at, by, letter, Action.CHOOSE_WAY, details, standing, reason)

    def take_out(self, at: dt.datetime, by: User, letter: Letter) -> Letter:
        """Out of the office with whoever delivers it."""
        standing = self._standing(letter, by, at)
        letter.carried_by, letter.taken_out_at = by, at
        self._take(at, by, letter, Action.TAKE_OUT, {"lockable_bag": True}, standing)
        leaving = carried.Leaving(letter, by, self.authorities.of(by, at), at, self.rows)
        _records(letter).handed_over = [listener(leaving) for listener in carried.left]
        return letter

    def hand_deliver(self, at: dt.datetime, by: User, letter: Letter, place: str) -> Letter:
        """Into the person's own hands."""
        standing = self._standing(letter, by, at)
        known = str(Handing.Identity.KNOWN)
        letter.handed_on, letter.handed_by = timezone.localdate(at), by
        letter.carried_by = letter.taken_out_at = None
        details = {"handed_on": timezone.localdate(at).isoformat(), "identity": known}
        self._take(at, by, letter, Action.HAND_DELIVER, details, standing)
        handing = Handing(letter=letter, envelope=_records(letter).envelope, delivered=True, at=at, by=by)
        handing.to_name, handing.place = letter.addressee.name, place
        handing.identity, handing.entered_at = known, at
        self.rows.add(handing)
        for told in _records(letter).handed_over:
            told(at)
        return self._owe_upload(at, letter)

    def _owe_upload(self, at: dt.datetime, letter: Letter) -> Letter:
        """A row for each child of its case, which doesn't change while the demo's letters go."""
        if letter.case_id not in self._children:
            self._children[letter.case_id] = children_of(letter)
        _records(letter).uploads = [
            self.rows.add(IcsUpload(letter=letter, child=child, way=IcsWay.MANUAL, created_at=at))
            for child in self._children[letter.case_id]
        ]
        return letter

    def upload(self, at: dt.datetime, by: User, letter: Letter, ics_reference: str) -> Letter:
        """On each child's record, one after the other."""
        rows = _records(letter).uploads
        for number, row in enumerate(rows, 1):
            row.reference, row.done_at = f"{ics_reference}-{number}" if number > 1 else ics_reference, at
            standing, details = self._standing(letter, by, at), {"notes": notes_text(letter), "upload": row.pk}
            if number == len(rows):
                letter.uploaded_at, letter.ics_reference = at, reference_shown(rows)
                details["ics_reference"] = letter.ics_reference
            action = Action.UPLOAD if number == len(rows) else Action.UPLOAD_CHILD
            self._take(at, by, letter, action, details, standing)
        return letter

    def withdraw(self, at: dt.datetime, by: User, letter: Letter, reason: str) -> Letter:
        """Taken back for good."""
        standing = self._standing(letter, by, at)
        told: list[tuple[int, str]] = [(user_id, Notice.Code.WITHDRAWN) for user_id, _ in self._void(letter, at)]
        if letter.typed_by_id:
            told.append((letter.typed_by_id, Notice.Code.WITHDRAWN))
        _unseal(letter)
        self._take(at, by, letter, Action.WITHDRAW, {}, standing, reason)
        self._tell(at, by, letter, told)
        return letter

    def return_undelivered(
        self, at: dt.datetime, by: User, letter: Letter, reason: str, came_back_on: dt.date, was_opened: bool
    ) -> Letter:
        """It came back; its address is in doubt from now on."""
        details = {"came_back_on": came_back_on.isoformat(), "opened": was_opened}
        self._take(at, by, letter, Action.RETURN_UNDELIVERED, details, self._standing(letter, by, at), reason)
        self.rows.add(Return(letter=letter, by=by, at=at, came_back_on=came_back_on, was_opened=was_opened))
        why = f"A letter came back undelivered ({letter.reference})."
        self.doubt_after_return(at, letter.case, letter.address, why)
        self._tell(at, by, letter, [(letter.case.allocated_worker_id, Notice.Code.RETURNED)])
        return letter

    def post_of(self, letter: Letter) -> OfficePost:
        """How the letter's office does its post; read once."""
        if letter.office_id not in self._posts:
            self._posts[letter.office_id] = OfficePost.objects.select_related("stock").get(office_id=letter.office_id)
        return self._posts[letter.office_id]

    def _standing(self, letter: Letter, by: User, at: dt.datetime) -> Standing:
        # Nobody restricts a case of the script before its letters stand.
        return standing_of(letter, by, self.authorities.of(by, at), kept=Kept.NOT)

    def _take(
        self,
        at: dt.datetime,
        by: User,
        letter: Letter,
        action: Action,
        details: Mapping[str, Any],
        standing: Standing,
        reason: str = "",
    ) -> Letter:
        """As steps.engine.take, without its database; `standing` as it was before the step changed the row."""
        before = str(letter.state)
        getattr(letter, f"fsm_{action}")()
        if str(letter.state) != before:
            letter.state_since = at
            letter.late_at = late_at(at, "", None)
        letter.version += 1
        self._record(at, by, letter, action, standing, before, details, reason)
        self.rows.note(letter, by, at, "~")
        return letter

    def _record(
        self,
        at: dt.datetime,
        by: User,
        letter: Letter,
        action: Action,
        standing: Standing,
        before: str,
        details: Mapping[str, Any],
        reason: str = "",
    ) -> None:
        actor, _ = actor_of(RULES, action, by, standing)
        self.rows.enter(
            letter,
            Step(
                action=str(action),
                actor=actor,
                at=at,
                from_state=before,
                to_state=str(letter.state),
                version=letter.version,
                content_hash=letter.content_hash,
                reason=reason,
                details=details,
            ),
        )

    def _freeze(self, at: dt.datetime, by: User, letter: Letter, typed: Typed) -> LetterVersion:
        signatory = letter.case.allocated_worker
        assert signatory is not None  # noqa: S101 - every case of the demo has a worker
        if letter.office_id not in self._letterheads:
            self._letterheads[letter.office_id] = letterhead_of(letter.office)
        content = content_of(letter, typed, signatory, letterhead=self._letterheads[letter.office_id])
        geometry = self.post_of(letter).stock.geometry()
        pdf, sheets = None, SHEETS
        if self.rendering:
            data, sheets = render_proved(content, geometry)
            pdf = store(data, "application/pdf")
        text, salt = content.to_json(), secrets.token_hex(16)
        records = _records(letter)
        records.versions += 1
        return self.rows.add(
            LetterVersion(
                letter=letter,
                number=records.versions,
                content=text,
                salt=salt,
                content_hash=hash_of(text, salt),
                body=content.body,
                address=letter.address,
                stock=self.post_of(letter).stock,
                stock_figures=geometry.as_dict(),
                signatory=signatory,
                typed_by=by,
                typed_at=at,
                pdf=pdf,
                sheets=sheets,
            )
        )

    def _void(self, letter: Letter, at: dt.datetime) -> list[tuple[int, str]]:
        """As actions.common.void: check and signature come off the row, their records are void."""
        told: list[tuple[int, str]] = []
        if letter.checked_by_id:
            told.append((letter.checked_by_id, Notice.Code.CHECK_VOIDED))
        if letter.signed_by_id:
            told.append((letter.signed_by_id, Notice.Code.SIGNATURE_VOIDED))
        letter.checked_hash, letter.checked_by, letter.checked_at = "", None, None
        letter.signed_hash, letter.signed_by, letter.signed_at = "", None, None
        letter.signature_kind = letter.signature_medium = letter.authority = ""
        letter.signed_for = None
        letter.sheets_in_hand = False
        records = _records(letter)
        for row in (records.check, records.signature):
            if row is not None and row.voided_at is None:
                row.voided_at = at
        return told

    def _tell(self, at: dt.datetime, by: User, letter: Letter, told: list[tuple[Any, str]]) -> None:
        for user_id, code in dict.fromkeys(told):
            if user_id and user_id != by.pk:
                self.rows.add(Notice(letter=letter, user_id=user_id, code=code, at=at))


def _records(letter: Letter) -> _Records:
    records: _Records = letter.demo
    return records


def _say(printed: Print, came_out: bool, by: User, at: dt.datetime) -> None:
    """What came out of a print, unless that was said before."""
    if printed.came_out is None:
        printed.came_out, printed.said_by, printed.said_at = came_out, by, at


def _unseal(letter: Letter) -> None:
    letter.initialled_by, letter.initials = None, ""
    letter.enveloped_at = letter.enveloped_on = None
