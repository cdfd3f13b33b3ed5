"""Working time: seconds counted over working days alone, so that whatever happens, happens in office hours."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from random import Random

import holidays
from django.utils import timezone

OPENS = dt.time(9)
DAY_SECONDS = 8 * 3600  # 9 to 5


@lru_cache(maxsize=1)
def _bank_holidays() -> holidays.HolidayBase:
    return holidays.country_holidays("GB", subdiv="ENG")


def is_working_day(day: dt.date) -> bool:
    """Monday to Friday, and no bank holiday of England."""
    return day.weekday() < 5 and day not in _bank_holidays()


class Clock:
    """Turns seconds of working time since `first` (a local date) into aware moments, none after `now` (aware)."""

    def __init__(self, first: dt.date, now: dt.datetime) -> None:
        local = timezone.localtime(now)
        self.now = now
        self.today = local.date()
        span = range((self.today - first).days + 1)
        self.days = [day for n in span if is_working_day(day := first + dt.timedelta(days=n))]
        # How much working time there has been until now.
        self.end = len(self.days) * DAY_SECONDS
        if self.days and self.days[-1] == self.today:
            opened = timezone.make_aware(dt.datetime.combine(self.today, OPENS))
            gone = int((now - opened).total_seconds())
            self.end += min(max(gone, 0), DAY_SECONDS) - DAY_SECONDS

    def at(self, second: int) -> dt.datetime:
        """The moment of that second of working time, UTC. Raises IndexError beyond today."""
        day, rest = divmod(second, DAY_SECONDS)
        opened = timezone.make_aware(dt.datetime.combine(self.days[day], OPENS))
        return (opened + dt.timedelta(seconds=rest)).astimezone(dt.UTC)

    def second_of(self, day: dt.date) -> int:
        """The first second of working time on or after this local date."""
        return sum(1 for one in self.days if one < day) * DAY_SECONDS

    def spread(self, rng: Random, count: int, first: int, last: int) -> list[int]:
        """`count` seconds of working time, rising, from `first` to at most `last`, hours apart where there is room."""
        gaps = [rng.randint(15 * 60, DAY_SECONDS) for _ in range(count - 1)]
        room = max(last - first, count)
        wanted = sum(gaps)
        if wanted > room:
            gaps = [max(1, gap * (room - count) // wanted) for gap in gaps]
        seconds = [first]
        for gap in gaps:
            seconds.append(seconds[-1] + gap)
        return seconds
