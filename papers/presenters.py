"""Words about papers out: the running-record text, rows of the notice-board, what happened."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from papers.models import Device, PapersOut
from papers.states import PAPERS_STATE_NAMES, PURPOSE_NAMES, PapersAction, PapersState, Purpose
from postroom.forms import in_words
from postroom.ledger.models import Entry, Reason

MOST = 50
_SAID: dict[str, str] = {
    PapersAction.TAKE: "Taken for an agreed task",
    PapersAction.ASK: "Asked for",
    PapersAction.AGREE: "Agreed",
    PapersAction.REFUSE: "Refused",
    PapersAction.LEAVE: "Taken",
    PapersAction.NOT_TAKE: "Not taken after all",
    PapersAction.EXTEND: "Due on another day",
    PapersAction.GIVE_BACK: "Back in the office",
    PapersAction.DESTROY: "Destroyed",
    PapersAction.LOSE: "Reported lost or stolen",
    PapersAction.FIND: "Found and back",
    PapersAction.KEEP_RECORD: "Running record's reference kept",
    PapersAction.CHASE: "Reminder sent",
    PapersAction.HAND_ON: "Handed over to whom it was for",
}
_BACK = {PapersAction.REFUSE, PapersAction.LOSE}


def events_of(papers: PapersOut) -> list[dict[str, Any]]:
    """The newest steps, for the timeline component. Two queries."""
    rows = list(Entry.objects.filter(subject=papers.ledger_subject).order_by("-seq")[:MOST])
    reasons = dict(Reason.objects.filter(subject=papers.ledger_subject).values_list("seq", "text"))
    return [
        {
            "title": _SAID.get(row.action, row.action),
            "when": row.at,
            "by": f"{row.actor_name} ({row.actor_authority or row.actor_role})" if row.actor_id else "Postroom",
            "text": " ".join(filter(None, [_details(row), reasons.get(row.seq, "")])),
            "back": row.action in _BACK,
        }
        for row in rows
    ]


def _details(row: Entry) -> str:
    details = json.loads(row.payload)
    if row.action == PapersAction.CHASE:
        whom = "To the holder and the line manager." if details["to_manager"] else "To the holder."
        return f"Number {details['stage']}. {whom}"
    if row.action == PapersAction.ASK and details.get("manager_away"):
        return "The line manager was said to be away."
    return ""


def changes_since(papers: PapersOut, version: int) -> list[str]:
    """What was done to the papers since their `version`, a sentence each."""
    rows = Entry.objects.filter(subject=papers.ledger_subject, version__gt=version).order_by("seq")[:10]
    return [f"{row.actor_name}: {_SAID.get(row.action, row.action).lower()}." for row in rows]


def running_record(papers: PapersOut) -> str:
    """The text for the case's running records (CLS-3): which papers, agreed by whom, when due, and their end.

    It names the case by its reference and people of the council by name; the case record knows whose case it is.
    """
    said = [f"Papers out {papers.reference}: {papers.title.lower()} ({papers.what})."]
    purpose = PURPOSE_NAMES[Purpose(papers.purpose)].lower()
    said.append(f"Purpose: {papers.purpose_words or purpose}.")
    if papers.destination:
        said.append(f"To: {papers.destination}.")
    if papers.is_agreed_task:
        said.append("An agreed professional task.")
    elif papers.answered_by and papers.answered_at:
        word = "Refused" if papers.state == PapersState.REFUSED else "Agreed"
        said.append(f"{word} by {papers.answered_by.name}, {in_words(timezone.localdate(papers.answered_at))}.")
    if papers.taken_at:
        said.append(f"Taken by {papers.holder.name}, {in_words(timezone.localdate(papers.taken_at))}.")
        said.append(f"{_travel(papers)}.")
    if papers.state in (PapersState.AGREED, PapersState.OUT):
        said.append(f"To be returned or destroyed by {in_words(papers.due_on)}.")
    said.append(end_in_words(papers))
    return " ".join(filter(None, said))


def end_in_words(papers: PapersOut) -> str:
    """How the papers ended, as a sentence; "" while they haven't."""
    if papers.state == PapersState.LOST:
        reported = f" Breach report {papers.breach_reference}." if papers.breach_reference else ""
        return f"{papers.get_gone_display()}, reported {in_words(timezone.localdate(papers.state_since))}.{reported}"
    if papers.ended_on is None:
        return ""
    witness = f" Witness: {papers.witness.name}." if papers.witness else ""
    if papers.state == PapersState.HANDED_ON:
        return f"Handed over {in_words(papers.ended_on)}."
    how = f"Destroyed ({papers.get_destroyed_by_display().lower()})" if papers.destroyed_by else "Returned"
    return f"{how} {in_words(papers.ended_on)}.{witness}"


def _travel(papers: PapersOut) -> str:
    bag = "In a lockable bag"
    return f"{bag}; laptop with a password" if papers.device == Device.LAPTOP else bag


def board_rows(rows: list[PapersOut]) -> list[list[Any]]:
    """What is out, for the table component. No name of a child, no words of the papers."""
    return [
        [
            {"text": papers.reference, "href": reverse("papers:entry", args=[papers.reference])},
            papers.holder.name,
            papers.title,
            PURPOSE_NAMES[Purpose(papers.purpose)],
            papers.case.reference if papers.case else "None",
            {"text": f"{in_words(papers.due_on)}, late", "overdue": True}
            if papers.is_late
            else in_words(papers.due_on),
        ]
        for papers in rows
    ]


def ended_rows(rows: list[PapersOut]) -> list[list[Any]]:
    """What is not out, for the table component."""
    return [
        [
            {"text": papers.reference, "href": reverse("papers:entry", args=[papers.reference])},
            papers.holder.name,
            papers.title,
            papers.case.reference if papers.case else "None",
            {"state": papers.state},
            end_in_words(papers) or f"Since {in_words(timezone.localdate(papers.state_since))}",
        ]
        for papers in rows
    ]


def facts_of(papers: PapersOut) -> list[dict[str, Any]]:
    """The entry as a summary list."""
    purpose = PURPOSE_NAMES[Purpose(papers.purpose)]
    rows: list[tuple[str, str]] = [
        ("Who has them" if papers.taken_at else "Who asks", papers.holder.name),
        ("Which papers", papers.what),
        ("They are", papers.title),
        ("For", f"{purpose}: {papers.purpose_words}" if papers.purpose_words else purpose),
        ("Where to", papers.destination),
        ("Due", in_words(papers.due_on) + (", late" if papers.is_late else "")),
        ("How they travel", _travel(papers) if papers.taken_at else ""),
        ("Answered by", papers.answered_by.name if papers.answered_by else ""),
        ("Their end", end_in_words(papers)),
        ("Running record", papers.record_reference),
    ]
    found = [{"key": key, "value": value} for key, value in rows if value]
    if papers.case:
        found.insert(1, {"key": "Case", "value": papers.case.reference})
    return found


def next_words(papers: PapersOut) -> str:
    """What has to happen next, and by whom."""
    manager = papers.holder.line_manager
    asked = manager.name if manager else "a manager of the office"
    return {
        PapersState.ASKED: f"Next: {asked} answers. Until then the papers stay in the office.",
        PapersState.AGREED: f"Next: {papers.holder.name} takes them, by {in_words(papers.due_on)}.",
        PapersState.OUT: f"Next: they come back, or are destroyed, by {in_words(papers.due_on)}.",
        PapersState.LOST: "Next: the breach report says what has to be done. If they are found, record it here.",
    }.get(PapersState(papers.state), "Nothing more is to be done.")


def state_words(papers: PapersOut) -> str:
    """The state in words."""
    return PAPERS_STATE_NAMES[PapersState(papers.state)]


def record_name() -> str:
    """What the council calls its running records."""
    return str(settings.RUNNING_RECORD_NAME)
