"""`manage.py check_tracking`: is this a tracking number of registered post? Needs no database."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from letters.tracking import TrackingNumberError, check_tracking_number


class Command(BaseCommand):
    """Exit 0 and the number as it is kept, or exit 1 and why not."""

    help = "Check a Royal Mail tracking number (UPU S10). Blanks and small letters do no harm."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Its options."""
        parser.add_argument("number", nargs="*", help="the number, as printed on the receipt")

    def run_from_argv(self, argv: list[str]) -> None:
        """From a shell. What isn't understood at all ("-RB47…") is no valid number either: 1, with why, and never 2."""
        try:
            super().run_from_argv(argv)
        except SystemExit as left:
            sys.exit(1 if left.code == 2 else left.code)

    def handle(self, *args: Any, **options: Any) -> None:
        """Check it."""
        try:
            number = check_tracking_number(" ".join(options["number"]))
        except TrackingNumberError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{number} is a valid tracking number.")
        self.stdout.write(
            "Whether it is Special Delivery Guaranteed, as registered post must be, or Signed For, "
            "which does not count, the posting receipt says."
        )
