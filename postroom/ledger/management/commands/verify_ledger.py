"""manage.py verify_ledger: is the record as it was written?"""

from __future__ import annotations

import argparse
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DEFAULT_DB_ALIAS
from django.utils import timezone

from postroom.ledger.verify import Report, verify


class Command(BaseCommand):
    """Prints `entries: N`, `head: HEX` and `intact` and ends with 0, or says what is wrong, first thing first, and 1.

    `head` is SHA-256 over one line `subject hash` for each chain (its newest entry's hash, one blank between), sorted
    by bytes, each line ended by a line feed, the last one too; of an empty ledger, over nothing. By hand:
    `psql -Atc "SELECT DISTINCT ON (subject) subject || ' ' || hash FROM ledger_entry ORDER BY subject, seq DESC"
    | LC_ALL=C sort | sha256sum`. What else there is to say (seals, time) goes to standard error.
    """

    help = "Check that the ledger is as it was written. Ends with 0 if it is, with 1 if not."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--checkpoint",
            action="append",
            default=[],
            type=_checkpoint,
            metavar="NUMBER:HASH",
            help="A checkpoint that was kept outside this database; it must be found here unchanged. May be repeated.",
        )
        parser.add_argument("--database", default=DEFAULT_DB_ALIAS, help="Which database, as named in the settings.")

    def handle(self, *args: Any, **options: Any) -> None:
        report = verify(using=options["database"], known=options["checkpoint"])
        self.stdout.write(f"entries: {report.entries}")
        self.stdout.write(f"head: {report.head}")
        if options["verbosity"] > 0:
            self._aside(report)
        if not report.intact:
            self._say_what(report, everything=options["verbosity"] > 1)
            sys.exit(1)
        self.stdout.write("intact")

    def _aside(self, report: Report) -> None:
        for warning in report.warnings:
            self.stderr.write(f"Warning: {warning}")
        since = ""
        if report.unsealed_since:
            since = f", {report.unsealed} not yet, since {timezone.localtime(report.unsealed_since):%-d %B %Y %H:%M:%S}"
        self.stderr.write(f"sealed: {report.sealed} in {report.checkpoints} checkpoints{since}")
        if report.last_checkpoint:
            self.stderr.write(f"last checkpoint: {report.last_checkpoint}")
        for words in report.outside:
            self.stderr.write(words)
        rate = report.entries / report.seconds if report.seconds else 0
        self.stderr.write(f"took {report.seconds:.1f} s, {rate:,.0f} entries a second")

    def _say_what(self, report: Report, *, everything: bool) -> None:
        first, *others = report.findings
        self.stdout.write(f"not intact: {first}")
        for finding in others if everything else others[:9]:
            self.stdout.write(f"also: {finding}")
        if report.found > (shown := len(report.findings) if everything else min(10, len(report.findings))):
            self.stdout.write(f"and {report.found - shown} more")


def _checkpoint(text: str) -> tuple[int, str]:
    number, _, digest = text.partition(":")
    if not number.isdecimal() or len(digest) != 64:
        raise argparse.ArgumentTypeError("Write it as NUMBER:HASH, for example 12:9f86d0… with all 64 digits.")
    return int(number), digest.lower()
