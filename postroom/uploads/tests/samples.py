"""Files that are what they say, made here by hand; the smallest that each format allows, more or less."""

from __future__ import annotations

import math
import struct
import zipfile
from io import BytesIO

import pikepdf
from docx import Document
from PIL import Image

MEDIA_TYPE_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


def pdf(
    pages: int = 1, text: str = "Sample text", size: tuple[float, float] = (595.28, 841.89), points: int = 11
) -> bytes:
    """A PDF with a line of text on each page, as another program would write it."""
    document = pikepdf.new()
    font = document.make_indirect(
        pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    )
    for number in range(1, pages + 1):
        page = document.add_blank_page(page_size=size)
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        page.Contents = document.make_stream(f"BT /F1 {points} Tf 72 300 Td ({text} {number}) Tj ET".encode())
    return saved(document)


def saved(document: pikepdf.Pdf, **options: object) -> bytes:
    """The document's bytes, the same each time."""
    out = BytesIO()
    document.save(out, static_id=True, **options)
    return out.getvalue()


def picture(kind: str = "JPEG", size: tuple[int, int] = (400, 300), **options: object) -> bytes:
    """A picture with something on it."""
    image = Image.new("RGB", size, (240, 240, 240))
    for x in range(0, size[0] - 10, 20):
        image.paste((x % 255, 80, 120), (x, 10, x + 10, min(size[1], 60)))
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def word(*paragraphs: str) -> bytes:
    """A Word document as python-docx writes it."""
    document = Document()
    for text in paragraphs or ("Dear Ms Sample", "We met on Monday."):
        document.add_paragraph(text)
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def changed_zip(
    data: bytes, *, add: dict[str, bytes] | None = None, replace: dict[str, tuple[bytes, bytes]] | None = None
) -> bytes:
    """The packed file with parts added, or with words replaced in some."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            content = old.read(part)
            if replace and part.filename in replace:
                content = content.replace(*replace[part.filename])
            new.writestr(part.filename, content)
        for name, content in (add or {}).items():
            new.writestr(name, content)
    return out.getvalue()


def wav(seconds: float = 1.0, rate: int = 8000) -> bytes:
    """A tone."""
    samples = b"".join(
        struct.pack("<h", int(8000 * math.sin(n * 440 * 2 * math.pi / rate))) for n in range(int(seconds * rate))
    )
    head = struct.pack("<HHIIHH", 1, 1, rate, rate * 2, 2, 16)
    body = b"WAVEfmt " + struct.pack("<I", 16) + head + b"data" + struct.pack("<I", len(samples)) + samples
    return b"RIFF" + struct.pack("<I", len(body)) + body


def mp3(frames: int = 40) -> bytes:
    """Silent frames: MPEG 1, layer III, 128 kbit/s, 44.1 kHz."""
    frame = b"\xff\xfb\x90\xc4" + bytes(413)
    return b"ID3\x04\0\0\0\0\0\x0a" + bytes(10) + frame * frames


def ogg(pages: int = 4) -> bytes:
    """Opus, one second a page. The checksums aren't looked at."""

    def page(number: int, flags: int, granule: int, body: bytes) -> bytes:
        sizes = bytes([255] * (len(body) // 255) + [len(body) % 255])
        return b"OggS\0" + struct.pack("<BqIIIB", flags, granule, 7, number, 0, len(sizes)) + sizes + body

    parts = [
        page(0, 2, 0, b"OpusHead\x01\x01\x38\x01\x80\xbb\0\0\0\0\0"),
        page(1, 0, 0, b"OpusTags" + bytes(8)),
    ]
    return b"".join(
        [*parts, *(page(n + 1, 4 if n == pages else 0, n * 48000, bytes(300)) for n in range(1, pages + 1))]
    )


def box(name: bytes, *inside: bytes) -> bytes:
    """One box of an MP4."""
    body = b"".join(inside)
    return struct.pack(">I4s", len(body) + 8, name) + body


def m4a(handler: bytes = b"soun", seconds: int = 3) -> bytes:
    """The frame of an M4A; what is inside its mdat isn't looked at."""
    header = box(b"mvhd", bytes(12), struct.pack(">II", 1000, seconds * 1000), bytes(80))
    track = box(b"trak", box(b"mdia", box(b"hdlr", bytes(8), handler, bytes(13))))
    return box(b"ftyp", b"M4A \0\0\0\0M4A mp42isom") + box(b"moov", header, track) + box(b"mdat", bytes(2000))
