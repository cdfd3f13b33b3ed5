"""What the papers-out register keeps for a time (CLS-1): which papers, and for what. Who took them when stays."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from papers.models import PapersOut
from papers.states import PapersState
from postroom.ledger.kept import GONE, Destroyed, Kept, let_go, not_let_go
from postroom.ledger.recording import Actor

# Lost papers end here too: what follows is their breach's, which has a time of its own.
ENDS = (
    PapersState.REFUSED,
    PapersState.NOT_TAKEN,
    PapersState.BACK,
    PapersState.DESTROYED,
    PapersState.HANDED_ON,
    PapersState.LOST,
)


def _ended(before: dt.datetime) -> QuerySet[PapersOut]:
    return PapersOut.objects.filter(state__in=ENDS, state_since__lt=before).filter(not_let_go(PapersOut))


def _involved(user: int, pks: Iterable[int]) -> set[int]:
    """Those that this person took out."""
    return set(PapersOut.objects.filter(pk__in=list(pks), holder=user).values_list("pk", flat=True))


def _destroy(found: PapersOut, under: str, by: Actor) -> Destroyed:
    gone = Destroyed()
    reasons = let_go(found, under=under, by=by)
    words = GONE if found.purpose_words else ""
    gone.add(
        "descriptions of papers",
        PapersOut.objects.filter(pk=found.pk).update(what=GONE, purpose_words=words, destination=""),
    )
    history: Any = PapersOut.history
    gone.add("rows of field history", history.filter(id=found.pk).delete()[0])
    gone.add("reasons", reasons)
    return gone


KINDS = (
    Kept(
        key="papers",
        words="What the papers-out register says of papers: which they were, for what, reasons and field history",
        one="entry of the register",
        many="entries of the register",
        after="after the papers came back, were destroyed, handed on or lost",
        setting="RETENTION_PAPERS_DAYS",
        model=PapersOut,
        ended=_ended,
        destroy=_destroy,
        cases=("case",),
        involved=_involved,
    ),
)
