from django.apps import AppConfig


class BreachesConfig(AppConfig):
    """Breaches and near misses: what policy demands of whom, and by when."""

    name = "breaches"

    def ready(self) -> None:
        """Rules the database keeps by itself, e-mails, files in use, the menu, My work."""
        from breaches import copies, demo, kept, work_lists
        from breaches.notices import register as register_notices
        from breaches.protection import PROTECTION
        from breaches.replay import check_breach
        from breaches.stored import files_in_use
        from distribution import hooks as copies_below
        from postroom import demo_parts, nav, work
        from postroom.cases import hooks
        from postroom.files.store import register_users
        from postroom.ledger import kept as schedule
        from postroom.ledger import triggers
        from postroom.ledger.verify import register_replay

        register_notices()
        register_users(files_in_use)
        schedule.register(*kept.KINDS)
        register_replay("breach", check_breach)
        triggers.register(*PROTECTION)
        copies_below.readers.append(copies.read_in_cases)
        copies_below.needed.append(copies.still_needed)
        hooks.held_work.append(work_lists.held_by)
        work.register(work_lists.lists_for)
        work.register_counter(work_lists.waiting)
        demo_parts.register("breaches", demo.play)
        nav.register(nav.NavItem("Breaches", "breaches:breaches", 45))
