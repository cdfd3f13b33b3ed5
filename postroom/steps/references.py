"""References that people read out over the phone: eight characters, no look-alikes, and a check character."""

from __future__ import annotations

import secrets
from random import Random

from stdnum.iso7064 import mod_37_36

# No I, L, O, U, 0 or 1: they are misread on paper.
ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
LENGTH = 8


def new_reference(rng: Random | None = None) -> str:
    """A new reference, for example "K7Q2M4XD9" (the last character checks the others: ISO 7064 MOD 37,36).

    Drawn at random, so it tells nobody how many letters there are or who they are for. `rng` makes demo
    data repeatable.
    """
    draw = rng.choice if rng else secrets.choice
    while True:
        body = "".join(draw(ALPHABET) for _ in range(LENGTH))
        check = mod_37_36.calc_check_digit(body)
        if check in ALPHABET:
            return body + check


def is_reference(text: str) -> bool:
    """Is this a reference as `new_reference` makes them? Spaces and case do not matter."""
    compact = "".join(text.split()).upper()
    return len(compact) == LENGTH + 1 and all(c in ALPHABET for c in compact) and bool(mod_37_36.is_valid(compact))
