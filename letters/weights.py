"""What a letter weighs, roughly, and which of Royal Mail's formats it is. Pure arithmetic.

An A4 sheet of 80 g paper weighs 5 g (0.21 m × 0.297 m × 80 g/m²). An envelope is estimated by its area: a DL weighs
about 5 g, a C5 about 8. A letter is at most 240 × 165 mm and 100 g; what is more goes as a large letter.
"""

from __future__ import annotations

SHEET_G = 5.0
# Two sides and a flap, of paper of 90 g/m².
ENVELOPE_G_PER_MM2 = 2.25 * 90 / 1_000_000
LETTER_LONG_MM, LETTER_SHORT_MM, LETTER_G = 240.0, 165.0, 100.0


def sheets_of_pages(pages: int, *, both_sides: bool) -> int:
    """Sheets of paper that so many pages of one letter take; the next letter begins on a fresh one."""
    return -(-pages // 2) if both_sides else pages


def estimated_grams(sheets: int, envelope_w: float, envelope_h: float) -> int:
    """Envelope and sheets, in whole grams, rounded up."""
    grams = sheets * SHEET_G + envelope_w * envelope_h * ENVELOPE_G_PER_MM2
    return int(-(-grams // 1))


def post_format(grams: int, envelope_w: float, envelope_h: float) -> str:
    """ "Letter" or "Large letter"."""
    long, short = max(envelope_w, envelope_h), min(envelope_w, envelope_h)
    small = long <= LETTER_LONG_MM and short <= LETTER_SHORT_MM and grams <= LETTER_G
    return "Letter" if small else "Large letter"
