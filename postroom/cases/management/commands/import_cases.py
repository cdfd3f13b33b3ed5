"""Take a CSV file from ICS over at the server, for every office: preview first, then `--apply`."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from postroom.cases.ics.taking import BATCH, read_batch, start, take_batch, upload
from postroom.cases.models import IcsImport, IcsLine
from postroom.steps.errors import StepError

SHOWN = 50


class Command(BaseCommand):
    help = "Read a CSV file from ICS and say what it would change; with --apply, take it over. Repeatable."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--apply", action="store_true", help="Take over what holds; refused rows are left out.")
        parser.add_argument("--as-of", type=dt.date.fromisoformat, help="The day of the export, 2026-07-20 (today).")

    def handle(self, *args: Any, **options: Any) -> None:
        """Work through it here rather than in the worker, and print progress as it goes."""
        try:
            data = options["file"].read_bytes()
        except OSError as error:
            raise CommandError(f"The file can't be read: {error.strerror}.") from None
        try:
            made = upload(data=data, as_of=options["as_of"] or timezone.localdate(), by=None)
        except StepError as error:
            raise CommandError(str(error)) from None
        self._work(made, read_batch, "read")
        lines = IcsLine.objects.filter(of=made)
        for line in lines.filter(kind=IcsLine.Kind.REFUSED)[:SHOWN]:
            self.stdout.write(f"row {line.number} refused: {line.words}")
        counts = {kind: lines.filter(kind=kind).count() for kind in IcsLine.Kind.values}
        self.stdout.write(
            f"{made.rows_total} rows, {made.cases_total} cases: {counts['new']} new, {counts['changed']} changed, "
            f"{counts['refused']} refused"
        )
        if not options["apply"]:
            self.stdout.write("Nothing was changed. Run it again with --apply to take it over.")
            return
        made.refresh_from_db()
        start(made=made, by=None)
        self._work(made, take_batch, "taken over")

    def _work(self, made: IcsImport, do: Any, verb: str) -> None:
        for place in range(0, made.cases_total, BATCH):
            do(made, place)
            self.stdout.write(f"{min(place + BATCH, made.cases_total)} of {made.cases_total} cases {verb}")
        made.refresh_from_db()
