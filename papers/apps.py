from django.apps import AppConfig


class PapersConfig(AppConfig):
    """Papers that leave the office, and agreements to work on records away from it."""

    name = "papers"

    def ready(self) -> None:
        """Rules the database keeps by itself, the e-mails."""
        from papers.notices import register as register_notices
        from papers.protection import PROTECTION
        from postroom.ledger import triggers

        triggers.register(*PROTECTION)
        register_notices()
