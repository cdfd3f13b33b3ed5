"""What a file is by its first bytes, and what a checked one carries. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum

MB = 1024 * 1024


class Kind(StrEnum):
    """What may be handed in."""

    PDF = "pdf"
    WORD = "word"
    PICTURE = "picture"
    AUDIO = "audio"
    TEXT = "text"


# At most so many bytes of each.
MAX_BYTES: dict[Kind, int] = {
    Kind.PDF: 20 * MB,
    Kind.WORD: 10 * MB,
    Kind.PICTURE: 20 * MB,
    Kind.AUDIO: 50 * MB,
    Kind.TEXT: MB // 2,
}
LARGEST = max(MAX_BYTES.values())
KIND_WORDS: dict[Kind, str] = {
    Kind.PDF: "a PDF",
    Kind.WORD: "a Word file (.docx)",
    Kind.PICTURE: "a picture (JPEG or PNG)",
    Kind.AUDIO: "a recording (MP3, M4A, WAV or OGG)",
    Kind.TEXT: "a plain text file",
}
# For the accept attribute: it only helps to choose, the content decides. HEIC is left out on purpose: a phone that is
# asked for JPEG turns its HEIC photos into JPEG by itself.
ACCEPT: dict[Kind, str] = {
    Kind.PDF: ".pdf,application/pdf",
    Kind.WORD: ".docx,application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    Kind.PICTURE: "image/jpeg,image/png",
    Kind.AUDIO: ".mp3,.m4a,.wav,.ogg,audio/mpeg,audio/mp4,audio/wav,audio/ogg",
    Kind.TEXT: ".txt,text/plain",
}
EXTENSIONS: dict[str, str] = {
    "application/pdf": "pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "image/jpeg": "jpg",
    "image/png": "png",
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
    "audio/wav": "wav",
    "audio/ogg": "ogg",
    "text/plain": "txt",
}


class Refused(ValueError):
    """A file that isn't taken. `code` names why, for tests and counts; the sentence is for the person."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


@dataclass(frozen=True)
class Checked:
    """A file that passed. `data`: the bytes to keep (a picture's are drawn anew). `pages`: of a PDF; 1 for a picture,
    0 else. `seconds`: a recording's length, rounded up, 0 where its format doesn't say. `text`: of a plain text file.
    `scanned`: a virus scanner looked at it and found nothing; False: none is set up."""

    kind: Kind
    media_type: str
    data: bytes
    pages: int = 0
    seconds: int = 0
    text: str = ""
    scanned: bool = False

    @property
    def extension(self) -> str:
        """For a file name: pdf, docx, jpg …"""
        return EXTENSIONS[self.media_type]

    def after_scan(self, scanned: bool) -> Checked:
        """The same, and whether a scanner looked at it."""
        return replace(self, scanned=scanned)


# What is known by its beginning and never taken: what it is called, and what to do instead.
_FOREIGN: tuple[tuple[re.Pattern[bytes], str, str], ...] = (
    (re.compile(rb"\x89PNG\r\n\x1a\n(?=.{4}(?!IHDR))", re.S), "damaged", ""),
    (re.compile(rb"GIF8[79]a"), "a GIF picture", "Save it as PNG or JPEG."),
    (re.compile(rb"RIFF....WEBP", re.S), "a WebP picture", "Save it as PNG or JPEG."),
    (re.compile(rb"BM.{4}\0\0\0\0", re.S), "a BMP picture", "Save it as PNG or JPEG."),
    (re.compile(rb"II\*\0|MM\0\*"), "a TIFF picture", "Scan or save it as PDF or JPEG."),
    (
        re.compile(rb".{4}ftyp(heic|heix|hevc|hevx|heim|heis|mif1|msf1|avif|avis)", re.S),
        "a HEIC or AVIF photo, as new phones make them",
        "Send it as JPEG: on an iPhone choose Settings, Camera, Formats, Most compatible.",
    ),
    (re.compile(rb"MZ"), "a program", "Programs are never taken."),
    (
        re.compile(rb"\x7fELF|\xca\xfe\xba\xbe|\xfe\xed\xfa[\xce\xcf]|[\xce\xcf]\xfa\xed\xfe"),
        "a program",
        "Programs are never taken.",
    ),
    (re.compile(rb"#!"), "a script", "Scripts are never taken."),
    (re.compile(rb"\{\\rtf"), "a Rich Text file (RTF)", "Open it in Word and save it as a Word document (.docx)."),
    (re.compile(rb"%!"), "a PostScript file", "Save it as PDF."),
    (
        re.compile(rb"7z\xbc\xaf\x27\x1c|Rar!\x1a\x07|\x1f\x8b|BZh[1-9]|\xfd7zXZ\0|\x28\xb5\x2f\xfd"),
        "a packed file",
        "Unpack it, and choose the document itself.",
    ),
    (re.compile(rb"fLaC"), "a FLAC recording", "Save it as MP3, M4A, WAV or OGG."),
    (re.compile(rb"#!AMR|\.RMF|\x30\x26\xb2\x75"), "a recording of another format", "Save it as MP3, M4A, WAV or OGG."),
    (re.compile(rb"\x1a\x45\xdf\xa3"), "a film or a WebM recording", "Save the sound as MP3, M4A, WAV or OGG."),
    (re.compile(rb"RIFF....AVI ", re.S), "a film", "Only sound is taken."),
    (re.compile(rb"SQLite format 3\0"), "a database", "Choose the document itself."),
    (re.compile(rb"L\0\0\0\x01\x14\x02\0"), "a link to a file", "Choose the file itself."),
)
_MARKUP = re.compile(
    r"\s*(?:<\?xml|<!--|<!doctype|<html|<head|<body|<svg|<script|<iframe|<img|<a\s|<div|<table|<math|<style|<object)",
    re.I,
)


def kind_of(data: bytes) -> Kind | None:
    """The kind by its content; None for a file that isn't one of these. Raises Refused for what is foreign."""
    head = data[:4096]
    for pattern, what, instead in _FOREIGN:
        if pattern.match(head):
            if what == "damaged":
                raise Refused("damaged", "This picture can't be opened; it may be damaged. Save it anew and try again.")
            raise Refused("foreign", f"This is {what}. {instead}")
    if head.startswith(b"%PDF-"):
        return Kind.PDF
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
        return Kind.WORD
    if head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
        return Kind.PICTURE
    if head.startswith((b"ID3", b"OggS")) or head[4:8] == b"ftyp" or (head[:4] == b"RIFF" and head[8:12] == b"WAVE"):
        return Kind.AUDIO
    if _is_mpeg_frame(head):
        return Kind.AUDIO
    return Kind.TEXT if text_of(data) is not None else None


def _is_mpeg_frame(head: bytes) -> bool:
    return len(head) > 3 and head[0] == 0xFF and head[1] & 0xE6 in (0xE2,) and head[1] & 0x18 != 0x08


def text_of(data: bytes) -> str | None:
    """The text of a plain text file: UTF-8, UTF-16 with its mark, or Windows-1252; None if it isn't text.

    Raises Refused for text that is the source of a page or a drawing: it could run when opened.
    """
    encodings = ["utf-16"] if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if re.search(r"[\x00-\x08\x0e-\x1f\x7f]", text):
            return None
        if _MARKUP.match(text):
            raise Refused(
                "markup",
                "This is the source of a web page or a drawing (HTML, XML or SVG), which could run when it is opened. "
                "Print it to PDF, or copy the words.",
            )
        return text.replace("\r\n", "\n").replace("\r", "\n")
    return None


def in_words(allow: tuple[Kind, ...]) -> str:
    """The kinds as people say them: "a PDF, a Word file (.docx) or a picture (JPEG or PNG)"."""
    words = [KIND_WORDS[kind] for kind in allow]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
