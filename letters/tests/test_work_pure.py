"""Working days and differences: pure parts of the worker's pages."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.differences import compare, words
from postroom.working_days import is_working_day, overdue_from, working_days_waited

D = dt.date


@pytest.mark.parametrize(
    ("since", "today", "expected"),
    [
        (D(2026, 7, 20), D(2026, 7, 20), 0),
        (D(2026, 7, 17), D(2026, 7, 20), 1),  # Friday to Monday
        (D(2026, 7, 18), D(2026, 7, 20), 1),  # Saturday to Monday
        (D(2026, 7, 18), D(2026, 7, 19), 0),
        (D(2026, 7, 21), D(2026, 7, 20), 0),
        (D(2026, 4, 2), D(2026, 4, 7), 1),  # Good Friday, Easter Monday
        (D(2026, 12, 24), D(2026, 12, 29), 1),  # Christmas Day, Boxing Day on a Saturday: Monday instead
        (D(2026, 8, 28), D(2026, 9, 1), 1),  # summer bank holiday
        (D(2025, 12, 31), D(2026, 1, 2), 1),  # New Year's Day
        (D(2026, 7, 6), D(2026, 7, 20), 10),
    ],
)
def test_working_days_waited(since, today, expected):
    assert working_days_waited(since, today) == expected


@given(st.dates(D(2020, 1, 1), D(2035, 12, 31)), st.integers(0, 400))
def test_counting_in_weeks_is_counting_day_by_day(since, length):
    today = since + dt.timedelta(days=length)
    walked = sum(is_working_day(since + dt.timedelta(days=n)) for n in range(1, length + 1))
    assert working_days_waited(since, today) == walked


@given(st.dates(D(2020, 1, 1), D(2035, 12, 31)), st.integers(0, 15))
def test_the_overdue_day_parts_late_from_not_late(since, allowed):
    first = overdue_from(since, allowed)
    assert working_days_waited(since, first) > allowed
    assert working_days_waited(since, first - dt.timedelta(days=1)) <= allowed


@given(st.text(max_size=200), st.text(max_size=200))
def test_differences_rebuild_both_texts(before, after):
    pieces = words(before, after)
    assert "".join(p.text for p in pieces if p.kind != "added") == before
    assert "".join(p.text for p in pieces if p.kind != "removed") == after


def test_compare_names_the_parts_that_differ():
    old = {"body": "one two", "address_lines": ["A", "B"], "enclosures": [{"title": "Map", "sheets": 1}]}
    new = {**old, "body": "one three", "enclosures": [{"title": "Map", "sheets": 2}]}
    assert [part.label for part in compare(old, new)] == ["Text", "Enclosures"]
    assert compare(old, dict(old)) == []
