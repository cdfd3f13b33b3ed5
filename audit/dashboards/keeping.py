"""Keeping the figures up: what was sealed since the last time is counted, once, in the transaction that says so.

Seals give entries dense positions, so "all after the last" misses none (ids commit out of order). Whoever comes at the
same time waits for the one row that says up to where, and then finds nothing left to do.
"""

from __future__ import annotations

import json
from collections import defaultdict
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from audit.dashboards.counting import Step, Sums, count_letter, difference, parts_of
from audit.models import FigurePart, FigureRow, FiguresUpTo
from letters.models import Letter
from postroom.ledger.chain import from_microseconds
from postroom.ledger.models import Entry, Seal

BATCH = 10_000
CHUNK = 500
_KIND = f"{Letter.ledger_kind}/"


def keep_up(*, batch: int = BATCH, most: int | None = None) -> int:
    """Count what was sealed since the last time; returns how many positions were gone through.

    Repeatable: cut off anywhere, the next call does what is left. `most`: stop after about so many positions.
    """
    done = 0
    while most is None or done < most:
        gone = _one_batch(batch)
        done += gone
        if not gone:
            break
    return done


def first_look() -> bool:
    """Whether there are figures to show: counted now where nobody has yet and the record is small enough to wait for.

    False while the first count is still under way, or nothing of what happened is sealed yet: noughts would be untrue.
    """
    row = FiguresUpTo.objects.filter(pk=1).first()
    if row is not None and row.position:
        return True
    newest = Seal.objects.order_by("-position").first()
    if newest is None:
        return not Entry.objects.filter(subject__startswith=_KIND).exists()
    if newest.position > BATCH:
        return False
    keep_up(most=BATCH)
    return True


def rebuild() -> int:
    """Throw the sums away and count everything anew; returns how many positions."""
    with transaction.atomic():
        _row().position = 0
        FigureRow.objects.all().delete()
        FigurePart.objects.all().delete()
        FiguresUpTo.objects.filter(pk=1).update(position=0, at=timezone.now())
    return keep_up()


def _row() -> FiguresUpTo:
    """The one row, locked."""
    FiguresUpTo.objects.bulk_create([FiguresUpTo(pk=1)], ignore_conflicts=True)
    return FiguresUpTo.objects.select_for_update().get(pk=1)


def _one_batch(batch: int) -> int:
    with transaction.atomic():
        row = _row()
        seals = Seal.objects.filter(position__gt=row.position).order_by("position")[:batch]
        found = list(seals.values_list("position", "entry_id"))
        if not found:
            FiguresUpTo.objects.filter(pk=1).update(at=timezone.now())
            return 0
        upto = found[-1][0]
        changes, parts = _changes([entry for _, entry in found], row.position, upto)
        _apply(changes)
        FigurePart.objects.bulk_create(parts, batch_size=CHUNK)
        FiguresUpTo.objects.filter(pk=1).update(position=upto, at=timezone.now())
    return len(found)


def _changes(entry_ids: list[int], before: int, upto: int) -> tuple[Sums, list[FigurePart]]:
    """What these entries change: of each letter concerned, its sums with less those without; what is counted anew."""
    subjects: set[str] = set()
    for start in range(0, len(entry_ids), CHUNK):
        some = Entry.objects.filter(pk__in=entry_ids[start : start + CHUNK], subject__startswith=_KIND)
        subjects |= set(some.values_list("subject", flat=True))
    parts: list[FigurePart] = []
    total: dict[Any, list[int]] = defaultdict(lambda: [0, 0])
    names = sorted(subjects)
    for start in range(0, len(names), CHUNK):
        for letter, steps, office in _chains(names[start : start + CHUNK]):
            old = count_letter((s for p, s in steps if p <= before), office, timezone.localdate)
            new = count_letter((s for p, s in steps if p <= upto), office, timezone.localdate)
            for key, (count, seconds) in difference(new, old).items():
                total[key][0] += count
                total[key][1] += seconds
            known = len(parts_of((s for p, s in steps if p <= before), office, timezone.localdate))
            now = parts_of((s for p, s in steps if p <= upto), office, timezone.localdate)
            for where, day, measure, of, spent in now[known:]:
                parts.append(
                    FigurePart(letter_id=letter, office_id=where, day=day, measure=measure, key=of, seconds=spent)
                )
    return {key: (count, seconds) for key, (count, seconds) in total.items()}, parts


def _chains(subjects: list[str]) -> list[tuple[int, list[tuple[int, Step]], int]]:
    """Of each letter, its id first: its sealed steps with their positions, in order, and the office where it began.

    The letters' rows are read before their chains: a move that commits in between stands in the chain, and says
    from where it was.
    """
    references = [subject.removeprefix(_KIND) for subject in subjects]
    rows_of = Letter.objects.filter(reference__in=references).values_list("reference", "pk", "office_id")
    letters = {reference: (pk, office) for reference, pk, office in rows_of}
    places = ", ".join(["%s"] * len(subjects))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.subject, s.position, e.at, e.action, e.from_state, e.to_state, e.actor_id, e.payload "  # noqa: S608
            "FROM ledger_entry e LEFT JOIN ledger_seal s ON s.entry_id = e.id "
            f"WHERE e.subject IN ({places}) ORDER BY e.subject, e.seq",
            subjects,
        )
        rows = cursor.fetchall()
    found = []
    for subject, chain in groupby(rows, key=itemgetter(0)):
        pk, office = letters.get(subject.removeprefix(_KIND), (0, 0))
        if not pk:
            continue
        began: int | None = None
        steps: list[tuple[int, Step]] = []
        for _, position, at, action, from_state, to_state, actor, payload in chain:
            told = json.loads(payload) if action in _TOLD else {}
            if action == "move_office" and began is None:
                began = told.get("from_office")
            if position is not None:
                steps.append((position, Step(from_microseconds(at), action, from_state, to_state, actor, told)))
        found.append((pk, steps, began or office))
    return found


# The steps whose details say something that figures need: an office, or the day it happened on.
_TOLD = frozenset(
    {
        "move_office",
        "post",
        "hand_deliver",
        "give_at_reception",
        "mark_sent",
        "decide_sent",
        "bounce",
        "return_undelivered",
    }
)


def _apply(changes: Sums) -> None:
    """Add the changes to the sums; rows that come to nothing go."""
    rows = [(*key, *value) for key, value in sorted(changes.items())]
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO audit_figurerow (office_id, day, measure, key, count, seconds) "
            "VALUES (%s, %s, %s, %s, %s, %s) "
            "ON CONFLICT (office_id, measure, day, key) DO UPDATE SET count = audit_figurerow.count + excluded.count, "
            "seconds = audit_figurerow.seconds + excluded.seconds",
            rows,
        )
    FigureRow.objects.filter(count=0).delete()
