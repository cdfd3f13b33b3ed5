"""Writing to the ledger. Nothing else does.

`record` writes one entry inside the caller's transaction and leaves saving the subject to the caller, who has its row
locked. `record_and_save` does both, for subjects that no engine keeps. `build_entries` makes the same rows in memory.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from django.db import DEFAULT_DB_ALIAS, IntegrityError, connections, transaction
from django.utils import timezone

from postroom.ledger.chain import entry_hash, new_salt, salted_hash
from postroom.ledger.errors import ChainMoved, NotInTransaction, Unencodable
from postroom.ledger.models import Entry, Reason
from postroom.ledger.subjects import LedgerSubject

JSON: TypeAlias = "str | int | float | bool | list[Any] | tuple[Any, ...] | Mapping[str, Any] | None"

# No blanks: the head of the whole ledger is made of lines "subject hash", and must not be open to two readings.
_SUBJECT = re.compile(r"[a-z_]+/[!-~]+")


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who did it. Role and authority are words, as they stood at that moment."""

    id: int | None
    name: str
    role: str = ""
    authority: str = ""


SYSTEM = Actor(id=None, name="Postroom", role="system")


@dataclass(frozen=True, kw_only=True)
class Step:
    """What happened to a subject, as it goes into an entry. `at` is aware; `details` holds no personal data."""

    action: str
    actor: Actor
    at: dt.datetime
    from_state: str = ""
    to_state: str = ""
    version: int = 0
    content_hash: str = ""
    reason: str = ""
    details: Mapping[str, JSON] | None = None


def record(
    subject: LedgerSubject,
    *,
    action: str,
    actor: Actor,
    from_state: str = "",
    to_state: str = "",
    version: int = 0,
    content_hash: str = "",
    reason: str = "",
    details: Mapping[str, JSON] | None = None,
    at: dt.datetime | None = None,
) -> Entry:
    """Write the subject's next entry and move `ledger_seq` and `ledger_head` on, in memory only.

    The caller is in a transaction, holds the subject's row locked and saves it afterwards; `at` (aware) is now unless
    given. `reason` goes to a table of its own that retention may empty.

    Raises NotInTransaction; Unencodable for text that can't be kept; ChainMoved if the place is taken already. After
    any of them the subject is as it was before.
    """
    using = subject._state.db or DEFAULT_DB_ALIAS
    if not connections[using].in_atomic_block:
        raise NotInTransaction("record() needs the transaction that changes the subject.")
    if subject.pk is None:
        raise Unencodable("subject", "it has not been saved yet")
    step = Step(
        action=action,
        actor=actor,
        at=at or timezone.now(),
        from_state=from_state,
        to_state=to_state,
        version=version,
        content_hash=content_hash,
        reason=reason,
        details=details,
    )
    before = subject.ledger_seq, subject.ledger_head
    entry, words = build_entry(subject, step)
    try:
        entry.save(force_insert=True, using=using)
        if words:
            words.save(force_insert=True, using=using)
    except IntegrityError as error:
        subject.ledger_seq, subject.ledger_head = before
        raise ChainMoved(f"{entry.subject} has an entry {entry.seq} already.") from error
    return entry


def record_and_save(subject: LedgerSubject, **step: Any) -> Entry:
    """Lock the subject's row, write its next entry (arguments as for `record`) and save its two ledger fields.

    The fields of the subject in memory are left as they are, save the ledger's. Raises as `record` does, and the
    model's DoesNotExist if the row is gone.
    """
    using = subject._state.db or DEFAULT_DB_ALIAS
    rows = type(subject)._base_manager.using(using)
    with transaction.atomic(using=using):
        locked = rows.select_for_update(of=("self",)).get(pk=subject.pk)
        before = locked.ledger_seq
        entry = record(locked, **step)
        moved = rows.filter(pk=locked.pk, ledger_seq=before).update(
            ledger_seq=locked.ledger_seq, ledger_head=locked.ledger_head
        )
        if moved != 1:
            raise ChainMoved(f"{entry.subject} has moved on since it was read.")
    subject.ledger_seq, subject.ledger_head = locked.ledger_seq, locked.ledger_head
    return entry


def build_entries(steps: Iterable[tuple[LedgerSubject, Step]]) -> tuple[list[Entry], list[Reason]]:
    """The rows that `record` would have written for these steps, in order, for bulk_create; nothing is saved.

    Each subject's two ledger fields move on in memory; its key must be final (a reference, or a saved row's id).
    Raises Unencodable.
    """
    entries: list[Entry] = []
    reasons: list[Reason] = []
    for subject, step in steps:
        entry, words = build_entry(subject, step)
        entries.append(entry)
        if words:
            reasons.append(words)
    return entries, reasons


def build_entry(subject: LedgerSubject, step: Step) -> tuple[Entry, Reason | None]:
    """The subject's next entry and its reason, unsaved; moves the subject's ledger fields on. Raises Unencodable."""
    name = subject.ledger_subject
    if not _SUBJECT.fullmatch(name) or name.endswith("/None"):
        raise Unencodable("subject", "its reference is empty or holds a character other than plain printable ones")
    salt = new_salt() if step.reason else ""
    entry = Entry(
        subject=name,
        seq=subject.ledger_seq + 1,
        at=step.at,
        action=step.action,
        actor_id=step.actor.id,
        actor_name=step.actor.name,
        actor_role=step.actor.role,
        actor_authority=step.actor.authority,
        from_state=str(step.from_state),
        to_state=str(step.to_state),
        version=step.version,
        content_hash=step.content_hash,
        reason_hash=salted_hash(salt, step.reason) if step.reason else "",
        payload=json_text(step.details or {}),
        previous_hash=subject.ledger_head,
    )
    entry.hash = entry_hash(entry.values())
    subject.ledger_seq, subject.ledger_head = entry.seq, entry.hash
    reason = Reason(subject=name, seq=entry.seq, salt=salt, text=step.reason) if step.reason else None
    return entry, reason


def json_text(details: Mapping[str, JSON]) -> str:
    """Details as JSON text: keys in order, no blanks, characters as they are. Raises Unencodable."""
    _refuse_unkeepable(details)
    try:
        return json.dumps(details, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise Unencodable("details", "they hold something that JSON has no form for") from error


def _refuse_unkeepable(value: Any) -> None:
    # json.dumps would escape NUL and turn the key 1 into "1": both must be refused before.
    if isinstance(value, str):
        if "\0" in value:
            raise Unencodable("details", "they hold the character NUL")
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise Unencodable("details", "a key is not text")
            _refuse_unkeepable(key)
            _refuse_unkeepable(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _refuse_unkeepable(inner)
