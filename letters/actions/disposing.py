"""Destroying what a letter's retention has ended for. Whether it may be done, and who decided, is the caller's to know.

The chain keeps salted hashes alone, so it verifies as before; who did what and when stays. The caller's transaction.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import Exists, OuterRef

from letters.models import (
    Disposed,
    Handing,
    IcsUpload,
    Letter,
    LetterFile,
    LetterPassword,
    LetterVersion,
    MadeInFormat,
    Print,
    Proposal,
    Question,
    Registered,
    SharedText,
    Signature,
    Source,
    WorkingText,
)
from letters.rendering.typesetting import FONT_FAMILY, typeset
from postroom.files.store import store
from postroom.ledger.kept import GONE, Destroyed
from postroom.ledger.recording import Actor
from postroom.ledger.retention import dispose_of_reasons

# Where it was sent to is gone; that it was sent stays, and the row needs something there.
GONE_EMAIL = "destroyed@invalid"
# Floors above that keep something of a letter's content: called inside the transaction, with the letter.
on_content_destroyed: list[Callable[[Letter], Destroyed]] = []


def in_its_place() -> str:
    """The hash of a page that says so: where a row must point to a file, whoever opens it is told why it is gone."""
    page = f'<!doctype html><html lang="en-GB"><head><title>Destroyed</title></head><body><p>{GONE}</p></body></html>'
    return str(store(typeset(page, f"html {{ font-family: {FONT_FAMILY} }}"), "application/pdf").pk)


def destroy_drafts(letter: Letter, *, under: str) -> Destroyed:
    """What was handed over, dictation, unfinished typing, proposals; in the field history too."""
    gone = Destroyed()
    Disposed.objects.create(letter=letter, what=Disposed.What.DRAFTS, under=under)
    sources = Source.objects.filter(letter=letter)
    gone.files.update(sources.values_list("file_id", flat=True))
    gone.add("files handed over", sources.delete()[0])
    gone.add("unfinished texts", WorkingText.objects.filter(letter=letter).delete()[0])
    gone.add("proposals", Proposal.objects.filter(letter=letter).exclude(note="").update(note="", body=""))
    # Not by save(): that would write the very words into a new row of the field history.
    gone.add("drafts", Letter.objects.filter(pk=letter.pk).exclude(draft_text="").update(draft_text=""))
    Letter.objects.filter(pk=letter.pk).update(instructions="")
    letter.history.update(draft_text="", instructions="")
    return gone


def destroy_content(letter: Letter, *, under: str, by: Actor) -> Destroyed:
    """What the letter said, its files, questions, reasons and field history. Drafts too, if they are still there."""
    gone = Destroyed()
    if not Disposed.objects.filter(letter=letter, what=Disposed.What.DRAFTS).exists():
        gone = destroy_drafts(letter, under=under)
    Disposed.objects.create(letter=letter, what=Disposed.What.CONTENT, under=under)
    gone.files.update(_files(letter))
    for version in LetterVersion.objects.filter(letter=letter):
        blank = json.dumps(_blank(version.as_content), sort_keys=True, separators=(",", ":"))
        LetterVersion.objects.filter(pk=version.pk).update(content=blank, body="", salt="", pdf=None)
        gone.add("versions", 1)
    _unsalt(letter)
    Print.objects.filter(letter=letter).update(pdf=None)
    Signature.objects.filter(letter=letter).update(pdf=None, scan=None)
    IcsUpload.objects.filter(letter=letter).update(answer="")
    made = MadeInFormat.objects.filter(version__letter=letter)
    gone.add("what was made in another format", made.update(what=GONE, made_by=GONE, file=None))
    gone.add("files added", LetterFile.objects.filter(letter=letter).delete()[0])
    gone.add("questions", Question.objects.filter(letter=letter).delete()[0])
    Letter.objects.filter(pk=letter.pk).update(subject="", subject_key="")
    Letter.objects.filter(pk=letter.pk).exclude(email="").update(email=GONE_EMAIL)
    LetterPassword.objects.filter(letter=letter).update(sealed="")
    Letter.objects.filter(pk=letter.pk).exclude(due_why="").update(due_why=GONE)
    for above in on_content_destroyed:
        gone.merge(above(letter))
    gone.add("rows of field history", letter.history.all().delete()[0])
    fresh = Letter.objects.get(pk=letter.pk)
    gone.add("reasons", dispose_of_reasons(subject=fresh, up_to_seq=fresh.ledger_seq, by=by, under=under))
    return gone


def _unsalt(letter: Letter) -> None:
    """With the content of the last of a set goes the salt of their texts' hashes: nobody can try words against them."""
    left = Letter.objects.filter(case_id=letter.case_id, together=letter.together)
    destroyed = Disposed.objects.filter(letter_id=OuterRef("pk"), what=Disposed.What.CONTENT)
    if letter.together and not left.filter(~Exists(destroyed)).exists():
        SharedText.objects.filter(word=letter.together).update(salt="")


def destroy_proofs(letter: Letter, *, under: str) -> Destroyed:
    """Receipts of registered post, the names printed on proofs, and to whom and where it was handed over.

    Numbers, days and who did it stay.
    """
    gone = Destroyed()
    Disposed.objects.create(letter=letter, what=Disposed.What.PROOFS, under=under)
    posted = Registered.objects.filter(letter=letter)
    gone.files.update(str(sha) for sha in posted.values_list("receipt_id", flat=True) if sha)
    gone.add("receipts of registered post", posted.filter(receipt__isnull=False).update(receipt=None))
    posted.exclude(number_reason="").update(number_reason=GONE)
    gone.add("names on proofs of delivery", posted.exclude(printed_name="").update(printed_name=GONE))
    handed = Handing.objects.filter(letter=letter).exclude(to_name="", place="")
    gone.add("records of handing over", handed.update(to_name=GONE, place=GONE))
    return gone


def _files(letter: Letter) -> Iterator[str]:
    for rows, columns in (
        (LetterVersion.objects.filter(letter=letter), ("pdf_id",)),
        (Print.objects.filter(letter=letter), ("pdf_id",)),
        (Signature.objects.filter(letter=letter), ("pdf_id", "scan_id")),
        (LetterFile.objects.filter(letter=letter), ("file_id",)),
    ):
        for column in columns:
            yield from (str(sha) for sha in rows.values_list(column, flat=True) if sha)


def _blank(value: Any) -> Any:
    """The same shape without a word in it: pages that read it find every field, and nothing there."""
    if isinstance(value, dict):
        return {key: _blank(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return []
    return "" if isinstance(value, str) else value
