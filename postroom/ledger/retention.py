"""The one way in which words leave the ledger: reasons at the end of their retention, salt and all."""

from __future__ import annotations

from django.db import DEFAULT_DB_ALIAS, transaction
from django.utils import timezone

from postroom.ledger.models import Disposal, Reason
from postroom.ledger.recording import Actor, record_and_save
from postroom.ledger.subjects import LedgerSubject


def dispose_of_reasons(*, subject: LedgerSubject, up_to_seq: int, by: Actor, under: str = "") -> int:
    """Destroy the reasons of a subject's entries up to a place, and record that; returns how many went.

    `under`: the subject of the disposal that decided it, for the entry.

    The entries keep their salted hashes and the chain still verifies. Whether it may be done is the caller's to know.
    """
    using = subject._state.db or DEFAULT_DB_ALIAS
    details: dict[str, object] = {"up_to": up_to_seq} | ({"under": under} if under else {})
    with transaction.atomic(using=using):
        record_and_save(subject, action="dispose_of_reasons", actor=by, details=details)
        name = subject.ledger_subject
        Disposal.objects.using(using).create(subject=name, up_to_seq=up_to_seq, at=timezone.now())
        gone, _ = Reason.objects.using(using).filter(subject=name, seq__lte=up_to_seq).delete()
    return gone
