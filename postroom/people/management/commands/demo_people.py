"""manage.py demo_people: whom to become in the demonstration, and where."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from postroom.people.demo import demo_people


class Command(BaseCommand):
    """Prints the demo people with office and roles, and the address of the page where one becomes them."""

    help = "Who can be become in the demonstration: e-mail address, name, office, roles."

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError when this is no demonstration."""
        if not settings.DEMO:
            raise CommandError("POSTROOM_DEMO is off: nobody can be become here.")
        people = demo_people()
        rows = [(one.user.email, one.user.name, one.office, ", ".join(one.roles)) for one in people]
        if not rows:
            self.stdout.write("Nobody yet. Run: manage.py seed_demo")
            return
        widths = [max(len(row[column]) for row in rows) for column in range(3)]
        for row in rows:
            self.stdout.write(
                "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]])
            )
        self.stdout.write(f"\nBecome any of them, without a password, at {settings.SITE_URL}/demo/")
