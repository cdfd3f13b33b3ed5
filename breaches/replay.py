"""What the ledger says of a breach beyond its state: kinds, clock, assessment, cause, deciders, settled duties.

Asked by every verification (`verify_ledger`, and nightly): a row that was put right by hand past its steps is named.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from breaches.models import Breach, BreachDuty
from breaches.states import BreachAction as A
from postroom.ledger.chain import EntryValues
from postroom.ledger.replaying import Told, first_that_differs


def check_breach(breach: Breach, entries: Sequence[EntryValues]) -> str:
    """What is wrong with the breach's row and its duties, given its entries in order; "" if they lead there."""
    told = Told(entries)
    return first_that_differs(_facts(breach, told)) or _duties(breach, told)


def _facts(breach: Breach, told: Told) -> Iterator[tuple[str, Any, Any]]:
    yield "reporter", breach.reported_by_id, told.actor(A.REPORT)
    kinds = told.details(A.REPORT, A.FIND_MORE).get("kinds", [])
    yield "kind", {str(kind) for kind in breach.kinds}, set(kinds)
    letter = breach.letter.reference if breach.letter is not None else ""
    yield "letter", letter, told.details(A.REPORT).get("letter", "")
    copy = breach.copy.reference if breach.copy is not None else ""
    yield "copy", copy, told.details(A.REPORT).get("copy", "")
    # Reports of before told no time: there it is known from the first change on.
    aware = told.details(A.CHANGE_AWARE).get("to") or told.details(A.REPORT).get("aware_at")
    if aware:
        yield "time of becoming aware", breach.aware_at, dt.datetime.fromisoformat(aware)
    if breach.assessed_at is not None:
        risk = told.details(A.ASSESS)
        told_risk = (risk.get("likelihood"), risk.get("severity"))
        yield "assessment", (breach.likelihood, breach.severity), told_risk
        yield "assessor", breach.assessed_by_id, told.actor(A.ASSESS)
    if breach.cause:
        cause = told.details(A.RECORD_CAUSE)
        on_row = (breach.cause, breach.control, breach.control_held_by_id)
        yield "cause", on_row, (cause.get("cause"), cause.get("control"), cause.get("held_by"))
    if breach.decided_at is not None:
        hands = {told.actor(A.AGREE_DECISION), told.details(A.AGREE_DECISION).get("first")}
        yield "pair of deciders", {breach.decided_ad_id, breach.decided_cg_id}, hands


def _duties(breach: Breach, told: Told) -> str:
    settled = BreachDuty.objects.using(breach._state.db).filter(breach=breach).exclude(status="open")
    for duty, at, by in settled.order_by("place").values_list("duty", "settled_at", "settled_by_id"):
        if at is None or not told.has(at, by):
            return f"its duty {duty} was settled by no step of its entries"
    return ""
