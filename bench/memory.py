"""How much memory something takes at its most, measured in a process of its own (Linux)."""

from __future__ import annotations

import multiprocessing
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any


def apart(work: Callable[[], Any]) -> tuple[Any, float]:
    """Do `work` in a fork: what it gives, and by how many MB the fork's memory grew at its most."""
    fork = multiprocessing.get_context("fork")
    answers = fork.SimpleQueue()

    def child() -> None:
        from django.db import connections

        connections.close_all()
        Path("/proc/self/clear_refs").write_text("5")  # the highest so far is what it is now
        before = _highest()
        found = work()
        answers.put((found, _highest() - before))

    process = fork.Process(target=child)
    process.start()
    process.join()
    if process.exitcode:
        raise RuntimeError(f"the measured process ended with {process.exitcode}")
    found, grown = answers.get()
    return found, grown


def _highest() -> float:
    """The most memory this process has held, in MB."""
    match = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert match is not None
    return int(match[1]) / 1024
