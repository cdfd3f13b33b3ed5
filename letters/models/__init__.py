"""Letters, their frozen versions, what happened to them, and envelope stock."""

from letters.models.letter import CLASSES, Letter, LetterVersion, PostClass, SignatureKind, WorkingText
from letters.models.records import (
    Check,
    Envelope,
    Handing,
    Hold,
    Notice,
    Opening,
    Print,
    Proposal,
    Registered,
    Return,
    Signature,
)
from letters.models.stock import EnvelopeStock, OfficePost, SignatureMedium

__all__ = [
    "CLASSES",
    "Check",
    "Envelope",
    "EnvelopeStock",
    "Handing",
    "Hold",
    "Letter",
    "LetterVersion",
    "Notice",
    "OfficePost",
    "Opening",
    "PostClass",
    "Print",
    "Proposal",
    "Registered",
    "Return",
    "Signature",
    "SignatureKind",
    "SignatureMedium",
    "WorkingText",
]
