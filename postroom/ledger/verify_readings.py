"""Verifying the log of readings against the batches that were sealed, and the batches against their entries."""

from __future__ import annotations

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from postroom.ledger.errors import Unencodable
from postroom.ledger.reading import rows
from postroom.ledger.readings import COLUMNS, batch_hash, ids_of, leaf_of, split_leaves
from postroom.ledger.verify import Finding, Report

LOG = "readings/log"
# A reading is batched within minutes. One that says it is older than this, before the batch before it, was slipped in.
LATE = 3_600 * 1_000_000

_BATCHES = (
    "SELECT e.seq, e.id, e.at, e.content_hash, b.runs, b.leaves FROM ledger_entry e "
    "LEFT JOIN ledger_read_batch b ON b.seq = e.seq "
    "WHERE e.subject = 'readings/log' AND e.action = 'seal_readings' ORDER BY e.seq"
)
_STRAY = (
    "SELECT b.seq FROM ledger_read_batch b LEFT JOIN ledger_entry e "
    "ON e.subject = 'readings/log' AND e.seq = b.seq AND e.action = 'seal_readings' WHERE e.id IS NULL ORDER BY b.seq"
)


def check_readings(connection: BaseDatabaseWrapper, report: Report) -> None:
    """Every batch is the one that its entry sealed, every reading in it is there as it was, none was slipped in."""
    before: int | None = None
    # Few enough to hold, without their leaves: one for each minute in which somebody read something.
    held: set[int] = set()
    for seq, entry_id, at, digest, runs, leaves in rows(connection, _BATCHES):
        if runs is None:
            report.add(Finding("the batch of readings that it sealed is missing", LOG, seq, entry_id))
            continue
        try:
            ids, hashes = ids_of(runs), split_leaves(leaves)
            whole = batch_hash(runs, leaves) == digest and len(ids) == len(hashes)
        except (ValueError, TypeError):
            whole = False
        if not whole:
            report.add(Finding("the batch of readings is not the one that it sealed", LOG, seq, entry_id))
            continue
        held.update(ids)
        _check_batch(connection, report, seq, dict(zip(ids, hashes, strict=True)), before)
        before = at if isinstance(at, int) else before
    for (seq,) in rows(connection, _STRAY):
        report.add(Finding("there is a batch of readings, but no entry sealed it", LOG, seq))
    _check_unbatched(connection, report, held, before)


def _check_batch(
    connection: BaseDatabaseWrapper, report: Report, seq: int, wanted: dict[int, str], before: int | None
) -> None:
    found: dict[int, tuple[Any, ...]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {COLUMNS} FROM ledger_reading WHERE id BETWEEN %s AND %s",  # noqa: S608 - names from code
            [min(wanted), max(wanted)],
        )
        found = {row[0]: row for row in cursor}
    for number, digest in wanted.items():
        row = found.get(number)
        if row is None:
            report.add(Finding(f"reading {number} was sealed by it, and is gone", LOG, seq))
        elif not _is(row, digest):
            report.add(Finding(f"reading {number} is not the one that was sealed by it", LOG, seq))
        elif _late(row, before):
            report.add(Finding(f"reading {number} says that it was before the batch before it: it was added", LOG, seq))
        report.readings += row is not None


def _check_unbatched(connection: BaseDatabaseWrapper, report: Report, held: set[int], before: int | None) -> None:
    for row in rows(connection, f"SELECT {COLUMNS} FROM ledger_reading ORDER BY id"):  # noqa: S608 - names from code
        if row[0] in held:
            continue
        report.readings += 1
        if _late(row, before):
            report.add(Finding(f"reading {row[0]} is in no batch, and says that it was before the last one", LOG))


def _late(row: tuple[Any, ...], before: int | None) -> bool:
    return before is not None and isinstance(row[-1], int) and row[-1] < before - LATE


def _is(row: tuple[Any, ...], digest: str) -> bool:
    try:
        return leaf_of(row) == digest
    except Unencodable:
        return False
