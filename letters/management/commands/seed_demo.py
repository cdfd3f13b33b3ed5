"""manage.py seed_demo: fills an empty installation with the demonstration's council."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils import timezone

from letters.demo.script_council import DOMAIN
from letters.demo.seeding import BATCH, Seeded, seed
from letters.models import Letter
from letters.states import STATE_NAMES, State
from postroom import demo_parts
from postroom.people.models import Office, User

MOST = 2_000_000
# From here on the database is told to look at its tables anew, so that it plans for what is in them.
MANY = 1_000


class Command(BaseCommand):
    """Writes three offices, about thirty people, their cases and letters in every state, through the ledger."""

    help = "Fill an empty installation with invented people, cases and letters. Does nothing where they are already."

    def add_arguments(self, parser: CommandParser) -> None:
        """--letters: how many. --seed: the same number gives the same people, cases and letters."""
        parser.add_argument("--letters", type=int, default=200, help="how many letters (200)")
        parser.add_argument("--seed", type=int, default=20200701, help="the same seed makes the same demonstration")

    def handle(self, *args: Any, letters: int, seed: int, **options: Any) -> None:
        """Raises CommandError in production, where real people are, and for a number that makes no sense."""
        if settings.PRODUCTION:
            raise CommandError("This is a production installation: invented people have no place in it.")
        if not 1 <= letters <= MOST:
            raise CommandError(f"--letters: a number from 1 to {MOST:,}.")
        if User.objects.exclude(email__endswith=f"@{DOMAIN}").exists():
            raise CommandError(
                "There are people here who are not the demonstration's. Seed an empty database: set DATABASE_URL to a "
                "new one, or POSTROOM_DATA_DIR to a new folder, and run manage.py migrate first."
            )
        if User.objects.exists():
            self.stdout.write(f"The demonstration is here already, with {Letter.objects.count()} letters.")
            return
        if Office.objects.exists():
            raise CommandError("There are offices here already. Seed an empty database.")
        began = time.monotonic()
        done = self._seed(letters, seed)
        if letters < MANY:
            demo_parts.play(seed, timezone.now())
        self._report(done, time.monotonic() - began)

    def _seed(self, letters: int, number: int) -> Seeded:
        def progress(done: int) -> None:
            if letters > BATCH:
                self.stdout.write(f"{done:>9,} of {letters:,} letters")
                self.stdout.flush()

        done = seed(letters=letters, seed=number, now=timezone.now(), progress=progress)
        if letters >= MANY:
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")
        return done

    def _report(self, done: Seeded, seconds: float) -> None:
        states = ", ".join(f"{done.letters[state]:,} {STATE_NAMES[state].lower()}" for state in State)
        self.stdout.write(
            f"{Office.objects.count()} offices, {User.objects.count()} people, {done.cases:,} cases, "
            f"{done.letters.total():,} letters ({states}), {done.entries:,} ledger entries, in {seconds:.1f} s.\n"
        )
        if settings.DEMO:
            call_command("demo_people", stdout=self.stdout)
