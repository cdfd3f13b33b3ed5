"""Sealing: entries get places in one order and a root over them, so that a whole chain can't be rewritten unseen.

Ids commit out of order, so "all above the last" would miss some for ever. A sealer takes what has no seal yet, up to
LOOK_BACK ids below the highest sealed one, and everything once an hour.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from django.db import DEFAULT_DB_ALIAS, IntegrityError, connections, transaction
from django.db.models import Max
from django.utils import timezone

from postroom.ledger.chain import GENESIS, CheckpointValues, EntryValues, checkpoint_hash, entry_hash, to_microseconds
from postroom.ledger.errors import Unencodable
from postroom.ledger.merkle import merkle_root
from postroom.ledger.models import Checkpoint, Seal
from postroom.ledger.reading import ENTRY_COLUMNS
from postroom.ledger.signing import sign

LOOK_BACK = 10_000
BATCH = 10_000
LOWEST = -(2**63)

log = structlog.get_logger(__name__)


@dataclass
class Sealed:
    """What a sealer did: its checkpoints, how many entries, the ids of entries it refused, and if it gave way."""

    checkpoints: list[int] = field(default_factory=list)
    entries: int = 0
    refused: list[int] = field(default_factory=list)
    gave_way: bool = False


def seal(now: dt.datetime | None = None, *, everything: bool = False, using: str = DEFAULT_DB_ALIAS) -> Sealed:
    """Seal what is unsealed, at most BATCH entries to a checkpoint; `everything` looks at all ids, however low.

    An entry whose hash is wrong is not sealed but logged by its id; verify names it. Of two sealers at once one gets
    on and the other gives way. Costs two small queries where there is nothing to seal.
    """
    done = Sealed()
    highest = Seal.objects.using(using).aggregate(highest=Max("entry_id"))["highest"] or 0
    floor = LOWEST if everything else highest - LOOK_BACK
    while rows := _unsealed(using, floor):
        floor = rows[-1][0]
        try:
            with transaction.atomic(using=using):
                _seal_rows(rows, now or timezone.now(), using, done)
        except IntegrityError:
            done.gave_way = True
            log.info("ledger_sealer_gave_way")
            break
    if done.refused:
        log.error("ledger_entries_not_sealed", ids=done.refused[:20], count=len(done.refused))
    return done


def _unsealed(using: str, floor: int) -> list[tuple[Any, ...]]:
    with connections[using].cursor() as cursor:
        cursor.execute(
            f"SELECT {ENTRY_COLUMNS} FROM ledger_entry e WHERE e.id > %s AND NOT EXISTS "  # noqa: S608 - no input
            "(SELECT 1 FROM ledger_seal s WHERE s.entry_id = e.id) ORDER BY e.id LIMIT %s",
            [floor, BATCH],
        )
        return list(cursor.fetchall())


def _seal_rows(rows: Sequence[tuple[Any, ...]], now: dt.datetime, using: str, done: Sealed) -> None:
    good = [(row[0], row[-1]) for row in rows if _hash_holds(row)]
    refused = sorted({row[0] for row in rows} - {entry_id for entry_id, _ in good})
    if good:
        last = Checkpoint.objects.using(using).order_by("-number").first()
        first_position = last.last_position + 1 if last else 1
        checkpoint = _checkpoint(last, first_position, [digest for _, digest in good], now)
        # First: of two sealers the later one waits here and then meets its number taken.
        checkpoint.save(force_insert=True, using=using)
        Seal.objects.using(using).bulk_create(
            [
                Seal(position=position, entry_id=entry_id, entry_hash=digest)
                for position, (entry_id, digest) in enumerate(good, first_position)
            ],
            batch_size=1_000,
        )
        done.checkpoints.append(checkpoint.number)
        done.entries += len(good)
    done.refused.extend(refused)


def _hash_holds(row: tuple[Any, ...]) -> bool:
    try:
        return bool(entry_hash(EntryValues(*row[1:-1])) == row[-1])
    except Unencodable:
        return False


def _checkpoint(last: Checkpoint | None, first_position: int, hashes: list[str], now: dt.datetime) -> Checkpoint:
    checkpoint = Checkpoint(
        number=last.number + 1 if last else 1,
        first_position=first_position,
        last_position=first_position + len(hashes) - 1,
        root=merkle_root(bytes.fromhex(digest) for digest in hashes).hex(),
        at=now,
        # Which ledger this is: chosen with its first checkpoint, the same ever after, wherever it is restored to.
        installation=last.installation if last else secrets.token_hex(8),
        previous_hash=last.hash if last else GENESIS,
    )
    checkpoint.hash = checkpoint_hash(
        CheckpointValues(
            checkpoint.number,
            checkpoint.first_position,
            checkpoint.last_position,
            checkpoint.root,
            to_microseconds(now),
            checkpoint.installation,
            checkpoint.previous_hash,
        )
    )
    checkpoint.public_key, checkpoint.signature = sign(checkpoint.hash)
    return checkpoint
