"""A letter's completed document, and the children whose records it belongs on. For pages and steps alike."""

from __future__ import annotations

from dataclasses import dataclass

from letters.models import Letter, Signature
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
    return named or list(
        CasePerson.objects.filter(case_id=letter.case_id, relationship=Relationship.CHILD, is_active=True)
    )
