"""How large the type of a finished PDF is, measured on its bytes: large print is proved (decision 0167)."""

from __future__ import annotations

from collections.abc import Iterable

import pypdfium2

from letters.rendering.pdfium import pdfium_lock, view_of
from letters.rendering.stock import A4_H, A4_W, Rect
from letters.rendering.window_text import read_chars
from postroom.cases.names import compact, words_of

# Sizes are read as floats.
NEARLY = 0.1
# Of a finished document so many of its characters have to be large; its letterhead and footers may be smaller.
MOST_OF_IT = 0.9


def _sizes(pdf: bytes, pages: int) -> list[tuple[str, float]]:
    """Each visible character of the first `pages` pages with its size in points, in the PDF's order."""
    found: list[tuple[str, float]] = []
    with pdfium_lock, pypdfium2.PdfDocument(pdf) as document:
        for number in range(min(pages, len(document))):
            page = document[number]
            chars = read_chars(page, view_of(page, 1.0), Rect(0, 0, A4_W, A4_H))
            found += [(char.text, char.size_pt) for char in chars if not char.invisible]
            page.close()
    return found


def too_small(pdf: bytes, texts: Iterable[str], least: float, *, pages: int) -> str:
    """The first word of `texts` that the PDF's first `pages` pages don't have in type of `least` points; "" if none."""
    large = compact("".join(text if size >= least - NEARLY else " " for text, size in _sizes(pdf, pages)))
    return next((word for text in texts for word in words_of(text) if word not in large), "")


def is_large(pdf: bytes, least: float, *, pages: int) -> bool:
    """Is most of what these pages say in type of `least` points or more? False where there is no text to measure."""
    sizes = [size for text, size in _sizes(pdf, pages) if not text.isspace()]
    return bool(sizes) and sum(size >= least - NEARLY for size in sizes) >= MOST_OF_IT * len(sizes)
