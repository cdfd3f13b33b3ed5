"""What a printer does to the page, and whether the window still shows the right thing (OGP-4a). Pure."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.rendering.calibration import LOWER_LEFT, UPPER_LEFT, UPPER_RIGHT, Measured, judge
from letters.rendering.stock import A4_H, A4_W, STOCKS, Rect, Stock

TOLERANCE = 1.0
EXACT = Measured(20, 20, 190, 20, 20, 277)
small = st.floats(-1.6, 1.6)


def laid(across: float, down: float, *, scale: float = 1.0, skew: float = 0.0) -> Measured:
    """Where the crosses come out of a printer that shrinks about the page's middle, moves it and turns it a little."""

    def place(x: float, y: float) -> tuple[float, float]:
        x, y = A4_W / 2 + (x - A4_W / 2) * scale, A4_H / 2 + (y - A4_H / 2) * scale
        return x + across + skew * y, y + down - skew * x

    return Measured(*place(*UPPER_LEFT), *place(*UPPER_RIGHT), *place(*LOWER_LEFT))


@pytest.mark.policy("OGP-4a")
@pytest.mark.parametrize("stock", STOCKS, ids=lambda stock: stock.slug)
@given(across=small, down=small, skew=st.floats(-0.004, 0.004))
def test_where_it_holds_the_whole_address_shows_and_nothing_else(stock: Stock, across: float, down: float, skew: float):
    """Each point of the address's area, as it comes out, lies in what always shows: worked out anew, point by point."""
    measured = laid(across, down, skew=skew)
    verdict = judge(measured, stock, TOLERANCE)
    moved = _moved(stock.address_area, measured)
    inside = all(_in(stock.always_visible, point) for point in moved)
    if verdict.holds:
        assert inside
        # Two millimetres were left by the proof; the printer took one of them at most.
        assert all(_in(stock.always_visible.inset(1 - 1e-6), point) for point in moved)
    if not inside:
        assert not verdict.holds


def _moved(zone: Rect, measured: Measured) -> list[tuple[float, float]]:
    corners = [(x, y) for x in (zone.left, zone.right) for y in (zone.top, zone.bottom)]
    return [(x + measured.moved(x, y)[0], y + measured.moved(x, y)[1]) for x, y in corners]


def _in(zone: Rect, point: tuple[float, float]) -> bool:
    return zone.left - 0.01 <= point[0] <= zone.right + 0.01 and zone.top - 0.01 <= point[1] <= zone.bottom + 0.01


@pytest.mark.policy("OGP-4a")
@pytest.mark.parametrize("stock", STOCKS, ids=lambda stock: stock.slug)
def test_fit_to_page_is_told_by_its_size(stock: Stock):
    verdict = judge(laid(0, 0, scale=0.96), stock, TOLERANCE)
    assert not verdict.holds
    assert "96.0 % wide" in verdict.words
    assert "Actual size" in verdict.words


@pytest.mark.parametrize(
    ("measured", "words"),
    [
        (laid(2.4, 0), "2.4 mm too far to the right"),
        (laid(-1.5, 0), "1.5 mm too far to the left"),
        (laid(0, 3), "3.0 mm too low"),
        (laid(-2, -2), "2.0 mm too far to the left and 2.0 mm too high"),
    ],
)
def test_the_advice_says_which_way(measured: Measured, words: str):
    verdict = judge(measured, STOCKS[0], TOLERANCE)
    assert not verdict.holds
    assert words in verdict.words


def test_an_exact_printer_and_one_at_the_limit():
    assert judge(EXACT, STOCKS[0], TOLERANCE).shift == 0
    assert judge(laid(1.0, -1.0), STOCKS[0], TOLERANCE).holds
    assert not judge(laid(1.1, 0), STOCKS[0], TOLERANCE).holds


@pytest.mark.parametrize("tolerance", [0, -1, 2, 3])
def test_a_tolerance_that_the_proof_does_not_leave_is_refused(tolerance: float):
    with pytest.raises(ValueError, match="between 0 and 2 mm"):
        judge(EXACT, STOCKS[0], tolerance)
