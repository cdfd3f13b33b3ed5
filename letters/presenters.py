"""How a letter reads on a page: its steps in words, its way, who can do what comes next. No queries here."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from letters.states import Action, State
from postroom.ledger.models import Entry

# What somebody did, as the history says it.
DONE_WORDS: dict[str, str] = {
    Action.HAND_OVER: "Handed over to admin for typing",
    Action.TYPE: "Typed",
    Action.PRINT: "Printed",
    Action.RETURN_TO_WORKER: "Print handed back to the worker",
    Action.CHECK: "Address and body checked",
    Action.SIGN: "Signed",
    Action.PP: "Signed for the worker (pp)",
    Action.CONFIRM_SIGNATURE: "Signature on paper confirmed",
    Action.ENVELOPE: "Put in its envelope and initialled",
    Action.POST: "Posted",
    Action.UPLOAD: "Uploaded to ICS",
    Action.RETURN_FOR_RETYPING: "Sent back for retyping",
    Action.EDIT_AFTER_CHECK: "Changed after the check",
    Action.REOPEN: "Envelope opened again",
    Action.WITHDRAW: "Withdrawn",
    Action.RETURN_UNDELIVERED: "Came back undelivered",
    Action.VOID_CHECK: "Check no longer stands",
    Action.MOVE_OFFICE: "Moved with its case to another office",
}
STEPS_BACK = frozenset(
    {
        Action.RETURN_FOR_RETYPING,
        Action.EDIT_AFTER_CHECK,
        Action.REOPEN,
        Action.WITHDRAW,
        Action.RETURN_UNDELIVERED,
        Action.VOID_CHECK,
    }
)


@dataclass(frozen=True)
class Event:
    """One entry of the ledger for `components/timeline.html`: title, when (aware), by, text (reason), back."""

    title: str
    when: Any
    by: str
    text: str
    back: bool
    seq: int


def event_of(entry: Entry, reason: str = "") -> Event:
    """One ledger entry in plain words: what, when, who in which role and on what authority, and the reason."""
    details: Mapping[str, Any] = json.loads(entry.payload)
    title = DONE_WORDS.get(entry.action, entry.action.replace("_", " ").capitalize())
    return Event(
        title=f"{title}{_more(entry.action, details)}",
        when=entry.at,
        by=_who(entry),
        text=reason,
        back=entry.action in STEPS_BACK,
        seq=entry.seq,
    )


def events_of(entries: Iterable[Entry], reasons: Mapping[int, str]) -> list[Event]:
    """Entries in the order given; `reasons` by the entries' `seq` (those that retention deleted are not there)."""
    return [event_of(entry, _reason(entry, reasons)) for entry in entries]


def _reason(entry: Entry, reasons: Mapping[int, str]) -> str:
    if not entry.reason_hash:
        return ""
    return reasons.get(entry.seq, "The reason has been deleted, as the retention rules say.")


def _who(entry: Entry) -> str:
    if entry.actor_id is None:
        return "Postroom"
    # The authority names the role and where it was held; the role alone is for those held without more words.
    return f"{entry.actor_name} ({entry.actor_authority or entry.actor_role})"


def _more(action: str, details: Mapping[str, Any]) -> str:
    """What the details add to the words, where they add something to a reader."""
    if action in (Action.TYPE, Action.EDIT_AFTER_CHECK) and "version" in details:
        return f", version {details['version']}"
    if action in (Action.SIGN, Action.PP) and details.get("medium") in ("paper", "screen"):
        return f" on {details['medium']}"
    if action == Action.PRINT and details.get("signed"):
        return " with its signature"
    if action == Action.CONFIRM_SIGNATURE and details.get("scan"):
        return ", with its scan"
    if action == Action.ENVELOPE and details.get("sheets"):
        sheets = details["sheets"]
        return f" ({details.get('initials', '')}), {sheets} {'sheet' if sheets == 1 else 'sheets'}"
    if action == Action.RETURN_UNDELIVERED and "opened" in details:
        return ", opened" if details["opened"] else ", not opened"
    return ""


# Where a letter stands, as the line of steps on its page shows it.
WAY: tuple[tuple[State, str], ...] = (
    (State.DRAFTED, "Drafted"),
    (State.TYPED, "Typed"),
    (State.WORKER_CHECKED, "Checked"),
    (State.SIGNED, "Signed"),
    (State.ENVELOPED, "In its envelope"),
    (State.POSTED, "Posted"),
    (State.UPLOADED, "On the case record"),
)
