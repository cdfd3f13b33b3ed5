"""A delivery report from the mail system, on stdin: `manage.py take_bounce < report`. For an alias or a sieve rule."""

from __future__ import annotations

import email
import email.policy
import re
import sys
from email.message import EmailMessage
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from distribution.actions.emailing import bounced

MAX_BYTES = 5 * 1024 * 1024
_STATUS = re.compile(r"(?im)^Status:\s*([245]\.\d{1,3}\.\d{1,3})")
_ACTION = re.compile(r"(?im)^Action:\s*([a-z]+)")
_FINAL = {"failed"}


class Command(BaseCommand):
    """Reads one report; says what it did in words that name nobody."""

    help = "Take a delivery report (RFC 3464) on stdin; the e-mail it speaks of comes back to its sender's work."

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit 0: taken, or a report that needs nothing; 1: not a report about an e-mail of ours."""
        data = sys.stdin.buffer.read(MAX_BYTES + 1)
        if not data.strip() or len(data) > MAX_BYTES:
            raise CommandError("No report, or one larger than 5 MB.")
        message = email.message_from_bytes(data, policy=email.policy.default)
        assert isinstance(message, EmailMessage)  # noqa: S101 - the policy makes them
        text = _text(message)
        action = _ACTION.search(text)
        if action and action[1].lower() not in _FINAL:
            self.stdout.write(f"A report of an e-mail that is {action[1].lower()}: nothing to do.")
            return
        status = _STATUS.search(text)
        code = f" ({status[1]})" if status else ""
        item = bounced(message_ids=_ids(message, text), reason=f"The e-mail came back undelivered{code}.")
        if item is None:
            raise CommandError("This report speaks of no e-mail of ours that is still waiting.")
        self.stdout.write(f"On hold: {item.reference}.")


def _text(message: EmailMessage) -> str:
    """All text of the report, its delivery-status and the headers of what came back."""
    parts = []
    for part in message.walk():
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            parts.append("\n".join(str(block) for block in part.get_payload()))
        elif kind in ("text/plain", "text/rfc822-headers"):
            parts.append(str(part.get_content()))
    return "\n".join(parts)


def _ids(message: EmailMessage, text: str) -> list[str]:
    """Where a Message-ID of ours may stand: the returned message's own, references, and the report's text."""
    found = [str(part.get("Message-ID", "")) for part in message.walk()]
    found += [str(message.get(name, "")) for name in ("References", "In-Reply-To", "X-Failed-Message-ID")]
    return [*found, *re.findall(r"(?im)^(?:Original-)?Message-ID:\s*(\S+)", text)]
