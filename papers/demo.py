"""The demonstration's papers: entries in every state, also late ones, agreements to work away, by the real steps."""

from __future__ import annotations

import datetime as dt
from random import Random

from django.utils import timezone

from papers import actions
from papers.actions import Security, WhatLeaves
from papers.actions.agreements import Terms
from papers.models import PapersOut
from papers.selectors import witnesses_for
from papers.states import TAKERS, Purpose
from postroom.cases.models import Case
from postroom.cases.states import CaseState
from postroom.demo_parts import as_if
from postroom.people.models import User
from postroom.steps.engine import Seen

SAFE = Security(in_lockable_bag=True)
AGREED = (Purpose.COURT, Purpose.PROFESSIONAL_MEETING, Purpose.SERVICE_USER_MEETING)


def play(rng: Random, now: dt.datetime) -> None:
    """Eleven entries of the first offices' workers and three agreements; none if there are some already."""
    if PapersOut.objects.filter(entered_by="").exists():  # those that hand deliveries entered are no part of it
        return
    cases = (
        Case.objects.filter(state=CaseState.OPEN, is_restricted=False, allocated_worker__line_manager__isnull=False)
        .select_related("office", "allocated_worker__line_manager")
        .order_by("pk")
    )
    chosen = [case for case in cases[:60] if case.allocated_worker and case.allocated_worker.is_active]
    rng.shuffle(chosen)
    tomorrow = timezone.localdate(now) + dt.timedelta(days=1)
    _out(chosen[:3], tomorrow, rng)
    _late(chosen[3:5], now, rng)
    _ended(chosen[5:8], tomorrow, rng)
    _asked(chosen[8:11], tomorrow, rng)
    _notebook(chosen[:1], tomorrow)
    _agreements(chosen, now)
    actions.chase_late()


def _people(case: Case) -> tuple[User, User]:
    """The case's worker and their line manager; the cases were chosen so that both are there."""
    worker = case.allocated_worker
    assert worker is not None  # noqa: S101 - chosen so
    assert worker.line_manager is not None  # noqa: S101
    return worker, worker.line_manager


def _taken(case: Case, purpose: Purpose, due_on: dt.date, rng: Random) -> PapersOut:
    worker, _ = _people(case)
    leaves = _leaves(purpose, due_on, rng)
    return actions.take_out(case=case, office=case.office, leaves=leaves, security=SAFE, by=worker)


def _out(cases: list[Case], tomorrow: dt.date, rng: Random) -> None:
    """Out for each of the agreed tasks."""
    for case, purpose in zip(cases, AGREED, strict=False):
        _taken(case, purpose, tomorrow, rng)


def _late(cases: list[Case], now: dt.datetime, rng: Random) -> None:
    """Taken days ago and due since: the first is chased up to the manager, the second for the first time."""
    for case, days in zip(cases, (12, 4), strict=False):
        then = now - dt.timedelta(days=days)
        with as_if(then):
            _taken(case, Purpose.COURT, timezone.localdate(then) + dt.timedelta(days=1), rng)


def _ended(cases: list[Case], tomorrow: dt.date, rng: Random) -> None:
    """Back, destroyed, and lost, which opens a breach report."""
    for case, end in zip(cases, ("back", "destroyed", "lost"), strict=False):
        papers, (worker, _) = _taken(case, Purpose.PROFESSIONAL_MEETING, tomorrow, rng), _people(case)
        seen, today = Seen.of(papers), timezone.localdate()
        witness = witnesses_for(papers).filter(grants__role__in=TAKERS).distinct().order_by("pk").first()
        if end == "lost":
            reason = "They were in the bag on the 14 bus. The bus company was rung at once."
            at = timezone.now()
            actions.lose(papers=papers, by=worker, seen=seen, gone="loss", gone_since=at, reason=reason)
        elif witness is not None and end == "back":
            actions.give_back(papers=papers, by=worker, seen=seen, ended_on=today, witness=witness)
        elif witness is not None:
            actions.destroy(
                papers=papers, by=worker, seen=seen, ended_on=today, witness=witness, destroyed_by="shredder"
            )


def _asked(cases: list[Case], tomorrow: dt.date, rng: Random) -> None:
    """Asked for, agreed, refused."""
    for case, answer in zip(cases, ("", "agreed", "refused"), strict=False):
        worker, manager = _people(case)
        asked = actions.ask(case=case, office=case.office, leaves=_leaves(Purpose.OTHER, tomorrow, rng), by=worker)
        if answer == "agreed":
            actions.agree(papers=asked, by=manager, seen=Seen.of(asked))
        if answer == "refused":
            actions.refuse(papers=asked, by=manager, seen=Seen.of(asked), reason="Please read it in the office.")


def _notebook(cases: list[Case], tomorrow: dt.date) -> None:
    """A notebook counts as papers too."""
    for case in cases:
        worker, _ = _people(case)
        leaves = WhatLeaves(
            kind="notebook", what="Notes of visits", purpose=Purpose.SERVICE_USER_MEETING, due_on=tomorrow
        )
        actions.take_out(case=None, office=case.office, leaves=leaves, security=SAFE, by=worker)


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


def _agreements(cases: list[Case], now: dt.datetime) -> None:
    """To work from home and from another base: in force, still to begin, ended early."""
    people, today = list(dict.fromkeys(_people(case) for case in cases))[:3], timezone.localdate(now)
    for number, (worker, manager) in enumerate(people):
        terms = Terms(
            place="other_base" if number == 1 else "home",
            base="Hillside annexe" if number == 1 else "",
            access="Case records by remote access; no papers kept there overnight",
            starts=today + dt.timedelta(days=7) if number == 1 else today,
            ends=today + dt.timedelta(days=150),
        )
        made = actions.register_agreement(person=worker, terms=terms, by=manager)
        if number == 2:
            reason = "Back in the office for good."
            actions.end_agreement(agreement=made, by=manager, seen=Seen.of(made), reason=reason)
