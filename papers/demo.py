"""The demonstration's papers out: a few entries in every state, by the real steps."""

from __future__ import annotations

import datetime as dt
from random import Random

from django.utils import timezone

from papers import actions
from papers.actions import Security, WhatLeaves
from papers.actions.agreements import Terms
from papers.models import PapersOut
from papers.states import TAKERS, Purpose
from postroom.cases.models import Case
from postroom.cases.states import CaseState
from postroom.people.models import User
from postroom.steps.engine import Seen

SAFE = Security(in_lockable_bag=True)


def play(rng: Random, now: dt.datetime) -> None:
    """Seven entries of the first offices' workers and an agreement; none if there are some already."""
    if PapersOut.objects.exists():
        return
    cases = (
        Case.objects.filter(state=CaseState.OPEN, is_restricted=False, allocated_worker__line_manager__isnull=False)
        .select_related("office", "allocated_worker__line_manager")
        .order_by("pk")
    )
    chosen = [case for case in cases[:60] if case.allocated_worker and case.allocated_worker.is_active]
    rng.shuffle(chosen)
    tomorrow = timezone.localdate(now) + dt.timedelta(days=1)
    for number, case in enumerate(chosen[:7]):
        worker = case.allocated_worker
        assert worker is not None  # noqa: S101 - chosen so
        manager = worker.line_manager
        assert manager is not None  # noqa: S101
        if number < 4:
            purpose = [Purpose.COURT, Purpose.PROFESSIONAL_MEETING, Purpose.SERVICE_USER_MEETING, Purpose.COURT][number]
            papers = actions.take_out(
                case=case, office=case.office, leaves=_leaves(purpose, tomorrow, rng), security=SAFE, by=worker
            )
            if number == 3:
                _back(papers, worker)
            continue
        asked = actions.ask(case=case, office=case.office, leaves=_leaves(Purpose.OTHER, tomorrow, rng), by=worker)
        if number == 5:
            actions.agree(papers=asked, by=manager, seen=Seen.of(asked))
        if number == 6:
            actions.refuse(papers=asked, by=manager, seen=Seen.of(asked), reason="Please read it in the office.")
    _agreement(chosen, tomorrow)


def _leaves(purpose: Purpose, due_on: dt.date, rng: Random) -> WhatLeaves:
    return WhatLeaves(
        kind="copy",
        what="Chronology and report",
        pages=rng.randint(4, 40),
        purpose=purpose,
        purpose_words="To finish the court report at home" if purpose == Purpose.OTHER else "",
        destination="Family court" if purpose == Purpose.COURT else "",
        due_on=due_on,
    )


def _back(papers: PapersOut, worker: User) -> None:
    from papers.selectors import witnesses_for

    witness = witnesses_for(papers).filter(grants__role__in=TAKERS).distinct().order_by("pk").first()
    if witness is not None:
        today = timezone.localdate()
        actions.give_back(papers=papers, by=worker, seen=Seen.of(papers), ended_on=today, witness=witness)


def _agreement(cases: list[Case], tomorrow: dt.date) -> None:
    worker = cases[0].allocated_worker if cases else None
    if worker is None or worker.line_manager is None:
        return
    terms = Terms(
        place="home",
        access="Case records by remote access; no papers kept at home overnight",
        starts=tomorrow,
        ends=tomorrow + dt.timedelta(days=180),
    )
    actions.register_agreement(person=worker, terms=terms, by=worker.line_manager)
