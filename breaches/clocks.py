"""The clocks of a breach: elapsed hours in UTC, working days by the calendar of England. Pure.

Source: CLS-15 (72 hours to the Commissioner from becoming aware, weekends included), CLS-7 to CLS-14 for the others;
the figures are passed in (`breaches/duties.py` has their defaults). Every moment that goes in knows its zone, every
moment that comes out is in UTC: hours are elapsed ones, whatever the clocks on the wall did meanwhile.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

_SATURDAY = 5


class ClockError(ValueError):
    """No time can be counted from or by this."""


def hours_after(moment: datetime, hours: int) -> datetime:
    """The moment (UTC) so many elapsed hours later; 0 is at once.

    Raises ClockError for a moment without its zone, or hours below 0.
    """
    if hours < 0:
        raise ClockError("Hours are counted forward: 0 or more.")
    return _in_utc(moment) + timedelta(hours=hours)


def is_working_day(day: date, closed: Collection[date] = ()) -> bool:
    """Monday to Friday, no bank holiday in England (nor the day in its place), none of the council's own `closed`."""
    return day.weekday() < _SATURDAY and day not in _bank_holidays(day.year) and day not in closed


def working_days_after(day: date, days: int, closed: Collection[date] = ()) -> date:
    """The working day that comes `days` working days after this day, which doesn't count itself.

    Raises ClockError for fewer than 1.
    """
    if days < 1:
        raise ClockError("Working days are counted from 1.")
    while days:
        day += timedelta(days=1)
        days -= is_working_day(day, closed)
    return day


def working_days_due(moment: datetime, days: int, zone: ZoneInfo, closed: Collection[date] = ()) -> datetime:
    """The end (UTC) of the working day in `zone` that comes `days` working days after the local day of the moment.

    It is the first instant of the day after: at that instant it is overdue. Raises ClockError as the others do.
    """
    last = working_days_after(_in_utc(moment).astimezone(zone).date(), days, closed)
    return datetime.combine(last + timedelta(days=1), time.min, tzinfo=zone).astimezone(UTC)


def escalations(aware: datetime, marks: Sequence[int]) -> dict[int, datetime]:
    """Each mark, in hours from becoming aware, and its moment (UTC). Raises ClockError unless the marks ascend."""
    if list(marks) != sorted(set(marks)):
        raise ClockError("Escalations are hours that ascend, like 24, 48 and 66.")
    return {mark: hours_after(aware, mark) for mark in marks}


def escalations_owed(aware: datetime, now: datetime, marks: Sequence[int], told: Collection[int]) -> tuple[int, ...]:
    """The marks that are reached at `now` and that nobody was told of yet, in order; `told`: those dealt with.

    However long nobody looked, none is lost; recorded as told in the transaction that sends, none is doubled. Nothing
    else that is pending stops a mark. Raises ClockError as `escalations` does.
    """
    at = _in_utc(now)
    return tuple(mark for mark, moment in escalations(aware, marks).items() if moment <= at and mark not in told)


def _in_utc(moment: datetime) -> datetime:
    if moment.utcoffset() is None:
        raise ClockError("This time has no zone: what hour it was can't be said.")
    return moment.astimezone(UTC)


@lru_cache(maxsize=64)
def _bank_holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=year))
