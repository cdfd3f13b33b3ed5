"""manage.py export_bundle: what an outsider needs to check the record, in one file."""

from __future__ import annotations

import datetime as dt
import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.record.actions.bundles import readable_content
from audit.record.bundle import Wanted, letter_wanted, office_wanted, write_bundle
from letters.models import Letter
from postroom.ledger.readings import record_read, seal_readings
from postroom.ledger.sealing import seal
from postroom.people.models import Office, User


class Command(BaseCommand):
    """Writes FILE and prints `entries: N`. Says nothing of what is in letters unless --content-for names a reader."""

    help = "Export an audit bundle: --letter REF, or --office CODE --from DAY --to DAY, or --everything."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Its options."""
        parser.add_argument("file", help="where to write the bundle; must not be there yet")
        scope = parser.add_mutually_exclusive_group(required=True)
        scope.add_argument("--letter", metavar="REFERENCE")
        scope.add_argument("--office", metavar="CODE")
        scope.add_argument("--everything", action="store_true")
        parser.add_argument("--from", dest="first", type=dt.date.fromisoformat, metavar="2026-07-01")
        parser.add_argument("--to", dest="last", type=dt.date.fromisoformat, metavar="2026-07-31")
        parser.add_argument(
            "--content-for", metavar="E-MAIL", help="with the content of those letters that this person may read"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Seal what is unsealed, then write."""
        scope, subjects = self._scope(options)
        reader = self._reader(options["content_for"])
        seal_readings()
        seal(everything=True)
        content_of = readable_content(reader) if reader else Letter.objects.none()
        path = Path(options["file"])
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise CommandError(f"The file can't be written: {error.strerror}.") from None
        with os.fdopen(handle, "w+b") as file:
            written = write_bundle(file, Wanted(scope, subjects, content_of, with_content=reader is not None))
        if reader is not None:
            for reference in written.letters:
                record_read(f"letter/{reference}", by=reader, what="export")
        self.stdout.write(f"entries: {written.entries}")

    def _scope(self, options: dict[str, Any]) -> tuple[str, list[str] | None]:
        if options["letter"]:
            letter = Letter.objects.filter(reference=options["letter"].strip().upper()).first()
            if letter is None:
                raise CommandError("There is no letter of that reference.")
            return f"letter {letter.reference}", letter_wanted(letter, of_all_offices=True)
        if options["everything"]:
            return "everything", None
        first, last = options["first"], options["last"]
        office = Office.objects.filter(code=options["office"]).first()
        if office is None:
            raise CommandError("There is no office of that code.")
        if not first or not last or last < first:
            raise CommandError("Give the period: --from and --to, the first and the last day.")
        return f"office {office.code}, {first} to {last}", office_wanted(office, first, last)

    def _reader(self, email: str | None) -> User | None:
        if not email:
            return None
        reader = User.objects.filter(email__iexact=email, is_active=True).first()
        if reader is None:
            raise CommandError("Nobody has that e-mail address.")
        return reader
