"""What the record's own exports keep for a time (CLS-1): they are copies of what is destroyed elsewhere."""

from __future__ import annotations

import datetime as dt
from typing import Any

from audit.record.models import AccessRequest, Bundle
from postroom.ledger.kept import Destroyed, Kept, let_go, not_let_go
from postroom.ledger.recording import Actor


def _destroy(found: Bundle | AccessRequest, under: str, by: Actor) -> Destroyed:
    gone = Destroyed()
    reasons = let_go(found, under=under, by=by)
    if found.file_id:
        gone.files.add(str(found.file_id))
    gone.add("exported files", type(found)._base_manager.filter(pk=found.pk).update(file=None))
    gone.add("reasons", reasons)
    return gone


def _ended(model: Any) -> Any:
    def ended(before: dt.datetime) -> Any:
        return model.objects.filter(made_at__lt=before, file__isnull=False).filter(not_let_go(model))

    return ended


KINDS = (
    Kept(
        key="bundles",
        words="Files of audit bundles",
        one="audit bundle",
        many="audit bundles",
        after="after it was made",
        setting="RETENTION_BUNDLE_DAYS",
        model=Bundle,
        ended=_ended(Bundle),
        destroy=_destroy,
        cases=("letter__case",),
    ),
    Kept(
        key="access",
        words="Files gathered for access requests",
        one="access request",
        many="access requests",
        after="after it was made",
        setting="RETENTION_ACCESS_DAYS",
        model=AccessRequest,
        ended=_ended(AccessRequest),
        destroy=_destroy,
        cases=("person__case",),
    ),
)
