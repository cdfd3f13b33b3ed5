"""Comparing the record with what left it, and saying up to when it is proved."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from audit.record.checkpoints import places
from audit.record.models import Departure, Verification, Way
from audit.record.stamping import StampRefused, stamp_time
from postroom.ledger.chain import from_microseconds
from postroom.ledger.models import Checkpoint, Entry, Reading, Seal
from postroom.ledger.sealing import LOOK_BACK
from postroom.ledger.verify import Outside, Report, verify
from postroom.outbox.mail import notify
from postroom.people.models import RoleGrant
from postroom.people.roles import Role

LATE = dt.timedelta(hours=2)
READ = "folder, time stamps"
# In the log of readings: what somebody kept was compared, and was the same or another.
SAME, OTHER = "compared_same", "compared_other"
# The log of departures is not outside: whoever owns the database could take rows out of it. Folder and stamps are.
NOTHING_OUTSIDE = "no checkpoint has left yet: the record is proved against the database itself only"


def check_outside(stored: dict[int, str]) -> Outside:
    """Compare the checkpoints here (number to hash) with the folder, the time stamps and the log of what left."""
    outside = Outside()
    newest = read = 0
    for number, digest, where in _kept_in_folder(outside):
        read = max(read, _compare(stored, number, digest, where, outside))
    for left in Departure.objects.order_by("number", "pk").iterator(chunk_size=2_000):
        words = f"the copy that left {left.get_way_display()}"
        same = _compare(stored, left.number, left.hash, words, outside)
        newest = max(newest, same)
        if left.way == Way.STAMP and _check_stamp(left, outside):
            read = max(read, same)
    if read:
        outside.words.append(
            f"proved up to checkpoint {read} by copies outside that were read now (folder, time stamps)"
        )
    if newest > read:
        outside.words.append(
            f"up to checkpoint {newest} as far as the list of what left is true, which lies in this database: compare "
            "one that somebody received"
        )
    if not newest and not read:
        outside.words.append(NOTHING_OUTSIDE)
    return outside


def _compare(stored: dict[int, str], number: int, digest: str, where: str, outside: Outside) -> int:
    """The number if it agrees, else 0 and a finding."""
    if number not in stored:
        outside.findings.append(f"checkpoint {number} is missing here; there is {where}")
    elif stored[number] != digest:
        outside.findings.append(f"checkpoint {number} is not the one of {where}")
    else:
        return number
    return 0


def _check_stamp(left: Departure, outside: Outside) -> bool:
    """Is the service's stamp one over that hash? Says what is wrong, or why it couldn't be checked."""
    if not settings.TSA_ROOTS:
        outside.warnings.append("TSA_ROOTS is not set on this machine; time stamps were not checked.")
        return False
    try:
        stamp_time(left.receipt, left.hash)
        return True
    except StampRefused:
        outside.findings.append(f"the time stamp of checkpoint {left.number} is not one over its hash")
    except OSError:
        outside.warnings.append("The file of TSA_ROOTS can't be read; time stamps were not checked.")
    return False


def _kept_in_folder(outside: Outside) -> Iterator[tuple[int, str, str]]:
    if not settings.CHECKPOINT_FOLDER:
        return
    folder = Path(settings.CHECKPOINT_FOLDER)
    if not folder.is_dir():
        outside.warnings.append("The folder of checkpoints can't be reached; nothing was compared with it.")
        return
    seen: set[int] = set()
    for path in sorted(folder.glob("checkpoint-*.json")):
        try:
            kept = json.loads(path.read_text())
            number, digest = int(kept["number"]), str(kept["hash"])
        except (OSError, ValueError, KeyError, TypeError):
            outside.warnings.append(f"{path.name} in the folder of checkpoints can't be read.")
            continue
        seen.add(number)
        yield number, digest, "the copy in the folder"
    gone = Departure.objects.filter(way=Way.FOLDER).exclude(number__in=seen).values_list("number", flat=True)
    outside.warnings.extend(f"The folder's copy of checkpoint {number} is gone." for number in sorted(gone)[:10])


@dataclass(frozen=True)
class Proof:
    """Up to when the record is proved by what left, and what came since.

    `checkpoint`: the newest that left and is still here as it was; `departures` of it. `since` is the time of the first
    entry that no copy outside covers, `uncovered` how many there are. `late`: something has waited over two hours.
    `compared`: the newest comparison with a copy that somebody received, and its checkpoint.
    """

    checkpoint: Checkpoint | None
    departures: list[Departure]
    uncovered: int
    since: dt.datetime | None
    late: bool
    ways: list[str]
    compared: Reading | None = None

    @property
    def only_told(self) -> bool:
        """Does it rest on the list of what left alone: nothing of it can be read again by Postroom itself?"""
        return all(left.way == Way.MAIL for left in self.departures)

    @property
    def by_way(self) -> list[dict[str, Any]]:
        """Each way it left, in words, with when the first copy went; how many people got it by mail."""
        found: dict[str, list[Departure]] = {}
        for left in self.departures:
            found.setdefault(left.get_way_display(), []).append(left)
        return [
            {
                "words": f"{way} to {len(rows)} people" if len(rows) > 1 else way,
                "at": min(row.at for row in rows),
            }
            for way, rows in found.items()
        ]

    @property
    def compared_number(self) -> str:
        """The checkpoint that was compared last."""
        return self.compared.subject.partition("/")[2] if self.compared is not None else ""


def proof() -> Proof:
    """As things stand now. A fixed number of queries, however long the record is."""
    left = Departure.objects.order_by("-number").first()
    checkpoint = Checkpoint.objects.filter(pk=left.number, hash=left.hash).first() if left else None
    departures = list(Departure.objects.filter(number=left.number).order_by("way", "place")) if left else []
    covered = checkpoint.last_position if checkpoint else 0
    highest = Seal.objects.order_by("-entry_id").values_list("entry_id", flat=True).first() or 0
    # Sealed after it, and not sealed yet; the sealer looks back as far.
    sealed = Seal.objects.filter(position__gt=covered).order_by("position")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), min(e.at) FROM ledger_entry e WHERE e.id > %s AND NOT EXISTS "
            "(SELECT 1 FROM ledger_seal s WHERE s.entry_id = e.id)",
            [highest - LOOK_BACK],
        )
        unsealed, since_unsealed = cursor.fetchone()
    first = sealed.values_list("entry_id", flat=True).first()
    since_sealed = Entry.objects.filter(pk=first).values_list("at", flat=True).first() if first else None
    times = [at for at in (since_sealed, from_microseconds(since_unsealed) if since_unsealed else None) if at]
    since = min(times) if times else None
    return Proof(
        checkpoint=checkpoint,
        departures=departures,
        uncovered=sealed.count() + unsealed,
        since=since,
        late=since is not None and timezone.now() - since > LATE,
        ways=sorted({place.way.label for place in places()}),
        compared=_compared(),
    )


def _compared() -> Reading | None:
    """The newest time that somebody compared a copy of theirs and it was the same; of what left last."""
    left = Departure.objects.order_by("-number").values_list("number", flat=True)[:500]
    names = [f"checkpoint/{number}" for number in dict.fromkeys(left)]
    return Reading.objects.filter(subject__in=names, what=SAME).order_by("-pk").first()


def verify_and_note() -> Report:
    """A whole verification, noted; those who see the record and the system administrators hear of what it finds."""
    report = verify()
    with transaction.atomic():
        noted = Verification.objects.create(
            at=timezone.now(),
            entries=report.entries,
            readings=report.readings,
            head=report.head,
            found=report.found,
            first=str(report.findings[0])[:500] if report.findings else "",
            checkpoint=int(report.last_checkpoint.split()[0]) if report.last_checkpoint else 0,
            seconds=report.seconds,
        )
        if not report.intact:
            roles = (Role.DISTRICT_ADMIN_MANAGER, Role.INFORMATION_GOVERNANCE, Role.SYSTEM_ADMINISTRATOR)
            grants = RoleGrant.objects.on(timezone.localdate()).filter(role__in=roles, user__is_active=True)
            notify(
                set(grants.values_list("user_id", flat=True)),
                "record_not_intact",
                f"verification/{noted.pk}",
                "/audit/record/",
                occasion=noted.pk,
            )
    return report
