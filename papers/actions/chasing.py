"""Late papers are chased: each stage once, however often the scheduler runs, and none is lost while it doesn't."""

from __future__ import annotations

import datetime as dt

import structlog
from django.conf import settings
from django.utils import timezone

from papers.actions.common import step, tell
from papers.chasing import Stage, stages_by
from papers.models import PapersOut, Reminder
from papers.selectors import late_to_chase, manager_ids_of
from papers.states import PapersAction
from postroom.steps.engine import Taken
from postroom.steps.errors import NotPossible, StepError

log = structlog.get_logger(__name__)


def chase_late(today: dt.date | None = None) -> int:
    """Send every reminder that has come due by the local day `today` and wasn't sent; returns how many stages.

    Each stage is a step of the papers: its row, its ledger entry and the e-mails it owes commit together, and a second
    run finds the row. Stages missed while nothing ran are sent one after another.
    """
    today = today or timezone.localdate()
    sent = 0
    for papers in late_to_chase(today):
        reached = {reminder.stage for reminder in papers.reminders.all() if reminder.due_on == papers.due_on}
        for stage in stages_by(
            papers.due_on,
            today,
            manager_after=settings.PAPERS_MANAGER_AFTER_WORKING_DAYS,
            manager_every=settings.PAPERS_MANAGER_EVERY_WORKING_DAYS,
        ):
            if stage.number not in reached:
                sent += _chase(papers, stage)
    return sent


def _chase(papers: PapersOut, stage: Stage) -> bool:
    """One stage; False if the papers came back, got another day, or were chased by somebody else meanwhile."""
    due_on = papers.due_on

    def change(locked: PapersOut, taken: Taken) -> dict[str, object]:
        mine = Reminder.objects.filter(papers=locked, due_on=due_on, stage=stage.number)
        if locked.due_on != due_on or mine.exists():
            raise NotPossible("This reminder is not owed any more.")
        return {"stage": stage.number, "due_on": due_on.isoformat(), "to_manager": stage.to_manager}

    def after(locked: PapersOut, taken: Taken) -> None:
        Reminder.objects.create(
            papers=locked, due_on=due_on, stage=stage.number, to_manager=stage.to_manager, at=taken.at
        )
        occasion = f"{due_on.isoformat()}-{stage.number}"
        tell(locked, "papers_late", [locked.holder_id], occasion=occasion)
        if stage.to_manager:
            tell(locked, "papers_late_manager", manager_ids_of(locked), occasion=occasion)

    try:
        step(papers, PapersAction.CHASE, by=None, seen=None, change=change, after=after)
    except StepError as error:
        log.info("papers_not_chased", papers=papers.reference, stage=stage.number, why=type(error).__name__)
        return False
    return True
