"""What a step of a breach was about, in a few words behind its title: which duty, which phase, who (OGP-0).

From the details of its ledger entry. They bear numbers and references, and of family nothing but how many; so these
words may stand wherever the history does.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from typing import Any

from breaches.duties import Duty, Kind
from breaches.models import ROWS, MeetingException
from breaches.reports.parts import moment
from breaches.states import BreachAction
from breaches.words import CAUSE_NAMES, Cause
from postroom.ledger.models import Entry
from postroom.people.models import User

A = BreachAction
KIND_WORDS: dict[Kind, str] = {
    Kind.NEAR_MISS: "near miss",
    Kind.DISCLOSURE: "disclosed",
    Kind.LOSS: "lost",
    Kind.THEFT: "stolen",
}
FACTS: dict[str, str] = {
    "what": "what happened", "occurred_at": "when it happened", "discovered_at": "when it was discovered",
    "discovered_by": "who discovered it", "people_count": "how many people", "record_count": "how many records",
    "categories": "what kinds of data", "done_at_once": "what was done at once", "cases": "its cases",
}  # fmt: skip
_WITH_PERSON = (A.NAME_INVOLVED, A.CLEAR_INVOLVED)


def behind(entries: Iterable[Entry]) -> dict[int, str]:
    """Seq → the words behind its title, beginning with a comma or a colon; "" where there is nothing to say.

    One query where somebody of ours is named in them, else none.
    """
    details = {entry.seq: (entry.action, json.loads(entry.payload)) for entry in entries}
    ids = {one.get("person") for action, one in details.values() if action in _WITH_PERSON}
    names = dict(User.objects.filter(pk__in=ids - {None}).values_list("pk", "name")) if ids - {None} else {}
    return {seq: _words(action, one, names) for seq, (action, one) in details.items()}


def _words(action: str, about: Mapping[str, Any], names: Mapping[int, str]) -> str:
    match action:
        case A.DO_DUTY | A.SET_ASIDE_DUTY:
            duty = about.get("duty")
            return f": {ROWS[Duty(duty)].words.rstrip('.')}" if duty in set(Duty) else ""
        case A.MAKE_NOTIFICATION | A.REFER:
            return f", phase {about['phase']}{', late' if about.get('late') else ''}" if "phase" in about else ""
        case A.WITHDRAW_PHASE:
            return f": phase {about['phase'] + 1}" if "phase" in about else ""
        case A.NAME_INVOLVED | A.CLEAR_INVOLVED:
            return f": {names[about['person']]}" if about.get("person") in names else ""
        case A.NAME_PEOPLE:
            many = len(about.get("people", ()))
            return f": {many} {'person' if many == 1 else 'people'}" if many else ""
        case A.CHANGE_AWARE:
            return f": from {_at(about['from'])} to {_at(about['to'])}" if {"from", "to"} <= set(about) else ""
        case A.ASK_EXCEPTION | A.APPROVE_NO_MEETING | A.APPROVE_DEFERRAL:
            return _meeting(about)
        case _:
            return _more(action, about)


def _meeting(about: Mapping[str, Any]) -> str:
    if "agreed" in about:
        return ": agreed" if about["agreed"] else ": not agreed"
    kinds = dict(MeetingException.Kind.choices)
    words = str(kinds.get(about.get("kind") or "", ""))
    return f": {words[:1].lower()}{words[1:]}" if words else ""


def _more(action: str, about: Mapping[str, Any]) -> str:
    match action:
        case A.AMEND:
            changed = [FACTS[name] for name in about.get("changed", ()) if name in FACTS]
            return f": {', '.join(changed)}" if changed else ""
        case A.FIND_MORE:
            kinds = [KIND_WORDS[Kind(kind)] for kind in about.get("kinds", ()) if kind in set(Kind)]
            return f": it is now {', '.join(kinds)}" if kinds else ""
        case A.ASSESS:
            grid = about.get("likelihood"), about.get("severity")
            return ": likelihood {}, severity {}".format(*grid) if all(grid) else ""
        case A.AGREE_DECISION:
            to = about.get("commissioner")
            return "" if to is None else f": {'to' if to else 'not to'} report it to the Commissioner"
        case A.LINK_LETTER:
            return f": {about['letter']}" if about.get("letter") else ""
        case A.RECORD_CAUSE:
            cause = about.get("cause")
            return f": {CAUSE_NAMES[Cause(cause)]}" if cause in set(Cause) else ""
        case _:
            return ""


def _at(text: str) -> str:
    return moment(dt.datetime.fromisoformat(text))
