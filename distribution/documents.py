"""From what safeguarding uploads to what is given out: a PDF with nothing in it but its pages.

A Word file is read by mammoth (which does not sanitise), cleaned by nh3, and set on A4. A PDF keeps its pages and loses
what tells of its making: title, author, metadata. What came is kept beside it, byte for byte.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO

import mammoth
import nh3
import pikepdf
import pypdfium2
from django.db.models import Q

from letters.rendering.behind import joined, marked
from letters.rendering.letter_pdf import render_carrier
from letters.rendering.sheet_marks import TooMany, with_marks
from letters.rendering.stock import Stock
from letters.rendering.typesetting import FONT_FAMILY, MissingGlyphs, typeset
from letters.rendering.window_proof import prove_window
from postroom.cases.models import Address, Case, CasePerson
from postroom.cases.names import address_traces, compact
from postroom.cases.selectors import apart_from
from postroom.files.keeping import keep
from postroom.files.models import StoredFile
from postroom.files.store import read, store
from postroom.steps.errors import InvalidStep
from postroom.uploads import Checked, Kind

TAKEN = (Kind.PDF, Kind.WORD)
MAX_PAGES = 200
_TAGS = {
    "p", "h1", "h2", "h3", "h4", "ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td", "strong", "em", "b",
    "i", "u", "br", "sup", "sub",
}  # fmt: skip
_CSS = f"""
@page {{ size: A4; margin: 20mm 22mm 22mm;
  @bottom-right {{ content: 'Page ' counter(page) ' of ' counter(pages); font-size: 8.5pt }} }}
html {{ font-family: {FONT_FAMILY}; font-size: 11pt; line-height: 1.4 }} body {{ margin: 0 }}
h1 {{ font-size: 15pt }} h2 {{ font-size: 13pt }} h3, h4 {{ font-size: 11pt }} h1, h2, h3, h4 {{ break-after: avoid }}
p {{ margin: 0 0 3mm; orphans: 2; widows: 2; overflow-wrap: break-word }}
table {{ border-collapse: collapse; width: 100%; margin: 0 0 4mm }}
th, td {{ border: 0.2mm solid #555; padding: 1mm 2mm; text-align: left; vertical-align: top }}
"""


@dataclass(frozen=True)
class Document:
    """A document taken in: what came, what is given out, its pages."""

    original: StoredFile
    pdf: StoredFile
    pages: int


def take_in(upload: Checked, *, title: str) -> Document:
    """Keep an upload and its PDF. `title` stands in the PDF and names nobody. Raises InvalidStep (field "file")."""
    data = _from_word(upload.data, title) if upload.kind is Kind.WORD else _pages_alone(upload.data, title)
    with pikepdf.open(BytesIO(data)) as pdf:
        pages = len(pdf.pages)
    if not 1 <= pages <= MAX_PAGES:
        raise InvalidStep(f"This document has {pages} pages; at most {MAX_PAGES} can be given out.", "file")
    made = store(data, "application/pdf", from_outside=True, scanned=upload.scanned)
    return Document(keep(upload), made, pages)


def _from_word(data: bytes, title: str) -> bytes:
    try:
        # Pictures are left out: their bytes would have to be fetched from a data: address, and nothing is fetched.
        made = mammoth.convert_to_html(BytesIO(data), convert_image=mammoth.images.img_element(lambda image: {}))
    except Exception as error:  # mammoth raises whatever the parser under it does
        raise InvalidStep("This Word file can't be read. Save it as PDF and choose that.", "file") from error
    clean = nh3.clean(made.value, tags=_TAGS, attributes={"td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}})
    if "<img" in made.value:
        raise InvalidStep(
            "This Word file has pictures in it, which would be lost. Save it as PDF and choose that.", "file"
        )
    if not re.sub(r"<[^>]+>", "", clean).strip():
        raise InvalidStep("There is no text in this Word file. Choose the finished document.", "file")
    page = f'<!doctype html><html lang="en-GB"><head><title>{title}</title></head><body>{clean}</body></html>'
    try:
        return typeset(page, _CSS)
    except MissingGlyphs as error:
        raise InvalidStep(str(error), "file") from error


# What a PDF's root and its pages may keep. All else tells of their making, carries other files, or hides something:
# without the list of its layers what lies on a hidden one shows, and the worker who reads the version sees it.
_OF_ROOT = {"/Type", "/Pages", "/Version", "/Lang", "/MarkInfo", "/StructTreeRoot", "/ViewerPreferences", "/PageLabels"}
_OF_PAGE = {
    "/Type", "/Parent", "/Resources", "/Contents", "/MediaBox", "/CropBox", "/TrimBox", "/BleedBox", "/ArtBox",
    "/Rotate", "/UserUnit", "/Group", "/StructParents", "/Tabs",
}  # fmt: skip
# On whatever lies within: a picture can have metadata and other files of its own.
_OF_NOTHING = ("/Metadata", "/PieceInfo", "/AF", "/LastModified", "/AA")


def _pages_alone(data: bytes, title: str) -> bytes:
    """The PDF without what tells of its making: docinfo, XMP of document, pages and pictures, attachments, names."""
    with pikepdf.open(BytesIO(data)) as pdf:
        # What is filled in, stamped or marked becomes part of its page, as it shows; then the notes themselves go.
        if "/AcroForm" in pdf.Root:
            pdf.generate_appearance_streams()
        pdf.flatten_annotations("all")
        _keep(pdf.Root, _OF_ROOT)
        for page in pdf.pages:
            _keep(page.obj, _OF_PAGE)
        for found in pdf.objects:
            if isinstance(found, pikepdf.Dictionary | pikepdf.Stream):
                for key in _OF_NOTHING:
                    if key in found:
                        del found[key]
        with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as meta:
            meta["dc:title"] = title
        if "/Info" in pdf.trailer:
            del pdf.trailer["/Info"]
        out = BytesIO()
        pdf.save(out, deterministic_id=True)
    return out.getvalue()


def _keep(found: pikepdf.Object, wanted: set[str]) -> None:
    for key in set(found.keys()) - wanted:
        del found[key]


def cover_sheet(lines: list[str], stock: Stock, *, reference: str, abroad: bool = False) -> bytes:
    """The sheet that bears the address alone, its window proved on the finished bytes (OGP-4a). Raises InvalidStep.

    `abroad`: a manager approved of this address abroad and its service; else an address abroad fails its proof.
    """
    try:
        pdf = render_carrier(lines, stock, reference=reference)
    except ValueError as error:  # too long for the window, or characters that no font here has
        raise InvalidStep(str(error), "") from error
    proof = prove_window(pdf, stock, allow_abroad=abroad)
    if not proof.ok:
        raise InvalidStep(f"The cover sheet failed its window proof: {proof.faults[0].message}", "")
    return pdf


def marked_sheets(cover: bytes, document: bytes, reference: str, stock: Stock, *, abroad: bool = False) -> bytes:
    """Cover sheet and document as one print: "reference, page n of m" on each page, and the mark that is scanned.

    The document's pages stay as they are (what isn't A4 is laid on it). A print of more sheets than a mark can count
    bears the line in the margin alone. Proved again for the window, since it was drawn upon. Raises InvalidStep.
    """
    pdf = joined(cover, marked(document, reference))
    with suppress(TooMany):
        pdf, _ = with_marks(pdf, reference, 1, stock)
    proof = prove_window(pdf, stock, allow_abroad=abroad)
    if not proof.ok:
        raise InvalidStep(f"The print failed its window proof: {proof.faults[0].message}", "")
    return pdf


def text_of(pdf: bytes) -> str:
    """The text of every page, for looking through it."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        parts = []
        for page in document:
            text_page = page.get_textpage()
            parts.append(text_page.get_text_bounded())
            text_page.close()
            page.close()
        return "\n".join(parts)
    finally:
        document.close()


def gives_away_address(case: Case, pdf: StoredFile, *, to: CasePerson) -> bool:
    """Does this version show an address that is confidential, or whose people `to` must not know of? (CLS-5)

    A line of it or its postcode, however it is broken or punctuated; not where `to` lives as well. Replaced addresses
    count too. A scan without text isn't read by this. Raises FileError.
    """
    hidden = Q(is_confidential=True) | Q(person_id__in=apart_from(to))
    rows = Address.objects.filter(hidden, person__case=case).exclude(person=to)
    own = {trace for address in to.addresses.all() for trace in _traces(address)}
    wanted = {trace for address in rows for trace in _traces(address)} - own
    if not wanted:
        return False
    text = compact(text_of(read(pdf.pk)))
    return any(trace in text for trace in wanted)


def _traces(address: Address) -> set[str]:
    """Its postcode, its lines with a number in them, and a house that has a name instead of one."""
    lines = address.line_list
    named = compact(lines[0]) if lines else ""
    return {*address_traces(lines), *([named] if len(named) > 4 else [])}
