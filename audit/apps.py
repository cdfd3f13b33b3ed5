from django.apps import AppConfig


class AuditConfig(AppConfig):
    """The top floor: what is read out of the record and checked against paper."""

    name = "audit"

    def ready(self) -> None:
        """Say what the database refuses, and which files this floor needs."""
        from audit import kept, protection, work
        from audit.demo import spot_checks_part
        from audit.notices import register as register_notices
        from audit.policies.replay import check_policy
        from audit.spotchecks.known import before_the_checker, still_needed
        from audit.spotchecks.replay import check_finding, check_item, draw_is_the_rule
        from audit.stored import files_in_use
        from breaches.copies import shown_above
        from distribution import hooks as copies_below
        from postroom import demo_parts, nav
        from postroom.cases import hooks
        from postroom.files.store import register_users
        from postroom.ledger import kept as schedule
        from postroom.ledger import triggers
        from postroom.ledger.verify import register_replay
        from postroom.people.roles import Role
        from postroom.work import register as register_work
        from postroom.work import register_counter

        register_notices()
        schedule.register(*kept.KINDS)
        triggers.register(*protection.PROTECTION)
        register_users(files_in_use)
        register_replay("policy", check_policy)
        register_replay("spotcheck", draw_is_the_rule)
        register_replay("spotcheck_item", check_item)
        register_replay("spotcheck_finding", check_finding)
        shown_above.append(before_the_checker)
        copies_below.needed.append(still_needed)
        hooks.held_work.append(work.held_by)
        register_work(work.lists_for)
        register_counter(work.waiting)
        demo_parts.register("spot checks", spot_checks_part)
        managers = nav.any_of(Role.DISTRICT_ADMIN_MANAGER, Role.TEAM_MANAGER, Role.DEPUTY_TEAM_MANAGER)
        nav.register(
            nav.NavItem("Spot checks", "audit:spot_checks", 70, managers),
            nav.NavItem("Compliance", "audit:figures", 71, managers),
            nav.NavItem("Policy", "audit:policies", 95),
        )
