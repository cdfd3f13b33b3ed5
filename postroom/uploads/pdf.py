"""A PDF that can be shown, printed and merged: whole, unlocked, nothing that acts, nothing that swells. Pure."""

from __future__ import annotations

import zlib
from io import BytesIO
from typing import Any

import pikepdf
import pypdfium2

from postroom.uploads.kinds import Checked, Kind, Refused
from postroom.uploads.picture import MAX_PIXELS

MAX_PAGES = 200
MAX_OBJECTS = 200_000
MAX_UNPACKED = 300 * 1024 * 1024
MAX_SIDE_PT = 3600.0  # a side of A0 is 3370
_DAMAGED = "This PDF can't be opened; it may be damaged or cut off. Save or print it to PDF anew and choose that."
_ANEW = "Open it, choose Print, Save as PDF, and hand in that copy."
# Keys whose very presence makes a PDF do something, or carry something else inside.
_ACTING = {
    "/JS": "holds a script",
    "/JavaScript": "holds a script",
    "/Launch": "starts a program",
    "/EmbeddedFiles": "carries other files inside",
    "/EmbeddedFile": "carries other files inside",
    "/RichMedia": "holds film or sound",
    "/Movie": "holds film or sound",
    "/Sound": "holds film or sound",
    "/3D": "holds film or sound",
    "/XFA": "is a form that only one program can show",
    "/SubmitForm": "sends what is typed into it somewhere",
    "/ImportData": "fetches data from somewhere",
    "/GoToE": "carries other files inside",
}


def examine(data: bytes) -> Checked:
    """The PDF as it is, with its pages counted. Raises Refused."""
    try:
        # No repairs: what has to be guessed at might be shown in one way and printed in another.
        with pikepdf.open(BytesIO(data), attempt_recovery=False) as document:
            if document.is_encrypted:
                raise _locked()
            pages = len(document.pages)
            if pages < 1:
                raise Refused("empty", "This PDF has no pages. Save it anew and choose it again.")
            if pages > MAX_PAGES:
                raise Refused("pages", f"This PDF has {pages} pages; at most {MAX_PAGES} are taken. Split it up.")
            _look_through(document)
    except pikepdf.PasswordError as error:
        raise _locked() from error
    except Refused:
        raise
    except Exception as error:  # a spoilt PDF can raise anything; here it can do no more
        raise Refused("damaged", _DAMAGED) from error
    _draw(data, pages)
    return Checked(Kind.PDF, "application/pdf", data, pages=pages)


def _locked() -> Refused:
    return Refused("locked", "This PDF is locked with a password or against changes. Hand in a copy without a lock.")


def _look_through(document: pikepdf.Pdf) -> None:
    """Every object: nothing that acts, no stream or picture that swells beyond the limits."""
    if len(document.objects) > MAX_OBJECTS:
        raise Refused("swollen", f"This PDF is put together of too many pieces. {_ANEW}")
    left = MAX_UNPACKED
    for thing in document.objects:
        if not isinstance(thing, pikepdf.Dictionary | pikepdf.Stream | pikepdf.Array):
            continue
        _look_for_acts(thing, 0)
        if isinstance(thing, pikepdf.Stream):
            _look_at_picture(thing)
            left -= _unpacked(thing, left)
            if left <= 0:
                raise Refused("swollen", f"This PDF unpacks to more than can be worth printing. {_ANEW}")
    for page in document.pages:
        _look_at_page(page)


def _look_for_acts(thing: Any, depth: int) -> None:
    """Direct objects inside this one too; what it refers to comes up by itself."""
    if depth > 40:
        raise Refused("swollen", f"This PDF is nested too deeply. {_ANEW}")
    if isinstance(thing, pikepdf.Array):
        inner = [item for item in thing if isinstance(item, pikepdf.Object)]
    else:
        keys = thing.stream_dict.keys() if isinstance(thing, pikepdf.Stream) else thing.keys()
        for key in keys:
            if key in _ACTING:
                raise _acts(_ACTING[key])
        inner = []
        for key in keys:
            value = thing.get(key)
            if isinstance(value, pikepdf.Name) and key in ("/S", "/Subtype", "/Type") and str(value) in _ACTING:
                raise _acts(_ACTING[str(value)])
            if isinstance(value, pikepdf.Dictionary | pikepdf.Array):
                inner.append(value)
    for item in inner:
        if isinstance(item, pikepdf.Dictionary | pikepdf.Array) and not item.is_indirect:
            _look_for_acts(item, depth + 1)


def _acts(what: str) -> Refused:
    return Refused("acts", f"This PDF {what}, so it isn't taken as it is. {_ANEW}")


def _look_at_picture(stream: pikepdf.Stream) -> None:
    if stream.get("/Subtype") != pikepdf.Name.Image:
        return
    width, height = int(stream.get("/Width", 0)), int(stream.get("/Height", 0))
    if width * height > MAX_PIXELS:
        raise Refused("pixels", f"A picture in this PDF has {width} by {height} dots. Scan it at 300 dpi.")


def _unpacked(stream: pikepdf.Stream, most: int) -> int:
    """How many bytes the stream unpacks to, counted while unpacking and never beyond `most`."""
    filters = stream.get("/Filter")
    names = [str(f) for f in filters] if isinstance(filters, pikepdf.Array) else [str(filters)] if filters else []
    data = stream.read_raw_bytes()
    if len(names) > 4:
        raise Refused("swollen", f"This PDF is packed over and over. {_ANEW}")
    total = len(data)
    for name in names:
        if name not in ("/FlateDecode", "/Fl"):
            # The others swell by a known factor at most, or are pictures, whose dots were counted.
            return total if name in ("/DCTDecode", "/JPXDecode", "/CCITTFaxDecode", "/JBIG2Decode") else total * 130
        unpacker = zlib.decompressobj()
        data = unpacker.decompress(data, most + 1)
        total = max(total, len(data))
        if len(data) > most:
            return total
    return total


def _look_at_page(page: pikepdf.Page) -> None:
    left, bottom, right, top = (float(edge) for edge in page.mediabox)
    width, height = abs(right - left), abs(top - bottom)
    if not (20 <= width <= MAX_SIDE_PT and 20 <= height <= MAX_SIDE_PT):
        raise Refused("page_size", f"A page of this PDF is no size that can be printed. {_ANEW}")


def _draw(data: bytes, pages: int) -> None:
    """Every page drawn small, by the part that will draw it for people: what fails or never ends, fails here."""
    try:
        document = pypdfium2.PdfDocument(data)
        try:
            if len(document) != pages:
                raise Refused("damaged", _DAMAGED)
            for number in range(pages):
                page = document[number]
                page.render(scale=0.2).close()
                page.close()
        finally:
            document.close()
    except pypdfium2.PdfiumError as error:
        raise Refused("damaged", _DAMAGED) from error
