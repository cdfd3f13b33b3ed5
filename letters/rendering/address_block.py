"""The address behind the window: how large it can be, measured with the fonts that will print it (OGP-4a)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from letters.rendering.stock import Rect, Stock
from letters.rendering.typesetting import FONT_FAMILY, line_widths_mm

PT_PER_MM = 72 / 25.4
LARGEST_PT = 11.0
SMALLEST_PT = 8.0
STEP_PT = 0.25
# From line to line, in type sizes: the smallest type may stand solid; at 1.25 the block looks as open as the letter.
SOLID, TIGHTEST, WIDEST = 0.96, 1.04, 1.25
# Above the first baseline, in type sizes: capitals, and capitals with accents or other scripts.
CAPITALS, ACCENTED = 0.74, 0.95
MARGIN_MM = 0.3  # between the line's measured width and the edge


class AddressDoesNotFit(ValueError):
    """The address can't be printed behind this stock's window. `faults`: each reason, and what to do next."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__(" ".join(faults))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class AddressBlock:
    """Where and how large the address is printed. `top`, `left`: of the first line's box, mm; sizes in pt."""

    lines: tuple[str, ...]
    size_pt: float
    leading_pt: float
    left_mm: float
    top_mm: float

    def html(self, top_offset_mm: float = 0.0) -> str:
        """The block, absolutely placed; `top_offset_mm`: the top margin of the page it stands on."""
        lines = "".join(f"<div>{escape(line)}</div>" for line in self.lines)
        style = (
            f"top:{self.top_mm - top_offset_mm:.3f}mm;left:{self.left_mm:.3f}mm;"
            f"font-size:{self.size_pt}pt;line-height:{self.leading_pt:.3f}pt"
        )
        return f'<div class="window" style="{style}">{lines}</div>'


def fit_address(lines: Sequence[str], stock: Stock) -> AddressBlock:
    """The largest block of `lines` that fits, 11 pt down to 8. Raises AddressDoesNotFit, for use while typing too."""
    area = stock.address_area
    widths = line_widths_mm(lines, LARGEST_PT)
    size = LARGEST_PT
    while size >= SMALLEST_PT:
        wide = max(widths, default=0) * size / LARGEST_PT > area.width - MARGIN_MM
        leading = _leading_room(lines, size, area)
        if not wide and leading >= size * (SOLID if size == SMALLEST_PT else TIGHTEST):
            return _placed(lines, size, min(leading, size * WIDEST), area)
        size -= STEP_PT
    raise AddressDoesNotFit(_reasons(lines, widths, stock))


def _ends(lines: Sequence[str], size: float) -> tuple[float, float]:
    """How far ink reaches above the first baseline and below the last, pt. Most postcodes have nothing below; Q has."""
    above = CAPITALS if lines[0].isascii() else ACCENTED
    below = 0.03 if re.fullmatch("[A-PR-Z0-9 ]+", lines[-1]) else 0.24
    return above * size, below * size


def _leading_room(lines: Sequence[str], size: float, area: Rect) -> float:
    """How far apart the baselines can be at most, pt; no further than an equal share of the area's height."""
    room = (area.height - MARGIN_MM) * PT_PER_MM
    if len(lines) < 2:
        return room
    return min((room - sum(_ends(lines, size))) / (len(lines) - 1), room / len(lines))


def _placed(lines: Sequence[str], size: float, leading: float, area: Rect) -> AddressBlock:
    """The block with its ink in the middle of the area."""
    above, below = _ends(lines, size)
    ink_mm = (above + (len(lines) - 1) * leading + below) / PT_PER_MM
    # In a line box the baseline stands half the spare leading, and the font's ascent, below the top.
    baseline_pt = (leading - 1.117 * size) / 2 + 0.905 * size
    top = area.top + max(area.height - ink_mm, 0) / 2 + (above - baseline_pt) / PT_PER_MM
    return AddressBlock(tuple(lines), size, leading, area.left + MARGIN_MM / 2, top)


def _reasons(lines: Sequence[str], widths: Sequence[float], stock: Stock) -> list[str]:
    area = stock.address_area
    reasons = []
    for number, (line, width) in enumerate(zip(lines, widths, strict=True), start=1):
        smallest = width * SMALLEST_PT / LARGEST_PT
        if smallest > area.width - MARGIN_MM:
            keep = max(int(len(line) * (area.width - MARGIN_MM) / smallest), 1)
            reasons.append(
                f"Line {number} is {smallest:.0f} mm wide in the smallest type, and the window of {stock.name} shows "
                f"{area.width:g} mm. Shorten it to about {keep} characters, or break it over two lines."
            )
    most = len(lines)
    while most > 1 and _leading_room(lines[-most:], SMALLEST_PT, area) < SMALLEST_PT * SOLID:
        most -= 1
    if most < len(lines):
        reasons.append(
            f"The address has {len(lines)} lines, and the window of {stock.name} shows {most} in the smallest type. "
            f"Shorten it to {most} lines, or choose an envelope with a higher window."
        )
    return reasons or ["The address doesn't fit behind the window. Shorten it."]


__all__ = ["FONT_FAMILY", "AddressBlock", "AddressDoesNotFit", "fit_address"]
