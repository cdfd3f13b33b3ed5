"""The frame of a spot check: the references that can be drawn, in the one form that anyone can repeat. Pure.

Source: OGP-10. The form: as `LC_ALL=C sort -u` leaves it, in order of bytes, each once; one reference a line, UTF-8,
each line ended by LF, the last one too. It is fixed and its count and SHA-256 are published before any seed is known.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class FrameError(ValueError):
    """These bytes are not a frame. `line`: the first bad line, counted from 1, or None if it is about the whole."""

    def __init__(self, message: str, line: int | None = None) -> None:
        self.line = line
        super().__init__(f"Line {line}: {message}" if line else message)


@dataclass(frozen=True)
class Frame:
    """A frame in its form: its references as bytes (UTF-8, without LF), in order."""

    references: tuple[bytes, ...]

    @property
    def data(self) -> bytes:
        """The file, byte for byte."""
        return b"".join(reference + b"\n" for reference in self.references)

    @property
    def count(self) -> int:
        """How many references there are; published with the hash."""
        return len(self.references)

    @property
    def sha256(self) -> str:
        """SHA-256 of the file, 64 small hex digits."""
        return hashlib.sha256(self.data).hexdigest()


def make_frame(references: Iterable[str]) -> Frame:
    """The frame of these references, in any order and each as often as it comes.

    Raises FrameError for one that can't stand in a line, and for none at all.
    """
    try:
        lines = sorted({reference.encode() for reference in references})
    except UnicodeEncodeError:
        raise FrameError("A reference holds half a character, which UTF-8 can't write.") from None
    for line in lines:
        if b"\n" in line:
            raise FrameError("A reference holds a line break. Each needs a line of its own.")
    return read_frame(b"".join(line + b"\n" for line in lines))


def read_frame(data: bytes) -> Frame:
    """The frame that these bytes of a file hold. Raises FrameError, which says what is wrong and where."""
    if not data:
        raise FrameError("The frame is empty: there is nothing to draw from.")
    if data.startswith(_BYTE_ORDER_MARK):
        raise FrameError("the file begins with a byte order mark. Save it as plain UTF-8.", 1)
    *lines, rest = data.split(b"\n")
    if rest:
        raise FrameError("the last line has no line feed at its end. Each line needs one.", len(lines) + 1)
    for number, line in enumerate(lines, 1):
        _check_line(line, number)
    for number, (before, line) in enumerate(pairwise(lines), 2):
        if line == before:
            raise FrameError("this reference stands there twice. Run: LC_ALL=C sort -u", number)
        if line < before:
            raise FrameError("this is not in the order of bytes. Run: LC_ALL=C sort -u", number)
    return Frame(tuple(lines))


def _check_line(line: bytes, number: int) -> None:
    if not line:
        raise FrameError("this line is empty. Each line holds one reference.", number)
    if line.endswith(b"\r"):
        raise FrameError("this line ends with CR LF. Lines end with LF alone.", number)
    if b"\0" in line:
        raise FrameError("this line holds a NUL byte, which no shell can read.", number)
    try:
        line.decode()
    except UnicodeDecodeError:
        raise FrameError("this is not UTF-8.", number) from None
