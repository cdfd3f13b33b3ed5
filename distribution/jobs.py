"""What distribution owes to the outside: the e-mailed document, never sent twice by itself, and the text
with its password, which may be."""

from __future__ import annotations

import datetime as dt

from distribution.actions import emailing, passwords
from postroom.outbox.registry import handler


def register() -> None:
    """Make the jobs known to the outbox."""
    lease = dt.timedelta(minutes=10)
    given_up = emailing.given_up
    handler(emailing.KIND, repeatable=False, max_attempts=6, lease=lease, when_given_up=given_up)(emailing.carry)
    told = passwords.given_up
    handler(passwords.KIND, repeatable=True, max_attempts=4, when_given_up=told)(passwords.carry_text)
