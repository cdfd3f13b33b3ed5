"""All of a file's examination, in whatever process. Pure: no Django, no files, no network."""

from __future__ import annotations

from collections.abc import Callable

from postroom.uploads import audio, pdf, picture, word
from postroom.uploads.kinds import MAX_BYTES, MB, Checked, Kind, Refused, in_words, kind_of, text_of


def _text(data: bytes) -> Checked:
    text = text_of(data) or ""
    if not text.strip():
        raise Refused("empty", "There is no text in this file. Choose it again.")
    return Checked(Kind.TEXT, "text/plain", data, text=text)


_BY_KIND: dict[Kind, Callable[[bytes], Checked]] = {
    Kind.PDF: pdf.examine,
    Kind.WORD: word.examine,
    Kind.PICTURE: picture.examine,
    Kind.AUDIO: audio.examine,
    Kind.TEXT: _text,
}


def examine(data: bytes, allow: tuple[Kind, ...]) -> Checked:
    """The file, checked, if it is of a kind in `allow`. Raises Refused with a sentence."""
    if not data.strip(b"\0 \t\r\n"):
        raise Refused("empty", "This file is empty. Save it anew and choose it again.")
    try:
        kind = kind_of(data)
    except Refused as error:
        if error.code == "foreign" and Kind.TEXT not in allow and "Save it as PNG" in str(error):
            raise Refused("foreign", f"{str(error).split('. ')[0]}. Hand in {in_words(allow)}.") from error
        raise
    if kind is None:
        raise Refused("unknown", f"This is no file that can be opened here. Hand in {in_words(allow)}.")
    if kind not in allow:
        raise Refused("kind", f"This is {_found(kind, data)}, and that is not taken here. Hand in {in_words(allow)}.")
    if len(data) > MAX_BYTES[kind]:
        raise too_large(len(data), MAX_BYTES[kind])
    return _BY_KIND[kind](data)


def _found(kind: Kind, data: bytes) -> str:
    return {
        Kind.PDF: "a PDF",
        Kind.WORD: "a packed or Office file",
        Kind.PICTURE: "a picture",
        Kind.AUDIO: "a recording",
        Kind.TEXT: "plain text",
    }[kind]


def too_large(size: int, most: int) -> Refused:
    """The refusal of a file of `size` bytes where `most` are taken."""
    shown = f"{size / MB:.1f} MB" if size >= MB else f"{size // 1024} KB"
    limit = f"{most // MB} MB" if most >= MB else f"{most // 1024} KB"
    return Refused("large", f"This file has {shown}; at most {limit} are taken. Make it smaller or split it up.")
