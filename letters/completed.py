"""A letter's completed document, and the children whose records it belongs on. For pages and steps alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from letters.models import IcsUpload, IcsWay, Letter, Signature
from postroom.cases.models import CasePerson, Relationship
from postroom.files.models import StoredFile


@dataclass(frozen=True)
class Document:
    """The completed document for ICS: its bytes' row, and what it is in words."""

    file: StoredFile
    words: str
    signed: bool


def document_for_ics(letter: Letter) -> Document | None:
    """The PDF signed on screen, or the scan of the signed paper, or the version's PDF; None before it is drawn."""
    signature = standing_signature(letter)
    if signature is not None and signature.pdf is not None:
        return Document(signature.pdf, "The letter as it was signed on screen", True)
    if signature is not None and signature.scan is not None:
        return Document(signature.scan, "The scan of the signed letter", True)
    version = letter.current
    if version is None or version.pdf is None:
        return None
    return Document(version.pdf, "The letter as it was printed; no scan of the signed sheets was added", False)


def standing_signature(letter: Letter) -> Signature | None:
    """The signature that stands, with its files."""
    found = Signature.objects.filter(letter=letter, voided_at__isnull=True).select_related(
        "pdf", "scan", "version__address"
    )
    return found.order_by("-pk").first()


def children_of(letter: Letter) -> list[CasePerson]:
    """The children the letter is about, with their ICS numbers: those named on it, else all of its case."""
    named = list(letter.about.order_by("pk"))
    children = CasePerson.objects.filter(case_id=letter.case_id, relationship=Relationship.CHILD, is_active=True)
    return named or list(children.order_by("pk"))


def uploads_of(letter: Letter) -> list[IcsUpload]:
    """What the letter owes to each child's record, done or not, as it was when the letter went. One query.

    A letter that went before this was kept for each child has none yet: then rows that are not saved.
    """
    rows = list(IcsUpload.objects.filter(letter=letter).select_related("child").order_by("pk"))
    if rows or letter.uploaded_at is not None:
        return rows
    return [IcsUpload(letter=letter, child=child, way=IcsWay.MANUAL) for child in children_of(letter)]


def children_owed(letter: Letter) -> list[CasePerson]:
    """The children whose records still lack the letter."""
    return [row.child for row in uploads_of(letter) if row.done_at is None]


def reference_shown(rows: Sequence[IcsUpload]) -> str:
    """The references that ICS gave, as the letter's own line says it: the first, and how many more there are."""
    first = rows[0].reference
    return first if len(rows) == 1 else f"{first[:46]} and {len(rows) - 1} more"
