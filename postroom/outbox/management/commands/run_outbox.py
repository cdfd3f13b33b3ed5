"""Do what is owed without a queue or worker: by hand, in tests, or in place of Celery on a very small installation."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from postroom.outbox.carrier import run_due


class Command(BaseCommand):
    help = "Do the jobs that are due, and print how many ended in which state."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="stop when nothing more is due")
        parser.add_argument("--every", type=float, default=5.0, help="seconds between looks, without --once")

    def handle(self, *args: Any, **options: Any) -> None:
        while True:
            ended = run_due()
            if ended or options["once"]:
                self.stdout.write(", ".join(f"{state}: {n}" for state, n in sorted(ended.items())) or "nothing due")
            if options["once"]:
                return
            time.sleep(max(0.1, options["every"]))
