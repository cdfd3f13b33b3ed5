"""Which function does which kind of job. Each app registers its own in `jobs.py`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from postroom.outbox.errors import UnknownKind
from postroom.outbox.models import Job

Effect = Callable[[], object]
Work = Callable[[Job], Effect | None]
GaveUp = Callable[[Job], object]
Decided = Callable[[Job, bool, Any], object]

MINUTE = dt.timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Kind:
    """How jobs of one kind are done; see `handler`."""

    name: str
    work: Work
    repeatable: bool
    max_attempts: int
    back_off: dt.timedelta
    lease: dt.timedelta
    when_decided: Decided | None
    when_given_up: GaveUp | None

    def wait_after(self, attempts: int) -> dt.timedelta:
        """How long to wait after the attempt with this number (1 is the first): doubling, at most six hours."""
        doublings: int = 2 ** min(max(attempts - 1, 0), 20)
        return min(self.back_off * doublings, dt.timedelta(hours=6))


_kinds: dict[str, Kind] = {}


def handler(
    kind: str,
    *,
    repeatable: bool,
    max_attempts: int = 8,
    back_off: dt.timedelta = MINUTE,
    lease: dt.timedelta = 5 * MINUTE,
    when_decided: Decided | None = None,
    when_given_up: GaveUp | None = None,
) -> Callable[[Work], Work]:
    """Register a function as the one that does jobs of `kind`.

    The function gets the Job and does its slow work outside any transaction. It returns None or a callable without
    arguments; that callable runs in the second short transaction, the one that marks the job done, so its effect and
    "done" commit together and only once, however often the function itself ran.

    `repeatable=False`: the outward call must not be made twice. The function calls
    `postroom.outbox.queue.begin_attempt(job, id)` right before it. Raising `Retry`, `Fail` or `Drop` after that says
    that the call certainly had no effect; anything else raised, or a worker killed, leaves the job uncertain.

    `lease`: how long a worker may take before it is taken for dead. `when_decided(job, sent, by)` runs in the
    transaction in which a person decides on an uncertain job; `when_given_up(job)` in the one in which a job fails that
    has been tried as often as it may, whether or not its worker came back. Raises ValueError if `kind` is taken by
    another function.
    """

    def register(work: Work) -> Work:
        taken = _kinds.get(kind)
        if taken is not None and (taken.work.__module__, taken.work.__qualname__) != (
            work.__module__,
            work.__qualname__,
        ):
            raise ValueError(f"Two handlers for jobs of kind {kind}.")
        _kinds[kind] = Kind(kind, work, repeatable, max_attempts, back_off, lease, when_decided, when_given_up)
        return work

    return register


def kind_of(name: str) -> Kind:
    """How jobs of this kind are done. Raises UnknownKind."""
    try:
        return _kinds[name]
    except KeyError:
        raise UnknownKind(name) from None


def known_kinds() -> frozenset[str]:
    """The names of all kinds that have a handler."""
    return frozenset(_kinds)


def forget(kind: str) -> None:
    """Take a kind out again; for tests that register their own."""
    _kinds.pop(kind, None)
