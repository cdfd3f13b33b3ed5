"""Are holds and certificates what their entries say (CLS-1)? Asked nightly, and by verify_ledger."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from audit.record.models import Disposal, DisposalState, LegalHold
from postroom.ledger.chain import EntryValues, salted_hash
from postroom.ledger.models import Reason
from postroom.ledger.replaying import Told, first_that_differs


def list_hash(subjects: Iterable[str]) -> str:
    """SHA-256 of the chains' names of what a disposal lists, one a line, in order of bytes."""
    return hashlib.sha256("".join(f"{name}\n" for name in sorted(subjects, key=str.encode)).encode()).hexdigest()


def check_hold(hold: LegalHold, entries: Sequence[EntryValues]) -> str:
    """What is wrong with a hold's row, given its entries in order; "" if nothing is."""
    told = Told(entries)
    kept = told.details("set_hold")
    ended = told.last("release_hold")
    if (hold.released_at is None) != (ended is None):
        return "its row says that it has ended, and no entry does" if ended is None else "its row says that it stands"
    facts = [
        ("person who set it", hold.set_by_id, told.actor("set_hold")),
        ("record", hold.record, kept.get("record", "")),
        ("case", hold.case.reference if hold.case is not None else "", kept.get("case", "")),
        ("person who ended it", hold.released_by_id, told.actor("release_hold")),
    ]
    return first_that_differs(facts) or _why(hold, told.last("set_hold"))


def _why(hold: LegalHold, entry: EntryValues | None) -> str:
    """Is its reason the one that was given? Retention may have let the reason's salt go; its hash stays."""
    if entry is None:
        return ""
    reason = Reason.objects.using(hold._state.db).filter(subject=entry.subject, seq=entry.seq).first()
    if reason is not None and salted_hash(reason.salt, hold.why) != entry.reason_hash:
        return "its row has another reason than its entries"
    return ""


def check_disposal(disposal: Disposal, entries: Sequence[EntryValues]) -> str:
    """What is wrong with a certificate, given its entries in order; "" if nothing is."""
    return first_that_differs(_certificate(disposal, Told(entries)))


def _certificate(disposal: Disposal, told: Told) -> Iterator[tuple[str, Any, Any]]:
    proposed = told.details("propose_disposal")
    items = list(disposal.items.using(disposal._state.db).values_list("subject", "left_out"))
    yield "kind of what was to go", disposal.what, proposed.get("what")
    yield "number of records", len(items), proposed.get("records")
    if "list" in proposed:
        yield "list of records", list_hash(subject for subject, _ in items), proposed["list"]
    yield "person who proposed it", disposal.proposed_by_id, told.actor("propose_disposal")
    if disposal.state == DisposalState.PROPOSED:
        return
    yield "person who decided", disposal.decided_by_id, told.actor("approve_disposal", "refuse_disposal")
    done = told.details("approve_disposal")
    yield "account of what went", disposal.destroyed, done.get("destroyed", {})
    yield "number of records left out", sum(bool(why) for _, why in items), done.get("left_out", 0)
