"""Is the record as it was written? Reads everything once, in one snapshot, in constant memory, and changes nothing.

What is checked, in this order: every entry's hash, place and link to the one before, and that each begins in the state
the last one ended in; the rows that the chains are about (newest hash, count and state); reasons against their hashes;
seals and checkpoints, their roots, links and signatures; the log of readings against its batches; and whatever upper
floors add (`register_replay`).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from postroom.ledger.chain import GENESIS, EntryValues, entry_hash
from postroom.ledger.errors import Unencodable
from postroom.ledger.reading import ENTRY_COLUMNS, by_bytes, rows, snapshot
from postroom.ledger.triggers import missing

KEPT_FINDINGS = 100


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: what, in plain words, and where (whatever of it is known)."""

    what: str
    subject: str = ""
    seq: int | None = None
    entry_id: int | None = None

    def __str__(self) -> str:
        where = [self.subject] if self.subject else []
        if self.seq is not None:
            where.append(f"entry {self.seq}")
        if self.entry_id is not None:
            where.append(f"(id {self.entry_id})")
        return f"{' '.join(where)}: {self.what}" if where else self.what


@dataclass
class Report:
    """The outcome. `head` is SHA-256 over the lines `subject hash`, sorted by bytes, each ended by a line feed.

    `findings` holds the first KEPT_FINDINGS, in the order of the checks; `found` counts all of them. `warnings` don't
    touch the record itself. What came after the last seal (`unsealed`, since `unsealed_since`) a database owner could
    still have rewritten with its rows. `seconds` is the time it took.
    """

    entries: int = 0
    head: str = ""
    found: int = 0
    findings: list[Finding] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    sealed: int = 0
    checkpoints: int = 0
    last_checkpoint: str = ""
    readings: int = 0
    unsealed: int = 0
    unsealed_since: dt.datetime | None = None
    outside: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def intact(self) -> bool:
        """Nothing was found."""
        return self.found == 0

    def add(self, finding: Finding) -> None:
        """Note a finding."""
        self.found += 1
        if len(self.findings) < KEPT_FINDINGS:
            self.findings.append(finding)


@dataclass
class Tail:
    """A chain as read so far: its subject, place, newest hash, and the state that it has reached.

    `version` and `content_hash` are those of its newest step of the engine, which counts versions; 0 before the first.
    """

    subject: str
    seq: int = 0
    head: str = GENESIS
    state: str = ""
    last_id: int = 0
    version: int = 0
    content_hash: str = ""


# A replay check is given a subject's row and its entries in order, and says what is wrong with the row, or "".
ReplayCheck = Callable[[Any, Sequence[EntryValues]], str]
_replays: dict[str, list[ReplayCheck]] = {}


def register_replay(kind: str, check: ReplayCheck) -> None:
    """Have `check(row, entries)` run for every subject of `kind`, beyond the state, which is compared for all."""
    if check not in _replays.setdefault(kind, []):
        _replays[kind].append(check)


@dataclass
class Outside:
    """What the copies outside say: what doesn't agree with them, what is only odd, and up to when they prove."""

    findings: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)


# Given numbers and hashes of the checkpoints here, compares them with what is kept outside.
OutsideCheck = Callable[[dict[int, str]], Outside]
_outside: list[OutsideCheck] = []


def register_outside(check: OutsideCheck) -> None:
    """Have `check` compare the checkpoints with copies that an upper floor knows of, in every verification."""
    if check not in _outside:
        _outside.append(check)


def compare_outside(stored: dict[int, str], report: Report) -> None:
    """Run every registered comparison."""
    for check in _outside:
        outside = check(stored)
        for what in outside.findings:
            report.add(Finding(what))
        report.warnings.extend(outside.warnings)
        report.outside.extend(outside.words)


# Gives what is wrong with rows of an upper floor: what, and the subject it is about.
RowCheck = Callable[[str], Iterable[Finding]]
_row_checks: list[RowCheck] = []


def register_rows(check: RowCheck) -> None:
    """Have `check(using)` run in every verification: for rows beside a subject's own that the ledger vouches for."""
    if check not in _row_checks:
        _row_checks.append(check)


def _check_rows(using: str, report: Report) -> None:
    for check in _row_checks:
        for finding in check(using):
            report.add(finding)


def verify(*, using: str = DEFAULT_DB_ALIAS, known: Iterable[tuple[int, str]] = ()) -> Report:
    """Check the whole ledger. `known`: numbers and hashes of checkpoints that were kept outside this database.

    Never raises for what it finds in the tables, however mangled; a database that can't be reached does raise.
    """
    # Imported here: they use Report and Finding.
    from postroom.ledger.verify_readings import check_readings
    from postroom.ledger.verify_rows import check_reasons, check_replays, check_subjects
    from postroom.ledger.verify_seals import check_seals

    started = time.monotonic()
    report = Report()
    connection = connections[using]
    scratch = _scratch()
    try:
        with snapshot(connection):
            _readable(report, "entries", lambda: _check_chains(connection, report, scratch))
            _readable(report, "subjects", lambda: check_subjects(using, report, scratch))
            _readable(report, "reasons", lambda: check_reasons(connection, report))
            _readable(report, "seals", lambda: check_seals(connection, report, dict(known)))
            _readable(report, "readings", lambda: check_readings(connection, report))
            _readable(report, "replays", lambda: check_replays(using, report, _replays))
            _readable(report, "rows of the floors above", lambda: _check_rows(using, report))
        absent = [trigger.name for trigger in missing(connection)]
    finally:
        scratch.close()
    if absent:
        report.warnings.append(f"These triggers are missing, so nothing guards the record: {', '.join(absent)}.")
    report.seconds = time.monotonic() - started
    return report


def _readable(report: Report, what: str, check: Callable[[], None]) -> None:
    # A row mangled so that it can't even be read (bytes that are no text) is a finding, not a crash.
    try:
        check()
    except (DatabaseError, sqlite3.Error, ValueError, TypeError, OverflowError) as error:
        report.add(
            Finding(f"The {what} can't be read to the end ({type(error).__name__}): something in them is mangled.")
        )


def _scratch() -> sqlite3.Connection:
    """A throw-away table of chain ends on disk, so that memory stays constant however many chains there are."""
    scratch = sqlite3.connect("")
    scratch.execute(
        "CREATE TABLE tail (subject PRIMARY KEY, seq, head, state, last_id, version, content) WITHOUT ROWID"
    )
    scratch.execute("CREATE TABLE subject_row (subject, seq, head, state, fresh, version, content)")
    return scratch


def _check_chains(connection: BaseDatabaseWrapper, report: Report, scratch: sqlite3.Connection) -> None:
    digest = hashlib.sha256()
    ended: list[Tail] = []
    try:
        for tail in _tails(connection, report):
            digest.update(f"{tail.subject} {tail.head}\n".encode("utf-8", "surrogatepass"))
            ended.append(tail)
            if len(ended) == 1_000:
                _keep(scratch, ended)
        _keep(scratch, ended)
    finally:
        report.head = digest.hexdigest()


def _keep(scratch: sqlite3.Connection, tails: list[Tail]) -> None:
    scratch.executemany(
        "INSERT OR IGNORE INTO tail VALUES (?, ?, ?, ?, ?, ?, ?)",
        [(t.subject, t.seq, t.head, t.state, t.last_id, t.version, t.content_hash) for t in tails],
    )
    tails.clear()


def _tails(connection: BaseDatabaseWrapper, report: Report) -> Iterator[Tail]:
    """Check every entry on the way, and give each chain's end."""
    order = by_bytes(connection, "e.subject")
    tail: Tail | None = None
    for entry_id, *columns, stored in rows(
        connection,
        f"SELECT {ENTRY_COLUMNS} FROM ledger_entry e ORDER BY {order}, e.seq, e.id",  # noqa: S608 - no input
    ):
        report.entries += 1
        values = EntryValues(*columns)
        if tail is None or tail.subject != values.subject:
            if tail is not None:
                yield tail
            tail = Tail(values.subject if isinstance(values.subject, str) else repr(values.subject))
        for what in _wrongs(values, stored, entry_id, tail):
            report.add(Finding(what, tail.subject, values.seq, entry_id))
        _advance(tail, values, stored, entry_id)
    if tail is not None:
        yield tail


def _wrongs(values: EntryValues, stored: str, entry_id: int, tail: Tail) -> Iterator[str]:
    try:
        if entry_hash(values) != stored:
            yield "what it says is not what was written (its hash does not match)"
    except Unencodable as error:
        yield f"it holds something that can't have been written ({error})"
        return
    if values.seq != tail.seq + 1:
        yield _gap(tail.seq, values.seq)
    elif values.previous_hash != tail.head:
        yield "it does not follow from the entry before it (the previous hash does not match)"
    if entry_id <= tail.last_id:
        yield "it stands before an earlier entry (their ids were swapped)"
    if (values.from_state or values.to_state) and values.from_state != tail.state:
        yield f"it begins in state '{values.from_state}', but the entry before it ended in '{tail.state}'"


def _gap(before: int, here: int) -> str:
    if here <= before:
        return f"there are two entries {here}"
    missing_ones = f"entry {before + 1} is" if here == before + 2 else f"entries {before + 1} to {here - 1} are"
    return f"{missing_ones} missing before it"


def _advance(tail: Tail, values: EntryValues, stored: str, entry_id: int) -> None:
    tail.seq = values.seq if isinstance(values.seq, int) else tail.seq + 1
    tail.head = stored if isinstance(stored, str) else ""
    tail.last_id = entry_id
    if values.to_state:
        tail.state = values.to_state
    if values.version:
        tail.version, tail.content_hash = values.version, values.content_hash
