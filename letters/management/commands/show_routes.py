"""Print who may be sent what, and how, from the function that decides."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from letters.routes import CHANNEL_NAMES, DOCUMENT_NAMES, RECIPIENT_NAMES, Channel, Document, Recipient, route


def rows() -> list[dict[str, str]]:
    """One row per document, recipient and channel, for an office that has turned nothing on."""
    found = []
    for document in Document:
        for recipient in Recipient:
            for channel in Channel:
                answer = route(document, recipient, channel)
                found.append(
                    {
                        "document": str(document),
                        "recipient": str(recipient),
                        "channel": str(channel),
                        "verdict": str(answer.verdict),
                        "clause": answer.clause,
                    }
                )
    return found


class Command(BaseCommand):
    """`show_routes` for people, `show_routes --json` for programs. Needs no database."""

    help = "Who may be sent what, and how (OGP-7, OGP-8, OGP-9, CLS-6), from the function that decides."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Its options."""
        parser.add_argument("--json", action="store_true", help="one JSON array of rows")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print them all."""
        if options["json"]:
            self.stdout.write(json.dumps(rows(), indent=1))
            return
        for document in Document:
            for recipient in Recipient:
                self.stdout.write(f"{DOCUMENT_NAMES[document]} to: {RECIPIENT_NAMES[recipient].lower()}")
                for channel in Channel:
                    answer = route(document, recipient, channel)
                    self.stdout.write(f"    {CHANNEL_NAMES[channel]}: {_words(answer.verdict)} ({answer.clause})")
                    if answer.sentence:
                        self.stdout.write(f"        {answer.sentence}")


def _words(verdict: str) -> str:
    return verdict.replace("_", " ")
