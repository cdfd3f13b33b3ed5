"""What can go wrong in the outbox, by type. Codes are short words: they are stored and logged, so no personal data."""

from __future__ import annotations

import datetime as dt
import re

CODE = re.compile(r"[A-Za-z0-9_.:-]{1,80}")


class OutboxError(Exception):
    """The outbox was used wrongly, or a job is not where the caller thought it was."""


class OutsideTransaction(OutboxError):
    """enqueue() was called without a transaction: a step and what it owes commit together or not at all."""


class UnknownKind(OutboxError):
    """No handler is registered for this kind of job."""


class PayloadRefused(OutboxError):
    """A key, subject or payload holds something that isn't an id or a reference; it could be personal data."""


class LeaseLost(OutboxError):
    """Somebody else has this job by now; whatever this run did must have no effect here."""


class NotDecidable(OutboxError):
    """A person decided on a job that isn't uncertain (any more)."""


class NotFailed(OutboxError):
    """A retry was asked for a job that hasn't failed (any more)."""


class Outcome(Exception):
    """Raised by a handler to say how its job ended, when it didn't end well. `code` is kept on the job."""

    def __init__(self, code: str) -> None:
        if not CODE.fullmatch(code):
            code = "unnamed"
        super().__init__(code)
        self.code = code


class Retry(Outcome):
    """Certain that nothing reached the outside; worth trying again, after `after` or the kind's own back-off."""

    def __init__(self, code: str, *, after: dt.timedelta | None = None) -> None:
        super().__init__(code)
        self.after = after


class Fail(Outcome):
    """Certain that nothing reached the outside, and trying again would not help; a person looks at it."""


class Drop(Outcome):
    """The job is not wanted any more (its person has left, its letter was withdrawn)."""


class Uncertain(Outcome):
    """It may or may not have reached the outside; a person decides. Never retried by itself."""
