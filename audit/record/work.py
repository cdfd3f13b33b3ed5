"""What the record puts on My work: disposals that wait for somebody other than who proposed them (CLS-1)."""

from __future__ import annotations

from django.db.models import Count
from django.urls import reverse

from audit.record.models import Disposal, DisposalState
from audit.record.permissions import RecordAction, RecordCondition
from audit.record.policy import can
from postroom.people.authority import Authority
from postroom.people.models import User
from postroom.work import WorkList, WorkRow

MOST = 8


def lists_for(user: User, authority: Authority) -> list[WorkList]:
    """One list; one query for those who decide, none for others."""
    if not can(RecordAction.APPROVE_DISPOSAL, by=user, holding=set(RecordCondition), authority=authority):
        return []
    waiting = Disposal.objects.filter(state=DisposalState.PROPOSED).exclude(proposed_by=user)
    found = waiting.select_related("proposed_by").annotate(many=Count("items")).order_by("pk")
    rows = [
        WorkRow(
            title=f"Disposal {disposal.reference}",
            href=reverse("record:disposal", args=[disposal.reference]),
            do="Look, and decide",
            detail=f"{disposal.many} {_words(disposal)}, proposed by {disposal.proposed_by.name}",
            since=disposal.proposed_at,
        )
        for disposal in found[: MOST + 1]
    ]
    count = len(rows) if len(rows) <= MOST else waiting.count()
    return [WorkList("disposals", "Disposals to decide on", rows[:MOST], count, reverse("record:retention"))]


def _words(disposal: Disposal) -> str:
    many: int = getattr(disposal, "many", 0)
    kind = disposal.kind
    return (kind.one if many == 1 else kind.many) if kind else "records"
