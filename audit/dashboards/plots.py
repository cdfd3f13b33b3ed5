"""Figures as shapes for our own SVG templates: lengths in user units, no styles, the words beside each shape. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

WIDTH = 420
LABEL = 150
ROW = 30


@dataclass(frozen=True)
class Bar:
    """A horizontal bar; `part` is its darker beginning (those that wait too long, say)."""

    label: str
    words: str
    y: int
    width: float
    part: float = 0.0

    @property
    def text_y(self) -> int:
        return self.y + 15

    @property
    def words_x(self) -> float:
        return LABEL + self.width + 6


@dataclass(frozen=True)
class Bars:
    """A plot of bars."""

    slug: str
    title: str
    says: str
    bars: list[Bar] = field(default_factory=list)
    kind: str = "bars"

    @property
    def height(self) -> int:
        return ROW * len(self.bars) + 4


def bars(slug: str, title: str, says: str, rows: Sequence[tuple[str, float, float, str]]) -> Bars:
    """`rows`: label, value, the part of it to mark, words. The longest fills the width."""
    most = max((value for _, value, _, _ in rows), default=0) or 1
    room = WIDTH - LABEL - 70
    return Bars(
        slug,
        title,
        says,
        [
            Bar(label, words, n * ROW + 4, round(room * value / most, 1), round(room * part / most, 1))
            for n, (label, value, part, words) in enumerate(rows)
        ],
    )


@dataclass(frozen=True)
class Column:
    """One month: a column with a marked part at its foot."""

    label: str
    words: str
    x: float
    y: float
    height: float
    part_y: float
    part: float
    width: float

    @property
    def middle(self) -> float:
        return round(self.x + self.width / 2, 1)


@dataclass(frozen=True)
class Columns:
    """A plot of columns over time."""

    slug: str
    title: str
    says: str
    top: str
    columns: list[Column] = field(default_factory=list)
    kind: str = "columns"


def columns(slug: str, title: str, says: str, rows: Sequence[tuple[str, float, float, str]]) -> Columns:
    """`rows`: label, value, the part of it to mark, words."""
    most = max((value for _, value, _, _ in rows), default=0) or 1
    step = (WIDTH - 40) / max(1, len(rows))
    found = []
    for n, (label, value, part, words) in enumerate(rows):
        height, inner = round(120 * value / most, 1), round(120 * part / most, 1)
        x = round(36 + n * step + step * 0.15, 1)
        found.append(
            Column(label, words, x, round(136 - height, 1), height, round(136 - inner, 1), inner, round(step * 0.7, 1))
        )
    # At most four figures: more do not fit beside the axis.
    top = f"{most:.3g}" if most < 1000 else f"{most / 1000:.3g}k"
    return Columns(slug, title, says, top, found)


@dataclass(frozen=True)
class Point:
    """A result with its bound: a dot at what was found, a line up to what there can be at most."""

    label: str
    words: str
    x: float
    found_y: float
    most_y: float

    @property
    def left(self) -> float:
        return self.x - 5

    @property
    def right(self) -> float:
        return self.x + 5


@dataclass(frozen=True)
class Bounds:
    """Results over time, each with its bound."""

    slug: str
    title: str
    says: str
    top: str
    points: list[Point] = field(default_factory=list)
    kind: str = "bounds"


def bounds(slug: str, title: str, says: str, rows: Sequence[tuple[str, float, float, str]]) -> Bounds:
    """`rows`: label, share found, share at most (0 to 1), words."""
    most = max((upper for _, _, upper, _ in rows), default=0) or 1
    step = (WIDTH - 40) / max(1, len(rows))
    found = [
        Point(label, words, round(36 + (n + 0.5) * step, 1), round(136 - 120 * share / most, 1),
              round(136 - 120 * upper / most, 1))
        for n, (label, share, upper, words) in enumerate(rows)
    ]  # fmt: skip
    return Bounds(slug, title, says, f"{100 * most:.0f} %", found)
