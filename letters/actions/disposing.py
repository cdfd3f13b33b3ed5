"""Destroying what a letter's retention has ended for. Whether it may be done, and who decided, is the caller's to know.

The chain keeps salted hashes alone, so it verifies as before; who did what and when stays. The caller's transaction.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from letters.models import (
    Disposed,
    IcsUpload,
    Letter,
    LetterFile,
    LetterVersion,
    Print,
    Proposal,
    Question,
    Signature,
    Source,
    WorkingText,
)
from postroom.ledger.recording import Actor
from postroom.ledger.retention import dispose_of_reasons


@dataclass
class Destroyed:
    """How much went, by kind in words, and the hashes of the files that this letter no longer needs."""

    counts: dict[str, int] = field(default_factory=dict)
    files: set[str] = field(default_factory=set)

    def add(self, kind: str, count: int) -> None:
        """So many more of that kind."""
        if count:
            self.counts[kind] = self.counts.get(kind, 0) + count


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
    Print.objects.filter(letter=letter).update(pdf=None)
    Signature.objects.filter(letter=letter).update(pdf=None, scan=None)
    IcsUpload.objects.filter(letter=letter).update(answer="")
    gone.add("files added", LetterFile.objects.filter(letter=letter).delete()[0])
    gone.add("questions", Question.objects.filter(letter=letter).delete()[0])
    Letter.objects.filter(pk=letter.pk).update(subject="")
    gone.add("rows of field history", letter.history.all().delete()[0])
    fresh = Letter.objects.get(pk=letter.pk)
    gone.add("reasons", dispose_of_reasons(subject=fresh, up_to_seq=fresh.ledger_seq, by=by))
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
