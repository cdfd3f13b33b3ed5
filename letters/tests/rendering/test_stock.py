"""Envelope stock: the figures of the policy facts, computed; and figures that can't be."""

import dataclasses

import pytest

from letters.rendering.stock import C5, DL, DL_20_UP, DL_105, STOCKS, BadStock, Rect, Stock, UnknownStock, stock_named


@pytest.mark.policy("OGP-4a")
@pytest.mark.parametrize(
    ("stock", "always", "may"),
    [
        (DL, Rect(20, 57, 100, 81), Rect(10, 46, 110, 92)),
        (DL_20_UP, Rect(20, 55, 100, 79), Rect(10, 44, 110, 90)),
        (DL_105, Rect(20, 57, 100, 87), Rect(10, 52, 110, 92)),
        (C5, Rect(20, 67, 91, 88.5), Rect(1, 53.5, 110, 102)),
    ],
)
def test_the_computed_figures_are_those_of_the_table(stock, always, may):
    assert stock.always_visible == always
    assert stock.may_show == may
    assert stock.address_area == Rect(always.left + 2, always.top + 2, always.right - 2, always.bottom - 2)


@pytest.mark.parametrize(
    ("name", "stock"),
    [("DL", DL), ("dl", DL), (" dl, 20  UP", DL_20_UP), ("dl-20-up", DL_20_UP), ("DL,20 up", DL_20_UP),
     ("DL, fold 105/210", DL_105), ("DL-105", DL_105), ("c5", C5)],
)  # fmt: skip
def test_a_stock_by_name_or_slug(name, stock):
    assert stock_named(name) is stock


def test_an_unknown_name_lists_those_there_are():
    with pytest.raises(UnknownStock) as caught:
        stock_named("C4")
    assert all(stock.name in str(caught.value) for stock in STOCKS)


def test_a_stock_survives_json():
    for stock in STOCKS:
        assert Stock.from_dict(stock.as_dict()) == stock


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"window_w": 0}, "window's width"),
        ({"window_left": -1}, "below 0"),
        ({"folds_mm": (198.0, 99.0)}, "top of the sheet down"),
        ({"folds_mm": (148.5,)}, "doesn't go into the envelope"),
        ({"window_left": 140}, "doesn't lie on the envelope"),
        ({"window_w": 30}, "too little"),
        ({"window_up": 2}, "over the edge of the panel"),
        ({"max_sheets": 0}, "one sheet"),
        ({"name": " "}, "name"),
    ],
)
def test_figures_that_cannot_be(change, says):
    with pytest.raises(BadStock, match=says):
        dataclasses.replace(DL, **change)
