from django.apps import AppConfig


class DowntimeConfig(AppConfig):
    """Bad days: the paper pack, and the steps that happened on paper entered afterwards."""

    name = "downtime"

    def ready(self) -> None:
        """Triggers, the menu's item, the files that are kept, the notice."""
        from downtime import kept, protection
        from downtime.selectors import READERS
        from downtime.stored import files_in_use
        from letters.actions.disposing import on_content_destroyed
        from postroom import nav
        from postroom.files.store import register_users
        from postroom.ledger import triggers
        from postroom.outbox.notices import register_notice

        on_content_destroyed.append(kept.scans_go)
        triggers.register(*protection.PROTECTION)
        register_users(files_in_use)
        register_notice(
            "step_entered_later",
            "A step was entered in your name",
            "A step that you took on paper was entered into Postroom. If you did not take it, tell your manager now.",
            urgent=True,
        )
        nav.register(nav.NavItem("When the system is down", "downtime:downtimes", 85, nav.any_of(*READERS)))
