"""Letters, their frozen versions, what happened to them, and envelope stock."""

from letters.models.letter import Letter, LetterVersion, PostClass, SignatureKind, WorkingText
from letters.models.records import (
    Check,
    Envelope,
    Hold,
    Notice,
    Opening,
    Print,
    Proposal,
    Return,
    Signature,
)
from letters.models.stock import EnvelopeStock, OfficePost, SignatureMedium

__all__ = [
    "Check",
    "Envelope",
    "EnvelopeStock",
    "Hold",
    "Letter",
    "LetterVersion",
    "Notice",
    "OfficePost",
    "Opening",
    "PostClass",
    "Print",
    "Proposal",
    "Return",
    "Signature",
    "SignatureKind",
    "SignatureMedium",
    "WorkingText",
]
