from django.apps import AppConfig


class CasesConfig(AppConfig):
    """Cases, their people and where each can be written to."""

    name = "postroom.cases"
    label = "cases"

    def ready(self) -> None:
        """Rules the database keeps by itself, and the menu."""
        from postroom import nav, work
        from postroom.cases import kept
        from postroom.cases.actions import handing_on
        from postroom.cases.ics.files import files_in_use
        from postroom.cases.protection import PROTECTION
        from postroom.cases.waiting import handed_on, to_put_right_in_ics, waiting
        from postroom.files.store import register_users
        from postroom.ledger import kept as schedule
        from postroom.ledger import triggers
        from postroom.people import hooks as people_hooks
        from postroom.people.roles import OFFICE_ROLES, Role

        schedule.register(*kept.KINDS)
        triggers.register(*PROTECTION)
        people_hooks.on_leaving.append(handing_on.hold_cases_of)
        people_hooks.on_left.append(lambda person, by: handing_on.hand_on(person, by, left=True))
        people_hooks.on_role_ended.append(lambda person, by: handing_on.hand_on(person, by, left=False))
        work.register(handed_on)
        register_users(files_in_use)
        work.register(to_put_right_in_ics)
        work.register_counter(waiting)
        nav.register(
            nav.NavItem("Files from ICS", "case_ics_imports", 76, nav.any_of(Role.ADMIN)),
            nav.NavItem(
                "Who may know of a case",
                "case_access_find",
                77,
                nav.any_of(Role.TEAM_MANAGER, Role.INFORMATION_GOVERNANCE),
            ),
        )
        nav.register(nav.NavItem("Cases", "cases", 30, nav.any_of(*sorted(OFFICE_ROLES), Role.DUTY_WORKER)))
