"""Hours over changes of the clocks, working days over weekends and bank holidays, a scheduler that was down."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from breaches.clocks import (
    ClockError,
    escalations,
    escalations_owed,
    hours_after,
    is_working_day,
    working_days_after,
    working_days_due,
)

LONDON = ZoneInfo("Europe/London")
MARKS = (24, 48, 66)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.policy("CLS-15")
@pytest.mark.parametrize(
    ("aware", "due_utc", "due_local"),
    [
        ("2026-07-20 10:15", "2026-07-23 09:15", "2026-07-23 10:15"),
        ("2026-07-24 17:00", "2026-07-27 16:00", "2026-07-27 17:00"),  # over a weekend all the same
        ("2026-12-24 09:00", "2026-12-27 09:00", "2026-12-27 09:00"),  # and over Christmas
        ("2026-03-28 12:00", "2026-03-31 12:00", "2026-03-31 13:00"),  # spring: an hour later on the wall
        ("2026-10-24 12:00", "2026-10-27 11:00", "2026-10-27 11:00"),  # autumn: an hour earlier
        ("2026-12-30 08:00", "2027-01-02 08:00", "2027-01-02 08:00"),
    ],
)
def test_72_elapsed_hours(aware, due_utc, due_local):
    due = hours_after(local(aware), 72)
    assert due == utc(due_utc)
    assert due.tzinfo is UTC
    assert due.astimezone(LONDON).replace(tzinfo=None) == datetime.fromisoformat(due_local)


@pytest.mark.policy("CLS-15")
def test_the_hour_that_comes_twice_is_two_hours():
    first, second = local("2026-10-25 01:30"), local("2026-10-25 01:30").replace(fold=1)
    assert hours_after(first, 72) == utc("2026-10-28 00:30")
    assert hours_after(second, 72) == utc("2026-10-28 01:30")


@pytest.mark.parametrize(
    ("day", "working"),
    [
        ("2026-07-20", True),
        ("2026-07-18", False),
        ("2026-07-19", False),
        ("2026-04-03", False),  # Good Friday
        ("2026-04-06", False),  # Easter Monday
        ("2026-04-07", True),
        ("2026-05-04", False),
        ("2026-05-25", False),
        ("2026-08-31", False),
        ("2026-08-03", True),  # a holiday in Scotland, not in England
        ("2026-03-17", True),  # nor Northern Ireland's
        ("2026-12-25", False),
        ("2026-12-28", False),  # for Boxing Day, a Saturday
        ("2026-12-29", True),
        ("2027-01-01", False),
        ("2027-12-27", False),  # for Christmas Day, a Saturday
        ("2027-12-28", False),  # for Boxing Day, a Sunday
    ],
)
def test_working_days_of_england(day, working):
    assert is_working_day(date.fromisoformat(day)) is working
    assert not is_working_day(date.fromisoformat(day), closed={date.fromisoformat(day)})


@pytest.mark.policy("CLS-11", "CLS-12")
@pytest.mark.parametrize(
    ("start", "days", "last"),
    [
        ("2026-07-20", 2, "2026-07-22"),  # Monday: Tuesday, Wednesday
        ("2026-07-23", 2, "2026-07-27"),  # Thursday: Friday, Monday
        ("2026-07-25", 1, "2026-07-27"),  # Saturday: Monday is the first
        ("2026-07-03", 10, "2026-07-17"),
        ("2026-04-02", 1, "2026-04-07"),  # over Easter
        ("2026-12-24", 2, "2026-12-30"),  # over Christmas and the day in place of Boxing Day
        ("2026-12-31", 1, "2027-01-04"),
    ],
)
def test_so_many_working_days_later(start, days, last):
    assert working_days_after(date.fromisoformat(start), days) == date.fromisoformat(last)


@pytest.mark.policy("CLS-11", "CLS-12")
def test_due_at_the_end_of_the_local_day():
    assert working_days_due(local("2026-07-20 10:00"), 2, LONDON) == utc("2026-07-22 23:00")  # summer
    assert working_days_due(local("2026-11-23 10:00"), 2, LONDON) == utc("2026-11-26 00:00")  # winter
    # 23:30 UTC on a summer Sunday is Monday already in London.
    assert working_days_due(utc("2026-07-05 23:30"), 1, LONDON) == utc("2026-07-07 23:00")
    # Over the change of the clocks.
    assert working_days_due(local("2026-03-27 10:00"), 2, LONDON) == utc("2026-03-31 23:00")
    assert working_days_due(local("2026-07-20 10:00"), 2, LONDON, {date(2026, 7, 21)}) == utc("2026-07-23 23:00")


@pytest.mark.policy("CLS-15")
def test_escalations_over_the_change_of_the_clocks():
    assert escalations(local("2026-03-28 12:00"), MARKS) == {
        24: utc("2026-03-29 12:00"),
        48: utc("2026-03-30 12:00"),
        66: utc("2026-03-31 06:00"),
    }


@pytest.mark.policy("CLS-15")
@pytest.mark.parametrize(
    ("hours", "told", "owed"),
    [
        (23.99, (), ()),
        (24, (), (24,)),
        (30, (24,), ()),
        (48, (24,), (48,)),
        (66, (24, 48), (66,)),
        (500, (24, 48, 66), ()),
        (70, (), (24, 48, 66)),  # aware late, or the scheduler was down
        (50, (), (24, 48)),
        (70, (24, 66), (48,)),
    ],
)
def test_what_is_owed(hours, told, owed):
    aware = local("2026-03-28 12:00")
    now = aware.astimezone(UTC) + timedelta(hours=hours)
    assert escalations_owed(aware, now, MARKS, told) == owed
    assert escalations_owed(aware, now, MARKS, (*told, *owed)) == ()


@pytest.mark.policy("CLS-15")
@pytest.mark.parametrize("down", [(0, 0), (20, 68), (40, 88), (1, 100)])
def test_a_scheduler_that_was_down_for_days_loses_none_and_doubles_none(down):
    """Woken each quarter of an hour but while it is down."""
    aware, sent = utc("2026-07-20 00:00"), []
    for quarter in range(110 * 4):
        hours = quarter / 4
        if not down[0] <= hours < down[1]:
            sent += escalations_owed(aware, aware + timedelta(hours=hours), MARKS, sent)
    assert sent == list(MARKS)


def test_what_cannot_be_counted_is_refused():
    naive = datetime(2026, 7, 20, 10)  # noqa: DTZ001
    for call in (
        lambda: hours_after(naive, 72),
        lambda: working_days_due(naive, 1, LONDON),
        lambda: escalations_owed(utc("2026-07-20"), naive, MARKS, ()),
    ):
        with pytest.raises(ClockError, match="no zone"):
            call()
    with pytest.raises(ClockError, match="forward"):
        hours_after(utc("2026-07-20"), -1)
    with pytest.raises(ClockError, match="from 1"):
        working_days_after(date(2026, 7, 20), 0)
    for marks in ((48, 24), (24, 24)):
        with pytest.raises(ClockError, match="ascend"):
            escalations(utc("2026-07-20"), marks)
