"""A mark on every sheet that goes to the printer: which letter, which print of it, page n of m (facts.md: causes).

A Data Matrix in the margin that a hand scanner reads, its text beside it for a hand to type. It holds the reference and
three numbers, nothing of anybody. It lies only where the sheet is blank, and never where the window could show it; a
sheet whose margins are full has none, and is counted by eye. Pure: PDF in, PDF out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from html import escape
from io import BytesIO
from typing import Any

import pikepdf
import pypdfium2
import zxingcpp
from PIL import Image

from letters.rendering.behind import PT_PER_MM, no_longer_tagged, saved, upright
from letters.rendering.pdfium import pdfium_lock
from letters.rendering.stock import A4_H, A4_W, Rect, Stock
from letters.rendering.typesetting import FONT_FAMILY, typeset
from postroom.steps.references import is_reference

MODULE = 0.4  # mm: five dots of a 300 dpi printer, and well above what the plainest hand scanner asks
QUIET = 0.8
CODE_W, CODE_H = 26 * MODULE, 12 * MODULE
TEXT_H = 2.2
BOX_W, BOX_H = 18.0, CODE_H + 2 * QUIET + TEXT_H
EDGE = 5.5  # no office printer reaches the outermost millimetres
STEP = 6.0
PX = 2  # to the millimetre, where a blank place is looked for
BLANK = 225  # of 255: a scan's grey paper is blank, its faintest writing is not
AWAY = 2.0  # mm from whatever the window may show
MOST = 99  # prints of a letter, and sheets of a print: beyond that the code would be of another size

_CSS = f"""
@page {{ size: {BOX_W}mm {TEXT_H}mm; margin: 0 }}
html {{ font-family: {FONT_FAMILY}; font-size: 4.5pt; line-height: {TEXT_H}mm }}
body {{ margin: 0 }} div {{ height: {TEXT_H}mm; text-align: right; white-space: nowrap; break-after: page }}
div:last-child {{ break-after: auto }}
"""
_LINE = re.compile(r"^([A-Z0-9]{9})[-/ .]([1-9][0-9]?)[-/ .]([1-9][0-9]?)[-/ .]([1-9][0-9]?)$")


@dataclass(frozen=True, slots=True)
class SheetMark:
    """What one sheet says of itself: page `page` of `pages` of print `number` of the letter `reference`."""

    reference: str
    number: int
    page: int
    pages: int

    def __str__(self) -> str:
        return f"{self.reference}-{self.number}-{self.page}-{self.pages}"


class TooMany(ValueError):
    """More prints of a letter, or more sheets of a print, than a mark can count."""


def read_mark(line: str) -> SheetMark | None:
    """What a hand scanner typed (a line), or None if that is no sheet's mark. Case and outer blanks don't matter."""
    found = _LINE.match(line.strip().upper())
    if not found or not line.isascii() or not is_reference(found[1]):
        return None
    number, page, pages = (int(text) for text in found.groups()[1:])
    return SheetMark(found[1], number, page, pages) if page <= pages else None


def with_marks(pdf: bytes, reference: str, number: int, stock: Stock) -> tuple[bytes, tuple[int, ...]]:
    """The sheets of print `number`, each page with its mark; and the pages (1-based) that had no blank place for one.

    The same input gives the same bytes. Raises TooMany beyond MOST prints or sheets, pikepdf.PdfError.
    """
    places = list(_places(pdf, stock))
    if not (1 <= number <= MOST and len(places) <= MOST):
        raise TooMany(f"Sheets bear marks up to {MOST} prints of a letter and {MOST} sheets of a print.")
    marks = [SheetMark(reference, number, page, len(places)) for page in range(1, len(places) + 1)]
    with pikepdf.open(BytesIO(pdf)) as document, pikepdf.open(BytesIO(_texts(marks))) as texts:
        for page, text, mark, place in zip(document.pages, texts.pages, marks, places, strict=True):
            if place is None:
                continue
            name = page.add_resource(
                document.copy_foreign(text.as_form_xobject()), pikepdf.Name.XObject, pikepdf.Name("/PostroomSheet")
            )
            left, bottom = place.left * PT_PER_MM, (A4_H - place.bottom) * PT_PER_MM
            page.contents_add(b"q", prepend=True)
            page.contents_add(
                f"Q /Artifact BMC q {upright(page)} cm {_code(mark, place)} "
                f"1 0 0 1 {left:.3f} {bottom:.3f} cm {name} Do Q EMC".encode()
            )
        no_longer_tagged(document)
        return saved(document), tuple(mark.page for mark, place in zip(marks, places, strict=True) if place is None)


def _texts(marks: list[SheetMark]) -> bytes:
    lines = "".join(f"<div>{escape(str(mark))}</div>" for mark in marks)
    return typeset(
        f'<!doctype html><html lang="en-GB"><head><title>Marks</title></head><body>{lines}</body></html>', _CSS
    )


def _code(mark: SheetMark, place: Rect) -> str:
    """PDF operators that fill the modules of the code, one rectangle for each run in a row."""
    rows = modules(str(mark))
    out = ["0 g"]
    size = MODULE * PT_PER_MM
    left, top = (place.right - QUIET - CODE_W) * PT_PER_MM, (A4_H - place.top - QUIET) * PT_PER_MM
    for row, line in enumerate(rows):
        for run in re.finditer("#+", line):
            x, w = left + run.start() * size, (run.end() - run.start()) * size
            out.append(f"{x:.3f} {top - (row + 1) * size:.3f} {w:.3f} {size:.3f} re")
    return " ".join([*out, "f"])


def modules(text: str) -> list[str]:
    """The Data Matrix of `text` (ISO/IEC 16022, ECC 200), row by row: "#" is black."""
    barcode = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.DataMatrix)
    image: Any = barcode.to_image(scale=1, add_quiet_zones=False)
    height, width = image.shape
    flat = bytes(memoryview(image).cast("B"))
    return ["".join("#" if flat[y * width + x] < 128 else "." for x in range(width)) for y in range(height)]


@cache
def _candidates() -> tuple[Rect, ...]:
    """Where a mark may lie, likeliest first: along the foot from the right, up the right side, the head, the left."""
    right, bottom = A4_W - EDGE - BOX_W, A4_H - EDGE - BOX_H
    across = [right - STEP * n for n in range(int((right - EDGE) / STEP) + 1)]
    down = [bottom - STEP * n for n in range(int((bottom - EDGE) / STEP) + 1)]
    corners = [
        *((x, bottom) for x in across),
        *((right, y) for y in down[1:]),
        *((x, EDGE) for x in across[1:]),
        *((EDGE, y) for y in down[1:]),
    ]
    return tuple(Rect(x, y, x + BOX_W, y + BOX_H) for x, y in corners)


def _places(pdf: bytes, stock: Stock) -> Iterator[Rect | None]:
    """For each page, where its mark goes; None where no place is blank."""
    zone = stock.may_show
    window = Rect(zone.left - AWAY, zone.top - AWAY, zone.right + AWAY, zone.bottom + AWAY)
    with pdfium_lock, pypdfium2.PdfDocument(pdf) as document:
        document.init_forms()
        for number, page in enumerate(document):
            picture = page.render(scale=PX * 25.4 / 72, grayscale=True, draw_annots=True).to_pil()
            page.close()
            yield next((p for p in _candidates() if (number or not p.overlaps(window)) and _is_blank(picture, p)), None)


def _is_blank(picture: Image.Image, place: Rect) -> bool:
    left, top, right, bottom = (round(edge * PX) for edge in (place.left, place.top, place.right, place.bottom))
    darkest: Any = picture.crop((left, top, right, bottom)).getextrema()[0]
    return bool(darkest >= BLANK)
