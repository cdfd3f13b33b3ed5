"""Window envelopes as data: what of a folded A4 sheet shows through the window, wherever the sheet slides (OGP-4a).

All lengths are millimetres. Rectangles on the sheet have their origin at its top left corner, y downwards.

The folded sheet (`panel_w` by `panel_h`) lies in the envelope with some play: what the envelope is wider than the sheet
it can slide sideways, what it is taller, up and down. What shows in every position is **always visible**; what shows in
at least one is **may show**. The panel with the address is the top one, so the sheet's top left is the panel's.
"""

from dataclasses import dataclass, fields
from itertools import pairwise

A4_W = 210.0
A4_H = 297.0
SAFETY = 2.0  # the address keeps this far from each edge of what is always visible


class BadStock(ValueError):
    """The figures of an envelope stock make no sense. `problems`: a sentence for each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


class UnknownStock(LookupError):
    """No stock of that name. The message lists those there are."""


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle in mm on the sheet, origin at the sheet's top left, y downwards."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """In mm."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """In mm."""
        return self.bottom - self.top

    def inset(self, by: float) -> "Rect":
        """The rectangle `by` mm inside this one at each edge (outside, if negative)."""
        return Rect(self.left + by, self.top + by, self.right - by, self.bottom - by)

    def contains(self, other: "Rect", slack: float = 0.0) -> bool:
        """Whether `other` lies in here, give or take `slack` mm."""
        return (
            other.left >= self.left - slack
            and other.top >= self.top - slack
            and other.right <= self.right + slack
            and other.bottom <= self.bottom + slack
        )

    def overlaps(self, other: "Rect") -> bool:
        """Whether the two share any area."""
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )


@dataclass(frozen=True, slots=True)
class Stock:
    """One envelope stock. Lengths in mm; the window's place as envelope makers give it.

    `window_left`: from the envelope's left edge; `window_up`: the window's lower edge above the envelope's bottom.
    `folds_mm`: where A4 is folded, from the sheet's top. `max_sheets`: how many sheets of 80 g/m² the envelope takes.
    Raises BadStock when the figures can't be.
    """

    name: str
    slug: str
    envelope_w: float
    envelope_h: float
    window_w: float
    window_h: float
    window_left: float
    window_up: float
    folds_mm: tuple[float, ...]
    max_sheets: int = 5

    def __post_init__(self) -> None:
        problems = _problems(self)
        if problems:
            raise BadStock(problems)

    @property
    def panel_w(self) -> float:
        """Width of the folded sheet, mm: folds are across, so it is the sheet's."""
        return A4_W

    @property
    def panel_h(self) -> float:
        """Height of the folded sheet, mm: its tallest panel (the last may be shorter, as 87 of 105 + 105 + 87)."""
        return _panel_h(self.folds_mm)

    @property
    def window_top(self) -> float:
        """Of the window, from the envelope's top, mm."""
        return self.envelope_h - self.window_up - self.window_h

    @property
    def always_visible(self) -> Rect:
        """What shows in every position of the sheet."""
        slide_x, slide_y = self.envelope_w - self.panel_w, self.envelope_h - self.panel_h
        return Rect(
            self.window_left,
            self.window_top,
            self.window_left + self.window_w - slide_x,
            self.window_top + self.window_h - slide_y,
        )

    @property
    def may_show(self) -> Rect:
        """What shows in at least one position of the sheet: nothing but the address may be printed here."""
        slide_x, slide_y = self.envelope_w - self.panel_w, self.envelope_h - self.panel_h
        return Rect(
            self.window_left - slide_x,
            self.window_top - slide_y,
            self.window_left + self.window_w,
            self.window_top + self.window_h,
        )

    @property
    def address_area(self) -> Rect:
        """Where all of the address's ink must lie: always visible, less 2 mm at each edge."""
        return self.always_visible.inset(SAFETY)

    def as_dict(self) -> dict[str, object]:
        """Plain values, for JSON and for freezing beside a letter."""
        return {f.name: getattr(self, f.name) for f in fields(self)} | {"folds_mm": list(self.folds_mm)}

    @classmethod
    def from_dict(cls, values: dict[str, object]) -> "Stock":
        """The counterpart of `as_dict`. Raises BadStock, or TypeError for a name it doesn't know."""
        folds = values.get("folds_mm", ())
        return cls(**{**values, "folds_mm": tuple(folds)})  # type: ignore[arg-type]


def _panel_h(folds: tuple[float, ...]) -> float:
    edges = (0.0, *folds, A4_H)
    return max(below - above for above, below in pairwise(edges))


def _problems(stock: Stock) -> list[str]:
    """What is wrong with the figures, in sentences. Only later checks need the earlier figures to be sound."""
    sizes = {
        "The envelope's width": stock.envelope_w,
        "The envelope's height": stock.envelope_h,
        "The window's width": stock.window_w,
        "The window's height": stock.window_h,
    }
    problems = [f"{what} must be a length above 0 mm." for what, size in sizes.items() if not 0 < size < 1000]
    if stock.window_left < 0 or stock.window_up < 0:
        problems.append("The window's distances from the envelope's edges can't be below 0 mm.")
    folds = stock.folds_mm
    if list(folds) != sorted(set(folds)) or any(not 0 < fold < A4_H for fold in folds):
        problems.append("Give the folds from the top of the sheet down, each between 0 and 297 mm.")
    if stock.max_sheets < 1:
        problems.append("The envelope must take at least one sheet.")
    if not stock.name.strip() or not stock.slug.strip():
        problems.append("Give the stock a name.")
    return problems or _problems_of_fit(stock)


def _problems_of_fit(stock: Stock) -> list[str]:
    problems = []
    if stock.window_left + stock.window_w > stock.envelope_w or stock.window_top < 0:
        problems.append("The window doesn't lie on the envelope. Measure from the envelope's left and bottom edges.")
    if stock.panel_w > stock.envelope_w or stock.panel_h > stock.envelope_h:
        problems.append(
            f"The folded sheet ({stock.panel_w:g} by {stock.panel_h:g} mm) doesn't go into the envelope "
            f"({stock.envelope_w:g} by {stock.envelope_h:g} mm). Check the folds."
        )
    if problems:
        return problems
    first_panel = stock.folds_mm[0] if stock.folds_mm else A4_H
    area = stock.address_area
    if area.width < 40 or area.height < 12:
        problems.append(
            f"Only {max(area.width, 0):g} by {max(area.height, 0):g} mm of the sheet show in every position: "
            "too little for an address. Check the window and the folds."
        )
    elif stock.may_show.bottom > first_panel or stock.may_show.top < 0 or stock.may_show.left < 0:
        problems.append(
            "The window reaches over the edge of the panel with the address, which must be the sheet's top one. "
            "Check the folds."
        )
    return problems


DL = Stock("DL", "dl", 220, 110, 90, 35, 20, 18, (99.0, 198.0))
DL_20_UP = Stock("DL, 20 up", "dl-20-up", 220, 110, 90, 35, 20, 20, (99.0, 198.0))
DL_105 = Stock("DL, fold 105/210", "dl-105", 220, 110, 90, 35, 20, 18, (105.0, 210.0))
# A C5 takes the sheets folded once: twice as many as a DL before it is as thick.
C5 = Stock("C5", "c5", 229, 162, 90, 35, 20, 60, (148.5,), max_sheets=10)

STOCKS: tuple[Stock, ...] = (DL, DL_20_UP, DL_105, C5)


def _key(name: str) -> str:
    return " ".join(name.casefold().replace(",", ", ").split())


def stock_named(name: str) -> Stock:
    """The built-in stock of that name or slug, capitals and blanks aside. Raises UnknownStock, naming all."""
    wanted = _key(name)
    for stock in STOCKS:
        if wanted in {_key(stock.name), stock.slug}:
            return stock
    known = "; ".join(f"{stock.name} ({stock.slug})" for stock in STOCKS)
    raise UnknownStock(f"There is no envelope stock called “{name}”. Choose one of: {known}.")
