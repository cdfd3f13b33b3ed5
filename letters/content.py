"""From what was typed to a proved PDF: freeze the content, render it, prove the window on the finished bytes.

Nothing here touches a letter's state: a step calls it first, outside its transaction, and then takes the result in.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from io import BytesIO

import pikepdf
from django.conf import settings
from django.utils import timezone

from letters.abroad import office_allows
from letters.copies import named_on, printed_as
from letters.formats import LARGE_PRINT_PT
from letters.models import (
    Disposed,
    EnvelopeStock,
    Letter,
    LetterFile,
    LetterFormat,
    LetterVersion,
    OfficePost,
    OfficeTextVersion,
    Print,
    SignatureMedium,
)
from letters.models import Signature as SignatureRecord
from letters.placeholders import placeholders_left
from letters.printers import prints_both_sides
from letters.rendering.address_block import AddressDoesNotFit
from letters.rendering.addresses import check_address, is_abroad
from letters.rendering.behind import Part
from letters.rendering.content import EnclosedItem, LetterContent, Letterhead, Signature
from letters.rendering.finished import document_text, proved_document
from letters.rendering.letter_pdf import LetterNotProved, proved_letter
from letters.rendering.sheet_marks import TooMany, with_marks
from letters.rendering.stock import Stock
from letters.rendering.type_size import is_large, too_small
from letters.rendering.typesetting import MissingGlyphs
from letters.rendering.window_proof import prove_window
from letters.shared import text_hash_for
from letters.taking_in import plain_text
from letters.weights import sheets_of_pages
from postroom.cases.actions.addresses import envelope_lines
from postroom.cases.models import Address
from postroom.files.models import StoredFile
from postroom.files.store import read, store
from postroom.people.actions.office_changes import in_force
from postroom.people.models import Office, User
from postroom.steps.errors import InvalidStep

HASH_TAG = b"postroom-letter-1\0"


@dataclass(frozen=True)
class Typed:
    """What admin typed: everything that the letter says and the worker will check."""

    salutation: str
    body: str
    subject: str = ""
    sign_off: str = "Yours sincerely"
    letter_date: dt.date | None = None
    # Title and pages of paper, or an item with all that is known of it.
    enclosures: tuple[tuple[str, int] | EnclosedItem, ...] = field(default_factory=tuple)
    # A finished document that is itself the letter; then greeting, text and ending are its own.
    document: LetterFile | None = None
    # The text that was translated, for a letter in another language.
    original_text: str = ""
    # Another stock than the office's own, for more sheets.
    stock: EnvelopeStock | None = None
    texts: tuple[OfficeTextVersion, ...] = ()
    taken_over: bool = False


@dataclass(frozen=True)
class Prepared:
    """Content frozen, rendered and proved; ready to become a version."""

    content: LetterContent
    text: str
    salt: str
    content_hash: str
    text_hash: str
    stock: EnvelopeStock
    figures: dict[str, object]
    pdf: StoredFile
    sheets: int


def hash_of(text: str, salt: str) -> str:
    """The salted SHA-256 that checks and signatures are bound to."""
    return hashlib.sha256(HASH_TAG + salt.encode() + b"\0" + text.encode()).hexdigest()


def letterhead_of(office: Office) -> Letterhead:
    """What stands at the head of this office's letters today. OGP-5's ban is about the envelope's back, not this."""
    office = in_force(office)
    return Letterhead(
        council=settings.COUNCIL_NAME,
        office=office.letterhead or office.name,
        address_lines=tuple(office.address_lines),
        phone=office.phone,
        email=office.email,
        colour=settings.COUNCIL_COLOUR,
    )


def address_lines(address: Address, *, allow_abroad: bool = False) -> list[str]:
    """Name, organisation if any, and lines, as they go on the letter. Raises InvalidStep (field "address").

    `allow_abroad`: for minutes, a manager approved of this address and of a service that goes there (OGP-8); for a
    letter, its office allows letters abroad (letters.abroad).
    """
    checked = check_address(envelope_lines(address.person, address.line_list), allow_abroad=allow_abroad)
    if not checked.ok:
        raise InvalidStep(checked.faults[0].message, "address")
    return list(checked.lines)


def lines_are_current(letter: Letter) -> bool:
    """Would the names and address printed today be those that the version bears? (OGP-3a, OGP-4b, CLS-6)

    Whoever changed the name left the address row as it was, and a version never changes: it is typed anew. Lines are
    compared as they would be printed, so blanks make no difference; an address of which something is wrong by now is
    no matter of this. So are those named under "Copy to": renamed, or off the case. Nothing typed yet: nothing to
    compare. One query if the version names copies, otherwise none.
    """
    if letter.current is None:
        return True
    if not _copies_are_current(letter, letter.current.as_content.get("copies_to", ())):
        return False
    now = check_address(envelope_lines(letter.address.person, letter.address.line_list), allow_abroad=True)
    return list(now.lines) == letter.current.as_content["address_lines"]


def _copies_are_current(letter: Letter, borne: Iterable[str]) -> bool:
    """Are those whom the version names as having a copy on the case still, by these names?"""
    names = sorted(" ".join(name.split()) for name in borne)
    if not names:
        return True
    people = letter.copies_to.filter(is_active=True, case_id=letter.case_id)
    return sorted(" ".join(printed_as(one).split()) for one in people) == names


def content_of(letter: Letter, typed: Typed, signatory: User, *, letterhead: Letterhead | None = None) -> LetterContent:
    """The letter's content, from its case, office and what was typed. `letterhead`: the office's, if it is known."""
    body = typed.body if typed.document is None else _words_of(typed.document)
    if not body.strip():
        raise InvalidStep("The letter has no text yet. Type it, then hand it to the worker.", "body")
    if left := placeholders_left(body) + placeholders_left(typed.subject):
        raise InvalidStep(f"Fill in what the template left open, or take it out: {', '.join(left)}.", "body")
    language = letter.language if letter.letter_format == LetterFormat.LANGUAGE else ""
    if language and not typed.original_text.strip():
        raise InvalidStep("Keep the text that was translated beside its translation.", "original_text")
    return LetterContent(
        reference=letter.reference,
        letterhead=letterhead or letterhead_of(letter.office),
        address_lines=tuple(
            address_lines(letter.address, allow_abroad=office_allows(letter.office_id, letter.address))
        ),
        letter_date=typed.letter_date or timezone.localdate(),
        salutation="" if typed.document else typed.salutation.strip(),
        subject=typed.subject.strip(),
        body=body,
        sign_off="" if typed.document else typed.sign_off.strip(),
        signatory_name=signatory.name,
        signatory_role=signatory.job_title,
        signatory_office=in_force(letter.office).name,
        enclosures=tuple(
            item if isinstance(item, EnclosedItem) else EnclosedItem(item[0], item[1]) for item in typed.enclosures
        ),
        copies_to=named_on(letter),
        document_sha256=typed.document.file_id if typed.document else "",
        document_pages=typed.document.pages if typed.document else 0,
        language=language,
        original_text=typed.original_text.strip() if language else "",
        large_print=letter.letter_format == LetterFormat.LARGE_PRINT,
    )


def _words_of(document: LetterFile) -> str:
    """What can be read in a finished document, so that it is checked and searched like any other letter."""
    words = plain_text(document_text(read(document.file_id)))
    return words or "The document has no text that can be read here (a scan). Look at its pages."


def signatory_of(letter: Letter) -> User:
    """The case's allocated worker, in whose name the letter goes. Raises InvalidStep if there is none."""
    worker = letter.case.allocated_worker
    if worker is None:
        raise InvalidStep("The case has no allocated worker. A manager has to allocate it first.", "")
    return worker


def post_of(letter: Letter) -> OfficePost:
    """How the letter's office does its post. Raises InvalidStep where nobody has said so yet."""
    post = OfficePost.objects.select_related("stock", "next_stock").filter(office_id=letter.office_id).first()
    if post is None:
        raise InvalidStep("This office has no envelopes chosen yet. Its team manager chooses them under Envelopes.", "")
    post.stock = post.stock_on(timezone.localdate())
    return post


def prepare(letter: Letter, typed: Typed) -> Prepared:
    """Freeze, render and prove what was typed. Raises InvalidStep naming the field; stores only what is proved."""
    content = content_of(letter, typed, signatory_of(letter))
    stock = typed.stock or post_of(letter).stock
    geometry = stock.geometry()
    pdf, sheets = render_proved(content, geometry)
    _judge_type(content, pdf, sheets)
    _fits(content, sheets, stock, letter.office_id)
    text, salt = content.to_json(), secrets.token_hex(16)
    return Prepared(
        content=content,
        text=text,
        salt=salt,
        content_hash=hash_of(text, salt),
        text_hash=text_hash_for(letter, text),
        stock=stock,
        figures=geometry.as_dict(),
        pdf=store(pdf, "application/pdf"),
        sheets=sheets,
    )


def _judge_type(content: LetterContent, pdf: bytes, sheets: int) -> None:
    """Raises InvalidStep where a letter in large print isn't: measured on the finished PDF (decision 0167)."""
    if not content.large_print:
        return
    behind = sum(item.pages for item in content.enclosures if item.kind == "file")
    if content.document_sha256:
        document = read(content.document_sha256)
        if not is_large(document, LARGE_PRINT_PT, pages=content.document_pages):
            raise InvalidStep(
                f"Its addressee needs large print. This document's type is under {LARGE_PRINT_PT:g} points, or it "
                "is a scan that can't be measured. Have it made in large print, or type the letter here.",
                "document",
            )
    elif word := too_small(
        pdf,
        (content.salutation, content.subject, content.body, content.sign_off),
        LARGE_PRINT_PT,
        pages=sheets - behind,
    ):
        raise InvalidStep(
            f"Its addressee needs large print. “{word}” isn't printed in type of {LARGE_PRINT_PT:g} points or more: "
            "write it otherwise, or outside of what it stands in.",
            "body",
        )


def _fits(content: LetterContent, pages: int, stock: EnvelopeStock, office_id: int) -> None:
    """Raises InvalidStep where more sheets go in than the envelope takes, also where both sides are printed."""
    enclosed = sum(item.pages for item in content.enclosures if item.kind == "sheets")
    total = pages + enclosed
    if total > stock.max_sheets and prints_both_sides(office_id, stock):
        total = sheets_of_pages(pages, both_sides=True) + enclosed
    if total > stock.max_sheets:
        raise InvalidStep(
            f"{total} sheets go into this envelope with the enclosures, and {stock.name} takes {stock.max_sheets}. "
            "Choose a larger envelope, or leave something out.",
            "stock",
        )


def render_proved(content: LetterContent, stock: Stock, signature: Signature | None = None) -> tuple[bytes, int]:
    """The PDF and its pages, proved for this stock (OGP-4a). Raises InvalidStep naming the field to put right."""
    behind = tuple(
        Part(read(item.sha256), item.media_type, f"enclosure {place}")
        for place, item in enumerate(content.enclosures, start=1)
        if item.kind == "file"
    )
    try:
        if content.document_sha256:
            document = read(content.document_sha256)
            pdf = proved_document(content, document, stock, signature=signature, behind=behind)
        else:
            pdf = proved_letter(content, stock, signature=signature, behind=behind)
    except (AddressDoesNotFit, LetterNotProved) as error:
        raise InvalidStep(str(error), "address") from error
    except MissingGlyphs as error:
        raise InvalidStep(str(error), "body") from error
    return pdf, page_count(pdf)


def page_count(pdf: bytes) -> int:
    """Pages of a PDF; as many sheets on a printer that prints one side."""
    with pikepdf.open(BytesIO(pdf)) as document:
        return len(document.pages)


def stock_of(version: LetterVersion) -> Stock:
    """The stock's figures as they stood when the version was typed."""
    return Stock.from_dict(version.stock_figures)


def _refuse_destroyed(version: LetterVersion) -> None:
    """Raises InvalidStep where retention has destroyed what the letter said: it must not come back as an empty one."""
    gone = Disposed.objects.filter(letter_id=version.letter_id, what=Disposed.What.CONTENT).first()
    if gone is not None:
        day = timezone.localtime(gone.at)
        raise InvalidStep(f"What this letter said was destroyed on {day:%-d %B %Y}, as the retention rules say.", "")


def pdf_of(version: LetterVersion) -> bytes:
    """The version's PDF; rendered and proved at the first look where it wasn't yet (demo data, bulk import)."""
    if version.pdf_id is None:
        _refuse_destroyed(version)
        content = LetterContent.from_json(version.content)
        pdf, sheets = render_proved(content, stock_of(version))
        kept = store(pdf, "application/pdf")
        # A derived file, no step: the same content gives the same bytes, so two at once do no harm.
        LetterVersion.objects.filter(pk=version.pk, pdf__isnull=True).update(pdf=kept, sheets=sheets)
        version.refresh_from_db(fields=["pdf", "sheets"])
    return read(str(version.pdf_id))


def signed_pdf_of(signature: SignatureRecord) -> bytes:
    """The PDF of a signature on screen; made at the first look where it wasn't yet, with the day it was signed."""
    if signature.pdf_id is None:
        _refuse_destroyed(signature.version)
        signed_on = timezone.localdate(signature.at)
        kept = signed_pdf(signature.version, by=signature.by, signed_for=signature.signed_for, signed_on=signed_on)
        SignatureRecord.objects.filter(pk=signature.pk, pdf__isnull=True).update(pdf=kept)
        signature.refresh_from_db(fields=["pdf"])
    return read(str(signature.pdf_id))


def make_files(letter: Letter) -> None:
    """Have the PDFs of the letter as it stands that were left for later: of its version, its signature, its prints."""
    if letter.current is not None and letter.current.pdf_id is None:
        pdf_of(letter.current)
    signature = SignatureRecord.objects.filter(letter=letter, voided_at__isnull=True).order_by("-pk").first()
    if signature is not None and signature.medium == SignatureMedium.SCREEN and signature.pdf_id is None:
        signed_pdf_of(signature)
    for printed in Print.objects.filter(letter=letter, version_id=letter.current_id, pdf__isnull=True):
        sheets_of(printed)


@dataclass(frozen=True)
class Sheets:
    """What goes to the printer: `source` (hash of the PDF without marks), the PDF with them, the pages without one."""

    source: str
    pdf: StoredFile
    bare: tuple[int, ...]


def sheets_to_print(version: LetterVersion, source: str, number: int) -> Sheets:
    """Print `number` of a version: its PDF (hash `source`), a mark on each sheet, its window proved again (OGP-4a).

    Raises InvalidStep where the sheets can't be marked or proved, FileError where the PDF isn't there.
    """
    stock = stock_of(version)
    try:
        pdf, bare = with_marks(read(source), version.letter.reference, number, stock)
    except TooMany as error:
        raise InvalidStep(str(error), "") from error
    proof = prove_window(pdf, stock, allow_abroad=is_abroad(version.as_content["address_lines"]))
    if not proof.ok:
        raise InvalidStep(" ".join(fault.message for fault in proof.faults), "address")
    return Sheets(source, store(pdf, "application/pdf"), bare)


def sheets_of(printed: Print) -> bytes:
    """The sheets of a print as they went to the printer; made at the first look where they weren't yet (demo, import).

    Raises InvalidStep, FileError.
    """
    if printed.pdf_id is None:
        _refuse_destroyed(printed.version)
        signature = SignatureRecord.objects.filter(version_id=printed.version_id).order_by("-pk").first()
        if printed.signed and signature is not None:
            signed_pdf_of(signature)
            source = str(signature.pdf_id)
        else:
            pdf_of(printed.version)
            source = str(printed.version.pdf_id)
        kept: dict[str, object] = {"pdf": source}  # from before sheets bore marks
        if printed.number:
            sheets = sheets_to_print(printed.version, source, printed.number)
            kept = {"pdf": sheets.pdf, "bare": list(sheets.bare)}
        Print.objects.filter(pk=printed.pk, pdf__isnull=True).update(**kept)
        printed.refresh_from_db(fields=["pdf", "bare"])
    return read(str(printed.pdf_id))


def signed_pdf(
    version: LetterVersion, *, by: User, signed_for: User | None, signed_on: dt.date | None = None
) -> StoredFile:
    """The version with its signature block filled in: name, role, date (today's), for pp both names. Proved again.

    The block lies outside the content hash. Raises InvalidStep if the PDF can't be proved.
    """
    block = Signature(
        kind="pp" if signed_for else "worker",
        signed_by=by.name,
        role=by.job_title,
        signed_for=signed_for.name if signed_for else "",
        signed_on=signed_on or timezone.localdate(),
    )
    pdf, _ = render_proved(LetterContent.from_json(version.content), stock_of(version), block)
    return store(pdf, "application/pdf")


__all__ = [
    "Prepared",
    "Sheets",
    "Typed",
    "make_files",
    "pdf_of",
    "prepare",
    "sheets_of",
    "sheets_to_print",
    "signed_pdf",
    "signed_pdf_of",
]
