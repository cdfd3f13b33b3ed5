"""When late papers are chased, and who is told: pure arithmetic on local dates.

The day after the due day its holder is reminded, then again; then the line manager is told with the holder, and again
every so many working days until the papers are back, destroyed or reported lost. Working days are England's.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import count

from postroom.working_days import working_days_waited

# Working days after the due day (docs/decisions/0050-papers-out.md); a council may change the last two.
FIRST, SECOND = 1, 2


@dataclass(frozen=True)
class Stage:
    """One reminder: its number (1, 2, 3 …), the working day after the due day it falls on, and if managers get it."""

    number: int
    working_day: int
    to_manager: bool


def stage(number: int, manager_after: int, manager_every: int) -> Stage:
    """The stage with this number, counted from 1."""
    if number == 1:
        return Stage(1, FIRST, False)
    if number == 2:
        return Stage(2, SECOND, False)
    return Stage(number, manager_after + (number - 3) * manager_every, True)


def stages_by(due_on: dt.date, today: dt.date, *, manager_after: int, manager_every: int) -> list[Stage]:
    """Every stage that has come by `today` for papers due on `due_on`, in order; none while they aren't late.

    `manager_after` (more than 2) and `manager_every` (at least 1) are working days.
    """
    late = working_days_waited(due_on, today)
    found: list[Stage] = []
    for number in count(1):
        next_one = stage(number, max(manager_after, SECOND + 1), max(manager_every, 1))
        if next_one.working_day > late:
            return found
        found.append(next_one)
    return found
