from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import Error, register


def check_return_prefix(**kwargs: Any) -> list[Error]:
    """The prefix on the back of every envelope must not say who is writing (OGP-5)."""
    from postroom.people.giveaway import gives_away

    named = gives_away(settings.RETURN_PREFIX)
    if named is None:
        return []
    return [
        Error(
            f"RETURN_PREFIX mentions “{named}”; it is printed on the back of every envelope.",
            hint="Set it to the council's initials, for example NCC.",
            id="people.E001",
        )
    ]


class PeopleConfig(AppConfig):
    """People, offices, roles and the rota."""

    name = "postroom.people"
    label = "people"

    def ready(self) -> None:
        """Rules the database keeps by itself, a check of the settings, and the menu."""
        from postroom import nav
        from postroom.ledger import triggers
        from postroom.people import sessions  # noqa: F401 - its receiver starts a session's clocks
        from postroom.people.protection import PROTECTION
        from postroom.people.roles import OFFICE_ROLES, Role

        triggers.register(*PROTECTION)
        register(check_return_prefix)
        at_office = (*sorted(OFFICE_ROLES), Role.DUTY_WORKER)
        system, managers = Role.SYSTEM_ADMINISTRATOR, (Role.TEAM_MANAGER, Role.DEPUTY_TEAM_MANAGER)
        nav.register(
            nav.NavItem("Duty rota", "rota", 60, nav.any_of(*at_office)),
            nav.NavItem("Cover", "cover", 62, nav.any_of(*managers)),
            nav.NavItem("People", "people", 70, nav.any_of(system, *managers)),
            nav.NavItem("Offices", "offices", 80, nav.any_of(system)),
            nav.NavItem("Deputies", "deputies", 90, nav.any_of(system)),
        )
