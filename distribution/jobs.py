"""What distribution owes to the outside: one kind of job, the e-mailed document. Never sent twice by itself."""

from __future__ import annotations

import datetime as dt

from distribution.actions import emailing
from postroom.outbox.registry import handler


def register() -> None:
    """Make the job known to the outbox."""
    lease = dt.timedelta(minutes=10)
    given_up = emailing.given_up
    handler(emailing.KIND, repeatable=False, max_attempts=6, lease=lease, when_given_up=given_up)(emailing.carry)
