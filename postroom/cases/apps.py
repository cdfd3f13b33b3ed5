from django.apps import AppConfig


class CasesConfig(AppConfig):
    """Cases, their people and where each can be written to."""

    name = "postroom.cases"
    label = "cases"

    def ready(self) -> None:
        """Rules the database keeps by itself."""
        from postroom.cases.protection import PROTECTION
        from postroom.ledger import triggers

        triggers.register(*PROTECTION)
