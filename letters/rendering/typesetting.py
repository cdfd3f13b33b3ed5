"""WeasyPrint, kept to one thread and one font configuration; PDF/UA-1 out, the same bytes for the same input.

A character that no font on this machine has is an error, never an empty box on paper.
"""

import atexit
import gc
import hashlib
import logging
import threading
from collections.abc import Callable, Sequence
from functools import cache
from html import escape
from typing import Any

import pydyf
from weasyprint import CSS, HTML
from weasyprint.document import Document
from weasyprint.text.fonts import FontConfiguration

FONT_FAMILY = (
    '"Liberation Sans", "Noto Sans", "Noto Sans Arabic", "Noto Sans Hebrew", "Noto Sans Devanagari", '
    '"Noto Sans Bengali", "Noto Sans Gurmukhi", "Noto Sans Gujarati", "Noto Sans Tamil", "Noto Sans CJK SC", '
    '"Droid Sans Fallback", "DejaVu Sans", sans-serif'
)
# Pango and FontConfig aren't thread-safe, and web workers have threads.
typesetting_lock = threading.RLock()
MM_PER_CSS_PX = 25.4 / 96
# Added to the words that say when a report was made.
NOTE = " Characters that can't be printed here are shown by their numbers: {}."


class MissingGlyphs(ValueError):
    """No font on this machine has these characters. `characters`: sorted, each once."""

    def __init__(self, characters: Sequence[str]) -> None:
        self.characters = tuple(characters)
        shown = ", ".join(f"{c} (U+{ord(c):04X})" for c in characters)
        super().__init__(
            f"These characters can't be printed here: {shown}. Write them in other letters, "
            "or ask for the fonts to be installed (fonts-noto-core, fonts-noto-cjk)."
        )


class _MissingGlyphWatch(logging.Filter):
    """Hears WeasyPrint say that a glyph is missing. Such records hold letters of people's names: they end here."""

    def __init__(self) -> None:
        super().__init__()
        self.missing: set[str] = set()

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep the character, drop the record; let all other records pass."""
        if not record.msg.startswith(".notdef") or not isinstance(record.args, tuple):
            return True
        self.missing.add(str(record.args[0]))
        return False


@cache
def _font_configuration() -> FontConfiguration:
    # Left to the interpreter's end, it outlives the libraries that free it, and the process dies with a signal.
    atexit.register(_let_go)
    return FontConfiguration()


def _let_go() -> None:
    _stylesheet.cache_clear()
    _font_configuration.cache_clear()
    gc.collect()


@cache
def _watch() -> _MissingGlyphWatch:
    watch = _MissingGlyphWatch()
    logging.getLogger("weasyprint").addFilter(watch)
    return watch


@cache
def _no_fetching() -> Callable[..., Any]:
    def refuse(url: str, *args: object, **kwargs: object) -> Any:
        raise ValueError("a letter fetches nothing from outside")

    return refuse


@cache
def _stylesheet(css: str) -> CSS:
    return CSS(string=css, font_config=_font_configuration(), url_fetcher=_no_fetching())


def _laid_out(html: str, css: str) -> Document:
    source = HTML(string=html, url_fetcher=_no_fetching())
    return source.render(stylesheets=[_stylesheet(css)], font_config=_font_configuration(), pdf_variant="pdf/ua-1")


def _head_columns(pdf: pydyf.PDF) -> None:
    """What a table's heading heads: WeasyPrint names each cell's headings, without their scope. Ours head columns."""
    for obj in pdf.objects:
        if isinstance(obj, pydyf.Dictionary) and obj.get("S") == "/TH":
            obj.setdefault("A", pydyf.Dictionary({"O": "/Table"}))["Scope"] = "/Column"


def typeset(html: str, css: str, *, marks: Callable[[int], str] | None = None) -> bytes:
    """`html` (whole document) in `css` as PDF/UA-1 with `/PrintScaling /None`.

    `marks`: for a 0-based page, PDF operators drawn on it as an artifact, in points from the bottom left.
    Raises MissingGlyphs.
    """

    def finish(document: Document, pdf: pydyf.PDF) -> None:
        preferences = pdf.catalog.setdefault("ViewerPreferences", pydyf.Dictionary({}))
        preferences["PrintScaling"] = "/None"
        _head_columns(pdf)
        if marks:
            pages = [obj for obj in pdf.objects if isinstance(obj, pydyf.Dictionary) and obj.get("Type") == "/Page"]
            for number, page in enumerate(pages):
                if operators := marks(number):
                    stream = pydyf.Stream([f"/Artifact BMC q {operators} Q EMC".encode()])
                    pdf.add_object(stream)
                    page["Contents"] = pydyf.Array([page["Contents"], stream.reference])

    identifier = hashlib.sha256((css + html).encode()).hexdigest()[:32].encode()
    with typesetting_lock:
        watch = _watch()
        watch.missing.clear()
        made = _laid_out(html, css).write_pdf(finisher=finish, pdf_identifier=identifier, pdf_variant="pdf/ua-1")
        if watch.missing:
            raise MissingGlyphs(sorted(watch.missing))
    return bytes(made)


def typeset_anyway(with_note: Callable[[str], str], css: str) -> bytes:
    """A report as PDF, whatever was typed into it: no letter, so it can't wait for a font.

    A character that no font here has is shown by its number, and the head says so. `with_note`: the document's HTML
    with these words added to its head.
    """
    numbered: dict[str, str] = {}
    while True:
        note = NOTE.format(", ".join(sorted(numbered.values()))) if numbered else ""
        html = "".join(f"[{numbered[c]}]" if c in numbered else c for c in with_note(note))
        try:
            return typeset(html, css)
        except MissingGlyphs as error:
            found = {
                c: f"U+{ord(c):04X}"
                for piece in error.characters
                for c in piece
                if not (c.isascii() and c.isprintable())
            }
            if not found.keys() - numbered.keys():
                raise  # nothing new to put a number for: never for ever
            numbered |= found


def line_widths_mm(lines: Sequence[str], size_pt: float) -> list[float]:
    """How wide each line is in the letter's font at `size_pt`, mm, without drawing anything."""
    css = f"@page {{ size: 4000mm 1000mm; margin: 0 }} body {{ margin: 0; font: 10pt {FONT_FAMILY}; white-space: pre }}"
    html = "".join(f"<div>{escape(line)}</div>" for line in lines)
    with typesetting_lock:
        document = HTML(string=f"<body>{html}", url_fetcher=_no_fetching()).render(
            stylesheets=[_stylesheet(css)], font_config=_font_configuration()
        )
        boxes = [box for page in document.pages for box in page._page_box.descendants()]
    widths = [
        max((child.width for child in box.descendants() if hasattr(child, "pango_layout")), default=0.0)
        for box in boxes
        if box.element_tag == "div" and type(box).__name__ == "BlockBox"
    ]
    return [width * MM_PER_CSS_PX * size_pt / 10 for width in widths]
