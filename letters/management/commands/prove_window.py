"""`manage.py prove_window FILE.pdf [--stock NAME]`: does the address alone show through? Needs no database."""

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from letters.rendering.stock import DL, UnknownStock, stock_named
from letters.rendering.window_proof import Proof, ProofFault, prove_window

PROVED, NOT_PROVED, UNREADABLE = 0, 1, 2


class Command(BaseCommand):
    """Prints the proof as JSON. Exit 0 proved, 1 not proved, 2 unreadable or locked (or no such file or stock)."""

    help = "Prove on a finished PDF that the address, and nothing else, shows through the envelope's window."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Its options."""
        parser.add_argument("file", type=Path, metavar="FILE.pdf")
        parser.add_argument("--stock", default=DL.name, help="name or slug of the envelope stock (default: DL)")
        parser.add_argument("--allow-abroad", action="store_true", help="accept a country in capitals as last line")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prove the file and end with the verdict's exit code."""
        try:
            stock = stock_named(options["stock"])
        except UnknownStock as error:
            self._end(Proof(False, options["stock"], (), (ProofFault("unknown_stock", None, str(error)),)), UNREADABLE)
            return
        try:
            pdf = options["file"].read_bytes()
        except OSError as error:
            message = f"The file can't be read: {error.strerror}. Check its name and place."
            self._end(Proof(False, stock.name, (), (ProofFault("unreadable", None, message),)), UNREADABLE)
            return
        proof = prove_window(pdf, stock, allow_abroad=options["allow_abroad"])
        self._end(proof, PROVED if proof.ok else UNREADABLE if proof.unreadable else NOT_PROVED)

    def _end(self, proof: Proof, code: int) -> None:
        self.stdout.write(json.dumps(proof.as_dict()))
        if code == UNREADABLE:
            self.stderr.write(proof.faults[0].message)
        if code:
            sys.exit(code)
