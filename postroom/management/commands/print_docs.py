"""Print the documents that come from the tables, or check that they are current."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from postroom.docs import documents


class Command(BaseCommand):
    """`print_docs` writes the generated documents in docs/; `--check` only compares (exit 1)."""

    help = "Print the documents that come from the tables, or check that they are current."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="compare only; exit 1 if one is not current")

    def handle(self, *args: Any, **options: Any) -> None:
        stale = []
        for name, text in documents().items():
            path = settings.BASE_DIR / "docs" / name
            if path.exists() and path.read_text() == text:
                continue
            if options["check"]:
                stale.append(name)
            else:
                path.write_text(text)
                self.stdout.write(f"docs/{name}")
        if stale:
            raise CommandError(f"Not current: {', '.join(stale)}. Run manage.py print_docs and commit.")
