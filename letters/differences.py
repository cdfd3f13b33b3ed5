"""What differs between two versions of a letter, word by word. Pure: texts in, marked pieces out."""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_TOKENS = re.compile(r"\s+|[^\s]+")

# The parts of a letter that somebody checks, in the order they stand on the page.
PARTS: tuple[tuple[str, str], ...] = (
    ("address_lines", "Address"),
    ("letter_date", "Date"),
    ("salutation", "Greeting"),
    ("subject", "Subject"),
    ("body", "Text"),
    ("sign_off", "Ending"),
    ("signatory_name", "In the name of"),
    ("signatory_role", "Job title"),
    ("enclosures", "Enclosures"),
    ("copies_to", "Copies"),
    ("letterhead", "Letterhead"),
)


@dataclass(frozen=True)
class Piece:
    """A run of text: kind "same", "added" or "removed"."""

    kind: str
    text: str


@dataclass(frozen=True)
class Difference:
    """One part of the letter that differs, as pieces in reading order."""

    label: str
    pieces: tuple[Piece, ...]


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """The parts that differ between two frozen contents (LetterVersion.as_content)."""
    found = []
    for name, label in PARTS:
        as_words = _day if name == "letter_date" else as_text
        old, new = as_words(before.get(name)), as_words(after.get(name))
        if old != new:
            found.append(Difference(label, tuple(words(old, new))))
    return found


def words(before: str, after: str) -> list[Piece]:
    """Two texts word by word; equal words joined into runs, blanks kept as they are."""
    old, new = _TOKENS.findall(before), _TOKENS.findall(after)
    matcher = difflib.SequenceMatcher(a=old, b=new, autojunk=False)
    pieces: list[Piece] = []
    for tag, a1, a2, b1, b2 in matcher.get_opcodes():
        if tag == "equal":
            pieces.append(Piece("same", "".join(old[a1:a2])))
            continue
        if a2 > a1:
            pieces.append(Piece("removed", "".join(old[a1:a2])))
        if b2 > b1:
            pieces.append(Piece("added", "".join(new[b1:b2])))
    return pieces


def _day(value: Any) -> str:
    """The day on the letter as people write it: "25 November 2026"; what is no day as it stands."""
    try:
        day = dt.date.fromisoformat(str(value))
    except ValueError:
        return as_text(value)
    return f"{day.day} {day:%B %Y}"


def as_text(value: Any) -> str:
    """A part of the content as lines of text: lists a line each, a mapping as its values."""
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return ", ".join(text for text in (as_text(inner) for inner in value.values()) if text)
    if isinstance(value, list | tuple):
        return "\n".join(as_text(inner) for inner in value)
    return str(value)
