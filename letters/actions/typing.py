"""Typing: a version is frozen, rendered, proved and handed to the worker to check (OGP-2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from letters.actions.common import step, tell, tell_worker, void
from letters.content import Prepared, Typed, prepare, signatory_of
from letters.file_words import words_of_files
from letters.leaks import look_for, stopped_by
from letters.models import Letter, LetterFile, LetterFormat, LetterVersion, Proposal, WorkingText
from letters.named import note_names
from letters.policy import LetterPolicy, may_type
from letters.rendering.content import EnclosedItem
from letters.states import Action, State
from postroom.cases.models import Address
from postroom.files.keeping import keep
from postroom.people.models import User
from postroom.steps.engine import Seen, Taken, require_seen
from postroom.steps.errors import InvalidStep, Stale
from postroom.uploads import Checked, Kind


def type_letter(
    *,
    letter: Letter,
    by: User,
    seen: Seen,
    typed: Typed,
    address: Address | None = None,
    reason: str = "",
    kept: int | None = None,
    same_as: LetterVersion | None = None,
    files: Sequence[LetterFile] = (),
) -> Letter:
    """Finish typing: a new frozen, rendered and proved version, handed to the worker to check.

    In `worker_checked` or `signed` this is the named step back "an edit after a check": it needs a reason and voids
    both. `address`: the one of the addressee's addresses that it is typed for; None: the letter's own. `kept`: the
    edition of what somebody had begun to type, as it was seen (0: nothing); None: it doesn't matter. `same_as`: the
    version whose words it was given; `files`: enclosures of that letter that become this one's too. Raises InvalidStep
    naming the field that stands against it; Stale.
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
    found = look_for(fresh, _all_words(typed), user=by)
    if stop := stopped_by(found):
        raise InvalidStep(stop, "body")
    prepared = prepare(fresh, typed)
    told: list[tuple[int, str]] = []

    def change(locked: Letter, taken: Taken) -> dict[str, Any]:
        told.extend(void(locked, taken))
        version = _freeze(locked, prepared, by, fresh, typed)
        locked.address, locked.subject = fresh.address, prepared.content.subject
        locked.current, locked.content_hash, locked.typed_by = version, prepared.content_hash, by
        locked.anew = ""
        details: dict[str, Any] = {"version": version.number, "sheets": prepared.sheets, "pdf": prepared.pdf.pk}
        if typed.taken_over:
            details["taken_over"] = True
        if typed.document:
            details["document"] = typed.document.file_id
        if typed.texts:
            details["texts"] = [row.pk for row in typed.texts]
        if same_as is not None:
            details["same_as"] = same_as.pk
        return details

    def after(locked: Letter, taken: Taken) -> None:
        note_names(locked.typed_version, found)
        LetterFile.objects.bulk_create(_of(locked, row, by, taken) for row in files)
        _forget_working_text(locked, kept)
        Proposal.objects.filter(letter=locked, taken_in_at__isnull=True).update(taken_in_at=taken.at)
        tell(locked, told, but=by)
        tell_worker(locked)

    # The address it had may be retired by now: that is why it is typed for another.
    policy = LetterPolicy(address=fresh.address)
    return step(letter, action, by=by, seen=seen, reason=reason, change=change, after=after, policy=policy)


def _of(letter: Letter, row: LetterFile, by: User, taken: Taken) -> LetterFile:
    """The same file, with another letter; its bytes are stored once."""
    return LetterFile(
        letter=letter,
        purpose=row.purpose,
        file_id=row.file_id,
        media_type=row.media_type,
        pages=row.pages,
        scanned=row.scanned,
        by=by,
        at=taken.at,
    )


def _forget_working_text(letter: Letter, kept: int | None) -> None:
    """What was being typed is done with; of another edition than was seen somebody's words would be lost: Stale."""
    begun = WorkingText.objects.filter(letter=letter)
    if kept is None:
        begun.delete()
        return
    begun.filter(edition=kept).delete()
    if begun.exists():
        raise Stale("Somebody was typing this letter, and saved it since. Look at what they typed first.", letter)


def _all_words(typed: Typed) -> list[str]:
    """Everything that the addressee will read: what was typed, and what stands in the files that go with it."""
    items = [item if isinstance(item, EnclosedItem) else EnclosedItem(*item) for item in typed.enclosures]
    files = [{"sha256": item.sha256, "media_type": item.media_type} for item in items]
    if typed.document is not None:
        files.append({"sha256": typed.document.file_id, "media_type": typed.document.media_type})
    return [
        typed.subject,
        typed.salutation,
        typed.body,
        typed.sign_off,
        *(item.title for item in items),
        *words_of_files(files),
    ]


def take_over(*, letter: Letter, by: User, seen: Seen) -> Letter:
    """The worker's own typed draft becomes the letter word for word, in one step; recorded so.

    Whoever takes it over counts as its typist: they put it on the letterhead, so they never check it. Raises
    InvalidStep where there is nothing typed, or something of it can't stand in a letter.
    """
    fresh = Letter.objects.select_related("addressee").get(pk=letter.pk)
    if not fresh.draft_text.strip():
        raise InvalidStep("The worker handed over no typed text to take over. Type the letter.", "")
    if fresh.letter_format == LetterFormat.LANGUAGE:
        raise InvalidStep("The draft is what has to be translated. Type its translation as the letter.", "")
    kept = WorkingText.objects.filter(letter=fresh).first()
    if kept is not None and is_begun(kept.fields, fresh.draft_text):
        raise InvalidStep(
            "Something is typed or enclosed already, and would be thrown away. Copy the draft into the letter instead, "
            "and hand that over; or take out first what was put in.",
            "",
        )
    typed = Typed(
        salutation=f"Dear {fresh.addressee.salutation or fresh.addressee.name}",
        body=fresh.draft_text.replace("\r\n", "\n").replace("\r", "\n"),
        subject=fresh.subject,
        taken_over=True,
    )
    return type_letter(letter=letter, by=by, seen=seen, typed=typed, kept=kept.edition if kept else 0)


def is_begun(fields: Mapping[str, Any], draft: str) -> bool:
    """Is there anything in what is kept of a letter that its draft, taken over as it is, would be without?"""
    body = str(fields.get("body", "")).replace("\r\n", "\n").strip()
    own_words = bool(body) and body != draft.replace("\r\n", "\n").strip()
    return own_words or bool(fields.get("enclosures")) or bool(fields.get("document"))


def add_file(*, letter: Letter, by: User, purpose: str, checked: Checked) -> LetterFile:
    """Keep a PDF or picture that admin adds while typing; it goes with the letter once the letter is typed with it.

    Raises what typing raises: NotAllowed, NotPossible. A finished document must be a PDF (InvalidStep).
    """
    if purpose == LetterFile.Purpose.DOCUMENT and checked.kind is not Kind.PDF:
        raise InvalidStep("A finished document must be a PDF. Save it as one first.", "file")
    fresh = Letter.objects.select_related("case", "address__person", "current").get(pk=letter.pk)
    action = Action.TYPE if fresh.state in (State.DRAFTED, State.TYPED) else Action.EDIT_AFTER_CHECK
    may_type(fresh, by, action)
    return LetterFile.objects.create(
        letter=fresh,
        purpose=purpose,
        file=keep(checked),
        media_type=checked.media_type,
        pages=checked.pages,
        scanned=checked.scanned,
        by=by,
    )


def _freeze(locked: Letter, prepared: Prepared, by: User, fresh: Letter, typed: Typed) -> LetterVersion:
    newest = LetterVersion.objects.filter(letter=locked).order_by("-number").values_list("number", flat=True).first()
    version = LetterVersion.objects.create(
        letter=locked,
        number=(newest or 0) + 1,
        content=prepared.text,
        salt=prepared.salt,
        content_hash=prepared.content_hash,
        text_hash=prepared.text_hash,
        body=prepared.content.body,
        address=fresh.address,
        stock=prepared.stock,
        stock_figures=prepared.figures,
        signatory=signatory_of(fresh),
        typed_by=by,
        pdf=prepared.pdf,
        sheets=prepared.sheets,
        taken_over=typed.taken_over,
    )
    version.texts.set(typed.texts)
    return version
