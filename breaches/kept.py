"""What breaches keep for a time (CLS-1): their words and evidence. That there was one, its kinds, times, duties and
who decided what stays."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from breaches.kept_out import kept_out
from breaches.models import (
    Advice,
    Breach,
    BreachDuty,
    Decision,
    FollowUp,
    Involved,
    MeetingException,
    Notification,
    Referral,
    ServiceUser,
)
from breaches.states import BreachState
from letters.models import Opening
from postroom.ledger.kept import GONE, Destroyed, Kept, let_go, not_let_go
from postroom.ledger.recording import Actor

_WORDS = ("done_at_once", "consequences", "containment", "redress", "cause_words", "lessons")


def _ended(before: dt.datetime) -> QuerySet[Breach]:
    closed = Breach.objects.filter(state=BreachState.CLOSED, closed_at__lt=before)
    return closed.filter(not_let_go(Breach))


def _involved(user: int, pks: Iterable[int]) -> set[int]:
    """Those breaches that this person is, or was, part of, or is kept out of now."""
    pks = list(pks)
    held = Breach.objects.filter(pk__in=pks, control_held_by=user).values_list("pk", flat=True)
    barred = Breach.objects.filter(kept_out(user), pk__in=pks).values_list("pk", flat=True)
    return {*Involved.objects.filter(breach__in=pks, user=user).values_list("breach", flat=True), *held, *barred}


def _destroy(found: Breach, under: str, by: Actor) -> Destroyed:
    gone = Destroyed()
    reasons = let_go(found, under=under, by=by)
    duties = BreachDuty.objects.filter(breach=found)
    gone.files.update(str(sha) for sha in duties.values_list("file_id", flat=True) if sha)
    made = Notification.objects.filter(breach=found)
    gone.files.update(str(sha) for sha in made.values_list("file_id", flat=True) if sha)
    gone.add("pieces of evidence", len(gone.files))
    Breach.objects.filter(pk=found.pk).update(what=GONE, discovered_by=GONE, **dict.fromkeys(_WORDS, ""))
    gone.add("notes on duties", duties.exclude(status="open").update(note=GONE, reference="", file=None))
    Involved.objects.filter(breach=found).update(how=GONE)
    gone.add("reasons of decisions", Decision.objects.filter(breach=found).update(
        disciplinary_reason=GONE, commissioner_reason=GONE, professional_body_reason=GONE, legal_advice=""
    ))  # fmt: skip
    gone.add("pieces of advice", Advice.objects.filter(breach=found).update(question=GONE, text=GONE))
    MeetingException.objects.filter(breach=found).update(reason=GONE, answer="")
    ServiceUser.objects.filter(breach=found, met_at__isnull=False).update(met_note=GONE)
    sent = Referral.objects.filter(breach=found)
    sent.update(note="", late_reason="")
    sent.filter(withdrawn_at__isnull=False).update(withdrawn_reason=GONE)
    gone.add("notifications", made.update(note="", late_reason="", content={}, file=None))
    gone.add("actions", FollowUp.objects.filter(breach=found).update(words=GONE, result=""))
    history: Any = Breach.history
    gone.add("rows of field history", history.filter(id=found.pk).delete()[0])
    # Until now its letters were held by it; their own time counts again.
    Opening.objects.filter(opened_by=found.ledger_subject, closed_at__isnull=True).update(closed_at=timezone.now())
    gone.add("reasons", reasons)
    return gone


KINDS = (
    Kept(
        key="breaches",
        words="What breach cases say: what happened, assessment, evidence, decisions, reports, field history",
        one="breach case",
        many="breach cases",
        after="after it was closed",
        setting="RETENTION_BREACH_DAYS",
        model=Breach,
        ended=_ended,
        destroy=_destroy,
        cases=("cases",),
        involved=_involved,
    ),
)
