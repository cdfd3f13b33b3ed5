"""Writing an audit bundle: what an outsider needs to see that the record was not altered, in one ZIP.

Its form is told in verify_bundle.py, which is in it too. Entries name no addressee; what letters say and the words of
reasons are in it only for the letters in `content_of`.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import IO, Any

from django.conf import settings
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from audit.models import Finding, SpotCheck
from audit.models import Item as SpotItem
from audit.selectors import OVER
from distribution.models import Distribution
from distribution.models import Item as Copy
from letters.models import Letter, LetterVersion
from papers.models import AwayAgreement, PapersOut
from postroom.cases.models import Case
from postroom.ledger.chain import EntryValues, to_microseconds
from postroom.ledger.merkle import leaf_hash, node_hash
from postroom.ledger.models import Checkpoint, Entry, ReadBatch, Reason, Seal
from postroom.ledger.reading import ENTRY_COLUMNS, by_bytes, rows, snapshot
from postroom.ledger.readings import COLUMNS, ids_of, split_leaves
from postroom.ledger.signing import sign, trusted_keys
from postroom.people.models import Office

CHUNK = 400
VERIFIER = settings.BASE_DIR / "verify_bundle.py"


@dataclass(frozen=True)
class Wanted:
    """What goes in. `subjects` None: every chain. `scope` in words for people.

    `kept_from_them`: chains whose entries are kept from whoever asked. Each is in it as its leaf of the tree alone, so
    that the roots can be built anew; neither its chain's name nor what it says (decision 0179).
    """

    scope: str
    subjects: list[str] | None
    content_of: QuerySet[Letter]
    with_content: bool = False
    kept_from_them: frozenset[str] = frozenset()


@dataclass
class Written:
    """What went in: how many entries, and of which letters the content."""

    entries: int = 0
    letters: list[str] = field(default_factory=list)


def letter_wanted(letter: Letter, *, of_all_offices: bool) -> list[str]:
    """The chains of one letter's bundle: its own, and those of the spot checks that drew it, with its item there.

    Only of checks that are over: while one runs, nobody is to know what was drawn. `of_all_offices`: those that were
    drawn from every office too, whose frames name other offices' post.
    """
    items = SpotItem.objects.filter(letter=letter, check_of__state__in=OVER).select_related("check_of")
    if not of_all_offices:
        items = items.filter(check_of__office=letter.office_id)
    drawn = [subject for item in items for subject in (item.check_of.ledger_subject, item.ledger_subject)]
    findings = [one.ledger_subject for one in Finding.objects.filter(item__in=items)]
    return sorted({letter.ledger_subject, *drawn, *findings}, key=str.encode)


def office_wanted(office: Office, first: dt.date, last: dt.date) -> list[str]:
    """The chains of an office's bundle: itself, and those of its cases, letters, reports and minutes with each copy,
    papers out and agreements, spot checks with their items and findings, that had a step in those days.

    A chain is whole or absent, since half of one can't be checked. Breaches are in the bundle of everything alone:
    what was decided on them is for those who decide (OGP-12).
    """
    begin = timezone.make_aware(dt.datetime.combine(first, dt.time()))
    end = timezone.make_aware(dt.datetime.combine(last + dt.timedelta(days=1), dt.time()))
    moved = Entry.objects.filter(at__gte=begin, at__lt=end)
    checks = SpotCheck.objects.filter(office=office).values_list("reference", flat=True)
    looked_at = SpotItem.objects.filter(
        Q(check_of__office=office) | Q(letter__office=office) | Q(copy__case__office=office)
    )
    items = looked_at.values_list("check_of__reference", "number")
    found_there = Finding.objects.filter(item__in=looked_at)
    agreements = AwayAgreement.objects.filter(person__office=office)
    references: dict[str, Iterable[str]] = {
        "letter": Letter.objects.filter(office=office).values_list("reference", flat=True),
        "case": Case.objects.filter(office=office).values_list("reference", flat=True),
        "spotcheck": checks,
        "distribution": Distribution.objects.filter(case__office=office).values_list("reference", flat=True),
        "item": Copy.objects.filter(case__office=office).values_list("reference", flat=True),
        "papers": PapersOut.objects.filter(office=office).values_list("reference", flat=True),
        "away_agreement": agreements.values_list("reference", flat=True),
        "spotcheck_item": (f"{reference}.{number}" for reference, number in items),
        "spotcheck_finding": found_there.values_list("reference", flat=True),
    }
    found = {office.ledger_subject}
    for kind, known in references.items():
        names = [f"{kind}/{reference}" for reference in known]
        for start in range(0, len(names), CHUNK):
            part = names[start : start + CHUNK]
            found.update(moved.filter(subject__in=part).values_list("subject", flat=True).distinct())
    return sorted(found, key=str.encode)


def write_bundle(out: IO[bytes], wanted: Wanted) -> Written:
    """Write the bundle as it is at this moment. What is unsealed stays so: seal first."""
    written, made_at = Written(), timezone.now()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive, snapshot(connection):
        files: dict[str, str] = {}
        heads: dict[str, list[Any]] = {}
        lowest: list[int] = []

        def add(name: str, lines: Iterable[Any]) -> None:
            with _member(archive, name, files) as write:
                for line in lines:
                    write(json.dumps(line, ensure_ascii=True, separators=(",", ":")).encode() + b"\n")

        withheld: list[list[Any]] = []
        add("entries.jsonl", _entries(wanted, heads, lowest, written, withheld))
        if withheld:
            # In the order of their places, so that it doesn't show which of them are of one chain.
            add("withheld.jsonl", sorted(withheld, key=lambda row: row[0] or 0))
        add("checkpoints.jsonl", _checkpoints(min(lowest, default=None)))
        add("frames.jsonl", _frames(heads))
        if wanted.with_content:
            letters = list(_letters(wanted, heads))
            written.letters = [letter.reference for letter in letters]
            add("reasons.jsonl", _reasons(letters))
            add("content.jsonl", _content(letters))
            add("reads.jsonl", _reads(letters))
        with _member(archive, "verify_bundle.py", files) as write:
            write(VERIFIER.read_bytes())
        manifest = {
            "format": "postroom-bundle-1",
            "scope": wanted.scope,
            "made_at": made_at.isoformat(timespec="seconds"),
            "keys": sorted(trusted_keys()),
            "files": files,
            "heads": heads,
            "withheld": len(withheld),
        }
        text = json.dumps(manifest, ensure_ascii=True, indent=1, sort_keys=True)
        archive.writestr("manifest.json", text)
        archive.writestr("manifest.sig", " ".join(sign(text)) + "\n")
    return written


@contextmanager
def _member(archive: zipfile.ZipFile, name: str, files: dict[str, str]) -> Iterator[Callable[[bytes], None]]:
    digest = hashlib.sha256()
    with archive.open(name, "w", force_zip64=True) as member:

        def write(data: bytes) -> None:
            digest.update(data)
            member.write(data)

        yield write
    files[name] = digest.hexdigest()


def _entries(
    wanted: Wanted, heads: dict[str, list[Any]], lowest: list[int], written: Written, withheld: list[list[Any]]
) -> Iterator[list[Any]]:
    points, subjects = _Points(), wanted.subjects
    if subjects is not None:  # each entry of a part has its own path, so nothing has to stand in for the others
        subjects = [subject for subject in subjects if subject not in wanted.kept_from_them]
    order = f"ORDER BY {by_bytes(connection, 'e.subject')}, e.seq"
    select = f"SELECT {ENTRY_COLUMNS}, s.position FROM ledger_entry e LEFT JOIN ledger_seal s ON s.entry_id = e.id"  # noqa: S608
    parts: Iterator[list[str] | None] = iter([None]) if subjects is None else _chunks(subjects)
    for part in parts:
        where = "" if part is None else f"WHERE e.subject IN ({', '.join(['%s'] * len(part))})"
        for _, *columns, digest, position in rows(connection, f"{select} {where} {order}", part or ()):
            values = EntryValues(*columns)
            point = points.of(position) if position is not None else None
            if point is not None:
                lowest[:] = [min([point.number, *lowest])]
            if values.subject in wanted.kept_from_them:
                # Not the entry's own hash: with it the next one of its chain, which begins with it, could be guessed.
                leaf = leaf_hash(bytes.fromhex(digest)).hex()
                withheld.append([position, leaf, point.number] if point is not None else [None, "", None])
                continue
            heads[values.subject] = [values.seq, digest]
            written.entries += 1
            if point is None or position is None:
                yield [None, list(values), digest, None]
                continue
            path = None if subjects is None else points.path(point, position)
            yield [position, list(values), digest, {"checkpoint": point.number, "path": path}]


def _chunks(subjects: list[str]) -> Iterator[list[str] | None]:
    found = iter(subjects)
    while part := list(islice(found, CHUNK)):
        yield part


def _levels(leaves: Iterable[str]) -> list[list[bytes]]:
    """The tree over these hashes, from its leaves to its root."""
    level = [leaf_hash(bytes.fromhex(leaf)) for leaf in leaves]
    levels = [level]
    # The last of an odd level goes up as it is: the same tree as RFC 6962 splits from above.
    while len(level) > 1:
        pairs = [node_hash(level[n], level[n + 1]) for n in range(0, len(level) - 1, 2)]
        level = pairs + level[len(pairs) * 2 :]
        levels.append(level)
    return levels


def _path(levels: list[list[bytes]], index: int) -> list[str]:
    """The inclusion proof (RFC 6962) of a leaf, nearest first, in hexadecimal."""
    path = []
    for level in levels[:-1]:
        sibling = index ^ 1
        if sibling < len(level):
            path.append(level[sibling].hex())
        index //= 2
    return path


@dataclass(frozen=True)
class _Point:
    number: int
    first: int
    last: int


class _Points:
    """Which checkpoint holds a position, and the way from a leaf to its root; a few trees are kept at a time."""

    def __init__(self) -> None:
        rows = Checkpoint.objects.order_by("number").values_list("number", "first_position", "last_position")
        self._points = [_Point(*row) for row in rows]
        self._trees: dict[int, list[list[bytes]]] = {}

    def of(self, position: int) -> _Point | None:
        low, high = 0, len(self._points)
        while low < high:
            middle = (low + high) // 2
            if self._points[middle].last < position:
                low = middle + 1
            else:
                high = middle
        return self._points[low] if low < len(self._points) else None

    def path(self, point: _Point, position: int) -> list[str]:
        """The inclusion proof (RFC 6962), nearest first, in hexadecimal."""
        return _path(self._tree(point), position - point.first)

    def _tree(self, point: _Point) -> list[list[bytes]]:
        if point.number not in self._trees:
            if len(self._trees) >= 16:
                self._trees.pop(next(iter(self._trees)))
            hashes = Seal.objects.filter(position__range=(point.first, point.last)).order_by("position")
            self._trees[point.number] = _levels(hashes.values_list("entry_hash", flat=True))
        return self._trees[point.number]


def _checkpoints(lowest: int | None) -> Iterator[dict[str, Any]]:
    """From the first that an entry needs to the newest: each vouches for the one before it."""
    found = Checkpoint.objects.order_by("number")
    if lowest is None:
        found = found.none()
    for row in found.filter(number__gte=lowest or 0).iterator(chunk_size=2_000):
        yield {
            "number": row.number,
            "first_position": row.first_position,
            "last_position": row.last_position,
            "root": row.root,
            "at": to_microseconds(row.at),
            "installation": row.installation,
            "previous_hash": row.previous_hash,
            "hash": row.hash,
            "public_key": row.public_key,
            "signature": row.signature,
        }


def _frames(heads: dict[str, list[Any]]) -> Iterator[dict[str, Any]]:
    checks = [subject.split("/", 1)[1] for subject in heads if subject.startswith("spotcheck/")]
    for check in SpotCheck.objects.filter(reference__in=checks).order_by("reference").prefetch_related("strata"):
        frames = [stratum.frame for stratum in sorted(check.strata.all(), key=lambda s: s.place)]
        yield {"subject": check.ledger_subject, "frames": frames}


def _letters(wanted: Wanted, heads: dict[str, list[Any]]) -> Iterator[Letter]:
    references = [subject.split("/", 1)[1] for subject in heads if subject.startswith("letter/")]
    for start in range(0, len(references), CHUNK):
        part = references[start : start + CHUNK]
        yield from wanted.content_of.filter(reference__in=part).distinct().order_by("reference")


def _reasons(letters: list[Letter]) -> Iterator[dict[str, Any]]:
    for letter in letters:
        for reason in Reason.objects.filter(subject=letter.ledger_subject).order_by("seq"):
            yield {"subject": reason.subject, "seq": reason.seq, "salt": reason.salt, "text": reason.text}


def _content(letters: list[Letter]) -> Iterator[dict[str, Any]]:
    for letter in letters:
        for version in LetterVersion.objects.filter(letter=letter).order_by("number"):
            yield {
                "subject": letter.ledger_subject,
                "version": version.number,
                "salt": version.salt,
                "content": version.content,
            }


def _reads(letters: list[Letter]) -> Iterator[dict[str, Any]]:
    """Each read of these letters, with its proof in the batch it was sealed in, and that batch's entry with its own."""
    points, batches = _Points(), _Batches()
    for letter in letters:
        sql = f"SELECT {COLUMNS} FROM ledger_reading WHERE subject = %s ORDER BY id"  # noqa: S608 - names from code
        for reading in list(rows(connection, sql, (letter.ledger_subject,))):
            batch = batches.of(reading[0])
            if batch is None:
                yield {"reading": list(reading), "batch": None}
                continue
            index = batch.ids.index(reading[0])
            inside = {"runs": batch.runs, "size": len(batch.ids), "index": index, "path": _path(batch.levels, index)}
            entry, digest, position = batch.entry
            point = points.of(position) if position is not None else None
            line: dict[str, Any] = {"reading": list(reading), "batch": inside, "entry": entry, "hash": digest}
            if point is None or position is None:
                yield line | {"checkpoint": None}
            else:
                proof = {"position": position, "path": points.path(point, position)}
                yield line | {"checkpoint": point.number, **proof}


@dataclass(frozen=True)
class _Batch:
    runs: str
    ids: list[int]
    levels: list[list[bytes]]
    entry: tuple[list[Any], str, int | None]


class _Batches:
    """Which batch of readings holds an id; a few are kept at a time."""

    def __init__(self) -> None:
        self._known: dict[int, _Batch] = {}

    def of(self, number: int) -> _Batch | None:
        """The batch of that reading, if it is in one yet. Runs of two batches can overlap: ids commit out of order."""
        for row in ReadBatch.objects.filter(first_id__lte=number, last_id__gte=number).order_by("seq"):
            if row.seq not in self._known:
                if len(self._known) >= 16:
                    self._known.pop(next(iter(self._known)))
                levels = _levels(split_leaves(row.leaves))
                self._known[row.seq] = _Batch(row.runs, ids_of(row.runs), levels, _log_entry(row.seq))
            if number in self._known[row.seq].ids:
                return self._known[row.seq]
        return None


def _log_entry(seq: int) -> tuple[list[Any], str, int | None]:
    """The entry of a batch: its values, its hash, its position if it is sealed."""
    select = f"SELECT {ENTRY_COLUMNS}, s.position FROM ledger_entry e LEFT JOIN ledger_seal s ON s.entry_id = e.id"  # noqa: S608
    found = list(rows(connection, f"{select} WHERE e.subject = %s AND e.seq = %s", ("readings/log", seq)))
    (_, *columns, digest, position) = found[0]
    return columns, digest, position
