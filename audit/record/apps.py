from django.apps import AppConfig


class RecordConfig(AppConfig):
    """The record as a whole: its checkpoints outside, bundles, retention, access requests (OGP-0, CLS-1)."""

    name = "audit.record"
    label = "record"

    def ready(self) -> None:
        from audit.record import jobs, kept, links, work  # noqa: F401 - jobs registers its handlers
        from audit.record.checking import check_outside
        from audit.record.notices import register as register_notices
        from audit.record.protection import PROTECTION
        from audit.record.replay import check_disposal, check_hold
        from audit.record.stored import files_in_use
        from letters import page_links
        from postroom import nav
        from postroom import work as my_work
        from postroom.files.store import register_users
        from postroom.ledger import kept as schedule
        from postroom.ledger import triggers, verify
        from postroom.people.roles import Role

        register_notices()
        register_users(files_in_use)
        schedule.register(*kept.KINDS)
        my_work.register(work.lists_for)
        page_links.offers.append(links.bundle_link)
        triggers.register(*PROTECTION)
        verify.register_outside(check_outside)
        verify.register_replay("legal_hold", check_hold)
        verify.register_replay("disposal", check_disposal)
        nav.register(
            nav.NavItem(
                "The record",
                "record:home",
                70,
                nav.any_of(Role.DISTRICT_ADMIN_MANAGER, Role.INFORMATION_GOVERNANCE),
            ),
            nav.NavItem(
                "Retention",
                "record:retention",
                71,
                nav.any_of(Role.DISTRICT_ADMIN_MANAGER, Role.INFORMATION_GOVERNANCE, Role.CALDICOTT_GUARDIAN),
            ),
        )
