"""Verifying the order over all chains: seals, the checkpoints over them, and those kept outside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from postroom.ledger.chain import GENESIS, CheckpointValues, checkpoint_hash, from_microseconds
from postroom.ledger.errors import Unencodable
from postroom.ledger.merkle import RootBuilder
from postroom.ledger.reading import rows
from postroom.ledger.signing import signature_holds, trusted_keys
from postroom.ledger.verify import Finding, Report, compare_outside

_CHECKPOINTS = (
    "SELECT number, first_position, last_position, root, at, installation, previous_hash, hash, public_key, signature "
    "FROM ledger_checkpoint ORDER BY number"
)
_SEALS = (
    "SELECT s.position, s.entry_id, s.entry_hash, e.hash, e.subject, e.seq FROM ledger_seal s "
    "LEFT JOIN ledger_entry e ON e.id = s.entry_id ORDER BY s.position"
)
_UNSEALED = (
    "SELECT count(*), min(e.at) FROM ledger_entry e "
    "WHERE NOT EXISTS (SELECT 1 FROM ledger_seal s WHERE s.entry_id = e.id)"
)


@dataclass(frozen=True)
class _Stored:
    values: CheckpointValues
    hash: str
    public_key: str
    signature: str

    @classmethod
    def of(cls, row: tuple[Any, ...]) -> _Stored:
        return cls(CheckpointValues(*row[:7]), *row[7:])


def check_seals(connection: BaseDatabaseWrapper, report: Report, known: dict[int, str]) -> None:
    """Checkpoint by checkpoint: its own hash, its link, its signature, and the root over exactly its seals."""
    keys = trusted_keys()
    with connection.cursor() as cursor:
        cursor.execute(_CHECKPOINTS)
        # Few enough to hold: one for each pass of the sealer that found something.
        stored = [_Stored.of(row) for row in cursor.fetchall()]
    seals = _seals(connection, report)
    held: tuple[Any, ...] | None = next(seals, None)
    previous: _Stored | None = None
    for checkpoint in stored:
        for what in _wrongs(checkpoint, previous, keys):
            report.add(Finding(f"checkpoint {checkpoint.values.number}: {what}"))
        held = _check_root(checkpoint, seals, held, report)
        previous = checkpoint
    if held is not None:
        report.add(Finding(f"the seal at position {held[0]} is under no checkpoint", entry_id=held[1]))
        for _ in seals:
            pass
    report.checkpoints = len(stored)
    report.last_checkpoint = f"{previous.values.number} {previous.hash}" if previous else ""
    here = {c.values.number: c.hash for c in stored}
    _check_known(here, known, report)
    compare_outside(here, report)
    with connection.cursor() as cursor:
        cursor.execute(_UNSEALED)
        report.unsealed, since = cursor.fetchone()
    report.unsealed_since = from_microseconds(since) if isinstance(since, int) else None
    if not keys and any(c.signature for c in stored):
        report.warnings.append("The signing key is not on this machine; signatures were not checked against it.")


def _seals(connection: BaseDatabaseWrapper, report: Report) -> Iterator[tuple[Any, ...]]:
    """Each seal (position, entry id, hash), checked against its entry and the one before."""
    expected = 1
    for position, entry_id, sealed, actual, subject, seq in rows(connection, _SEALS):
        report.sealed += 1
        if position != expected:
            report.add(Finding(f"seals are missing from position {expected} on", entry_id=entry_id))
        if actual is None:
            report.add(Finding(f"this entry was sealed at position {position}, and is gone", entry_id=entry_id))
        elif actual != sealed:
            what = f"it is not the entry that was sealed at position {position}"
            report.add(Finding(what, subject, seq, entry_id))
        expected = position + 1
        yield position, entry_id, sealed


def _wrongs(checkpoint: _Stored, previous: _Stored | None, keys: frozenset[str]) -> Iterator[str]:
    values = checkpoint.values
    try:
        if checkpoint_hash(values) != checkpoint.hash:
            yield "what it says is not what was written (its hash does not match)"
    except Unencodable as error:
        yield f"it holds something that can't have been written ({error})"
    before = previous.values if previous else None
    if values.number != (before.number + 1 if before else 1):
        yield "the one before it is missing"
    elif values.previous_hash != (previous.hash if previous else GENESIS):
        yield "it does not follow from the one before it"
    if values.first_position != (before.last_position + 1 if before else 1):
        yield "it does not begin where the one before it ended"
    if before and values.installation != before.installation:
        yield "it comes from another installation"
    if keys and checkpoint.public_key not in keys:
        yield "it is not signed with a key of this installation"
    elif (checkpoint.public_key or keys) and not signature_holds(
        checkpoint.hash, checkpoint.public_key, checkpoint.signature
    ):
        yield "its signature is wrong"


def _check_root(
    checkpoint: _Stored, seals: Iterator[tuple[Any, ...]], held: tuple[Any, ...] | None, report: Report
) -> tuple[Any, ...] | None:
    """Take this checkpoint's seals off the stream and compare their root; returns the seal after them."""
    builder = RootBuilder()
    while held is not None and held[0] <= checkpoint.values.last_position:
        builder.add(_raw(held[2]))
        held = next(seals, None)
    if builder.root().hex() != checkpoint.values.root:
        first, last = checkpoint.values.first_position, checkpoint.values.last_position
        what = f"its root is not that of the seals {first} to {last}"
        report.add(Finding(f"checkpoint {checkpoint.values.number}: {what}"))
    return held


def _raw(digest: Any) -> bytes:
    try:
        return bytes.fromhex(digest)
    except (TypeError, ValueError):
        return b"not a hash"


def _check_known(stored: dict[int, str], known: dict[int, str], report: Report) -> None:
    for number, digest in sorted(known.items()):
        if number not in stored:
            report.add(Finding(f"checkpoint {number} was kept outside and is missing here"))
        elif stored[number] != digest:
            report.add(Finding(f"checkpoint {number} is not the one that was kept outside"))
