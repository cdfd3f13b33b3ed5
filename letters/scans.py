"""A scan that somebody uploads: known by its content, never by its name. No models, no Django."""

from __future__ import annotations

import io
import warnings

import pypdfium2
from PIL import Image, UnidentifiedImageError

MAX_PIXELS = 120_000_000  # an A4 sheet at 600 dpi has 35 million
MAX_PAGES = 200


class BadScan(ValueError):
    """Not a scan that can be kept; the sentence says what to do."""


def media_type_of(data: bytes) -> str:
    """The media type of a PDF, JPEG or PNG that can really be opened.

    Raises BadScan for anything else: another kind, damaged, locked with a password, empty.
    """
    if not data:
        raise BadScan("This file is empty. Scan the letter again.")
    if b"%PDF-" in data[:1024]:
        _open_pdf(data)
        return "application/pdf"
    return _open_image(data)


def _open_pdf(data: bytes) -> None:
    try:
        document = pypdfium2.PdfDocument(data)
        try:
            pages = len(document)
        finally:
            document.close()
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise BadScan("This PDF is locked with a password. Scan the letter without one.") from error
        raise BadScan("This PDF can't be opened; it may be damaged. Scan the letter again.") from error
    if not 1 <= pages <= MAX_PAGES:
        raise BadScan(f"This PDF has {pages} pages. Choose the scan of this letter alone.")


def _open_image(data: bytes) -> str:
    kinds = {"JPEG": "image/jpeg", "PNG": "image/png"}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=list(kinds)) as image:
                kind, (width, height) = kinds[str(image.format)], image.size
                if width * height > MAX_PIXELS:
                    raise BadScan("This picture is larger than a scanned sheet can be. Scan it at 300 dpi.")
                image.load()
                _whole(data, kind)
    except UnidentifiedImageError as error:
        raise BadScan("That is not a PDF, JPEG or PNG. Save the scan as one of these and choose it again.") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise BadScan("This picture is larger than a scanned sheet can be. Scan it at 300 dpi.") from error
    except (OSError, SyntaxError, ValueError) as error:
        if isinstance(error, BadScan):
            raise
        raise BadScan("This picture can't be opened; it may be damaged. Scan the letter again.") from error
    return kind


def _whole(data: bytes, media_type: str) -> None:
    """Raises BadScan if the picture's end is missing. Looked at by hand: WeasyPrint tells Pillow, for the whole
    process, to load what is cut off as if it were whole."""
    end = data.find(b"IEND") if media_type == "image/png" else data.rfind(b"\xff\xd9")
    start = 0 if media_type == "image/png" else data.rfind(b"\xff\xda")
    if end < start or end < 0:
        raise BadScan("This picture is cut off. Scan the letter again.")
