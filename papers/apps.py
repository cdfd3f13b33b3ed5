from django.apps import AppConfig


class PapersConfig(AppConfig):
    """Papers that leave the office, and agreements to work on records away from it."""

    name = "papers"

    def ready(self) -> None:
        """Rules the database keeps by itself, the e-mails, the menu, My work, the demonstration's part."""
        from breaches.reports.readers import READERS
        from distribution import hooks as item_hooks
        from letters import hooks as letter_hooks
        from letters.demo import carried
        from papers import deliveries, demo, demo_trips, kept, open_work, work
        from papers.notices import register as register_notices
        from papers.protection import PROTECTION
        from papers.replay import check_papers
        from papers.states import LINE_MANAGERS, TAKERS
        from postroom import demo_parts, nav
        from postroom import work as my_work
        from postroom.cases import hooks as case_hooks
        from postroom.ledger import kept as schedule
        from postroom.ledger import triggers
        from postroom.ledger.verify import register_replay

        schedule.register(*kept.KINDS)
        register_replay("papers", check_papers)
        triggers.register(*PROTECTION)
        register_notices()
        nav.register(nav.NavItem("Breach figures", "breach_reports:overview", 46, nav.any_of(*READERS)))
        nav.register(nav.NavItem("Papers out", "papers:board", 60, nav.any_of(*TAKERS, *LINE_MANAGERS)))
        my_work.register(work.lists)
        my_work.register_counter(work.waiting)
        demo_parts.register("papers", demo.play)
        carried.left.append(demo_trips.letter_left)
        case_hooks.open_work.append(open_work.on_case)
        case_hooks.held_work.append(open_work.held_by)
        item_hooks.papers_left.append(deliveries.item_left)
        item_hooks.papers_back.append(deliveries.item_back)
        letter_hooks.papers_left.append(deliveries.letter_left)
        letter_hooks.papers_back.append(deliveries.letter_back)
