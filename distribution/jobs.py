"""What distribution owes to the outside: one kind of job, the e-mailed document. Never sent twice by itself."""

from __future__ import annotations

import datetime as dt

from distribution.actions import emailing
from postroom.outbox.registry import handler


def register() -> None:
    """Make the job known to the outbox."""
    handler(emailing.KIND, repeatable=False, max_attempts=6, lease=dt.timedelta(minutes=10))(emailing.carry)
