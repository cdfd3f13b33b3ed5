from django.apps import AppConfig


class CasesConfig(AppConfig):
    """Cases, their people and where each can be written to."""

    name = "postroom.cases"
    label = "cases"

    def ready(self) -> None:
        """Rules the database keeps by itself, and the menu."""
        from postroom import nav
        from postroom.cases.protection import PROTECTION
        from postroom.ledger import triggers
        from postroom.people.roles import OFFICE_ROLES, Role

        triggers.register(*PROTECTION)
        nav.register(nav.NavItem("Cases", "cases", 30, nav.any_of(*sorted(OFFICE_ROLES), Role.DUTY_WORKER)))
