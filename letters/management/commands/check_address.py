"""`manage.py check_address`: are these lines an address that can be posted? Needs no database."""

import json
import sys
from collections.abc import Iterable
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError, CommandParser

from letters.rendering.addresses import AddressCheck, Fault, check_address


def check_json_line(raw: bytes, *, allow_abroad: bool = False) -> AddressCheck:
    """One line of input, a JSON array of the address's lines in UTF-8. Bad input is a fault, never an exception."""
    try:
        lines = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError):  # ValueError: not JSON, not UTF-8, or a number of too many digits
        message = 'This isn\'t JSON. Write one array of lines, for example ["A Name", "1 Road", "SE1 2QH"].'
        return _refused("not_json", message)
    if not isinstance(lines, list):
        return _refused("not_a_list", "Write the address as a JSON array of lines.")
    return check_address(lines, allow_abroad=allow_abroad)


def _refused(code: str, message: str) -> AddressCheck:
    return AddressCheck(False, (), None, (Fault(code, None, message),))


class Command(BaseCommand):
    """Reads stdin to its end, one JSON array of lines on each line; prints one object for each at once."""

    help = "Check addresses. With --jsonl: one JSON array of lines per line of stdin, one JSON object per line out."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Its options."""
        parser.add_argument("--jsonl", action="store_true", help="one JSON array of lines per line of stdin")
        parser.add_argument("--allow-abroad", action="store_true", help="accept a country in capitals as last line")

    def handle(self, *args: Any, **options: Any) -> None:
        """Answer line by line, so that it can stand in a pipe."""
        if not options["jsonl"]:
            raise CommandError("Say --jsonl, and give one JSON array of address lines per line on standard input.")
        stdin: BinaryIO | Iterable[bytes] = options.get("stdin") or sys.stdin.buffer
        for raw in stdin:
            verdict = check_json_line(raw, allow_abroad=options["allow_abroad"])
            try:
                # ASCII out: the answer is the same whatever the terminal's encoding, also for half a surrogate pair.
                self.stdout.write(json.dumps(verdict.as_dict()))
                self.stdout.flush()
            except BrokenPipeError:
                sys.stderr.close()  # the reader has gone; say nothing more
                return
