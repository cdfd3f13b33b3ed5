"""Letters of the demonstration that somebody carries, for whoever listens to `letters.hooks` at the real ones.

The demonstration's rows are written in bulk, without the real steps. Who is above letters registers here, when Django
starts, what writes its own rows beside them; the test holds those to what the real steps write.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from letters.demo.rows import Rows
    from letters.models import Letter
    from postroom.people.authority import Authority
    from postroom.people.models import User


@dataclass(frozen=True)
class Leaving:
    """A letter is taken along: which, by whom, what they act as, when (aware); `rows` is where rows are added."""

    letter: Letter
    by: User
    authority: Authority
    at: dt.datetime
    rows: Rows


# Each gives what is to be called, with the moment, when that letter has been handed over.
left: list[Callable[[Leaving], Callable[[dt.datetime], None]]] = []
