"""Print who may do what, from the table that the engine uses."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from letters.permissions import RULES
from letters.states import ACTION_NAMES, Action
from postroom.people.roles import LETTER_ROLES, ROLE_NAMES, Role


def rows() -> list[dict[str, Any]]:
    """One row per action and role. `allowed`: some condition could allow it; `conditions`: what must hold, in words.

    `conditions` lists every way, each with all its conditions joined by "; ".
    """
    found = []
    for action in Action:
        for role in LETTER_ROLES:
            ways = [p for p in RULES.permissions if p.action == action and p.role == role]
            found.append(
                {
                    "action": str(action),
                    "role": str(role),
                    "allowed": bool(ways),
                    "conditions": ["; ".join(str(c) for c in way.conditions) for way in ways],
                }
            )
    return found


class Command(BaseCommand):
    """`show_permissions` for people, `show_permissions --json` for programs."""

    help = "Who may do what, from the table that the engine uses."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON array of rows")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["json"]:
            self.stdout.write(json.dumps(rows(), indent=1))
            return
        for action in Action:
            self.stdout.write(f"{ACTION_NAMES[action]} ({action})")
            for row in rows():
                if row["action"] == action and row["allowed"]:
                    self.stdout.write(f"    {ROLE_NAMES[Role(row['role'])]}: {' or '.join(row['conditions'])}")
