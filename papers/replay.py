"""What the ledger says of papers out beyond their state: holder, purpose, due day, who agreed, witness, loss (CLS-3).

Asked by every verification (`verify_ledger`, and nightly): a row that was put right by hand past its steps is named.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from papers.models import PapersOut
from papers.states import PapersAction as A
from papers.states import PapersState
from postroom.ledger.chain import EntryValues
from postroom.ledger.replaying import Told, first_that_differs

_BEGAN, _ANSWERED, _ENDED = (A.TAKE, A.ASK), (A.AGREE, A.REFUSE), (A.GIVE_BACK, A.DESTROY, A.FIND)


def check_papers(papers: PapersOut, entries: Sequence[EntryValues]) -> str:
    """What is wrong with the row, given its entries in order; "" if they lead to it."""
    return first_that_differs(_facts(papers, Told(entries)))


def _facts(papers: PapersOut, told: Told) -> Iterator[tuple[str, Any, Any]]:
    began = told.details(*_BEGAN)
    if not papers.entered_by:
        yield "holder", papers.holder_id, told.actor(*_BEGAN)
    yield "purpose", (papers.kind, papers.purpose), (began.get("kind"), began.get("purpose"))
    yield "number of pages", papers.pages, began.get("pages")
    due = told.details(A.EXTEND).get("due_on", {}).get("to") or began.get("due_on")
    yield "due day", papers.due_on.isoformat(), due
    if papers.answered_by_id is not None:
        yield "answer", papers.answered_by_id, told.actor(*_ANSWERED)
    if papers.state in (PapersState.BACK, PapersState.DESTROYED) and not papers.entered_by:
        end = told.details(*_ENDED)
        yield "witness", papers.witness_id, end.get("witness")
        yield "last day", papers.ended_on.isoformat() if papers.ended_on else None, end.get("on")
        yield "way of destroying", papers.destroyed_by, end.get("how")
    if papers.gone:
        loss = told.details(A.LOSE)
        yield "loss", (papers.gone, papers.breach_reference), (loss.get("gone"), loss.get("breach"))
