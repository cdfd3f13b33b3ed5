from django.apps import AppConfig


class AuditConfig(AppConfig):
    """The top floor: what is read out of the record and checked against paper."""

    name = "audit"

    def ready(self) -> None:
        """Say what the database refuses, and which files this floor needs."""
        from audit import protection
        from audit.notices import register as register_notices
        from audit.spotchecks.replay import draw_is_the_rule
        from audit.stored import files_in_use
        from postroom.files.store import register_users
        from postroom.ledger import triggers
        from postroom.ledger.verify import register_replay

        register_notices()
        triggers.register(*protection.PROTECTION)
        register_users(files_in_use)
        register_replay("spotcheck", draw_is_the_rule)
