"""What spot checks keep for a time (CLS-1): photos, notes, findings' words. The draw and its result stay."""

from __future__ import annotations

import datetime as dt

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from audit.models import Answer, Evidence, Finding, Item, SpotCheck
from audit.selectors import OVER
from audit.spotchecks.rules import FindingState
from letters.models import Opening
from postroom.ledger.kept import GONE, Destroyed, Kept, let_go, not_let_go
from postroom.ledger.recording import Actor


def _ended(before: dt.datetime) -> QuerySet[SpotCheck]:
    """Over before that moment, with every finding followed up."""
    followed = Finding.objects.filter(item__check_of=OuterRef("pk")).exclude(state=FindingState.CLOSED)
    fresh = Item.objects.filter(check_of=OuterRef("pk"), checked_at__gte=before)
    ended = Q(finished_at__lt=before) | Q(finished_at__isnull=True, fixed_at__lt=before)
    over = SpotCheck.objects.filter(ended, state__in=OVER)
    return over.filter(~Exists(followed), ~Exists(fresh), not_let_go(SpotCheck))


def _destroy(found: SpotCheck, under: str, by: Actor) -> Destroyed:
    gone = Destroyed()
    items = list(Item.objects.filter(check_of=found).select_related("check_of"))
    findings = list(Finding.objects.filter(item__check_of=found))
    reasons = sum(let_go(subject, under=under, by=by) for subject in (found, *items, *findings))
    evidence = Evidence.objects.filter(item__check_of=found)
    gone.files.update(str(sha) for sha in evidence.values_list("file_id", flat=True))
    gone.add("photos", evidence.delete()[0])
    gone.add("notes", Answer.objects.filter(item__check_of=found).exclude(note="").update(note=""))
    Item.objects.filter(check_of=found).update(salt="")
    Item.objects.filter(check_of=found).exclude(picked_because="").update(picked_because=GONE)
    gone.add("words of findings", Finding.objects.filter(item__check_of=found).update(what=GONE))
    Finding.objects.filter(item__check_of=found).exclude(done="").update(done=GONE)
    # Until now its letters were held by it; their own time counts again.
    Opening.objects.filter(opened_by=found.ledger_subject, closed_at__isnull=True).update(closed_at=timezone.now())
    gone.add("reasons", reasons)
    return gone


KINDS = (
    Kept(
        key="spot_checks",
        words="What spot checks saw: photos, notes, findings and reasons; the draw and its result stay",
        one="spot check",
        many="spot checks",
        after="after it ended, with every finding closed",
        setting="RETENTION_SPOT_CHECK_DAYS",
        model=SpotCheck,
        ended=_ended,
        destroy=_destroy,
        cases=("items__letter__case", "items__copy__case"),
    ),
)
