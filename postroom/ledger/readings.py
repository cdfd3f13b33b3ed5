"""Who opened what (CLS-1), recorded cheaply: one plain insert a reading, no lock, no chain of its own to wait for.

What protects the log: triggers keep its rows from being changed, and every minute a sealer takes the readings that are
in no batch yet, keeps each one's hash, and writes one entry with their Merkle root into the chain `readings/log`. That
entry is sealed and leaves with the checkpoints like any other, so whatever is done to a sealed reading afterwards is
found and named (verify_readings.py).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.models import Max, Sum
from django.db.models.functions import Length
from django.utils import timezone

from postroom.ledger.chain import encode_fields
from postroom.ledger.errors import Unencodable
from postroom.ledger.merkle import merkle_root
from postroom.ledger.models import ReadBatch, Reading, ReadLog
from postroom.ledger.recording import SYSTEM, record_and_save
from postroom.ledger.subjects import LedgerSubject

READING_TAG = "postroom-reading-1"
BATCH_TAG = "postroom-readings-1"
LOOK_BACK = 10_000
BATCH = 5_000
_WHAT = re.compile(r"[a-z_]{1,20}")
_SUBJECT = re.compile(r"[a-z_]+/[!-~]+")
COLUMNS = "id, subject, reader_id, reader_name, what, at"


class Reader(Protocol):
    """Who reads: a user."""

    pk: Any
    name: str


def record_read(subject: LedgerSubject | str, *, by: Reader, what: str, at: dt.datetime | None = None) -> Reading:
    """Note that `by` opened `subject` (a row with a chain, or its name `letter/K7Q2M4XD9`); one INSERT.

    `what`: a short word for what was opened: page, pdf, picture, file, export. `at` (aware) is now unless given.
    Raises Unencodable for a word or name that can't be kept.
    """
    reading = _reading(subject, by, what, at)
    reading.save(force_insert=True)
    return reading


def record_reads(subjects: Iterable[LedgerSubject | str], *, by: Reader, what: str) -> int:
    """Note that `by` opened all of these at once (a PDF of many letters); one statement. Returns how many.

    Raises as `record_read`.
    """
    now = timezone.now()
    return len(Reading.objects.bulk_create([_reading(subject, by, what, now) for subject in subjects]))


def _reading(subject: LedgerSubject | str, by: Reader, what: str, at: dt.datetime | None) -> Reading:
    name = subject if isinstance(subject, str) else subject.ledger_subject
    if not _SUBJECT.fullmatch(name) or not _WHAT.fullmatch(what) or "\0" in by.name:
        raise Unencodable("reading", "its subject or its word is not a plain one")
    return Reading(subject=name, reader_id=by.pk, reader_name=by.name, what=what, at=at or timezone.now())


def leaf_of(row: Sequence[Any]) -> str:
    """The hash of one reading: `row` has the values of COLUMNS as the database holds them. Raises Unencodable."""
    names = ("id", "subject", "reader_id", "reader_name", "what", "at")
    return hashlib.sha256(encode_fields(READING_TAG, zip(names, row, strict=True))).hexdigest()


def batch_hash(runs: str, leaves: str) -> str:
    """What the batch's entry carries as its content hash: over the ids and the Merkle root of the readings."""
    root = merkle_root(bytes.fromhex(leaf) for leaf in split_leaves(leaves)).hex()
    return hashlib.sha256(encode_fields(BATCH_TAG, (("runs", runs), ("root", root)))).hexdigest()


def split_leaves(leaves: str) -> list[str]:
    """The single hashes of a batch. Raises ValueError if it isn't made of whole ones."""
    if len(leaves) % 64:
        raise ValueError("leaves")
    return [leaves[place : place + 64] for place in range(0, len(leaves), 64)]


def runs_of(ids: Iterable[int]) -> str:
    """Ids in order as text: "1-5,7"."""
    runs: list[list[int]] = []
    for number in ids:
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ",".join(f"{first}-{last}" if last > first else str(first) for first, last in runs)


def ids_of(runs: str) -> list[int]:
    """The ids that such text stands for. Raises ValueError if it is no such text."""
    found: list[int] = []
    for part in runs.split(","):
        first, _, last = part.partition("-")
        if int(last or first) - int(first) >= BATCH:
            raise ValueError("runs")
        found.extend(range(int(first), int(last or first) + 1))
    return found


def seal_readings(*, everything: bool = False, using: str = DEFAULT_DB_ALIAS, now: dt.datetime | None = None) -> int:
    """Put the readings that are in no batch yet into batches of at most BATCH; returns how many.

    Ids commit out of order, so it looks LOOK_BACK ids below the highest batched one; `everything` looks at all ids, if
    a count says that one is missing. Two at once wait for each other on the log's row. Nothing to seal: two queries.
    """
    highest = ReadBatch.objects.using(using).aggregate(highest=Max("last_id"))["highest"] or 0
    floor = highest - LOOK_BACK
    if everything and Reading.objects.using(using).filter(pk__lte=highest).count() > _batched(using):
        floor = -(2**63)
    if floor > -(2**63) and not _candidates(using, max(floor, 0), highest):
        return 0
    with transaction.atomic(using=using):
        ReadLog.objects.using(using).bulk_create([ReadLog(pk=1)], ignore_conflicts=True)
        log = ReadLog.objects.using(using).select_for_update().get(pk=1)
        rows = _unbatched(using, floor)
        for start in range(0, len(rows), BATCH):
            _seal_batch(log, rows[start : start + BATCH], using, now or timezone.now())
    return len(rows)


def _batched(using: str) -> int:
    total = ReadBatch.objects.using(using).aggregate(total=Sum(Length("leaves")))["total"] or 0
    return int(total) // 64


def _candidates(using: str, floor: int, highest: int) -> bool:
    """Could anything be unbatched: newer ids, or more rows above the floor than batches hold there."""
    readings = Reading.objects.using(using)
    if readings.filter(pk__gt=highest).exists():
        return True
    held = _ids_batched(using, floor)
    return readings.filter(pk__gt=floor).count() > len(held)


def _ids_batched(using: str, floor: int) -> set[int]:
    runs = ReadBatch.objects.using(using).filter(last_id__gt=floor).values_list("runs", flat=True)
    return {number for text in runs for number in ids_of(text) if number > floor}


def _unbatched(using: str, floor: int) -> list[tuple[Any, ...]]:
    held = _ids_batched(using, floor)
    with connections[using].cursor() as cursor:
        cursor.execute(f"SELECT {COLUMNS} FROM ledger_reading WHERE id > %s ORDER BY id", [floor])  # noqa: S608
        return [row for row in cursor if row[0] not in held]


def _seal_batch(log: ReadLog, rows: list[tuple[Any, ...]], using: str, now: dt.datetime) -> None:
    runs = runs_of(row[0] for row in rows)
    leaves = "".join(leaf_of(row) for row in rows)
    entry = record_and_save(
        log,
        action="seal_readings",
        actor=SYSTEM,
        content_hash=batch_hash(runs, leaves),
        details={"count": len(rows), "first": rows[0][0], "last": rows[-1][0]},
        at=now,
    )
    ReadBatch(seq=entry.seq, first_id=rows[0][0], last_id=rows[-1][0], runs=runs, leaves=leaves).save(
        force_insert=True, using=using
    )


def sealed_until(using: str = DEFAULT_DB_ALIAS) -> int:
    """The highest id of a reading that is in a batch; 0 if none is."""
    return int(ReadBatch.objects.using(using).aggregate(highest=Max("last_id"))["highest"] or 0)
