from django.apps import AppConfig


class DistributionConfig(AppConfig):
    """Reports and minutes: every document by the only route it may take."""

    name = "distribution"

    def ready(self) -> None:
        """Ask cases to be told when the ground moves; say what is owed outside and what the database must refuse."""
        from distribution import demo, jobs, kept, notices, open_work, protection, work
        from distribution.actions import holding
        from distribution.actions.posting import number_of_another
        from distribution.replay import check_item
        from distribution.stored import files_in_use
        from letters import hooks as letter_hooks
        from postroom import demo_parts, nav
        from postroom import work as my_work
        from postroom.cases import hooks
        from postroom.files.store import register_users
        from postroom.ledger import kept as schedule
        from postroom.ledger import triggers
        from postroom.ledger.verify import register_replay
        from postroom.people.roles import OFFICE_ROLES, Role

        hooks.on_address_changed.append(lambda address: holding.address_changed(address=address))
        hooks.open_work.append(open_work.on_case)
        hooks.held_work.append(open_work.held_by)
        hooks.kind_stays.append(holding.why_kind_stays)
        hooks.area_stays.append(holding.why_area_stays)
        hooks.on_recipient_changed.append(lambda person: holding.recipient_changed(person=person))
        letter_hooks.number_of_another.append(number_of_another)
        register_users(files_in_use)
        notices.register()
        jobs.register()
        schedule.register(*kept.KINDS)
        register_replay("item", check_item)
        triggers.register(*protection.PROTECTION)
        my_work.register(work.lists_for)
        my_work.register_counter(work.waiting)
        demo_parts.register("distribution", demo.play)
        readers = nav.any_of(*sorted(OFFICE_ROLES), Role.DUTY_WORKER, Role.SAFEGUARDING)
        setters = nav.any_of(Role.TEAM_MANAGER, Role.DEPUTY_TEAM_MANAGER, Role.SYSTEM_ADMINISTRATOR)
        nav.register(
            nav.NavItem("Reports and minutes", "distribution:sets", 40, readers),
            nav.NavItem("Secure e-mail", "distribution:mail", 85, setters),
        )
