"""While papers are out: another due day, and the reference of the running record (CLS-3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils import timezone

from papers.actions.common import step
from papers.models import PapersOut
from papers.states import PapersAction
from postroom.people.models import User
from postroom.steps.engine import Seen, Taken
from postroom.steps.errors import InvalidStep


def extend(*, papers: PapersOut, by: User, seen: Seen, due_on: dt.date, reason: str) -> PapersOut:
    """They are due on another day: the holder says so for an agreed task, the line manager for anything else."""

    def change(locked: PapersOut, taken: Taken) -> Mapping[str, Any]:
        today = timezone.localdate()
        if due_on < today or due_on == locked.due_on:
            raise InvalidStep("Choose another day, today or later.", "due_on")
        taken_on = timezone.localdate(locked.taken_at) if locked.taken_at else today
        if due_on > taken_on + dt.timedelta(days=settings.PAPERS_LONGEST_DAYS):
            raise InvalidStep(
                f"Papers stay out at most {settings.PAPERS_LONGEST_DAYS} days. Have them back first.", "due_on"
            )
        before, locked.due_on = locked.due_on, due_on
        return {"due_on": {"from": before.isoformat(), "to": due_on.isoformat()}}

    return step(papers, PapersAction.EXTEND, by=by, seen=seen, reason=reason, change=change)


def keep_record(*, papers: PapersOut, by: User, seen: Seen, record_reference: str) -> PapersOut:
    """The reference that Mosaic or CareWorks gave the running record. Another one replaces it, and both stay known."""
    reference = " ".join(record_reference.split())

    def change(locked: PapersOut, taken: Taken) -> Mapping[str, Any]:
        if not reference:
            raise InvalidStep("Enter the reference of the running record.", "record_reference")
        replaced, locked.record_reference = bool(locked.record_reference), reference
        return {"replaced": replaced}

    return step(papers, PapersAction.KEEP_RECORD, by=by, seen=seen, change=change)
