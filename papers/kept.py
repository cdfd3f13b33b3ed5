"""What the papers-out register keeps for a time (CLS-1): which papers, and for what. Who took them when stays.

Agreements to work away from the office too: on what, and at which base. Who agreed, for whom, until when stays.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from papers.models import AwayAgreement, PapersOut
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


def _agreements_over(before: dt.datetime) -> QuerySet[AwayAgreement]:
    """Ended early before that moment, or the last day was over by then."""
    over = Q(ended_at__lt=before) | Q(ends__lt=timezone.localdate(before))
    return AwayAgreement.objects.filter(over).filter(not_let_go(AwayAgreement))


def _in_agreement(user: int, pks: Iterable[int]) -> set[int]:
    """Those that are about this person, or that they agreed to."""
    part = Q(person=user) | Q(agreed_by=user)
    return set(AwayAgreement.objects.filter(part, pk__in=list(pks)).values_list("pk", flat=True))


def _destroy_agreement(found: AwayAgreement, under: str, by: Actor) -> Destroyed:
    gone = Destroyed()
    reasons = let_go(found, under=under, by=by)
    base = GONE if found.base else ""
    gone.add("words of agreements", AwayAgreement.objects.filter(pk=found.pk).update(access=GONE, base=base))
    history: Any = AwayAgreement.history
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
    Kept(
        key="agreements",
        words="What agreements to work at home or another base say: on what, where, reasons and field history",
        one="agreement to work away",
        many="agreements to work away",
        after="after the last day, or the day on which it was ended",
        setting="RETENTION_AGREEMENT_DAYS",
        model=AwayAgreement,
        ended=_agreements_over,
        destroy=_destroy_agreement,
        involved=_in_agreement,
    ),
)
