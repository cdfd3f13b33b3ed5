"""What a printer does to a page, from where the calibration sheet's crosses came out; pure, all lengths in mm (OGP-4a).

The sheet bears crosses at known places. Three of them, measured from the paper's left and top edge, say all that a
printer's feed can do to a page: move it, shrink or stretch it, turn it. From them follows how far each point of the
window's zone moves, and whether a letter that was proved on its PDF is still right on paper.
"""

from __future__ import annotations

from dataclasses import dataclass

from letters.rendering.stock import SAFETY, Rect, Stock

# Where the sheet has its crosses: (x, y).
UPPER_LEFT = (20.0, 20.0)
UPPER_RIGHT = (190.0, 20.0)
LOWER_LEFT = (20.0, 277.0)
# Farther off than this, it isn't the printer: the wrong cross was measured, or from the wrong edge.
FARTHEST = 15.0
# Below this a difference in size is the ruler's, not the printer's.
SAME_SIZE = 0.006


@dataclass(frozen=True, slots=True)
class Measured:
    """Where three crosses came out, from the paper's left edge (x) and top edge (y)."""

    upper_left_x: float
    upper_left_y: float
    upper_right_x: float
    upper_right_y: float
    lower_left_x: float
    lower_left_y: float

    def moved(self, x: float, y: float) -> tuple[float, float]:
        """How far the point (x, y) of the page comes out to the right and further down."""
        right = (x - UPPER_LEFT[0]) / (UPPER_RIGHT[0] - UPPER_LEFT[0])
        down = (y - UPPER_LEFT[1]) / (LOWER_LEFT[1] - UPPER_LEFT[1])
        a = (self.upper_left_x - UPPER_LEFT[0], self.upper_left_y - UPPER_LEFT[1])
        b = (self.upper_right_x - UPPER_RIGHT[0], self.upper_right_y - UPPER_RIGHT[1])
        c = (self.lower_left_x - LOWER_LEFT[0], self.lower_left_y - LOWER_LEFT[1])
        return (
            a[0] + right * (b[0] - a[0]) + down * (c[0] - a[0]),
            a[1] + right * (b[1] - a[1]) + down * (c[1] - a[1]),
        )

    @property
    def size(self) -> tuple[float, float]:
        """How wide and how tall the page comes out; 1 is as it should."""
        return (
            (self.upper_right_x - self.upper_left_x) / (UPPER_RIGHT[0] - UPPER_LEFT[0]),
            (self.lower_left_y - self.upper_left_y) / (LOWER_LEFT[1] - UPPER_LEFT[1]),
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether letters printed so show the right thing. `shift`: the farthest that a point of the zone moves."""

    holds: bool
    shift: float
    words: str


def judge(measured: Measured, stock: Stock, tolerance: float) -> Verdict:
    """Does the window still show the whole address and nothing else, with the page as this printer lays it?

    The proof on the PDF keeps the address 2 mm inside what is always visible. A printer may take up `tolerance` of
    these (below 2): what is left is for the ruler and the folding. The zone's corners move farthest, so they decide.
    """
    if not 0 < tolerance < SAFETY:
        raise ValueError(f"The tolerance lies between 0 and {SAFETY:g} mm: the proof leaves no more.")
    moves = [measured.moved(x, y) for x, y in _corners(stock.may_show)]
    shift = round(max(abs(one) for move in moves for one in move), 2)
    if shift <= tolerance:
        return Verdict(True, shift, f"It holds: the address moves by {shift:g} mm at most.")
    return Verdict(False, shift, _advice(measured, moves, shift, tolerance))


def _advice(measured: Measured, moves: list[tuple[float, float]], shift: float, tolerance: float) -> str:
    """What is wrong and what to do about it."""
    wide, tall = measured.size
    if abs(wide - 1) > SAME_SIZE or abs(tall - 1) > SAME_SIZE:
        percent = f"{wide * 100:.1f} % wide and {tall * 100:.1f} % tall"
        return (
            f"The page comes out {percent}. Print the sheet again at “Actual size” or 100 %, without “Fit to page”, "
            "and measure that one."
        )
    across = max((move[0] for move in moves), key=abs)
    down = max((move[1] for move in moves), key=abs)
    parts = []
    if abs(across) > tolerance:
        parts.append(f"{abs(across):.1f} mm too far to the {'right' if across > 0 else 'left'}")
    if abs(down) > tolerance:
        parts.append(f"{abs(down):.1f} mm too {'low' if down > 0 else 'high'}")
    return (
        f"The address comes out {' and '.join(parts)}; up to {tolerance:g} mm are allowed. Have the printer's paper "
        "guides and its page registration put right, print the sheet again and measure that one."
    )


def _corners(zone: Rect) -> list[tuple[float, float]]:
    return [(x, y) for x in (zone.left, zone.right) for y in (zone.top, zone.bottom)]
