"""What each floor adds to the demonstration after its letters stand: a few rows, by the app's own actions.

`seed_demo` plays the parts in the order of their names for a demonstration of ordinary size; each is repeatable for the
same seed, and quick (about a second).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random

from django.conf import settings
from django.utils import timezone

Part = Callable[[Random, dt.datetime], None]
_parts: dict[str, Part] = {}


def register(name: str, part: Part) -> None:
    """Add a part. Raises ValueError if another has that name."""
    if _parts.setdefault(name, part) is not part:
        raise ValueError(f"Two parts of the demonstration are called {name}.")


def play(seed: int, now: dt.datetime) -> list[str]:
    """Play every part; each gets its own numbers, so that one more doesn't change the others. Gives their names."""
    for name in sorted(_parts):
        _parts[name](Random(f"{seed}/{name}"), now)  # noqa: S311 - what makes it repeatable
    return sorted(_parts)


@contextmanager
def as_if(moment: dt.datetime) -> Iterator[None]:
    """What is done inside happens at `moment` (aware): so that the demonstration has what takes days to come about.

    For seeding alone, where one thread runs; refuses in production. Field defaults keep the real time.
    """
    if settings.PRODUCTION:
        raise RuntimeError("Time stands as it is in production.")
    real = timezone.now
    timezone.now = lambda: moment
    try:
        yield
    finally:
        timezone.now = real
