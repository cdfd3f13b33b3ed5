"""Waiting for another process, without guessing how long it takes."""

from __future__ import annotations

import time
from collections.abc import Callable


def wait_for(what: Callable[[], object], *, seconds: float = 120) -> None:
    """Return as soon as `what()` is true. Raises AssertionError after `seconds`, which only bounds a broken test."""
    end = time.monotonic() + seconds
    while not what():
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds} s in vain")
        time.sleep(0.02)
