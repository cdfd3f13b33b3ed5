"""What one letter's steps add to the figures. Pure: a function of the ledger's entries alone.

So the figures can be kept up by difference: what the letter adds with its new entries less what it added without them.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

# Days after which a stay counts into the next of four groups: within 1, 3, 7 days, longer.
GROUPS = (1, 3, 7)
GROUP_NAMES = ("Within a day", "1 to 3 days", "3 to 7 days", "Over 7 days")
# The ways a letter leaves, as `owed` tells them apart.
POSTED, HANDED, EMAILED = "", "handed", "emailed"
SETTLED = frozenset({"uploaded", "withdrawn", "returned"})
# Where it doesn't matter since when: one row for all.
ALWAYS = dt.date(1970, 1, 1)

Key = tuple[int, dt.date, str, str]
Sums = dict[Key, tuple[int, int]]
# One letter in one figure of a month: office, the day itself, measure, key, seconds.
Part = tuple[int, dt.date, str, str, int]


@dataclass(frozen=True)
class Step:
    """An entry of a letter's chain, as far as figures go."""

    at: dt.datetime
    action: str
    from_state: str
    to_state: str
    actor_id: int | None
    payload: Mapping[str, Any]


class _Letter:
    """Walks a chain and adds up."""

    def __init__(self, office: int, local_day: Callable[[dt.datetime], dt.date]) -> None:
        self.office, self.local_day = office, local_day
        self.sums: dict[Key, list[int]] = defaultdict(lambda: [0, 0])
        self.state = ""
        self.since: dt.datetime | None = None
        # The day it left and how, while it isn't on the case record.
        self.owed: tuple[dt.date, str] | None = None
        self.pp_by: int | None = None
        self.parts: list[Part] = []

    def add(self, day: dt.date, measure: str, key: str = "", seconds: int = 0) -> None:
        row = self.sums[self.office, day, measure, key]
        row[0] += 1
        row[1] += seconds

    def happened(self, day: dt.date, measure: str, key: str = "", seconds: int = 0) -> None:
        """Count what happened on a day in its month, and keep that it did."""
        self.add(day.replace(day=1), measure, key, seconds)
        self.parts.append((self.office, day, measure, key, seconds))

    def take(self, step: Step) -> None:
        """One entry."""
        if step.action == "move_office":
            self.office = step.payload.get("to_office", self.office)
        if step.to_state != step.from_state:
            self._move(step)
        match step.action:
            case "sign":
                self.pp_by = None
            case "pp":
                self.pp_by = step.actor_id
            case "post":
                self._post(step)
            case "hand_deliver" | "give_at_reception":
                day = _day(step.payload.get("handed_on")) or self.local_day(step.at)
                self.owed = (day, HANDED)
                self.happened(day, "handed")
            case "mark_sent" | "decide_sent":
                self._emailed(step)
            case "bounce" if step.from_state == "uncertain":  # it had left after all
                self._emailed(step)
            case "upload":
                if self.owed is not None and self.owed[1] == POSTED:
                    day = self.local_day(step.at)
                    self.happened(day, "uploaded", "", max(0, (day - self.owed[0]).days) * 86_400)
                self.owed = None

    def _move(self, step: Step) -> None:
        day = self.local_day(step.at)
        if self.state and self.since is not None:
            spent = int((step.at - self.since).total_seconds())
            group = f"{self.state}:{group_of(spent)}"
            self.add(day.replace(day=1), "stay", self.state, spent)
            self.add(day.replace(day=1), "group", group)
            self.parts.append((self.office, day, "group", group, spent))
        self.state, self.since = step.to_state, step.at
        if step.to_state == "returned":
            came = _day(step.payload.get("came_back_on")) or day
            self.happened(came, "returned")
            if step.payload.get("opened"):
                self.happened(came, "opened")

    def _post(self, step: Step) -> None:
        day = _day(step.payload.get("posted_on")) or self.local_day(step.at)
        self.owed = (day, POSTED)
        self.happened(day, "posted")
        if self.pp_by is not None:
            self.happened(day, "pp")
            self.happened(day, "pp_by", str(self.pp_by))

    def _emailed(self, step: Step) -> None:
        day = _day(step.payload.get("emailed_on")) or self.local_day(step.at)
        self.owed = (day, EMAILED)
        self.happened(day, "emailed")

    def stand(self) -> None:
        """Where it stands at the end."""
        if self.state and self.since is not None:
            self.add(ALWAYS if self.state in SETTLED else self.local_day(self.since), "now", self.state)
        if self.owed is not None:
            self.add(self.owed[0], "owed", self.owed[1])


def count_letter(steps: Iterable[Step], office: int, local_day: Callable[[dt.datetime], dt.date]) -> Sums:
    """The sums of one letter. `office`: where it began; `local_day`: the local date of an aware moment.

    Measures: `now` (key: state; day: since when, ALWAYS for settled ones), `owed` (day it left, not uploaded yet; key:
    the way it left, POSTED, HANDED or EMAILED);
    by month: `stay` (key: state; seconds) and `group` (key: state:0-3), `posted`, `handed` (into somebody's own hands),
    `emailed` (by secure e-mail), `pp`, `pp_by` (key: who), `uploaded` (seconds since the day of posting), `returned`,
    `opened`.
    """
    letter = _Letter(office, local_day)
    for step in steps:
        letter.take(step)
    letter.stand()
    return {key: (count, seconds) for key, (count, seconds) in letter.sums.items()}


def parts_of(steps: Iterable[Step], office: int, local_day: Callable[[dt.datetime], dt.date]) -> list[Part]:
    """What the sums by month of `count_letter` are the sums of, in order; more steps add to the end.

    Those of `group` have their seconds: all groups of a state together are its `stay`.
    """
    letter = _Letter(office, local_day)
    for step in steps:
        letter.take(step)
    return letter.parts


def group_of(seconds: int) -> int:
    """Which of the four groups a stay of so many seconds belongs to."""
    days = seconds / 86_400
    return next((n for n, most in enumerate(GROUPS) if days <= most), len(GROUPS))


def difference(after: Sums, before: Sums) -> Sums:
    """What has to be added to `before` to get `after`, without what stays the same."""
    found = {}
    for key in after.keys() | before.keys():
        (more, longer), (less, shorter) = after.get(key, (0, 0)), before.get(key, (0, 0))
        if more != less or longer != shorter:
            found[key] = (more - less, longer - shorter)
    return found


def _day(text: object) -> dt.date | None:
    try:
        return dt.date.fromisoformat(str(text))
    except ValueError:
        return None
