"""The demonstration's letters that went by hand were papers that were out: their entries, written in bulk."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.utils import timezone

from letters.demo.carried import Leaving
from papers.actions.taking import details_of
from papers.deliveries import letter_trip
from papers.policy import carrier_standing
from papers.states import PAPERS_RULES, PapersAction
from postroom.demo_parts import as_if
from postroom.ledger.recording import SYSTEM, Actor, Step
from postroom.people.roles import ROLE_NAMES
from postroom.steps.table import Grant


def letter_left(leaving: Leaving) -> Callable[[dt.datetime], None]:
    """The entry of one trip; what is given ends it, when the letter has been handed over."""
    letter, by, rows = leaving.letter, leaving.by, leaving.rows
    with as_if(leaving.at):
        papers = letter_trip(letter, by)
    papers.created_at = papers.state_since = leaving.at
    standing = carrier_standing(leaving.authority)
    grant = PAPERS_RULES.decide(PapersAction.TAKE, standing.roles, standing.holding)
    if not isinstance(grant, Grant):
        raise AssertionError(f"The demo's script has papers taken by somebody who may not: {grant}")
    actor = Actor(id=by.pk, name=by.name, role=ROLE_NAMES[grant.role], authority=standing.authority[grant.role])
    rows.add(papers)
    papers.version = 1
    rows.note(papers, by, leaving.at, "+")
    out = str(papers.state)
    step = Step(
        action=str(PapersAction.TAKE), actor=actor, at=leaving.at, to_state=out, version=1, details=details_of(papers)
    )
    rows.enter(papers, step)
    rows.note(papers, by, leaving.at, "~")

    def handed_over(at: dt.datetime) -> None:
        papers.ended_on, papers.state_since = timezone.localdate(at), at
        getattr(papers, f"fsm_{PapersAction.HAND_ON}")()
        papers.version = 2
        ended = Step(
            action=str(PapersAction.HAND_ON),
            actor=SYSTEM,
            at=at,
            from_state=out,
            to_state=str(papers.state),
            version=2,
            details={"letter": letter.reference},
        )
        rows.enter(papers, ended)
        rows.note(papers, None, at, "~")

    return handed_over
