from django.apps import AppConfig
from django.db.models.signals import post_migrate


class LettersConfig(AppConfig):
    name = "letters"

    def ready(self) -> None:
        """Ask cases to be told when the ground moves under a letter; say what e-mails and menu items letters have."""
        from letters import anew, kept, open_work, protection, replay, work_lists
        from letters.actions import voiding
        from letters.demo import desk, turns
        from letters.notices import register as register_notices
        from letters.rendering.addresses import check_address
        from letters.stored import files_in_use
        from letters.text_rights import KEEPERS as TEXT_KEEPERS
        from letters.work_questions import questions_to_answer
        from postroom import demo_parts, nav, work
        from postroom.cases import hooks
        from postroom.files.store import register_users
        from postroom.ledger import kept as schedule
        from postroom.ledger import triggers, verify
        from postroom.outbox import summary
        from postroom.people.roles import SOCIAL_WORK_ROLES, Role

        # People do live abroad, and the case says so; whether anything is posted there is asked when it is to go.
        hooks.check_lines.append(
            lambda lines: [fault.message for fault in check_address(list(lines), allow_abroad=True).faults]
        )
        hooks.on_address_changed.append(lambda address: voiding.address_changed(address=address))
        hooks.on_recipient_changed.append(lambda person: voiding.recipient_changed(person=person))
        post_migrate.connect(anew.note_what_was_stale, sender=self, dispatch_uid="letters.note_what_was_stale")
        hooks.open_work.append(open_work.on_case)
        hooks.held_work.append(open_work.held_by)
        hooks.on_worker_changed.append(lambda case: voiding.worker_changed(case=case))
        hooks.on_office_changed.append(lambda case: voiding.office_changed(case=case))
        register_users(files_in_use)
        register_notices()
        demo_parts.register("desk", desk.play)
        demo_parts.register("turns", turns.play)
        schedule.register(*kept.KINDS)
        work.register(questions_to_answer)
        work.register_counter(work_lists.waiting)
        work.register_lines(work_lists.lines)
        summary.register_standing("letter/", work_lists.standing)
        triggers.register(*protection.PROTECTION)
        verify.register_replay("letter", replay.check_letter)
        verify.register_rows(replay.check_versions)
        verify.register_rows(replay.check_shared_texts)
        verify.register_rows(replay.check_words_given)
        verify.register_rows(replay.check_names_said)
        verify.register_rows(replay.check_made_in_format)

        social_work = nav.any_of(*SOCIAL_WORK_ROLES)
        keepers = nav.any_of(
            Role.ADMIN,
            Role.TEAM_MANAGER,
            Role.DEPUTY_TEAM_MANAGER,
            Role.DISTRICT_ADMIN_MANAGER,
            Role.SYSTEM_ADMINISTRATOR,
        )
        nav.register(
            nav.NavItem("My work", "letters:my_work", 10),
            nav.NavItem("Find a letter", "letters:find", 50, nav.any_of(*SOCIAL_WORK_ROLES, Role.ADMIN)),
            nav.NavItem("Hand over a letter", "letters:new", 20, social_work),
            nav.NavItem("Tray", "letters:tray_home", 30, nav.any_of(Role.ADMIN)),
            nav.NavItem("Return labels", "letters:labels_home", 78, nav.any_of(Role.ADMIN)),
            nav.NavItem("Templates", "letters:texts", 70, nav.any_of(*TEXT_KEEPERS)),
            nav.NavItem("Envelopes", "letters:stocks", 80, keepers),
        )
