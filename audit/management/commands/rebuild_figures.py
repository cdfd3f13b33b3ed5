"""Count the figures of compliance anew from the ledger."""

from typing import Any

from django.core.management.base import BaseCommand

from audit.dashboards.keeping import rebuild


class Command(BaseCommand):
    """`rebuild_figures`: throws the sums away and counts every sealed entry again. Figures grow while it runs."""

    help = "Count the figures of compliance anew from the ledger."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"positions: {rebuild()}")
