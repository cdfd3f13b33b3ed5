"""A delivery report from the mail system, on stdin: `manage.py take_bounce < report`. For an alias or a sieve rule."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from distribution.actions.emailing import bounced
from distribution.bounces import FAILED, KEPT_BYTES, NotAReport, read_report
from letters.actions.emailing import bounced as letter_bounced


class Command(BaseCommand):
    """Reads one report; says what it did in words that name nobody."""

    help = "Take a delivery report (RFC 3464) on stdin; the e-mail it speaks of comes back to its sender's work."

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit 0: taken, or a report that needs nothing; 1: not a report, or of no e-mail of ours. Then a person looks.

        What comes behind the first megabyte is read and thrown away: the document that came back, in most cases.
        """
        data = sys.stdin.buffer.read(KEPT_BYTES)
        while sys.stdin.buffer.read(KEPT_BYTES):
            pass
        try:
            report = read_report(data)
        except NotAReport as error:
            raise CommandError(str(error)) from None
        if report.action != FAILED:
            self.stdout.write(f"A report of an e-mail that is {report.action}: nothing to do.")
            return
        code = f" ({report.status})" if report.status else ""
        ids, reason = list(report.message_ids), f"The e-mail came back undelivered{code}."
        if (item := bounced(message_ids=ids, reason=reason)) is not None:
            self.stdout.write(f"On hold: {item.reference}.")
        elif (letter := letter_bounced(message_ids=ids, reason=reason)) is not None:
            self.stdout.write(f"Came back: {letter.reference}.")
        else:
            raise CommandError("This report speaks of no e-mail of ours that is still waiting.")
