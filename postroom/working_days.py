"""Working days in England: Monday to Friday without bank holidays. Pure arithmetic on local dates; no models."""

from __future__ import annotations

import datetime as dt
from functools import cache, lru_cache

import holidays

ONE_DAY = dt.timedelta(days=1)


@cache
def _bank_holidays() -> holidays.HolidayBase:
    # Fills itself year by year as days are asked for.
    return holidays.country_holidays("GB", subdiv="ENG")


def is_working_day(day: dt.date) -> bool:
    """Monday to Friday and no bank holiday in England?"""
    return day.weekday() < 5 and day not in _bank_holidays()


def working_days_waited(since: dt.date, today: dt.date) -> int:
    """Working days that have come after `since`, up to and including `today`; the day itself doesn't count.

    From a Friday to the Monday after it: 1. 0 if `today` is not after `since`.
    """
    if today <= since:
        return 0
    weeks, rest = divmod((today - since).days, 7)
    # Whole weeks have five working days each; the rest is walked, then the bank holidays on weekdays come off.
    count = weeks * 5
    day = since + dt.timedelta(days=7 * weeks)
    for _ in range(rest):
        day += ONE_DAY
        count += day.weekday() < 5
    return count - _weekday_holidays(since, today)


def _weekday_holidays(since: dt.date, today: dt.date) -> int:
    for year in range(since.year, today.year + 1):
        dt.date(year, 1, 1) in _bank_holidays()  # noqa: B015 - asking fills that year in
    return sum(since < day <= today and day.weekday() < 5 for day in list(_bank_holidays()))


@lru_cache(maxsize=1024)
def overdue_from(since: dt.date, allowed: int) -> dt.date:
    """The first day on which what has waited since `since` has waited more than `allowed` working days."""
    day = since
    while working_days_waited(since, day) <= allowed:
        day += ONE_DAY
    return day
