"""A Word document (.docx) that is one: whole, unlocked, without macros, objects or fetched parts. Pure."""

from __future__ import annotations

import re
import zipfile
import zlib
from io import BytesIO

from postroom.uploads.kinds import Checked, Kind, Refused

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MAX_PARTS = 2000
MAX_UNPACKED = 120 * 1024 * 1024
_CHUNK = 256 * 1024
_DAMAGED = "This Word file can't be opened; it may be damaged or cut off. Open it in Word, save it anew and try again."
_MACROS = (
    "This Word file holds macros, which are programs, so it isn't taken. In Word choose Save as, Word document (.docx)."
)
_MAIN = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_OTHER_MAINS: tuple[tuple[bytes, str], ...] = (
    (b"macroEnabled", "macros"),
    (b"wordprocessingml.template.main", "a Word template. Save it as a Word document (.docx)."),
    (b"spreadsheetml", "an Excel workbook. Save it as PDF."),
    (b"presentationml", "a PowerPoint presentation. Save it as PDF."),
)


def examine(data: bytes) -> Checked:
    """The document as it is. Raises Refused."""
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise _old_office(data)
    end = data.rfind(b"PK\x05\x06")
    if end < 0 or end + 22 + int.from_bytes(data[end + 20 : end + 22], "little") != len(data):
        raise Refused("damaged", _DAMAGED)  # cut off, or something else hangs on it
    try:
        with zipfile.ZipFile(BytesIO(data)) as packed:
            _look_through(packed)
    except Refused:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise Refused("damaged", _DAMAGED) from error
    return Checked(Kind.WORD, MEDIA_TYPE, data)


def _old_office(data: bytes) -> Refused:
    """Word's old format, or a new one with a password: both begin alike."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        return Refused("locked", "This Word file is locked with a password. Save a copy without one and choose that.")
    return Refused("foreign", "This is a file of an old Office program. Open it, and save it as Word document (.docx).")


def _look_through(packed: zipfile.ZipFile) -> None:
    parts = packed.infolist()
    if any(part.flag_bits & 0x1 for part in parts):
        raise Refused("locked", "This file is packed with a password. Save a copy without one and choose that.")
    if len(parts) > MAX_PARTS:
        raise Refused("swollen", "This file is put together of too many pieces. Save it as PDF and hand in that.")
    names = [part.filename for part in parts]
    if len(set(names)) != len(names):
        raise Refused("damaged", _DAMAGED)
    if "[Content_Types].xml" not in names:
        raise Refused("foreign", "This is a packed file (zip), no Word document. Unpack it, and choose the document.")
    left = MAX_UNPACKED
    for part in parts:
        content = _unpack(packed, part, left)
        left -= len(content)
        _look_at(part.filename, content)
    if not any(name == "word/document.xml" or name.startswith("word/document") for name in names):
        raise Refused("damaged", _DAMAGED)


def _unpack(packed: zipfile.ZipFile, part: zipfile.ZipInfo, most: int) -> bytes:
    """The part's bytes, counted while unpacking: what its header says of the size may be a lie."""
    pieces, size = [], 0
    with packed.open(part) as stream:
        while piece := stream.read(_CHUNK):
            size += len(piece)
            if size > most:
                raise Refused(
                    "swollen", "This file unpacks to far more than a letter can be. Save it as PDF and hand in that."
                )
            pieces.append(piece)
    return b"".join(pieces)


def _look_at(name: str, content: bytes) -> None:
    lower = name.lower()
    if "vbaproject" in lower or "vbadata" in lower or lower.startswith("word/activex"):
        raise Refused("acts", _MACROS)
    if "/embeddings/" in f"/{lower}" or lower.endswith((".exe", ".dll", ".js", ".vbs", ".hta", ".svg", ".html")):
        raise Refused(
            "acts", "This Word file carries another file inside, so it isn't taken. Take that out, and save it anew."
        )
    if lower.endswith((".xml", ".rels")):
        _look_at_xml(name, content)


def _look_at_xml(name: str, content: bytes) -> None:
    # Without the noughts it reads the same in UTF-16.
    if re.search(rb"<!(DOCTYPE|ENTITY)", content.replace(b"\0", b""), re.I):
        raise Refused("acts", "This Word file is put together as Word never does. Save it anew in Word.")
    if name == "[Content_Types].xml" and _MAIN not in content:
        for mark, what in _OTHER_MAINS:
            if mark in content:
                raise Refused("acts", _MACROS) if what == "macros" else Refused("foreign", f"This is {what}")
        raise Refused("foreign", "This is a packed file, no Word document. Choose the document itself.")
    if name == "[Content_Types].xml" and b"macroEnabled" in content:
        raise Refused("acts", _MACROS)
    if name.endswith(".rels"):
        for relation in re.findall(rb"<[^>]*Relationship\b[^>]*>", content):
            if b"External" in relation and not re.search(rb"/relationships/hyperlink[\"']", relation):
                raise Refused(
                    "acts",
                    "This Word file fetches something from elsewhere when it is opened (a template or a picture). "
                    "Save it as PDF, or take that out.",
                )
