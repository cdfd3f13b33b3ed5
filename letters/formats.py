"""What each format of a letter needs before it may leave: the rule as data (decision 0167). Pure; no models."""

from __future__ import annotations

from enum import StrEnum


class Proof(StrEnum):
    """How it is known that the addressee gets what they can read."""

    NONE = "none"
    # The finished PDF's own type is measured when it is typed.
    TYPE_SIZE = "type_size"
    # Somebody made it: who, when and what is on record, and what was made is counted into the envelope.
    MADE = "made"
    # The translator's confirmation stands for that of the body, at the check.
    TRANSLATOR = "translator"


# By `LetterFormat`.
PROOF: dict[str, Proof] = {
    "standard": Proof.NONE,
    "large_print": Proof.TYPE_SIZE,
    "easy_read": Proof.MADE,
    "braille": Proof.MADE,
    "audio": Proof.MADE,
    "language": Proof.TRANSLATOR,
}
MADE: tuple[str, ...] = tuple(name for name, proof in PROOF.items() if proof is Proof.MADE)
# What is printed can itself be in the format; nothing else then goes in.
MAY_BE_THE_LETTER: tuple[str, ...] = ("easy_read",)
# RNIB's least for large print, in points; marks, references and the letterhead may be smaller.
LARGE_PRINT_PT = 16.0
