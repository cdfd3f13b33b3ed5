"""What letters keep for a time (CLS-1): drafts, content, proofs. Registered for those who propose and decide."""

from __future__ import annotations

import datetime as dt

from django.db.models import Exists, OuterRef, Q, QuerySet

from letters.actions.disposing import destroy_content, destroy_drafts, destroy_proofs
from letters.models import Disposed, Handing, Hold, Letter, Opening, Registered
from letters.states import State
from postroom.ledger.kept import Kept

AFTER = "after the confirmed upload to ICS, or the withdrawal"


def _ended(what: Disposed.What, before: dt.datetime) -> QuerySet[Letter]:
    ended = Q(uploaded_at__lt=before) | Q(state=State.WITHDRAWN, state_since__lt=before)
    gone = Disposed.objects.filter(letter=OuterRef("pk"), what=what)
    return Letter.objects.filter(ended).filter(~Exists(gone))


def _with_proofs(before: dt.datetime) -> QuerySet[Letter]:
    posted, handed = (model.objects.filter(letter=OuterRef("pk")) for model in (Registered, Handing))
    return _ended(Disposed.What.PROOFS, before).filter(Exists(posted) | Exists(handed))


def _busy() -> Q:
    """Held on its way, or open to somebody above: a breach case that links it, a spot check that drew it."""
    return Q(Exists(Hold.objects.filter(letter=OuterRef("pk"), released_at__isnull=True))) | Q(
        Exists(Opening.objects.filter(letter=OuterRef("pk"), closed_at__isnull=True))
    )


KINDS = (
    Kept(
        key="drafts",
        words="Drafts, files handed over and dictation",
        one="letter",
        many="letters",
        after=AFTER,
        setting="RETENTION_DRAFT_DAYS",
        model=Letter,
        ended=lambda before: _ended(Disposed.What.DRAFTS, before),
        destroy=lambda letter, under, by: destroy_drafts(letter, under=under),
        cases=("case",),
        busy=_busy,
    ),
    Kept(
        key="content",
        words="What letters say, their enclosures and files, questions, reasons and field history",
        one="letter",
        many="letters",
        after=AFTER,
        setting="RETENTION_CONTENT_DAYS",
        model=Letter,
        ended=lambda before: _ended(Disposed.What.CONTENT, before),
        destroy=lambda letter, under, by: destroy_content(letter, under=under, by=by),
        cases=("case",),
        busy=_busy,
    ),
    Kept(
        key="proofs",
        words="Receipts of registered post, and to whom letters were handed over",
        one="letter",
        many="letters",
        after=AFTER,
        setting="RETENTION_PROOF_DAYS",
        model=Letter,
        ended=_with_proofs,
        destroy=lambda letter, under, by: destroy_proofs(letter, under=under),
        cases=("case",),
        busy=_busy,
    ),
)
