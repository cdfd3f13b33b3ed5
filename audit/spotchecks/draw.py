"""The draw of a spot check: the same references for the same frame and seed, for anybody, by hand too. Pure.

Source: OGP-10. Ticket of a reference = hex(SHA-256(hex(SHA-256(seed)) + reference)); the tickets are sorted, and the
first n references are drawn. The seed is text, as thrown or announced, after the frame was published: leading noughts
count. `SHELL_LINE` does the same with coreutils.
"""

from __future__ import annotations

import hashlib
import os
import re

from audit.spotchecks.frame import Frame

SEED_DIGITS = 20
# By hand, in bash, with frame.txt beside it, the seed in $seed and the number in $n.
SHELL_LINE = (
    """sh=$(printf %s "$seed"|sha256sum|cut -c1-64); """
    """while IFS= read -r r; do echo "$(printf %s "$sh$r"|sha256sum|cut -c1-64) $r"; done<frame.txt"""
    """|LC_ALL=C sort|head -n "$n"|cut -d' ' -f2-"""
)
_USUAL_SEED = re.compile(rf"[0-9]{{{SEED_DIGITS}}}\Z")


class SeedError(ValueError):
    """No draw can be made of this seed or for this number."""


def is_usual_seed(seed: str) -> bool:
    """Is it 20 digits 0–9, as the rule has it? Another text draws just as well, but was not thrown with dice."""
    return _USUAL_SEED.match(seed) is not None


def ticket(seed: str, reference: bytes) -> str:
    """A reference's ticket: 64 small hex digits. Raises SeedError as `draw` does."""
    return _seeded(seed, reference).decode()


def draw(frame: Frame, seed: str, n: int) -> list[str]:
    """The n references drawn, in the order drawn; all of them if the frame holds fewer.

    Raises SeedError for an empty seed, one with a NUL (no shell can hold it), or n below 0.
    """
    if n < 0:
        raise SeedError("Say how many to draw as a number from 0.")
    tickets = sorted((_seeded(seed, reference), reference) for reference in frame.references)
    return [reference.decode() for _, reference in tickets[:n]]


def _seeded(seed: str, reference: bytes) -> bytes:
    if not seed:
        raise SeedError(f"There is no seed. Throw {SEED_DIGITS} digits, or take the value announced beforehand.")
    if "\0" in seed:
        raise SeedError("A seed can't hold a NUL byte.")
    # Bytes of the command line that are no UTF-8 come back as they were.
    seed_hash = hashlib.sha256(os.fsencode(seed)).hexdigest().encode()
    return hashlib.sha256(seed_hash + reference).hexdigest().encode()
