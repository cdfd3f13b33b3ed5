"""What reports and minutes keep for a time (CLS-1): what was given out, its versions, the record of handing over."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from distribution import hooks
from distribution.models import Distribution, EmailPassword, Handover, Item, ItemVersion, Proof, Receipt
from distribution.states import SETTLED, State
from letters.actions.disposing import in_its_place
from postroom.ledger.kept import GONE, Destroyed, Kept, let_go, not_let_go
from postroom.ledger.recording import Actor

_ENDS = (*SETTLED, State.SENT)


def _ended(before: dt.datetime) -> QuerySet[Distribution]:
    """Sets whose every copy was settled, and put on the case record where that is owed, before that moment."""
    items = Item.objects.filter(distribution=OuterRef("pk"))
    done = Coalesce(F("uploaded_at"), F("state_since"))
    late = items.annotate(done=done).filter(
        ~Q(state__in=_ENDS)
        | Q(state__in=[State.HANDED_OVER, State.SENT, State.DELIVERED], uploaded_at__isnull=True)
        | Q(done__gte=before)
        | Q(state_since__gte=before)
    )
    return Distribution.objects.filter(issued_at__lt=before).filter(~Exists(late), not_let_go(Distribution))


def _busy() -> Q:
    """Sets of which a copy is what something above is about: a breach case, a spot check, as long as they are kept."""
    held = Q(pk__in=[])
    for needed in hooks.needed:
        held |= Q(Exists(needed().filter(distribution=OuterRef("pk"))))
    return held


def _destroy(found: Distribution, under: str, by: Actor) -> Destroyed:
    gone, blank = Destroyed(), in_its_place()
    items = list(Item.objects.filter(distribution=found).order_by("pk"))
    reasons = let_go(found, under=under, by=by)
    for item in items:
        reasons += let_go(item, under=under, by=by)
    pks = [item.pk for item in items]
    gone.files.update(_files(found, pks))
    Distribution.objects.filter(pk=found.pk).update(original=blank, pdf=blank)
    gone.add("copies", Item.objects.filter(pk__in=pks).update(pdf=blank, cover=None))
    gone.add("versions", ItemVersion.objects.filter(item__in=pks).update(original=blank, pdf=blank))
    gone.add("records of handing over", Handover.objects.filter(item__in=pks).update(place="", signature=None))
    gone.add("scans of receipts", Receipt.objects.filter(item__in=pks).delete()[0])
    gone.add("names on proofs of delivery", Proof.objects.filter(item__in=pks).update(printed_name=GONE))
    EmailPassword.objects.filter(item__in=pks).update(sealed="")
    history: Any = Item.history
    gone.add("rows of field history", history.filter(id__in=pks).delete()[0])
    gone.add("reasons", reasons)
    gone.files.discard(blank)
    return gone


def _files(found: Distribution, pks: list[int]) -> set[str]:
    files: set[Any] = {found.original_id, found.pdf_id}
    for rows, columns in (
        (Item.objects.filter(pk__in=pks), ("pdf_id", "cover_id")),
        (ItemVersion.objects.filter(item__in=pks), ("original_id", "pdf_id")),
        (Handover.objects.filter(item__in=pks), ("signature_id",)),
        (Receipt.objects.filter(item__in=pks), ("scan_id",)),
    ):
        for column in columns:
            files.update(rows.values_list(column, flat=True))
    return {str(sha) for sha in files if sha}


KINDS = (
    Kept(
        key="reports",
        words="Reports and minutes with their versions, cover sheets, signed receipts, reasons and field history",
        one="set of reports or minutes",
        many="sets of reports or minutes",
        after="after the last copy was settled and put on the case record",
        setting="RETENTION_REPORT_DAYS",
        model=Distribution,
        ended=_ended,
        destroy=_destroy,
        cases=("case",),
        busy=_busy,
    ),
)
