"""Letters, their frozen versions, what happened to them, and envelope stock."""

from letters.models.desk import LetterFile, MadeInFormat, Question, Source
from letters.models.disposal import Disposed
from letters.models.finding import LetterWords, SavedFilter
from letters.models.letter import (
    CLASSES,
    CLASSES_ABROAD,
    Anew,
    DueKind,
    Letter,
    LetterFormat,
    LetterVersion,
    PostClass,
    SignatureKind,
    WorkingText,
)
from letters.models.mail import LetterPassword, OfficeMail, SealedPassword, domain_of, why_not_emailed
from letters.models.printers import Calibration, Printer
from letters.models.printing import PrintRun, PrintRunLetter
from letters.models.records import (
    Check,
    Envelope,
    Handing,
    Hold,
    IcsUpload,
    Notice,
    Opening,
    Print,
    Proposal,
    Registered,
    Return,
    Signature,
    TrackedNumber,
)
from letters.models.shared import NamedOther, SharedText, TextCheck
from letters.models.stock import EnvelopeStock, IcsWay, OfficePost, SheetScan, SignatureMedium
from letters.models.texts import OfficeText, OfficeTextVersion

__all__ = [
    "CLASSES",
    "CLASSES_ABROAD",
    "Anew",
    "Calibration",
    "Check",
    "Disposed",
    "DueKind",
    "Envelope",
    "EnvelopeStock",
    "Handing",
    "Hold",
    "IcsUpload",
    "IcsWay",
    "Letter",
    "LetterFile",
    "LetterFormat",
    "LetterPassword",
    "LetterVersion",
    "LetterWords",
    "MadeInFormat",
    "NamedOther",
    "Notice",
    "OfficeMail",
    "OfficePost",
    "OfficeText",
    "OfficeTextVersion",
    "Opening",
    "PostClass",
    "Print",
    "PrintRun",
    "PrintRunLetter",
    "Printer",
    "Proposal",
    "Question",
    "Registered",
    "Return",
    "SavedFilter",
    "SealedPassword",
    "SharedText",
    "SheetScan",
    "Signature",
    "SignatureKind",
    "SignatureMedium",
    "Source",
    "TextCheck",
    "TrackedNumber",
    "WorkingText",
    "domain_of",
    "why_not_emailed",
]
