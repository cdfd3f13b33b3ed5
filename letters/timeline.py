"""One timeline of a letter: its steps, what each changed side by side, and who read it. Pure: rows in, events out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from letters.differences import Difference, compare
from letters.field_history import Change, FieldChange
from letters.models import LetterVersion
from letters.presenters import entered_by, event_of, read_by
from letters.states import Action
from postroom.ledger.models import Entry, Reading

STEPS, CHANGES, READS = "steps", "changes", "reads"
KINDS: dict[str, str] = {STEPS: "Steps", CHANGES: "What changed", READS: "Who read it"}
# A save and the entry of its step are one transaction; a slow one is still within this.
TOGETHER = dt.timedelta(seconds=30)


@dataclass
class Moment:
    """One line of the timeline, for letters/work/timeline.html. `when` is aware; `kind` one of KINDS.

    `fields`: what the step changed, before and after; `version` with `differences`: the text it typed and how that
    differs from the version before (None: it was the first). `paper`: the letter's version that a step
    entered later made, by which the scan of its paper is found.
    """

    kind: str
    title: str
    when: dt.datetime
    by: str
    text: str = ""
    back: bool = False
    fields: list[FieldChange] = field(default_factory=list)
    version: LetterVersion | None = None
    differences: list[Difference] | None = None
    paper: int | None = None
    actor: int | None = None


def timeline_of(
    entries: Sequence[Entry],
    reasons: Mapping[int, str],
    changes: Iterable[Change],
    versions: Sequence[LetterVersion],
    readings: Iterable[Reading],
    content: Callable[[LetterVersion], Mapping[str, Any]],
    kinds: Iterable[str] = tuple(KINDS),
    *,
    names: Mapping[int, str] | None = None,
) -> list[Moment]:
    """Everything that happened, newest first. A change saved with a step stands with the step.

    `versions`: newest first; `content` gives what one says as the reader may see it. What a step says and what it
    changed are told even where retention deleted the words.
    """
    wanted = set(kinds)
    moments = [_step(entry, reasons, versions, content, names or {}) for entry in entries]
    if CHANGES in wanted:
        moments += [loose for change in changes if (loose := _attach(change, moments)) is not None]
    else:
        for moment in moments:
            moment.version = moment.differences = None
    if STEPS not in wanted:
        moments = [m for m in moments if m.fields or m.version]
    if READS in wanted:
        moments += [Moment(READS, _read_words(row.what, row.times), row.at, row.name) for row in read_by(readings)]
    return sorted(moments, key=lambda moment: moment.when, reverse=True)


def _read_words(what: str, times: int) -> str:
    return f"Read: {what}" + (f", {times} times" if times > 1 else "")


def _step(
    entry: Entry,
    reasons: Mapping[int, str],
    versions: Sequence[LetterVersion],
    content: Callable[[LetterVersion], Mapping[str, Any]],
    names: Mapping[int, str],
) -> Moment:
    deleted = "The reason has been deleted, as the retention rules say." if entry.reason_hash else ""
    event = event_of(entry, reasons.get(entry.seq) or deleted, names)
    moment = Moment(STEPS, event.title, event.when, event.by, event.text, event.back, actor=entry.actor_id)
    if entered_by(entry) is not None:
        moment.paper = entry.version
    if entry.action in (Action.TYPE, Action.EDIT_AFTER_CHECK):
        place = next((n for n, v in enumerate(versions) if v.content_hash == entry.content_hash), None)
        if place is not None:
            moment.version = versions[place]
            older = versions[place + 1] if place + 1 < len(versions) else None
            moment.differences = compare(content(older), content(moment.version)) if older else None
    return moment


def _when(moment: Moment) -> Any:
    return moment.when


def _attach(change: Change, moments: Sequence[Moment]) -> Moment | None:
    """Put the change with the step that saved it; the change alone, as a moment, if there is none."""
    near = [
        moment
        for moment in moments
        if moment.kind == STEPS and -TOGETHER < change.at - moment.when < TOGETHER and moment.actor == change.by_id
    ]
    if near:
        # A row is saved just after its step's moment: of several steps in a row, the newest one before the change.
        before = [moment for moment in near if moment.when <= change.at]
        mine = max(before, key=_when) if before else min(near, key=lambda moment: abs(change.at - moment.when))
        mine.fields.extend(change.fields)
        return None
    return Moment(CHANGES, "Details changed", change.at, change.by, fields=list(change.fields))
