"""Return labels on sheets of labels: pure geometry and PDF; what may stand on them is judged before (OGP-5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from letters.rendering.typesetting import FONT_FAMILY, line_widths_mm, typeset

PADDING_MM = 3.0
LARGEST_PT, SMALLEST_PT, STEP_PT = 11.0, 7.0, 0.5
LEADING = 1.2
PT_TO_MM = 25.4 / 72


class LabelDoesNotFit(ValueError):
    """The text doesn't fit the label at a size that can be read. Its words say what to do."""


@dataclass(frozen=True)
class LabelSheet:
    """A sheet of A4 labels, lengths in mm as the maker gives them."""

    code: str
    name: str
    columns: int
    rows: int
    width: float
    height: float
    left: float
    top: float
    step_x: float
    step_y: float

    @property
    def labels(self) -> int:
        """Labels on one sheet."""
        return self.columns * self.rows

    def place(self, number: int) -> tuple[float, float]:
        """Left and top of label `number` (0 is the first; along the row, then down), mm from the sheet's corner."""
        row, column = divmod(number, self.columns)
        return self.left + column * self.step_x, self.top + row * self.step_y


SHEETS: dict[str, LabelSheet] = {
    sheet.code: sheet
    for sheet in (
        LabelSheet("L7160", "Avery L7160, 21 a sheet (63.5 × 38.1 mm)", 3, 7, 63.5, 38.1, 7.2, 15.15, 66.0, 38.1),
        LabelSheet("L7163", "Avery L7163, 14 a sheet (99.1 × 38.1 mm)", 2, 7, 99.1, 38.1, 4.65, 15.15, 101.6, 38.1),
    )
}


def render_labels(lines: Sequence[str], sheet: LabelSheet, *, start: int, count: int) -> bytes:
    """`count` labels with these lines, the first on label `start` (1 is the sheet's first), as many sheets as it takes.

    Raises LabelDoesNotFit; ValueError for a start or count that can't be; MissingGlyphs.
    """
    if not 1 <= start <= sheet.labels or count < 1:
        raise ValueError(f"start {start}, count {count}: not on this sheet")
    size = _size(lines, sheet)
    text = "".join(f"<div>{escape(line)}</div>" for line in lines)
    pages: dict[int, list[str]] = {}
    for number in range(start - 1, start - 1 + count):
        page, place = divmod(number, sheet.labels)
        left, top = sheet.place(place)
        spot = f"left:{left + PADDING_MM:.2f}mm;top:{top + PADDING_MM:.2f}mm"
        pages.setdefault(page, []).append(f'<div class="label" style="{spot}">{text}</div>')
    body = "".join(f'<section class="sheet">{"".join(labels)}</section>' for labels in pages.values())
    css = (
        "@page { size: A4; margin: 0 } body { margin: 0 }"
        f".sheet {{ position: relative; height: 296.9mm; break-after: page }} .sheet:last-child {{ break-after: auto }}"
        f".label {{ position: absolute; white-space: pre; font-family: {FONT_FAMILY}; font-size: {size}pt;"
        f" line-height: {LEADING} }} .label div:first-child {{ font-weight: bold }}"
    )
    html = '<!doctype html><html lang="en-GB"><head><title>Return labels</title></head><body>'
    return typeset(f"{html}{body}</body></html>", css)


def _size(lines: Sequence[str], sheet: LabelSheet) -> float:
    """The largest type, in pt, at which the lines fit one label. Bold is wider than plain by less than a tenth."""
    widest = max(line_widths_mm(lines, LARGEST_PT), default=0.0) * 1.1
    size = LARGEST_PT
    while size >= SMALLEST_PT:
        wide = widest * size / LARGEST_PT
        high = len(lines) * size * LEADING * PT_TO_MM
        if wide <= sheet.width - 2 * PADDING_MM and high <= sheet.height - 2 * PADDING_MM:
            return size
        size -= STEP_PT
    raise LabelDoesNotFit(
        f"The return address doesn't fit {sheet.name}. Use the larger label, or shorten the office's address."
    )
