"""Verifying the rows beside the chains: the subjects themselves and the reasons."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, islice
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

from postroom.ledger.chain import EntryValues, salted_hash
from postroom.ledger.errors import Unencodable
from postroom.ledger.reading import by_bytes, rows
from postroom.ledger.subjects import LedgerSubject
from postroom.ledger.verify import Finding, ReplayCheck, Report


def subject_models() -> list[type[LedgerSubject]]:
    """Every model whose rows have a chain."""
    return [m for m in apps.get_models() if issubclass(m, LedgerSubject) and not m._meta.proxy]


def check_subjects(using: str, report: Report, scratch: sqlite3.Connection) -> None:
    """Compare each subject's row with the end of its chain: place, hash, and state where it has one."""
    for model in subject_models():
        fresh_state = _initial_state(model)
        found: Iterator[LedgerSubject] = model._base_manager.using(using).order_by("pk").iterator(chunk_size=2_000)
        while chunk := list(islice(found, 2_000)):
            scratch.executemany(
                "INSERT INTO subject_row VALUES (?, ?, ?, ?, ?, ?, ?)",
                [_row(subject, fresh_state) for subject in chunk],
            )
    _compare_places(report, scratch)
    _compare_states(report, scratch)
    _compare_steps(report, scratch)


def _initial_state(model: type[LedgerSubject]) -> str | None:
    """The state a row has before anything happened to it, or None if the model has no state."""
    try:
        state = model._meta.get_field("state")  # type: ignore[misc]
    except FieldDoesNotExist:
        return None
    default = state.get_default() if isinstance(state, models.Field) else ""
    return str(getattr(default, "value", default))


def _row(subject: LedgerSubject, fresh_state: str | None) -> tuple[Any, ...]:
    state = None if fresh_state is None else str(subject.state)  # type: ignore[attr-defined]
    # Both on every subject of the engine; a row without them has nothing to replay but its state.
    version, content = getattr(subject, "version", None), getattr(subject, "content_hash", None)
    steps = (version, content) if content is not None else (None, None)
    return (subject.ledger_subject, subject.ledger_seq, subject.ledger_head, state, state == fresh_state, *steps)


def _compare_places(report: Report, scratch: sqlite3.Connection) -> None:
    for name, row_seq, seq, last_id in scratch.execute(
        "SELECT r.subject, r.seq, t.seq, t.last_id FROM subject_row r LEFT JOIN tail t ON t.subject = r.subject "
        "WHERE CASE WHEN t.subject IS NULL THEN r.seq <> 0 ELSE t.seq <> r.seq OR t.head <> r.head END ORDER BY 1"
    ):
        report.add(_misplaced(name, row_seq, seq, last_id))
    for name, seq, last_id in scratch.execute(
        "SELECT t.subject, t.seq, t.last_id FROM tail t "
        "WHERE t.subject NOT IN (SELECT subject FROM subject_row) ORDER BY 1"
    ):
        report.add(Finding("the row that this chain is about is gone", name, seq, last_id))


def _misplaced(name: str, row_seq: Any, seq: Any, last_id: Any) -> Finding:
    if seq is None:
        return Finding(f"its row counts {row_seq} entries, but there is none", name, 1)
    if not isinstance(row_seq, int):
        return Finding("the count of entries on its row is mangled", name, seq, last_id)
    if seq < row_seq:
        return Finding(f"the end of the chain is missing: its row counts {row_seq} entries", name, seq + 1)
    if seq > row_seq:
        return Finding(f"its row counts only {row_seq} entries; what follows was added", name, row_seq + 1, last_id)
    return Finding("the newest hash on its row is not this entry's", name, seq, last_id)


def _compare_states(report: Report, scratch: sqlite3.Connection) -> None:
    for name, state, reached, seq, last_id in scratch.execute(
        "SELECT r.subject, r.state, t.state, t.seq, t.last_id FROM subject_row r "
        "LEFT JOIN tail t ON t.subject = r.subject WHERE r.state IS NOT NULL AND "
        "CASE WHEN coalesce(t.state, '') = '' THEN NOT r.fresh ELSE t.state <> r.state END ORDER BY 1"
    ):
        if reached:
            what = f"its row is in state '{state}', but its entries lead to '{reached}'"
        else:
            what = f"its row is in state '{state}', but no entry led there"
        report.add(Finding(what, name, seq, last_id))


def _compare_steps(report: Report, scratch: sqlite3.Connection) -> None:
    """The count of steps and the content that a row of the engine stands at are those of its newest step."""
    for name, version, content, reached, last, seq, last_id in scratch.execute(
        "SELECT r.subject, r.version, r.content, t.version, t.content, t.seq, t.last_id FROM subject_row r "
        "JOIN tail t ON t.subject = r.subject WHERE r.version IS NOT NULL AND t.version > 0 "
        "AND (r.version <> t.version OR r.content <> t.content) ORDER BY 1"
    ):
        if version != reached:
            what = f"its row is at version {version}, but its entries lead to {reached}"
        else:
            what = "its row has another content hash than its newest step" if content != last else ""
        report.add(Finding(what, name, seq, last_id))


def check_reasons(connection: BaseDatabaseWrapper, report: Report) -> None:
    """Every reason matches the hash in its entry; none is missing but by a disposal, none was added."""
    order = f"ORDER BY {by_bytes(connection, 'e.subject')}, e.seq"
    for subject, seq, entry_id, digest, salt, text, disposed in rows(
        connection,
        "SELECT e.subject, e.seq, e.id, e.reason_hash, r.salt, r.text, EXISTS (SELECT 1 FROM ledger_disposal d "  # noqa: S608
        "WHERE d.subject = e.subject AND d.up_to_seq >= e.seq) FROM ledger_entry e LEFT JOIN ledger_reason r "
        f"ON r.subject = e.subject AND r.seq = e.seq WHERE e.reason_hash <> '' {order}",
    ):
        if salt is None and not disposed:
            report.add(Finding("its reason is missing, and no disposal says why", subject, seq, entry_id))
        elif salt is not None and not _matches(digest, salt, text):
            report.add(Finding("its reason is not the one that was given", subject, seq, entry_id))
    for subject, seq in rows(
        connection,
        "SELECT r.subject, r.seq FROM ledger_reason r LEFT JOIN ledger_entry e "
        "ON e.subject = r.subject AND e.seq = r.seq WHERE e.id IS NULL OR e.reason_hash = '' ORDER BY r.id",
    ):
        report.add(Finding("there is a reason for it, but the entry was written without one", subject, seq))


def _matches(digest: str, salt: str, text: str) -> bool:
    try:
        return salted_hash(salt, text) == digest
    except Unencodable:
        return False


def check_replays(using: str, report: Report, replays: Mapping[str, Sequence[ReplayCheck]]) -> None:
    """Run what upper floors registered, with each row of their kind and its entries."""
    for model in subject_models():
        checks = replays.get(model.ledger_kind, ())
        found = model._base_manager.using(using).order_by("pk").iterator(chunk_size=500) if checks else iter(())
        while chunk := list(islice(found, 500)):
            entries = dict(_entries_of(connections[using], [subject.ledger_subject for subject in chunk]))
            for subject in chunk:
                steps = entries.get(subject.ledger_subject, [])
                for what in filter(None, (check(subject, steps) for check in checks)):
                    report.add(Finding(what, subject.ledger_subject, steps[-1].seq if steps else None))


def _entries_of(connection: BaseDatabaseWrapper, subjects: list[str]) -> Iterator[tuple[str, list[EntryValues]]]:
    columns = ", ".join(EntryValues._fields)
    places = ", ".join(["%s"] * len(subjects))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {columns} FROM ledger_entry WHERE subject IN ({places}) ORDER BY subject, seq",  # noqa: S608
            subjects,
        )
        for subject, found in groupby((EntryValues(*row) for row in cursor.fetchall()), key=lambda v: v.subject):
            yield subject, list(found)
