"""Reads of My work: a page of each list by key, all counts in one query, notices. Scoped by `visible_to`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import islice
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from letters import selectors
from letters.deadlines import first_posting_day, last_posting_day
from letters.models import DueKind, Letter, Notice
from letters.queues import QUEUES, Queue, Viewer
from letters.selectors_desk import questions_to
from letters.states import State
from letters.turns import HOLDS_IN
from postroom.ledger.chain import from_microseconds, to_microseconds
from postroom.people.authority import Authority
from postroom.people.models import User
from postroom.people.roles import SOCIAL_WORK_ROLES
from postroom.work import COUNT_UP_TO
from postroom.working_days import working_days_waited

ON_FIRST_PAGE = 8
ON_A_PAGE = 50
NOTICES_SHOWN = 10

Key = tuple[dt.datetime, int]


@dataclass(frozen=True)
class Row:
    """A waiting letter, as a list shows it. `waited` in working days; `late_at` is what the list is sorted by."""

    pk: int
    reference: str
    state: State
    since: dt.datetime
    addressee: str
    subject: str
    worker: str
    office: str
    waited: int
    overdue: bool
    late_at: dt.datetime
    due_kind: str
    due_on: dt.date | None
    collection: dt.time | None

    @property
    def key(self) -> Key:
        """Where the next page goes on."""
        return self.late_at, self.pk

    @property
    def due_words(self) -> str:
        """ "Post by 20 July", "Arrive by 20 July"; "" where no day was given or it is on its way."""
        if self.due_on is None or self.state in GONE:
            return ""
        verb = "Arrive by" if self.due_kind == DueKind.ARRIVE_BY else "Post by"
        return f"{verb} {self.due_on.day} {self.due_on:%B}"

    @property
    def due_missed(self) -> bool:
        """Can the day no longer be met by first class, with today's collection of its office gone or not?"""
        if self.due_on is None or self.state in GONE:
            return False
        return first_posting_day(timezone.now(), self.collection) > last_posting_day(self.due_kind, self.due_on)


_COLUMNS = (
    "pk",
    "reference",
    "state",
    "state_since",
    "addressee__name",
    "subject",
    "case__allocated_worker__name",
    "office__name",
    "late_at",
    "due_kind",
    "due_on",
    "office__post__collection",
)
GONE = (
    State.HANDED_OVER,
    State.POSTED,
    State.UNCERTAIN,
    State.EMAILED,
    State.UPLOADED,
    State.RETURNED,
    State.WITHDRAWN,
)


def queues_of(viewer: Viewer) -> list[Queue]:
    """The lists that this person has at all."""
    return [queue for queue in QUEUES if queue.parts(viewer) is not None]


def page_of(viewer: Viewer, queue: Queue, *, size: int, after: Key | None = None) -> tuple[list[Row], Key | None]:
    """The letters of a list, what is or will be late first, from behind `after` on; the next page's key or None.

    One query a part of the list.
    """
    beyond = Q()
    if after is not None:
        beyond = Q(late_at__gt=after[0]) | Q(late_at=after[0], pk__gt=after[1])
    found: list[list[Row]] = []
    for letters in _letters(viewer, queue):
        waiting = letters.filter(beyond).order_by("late_at", "pk").values_list(*_COLUMNS)
        found.append([_row(values) for values in waiting[: size + 1]])
    rows = list(islice(merge(*found, key=lambda row: row.key), size + 1))
    return rows[:size], (rows[size - 1].key if len(rows) > size else None)


def first_in(viewer: Viewer, queue: Queue, *, leave_out: Collection[str] = ()) -> str | None:
    """The reference of the letter that has waited longest in a list, but for those with these references."""
    rows, _ = page_of(viewer, queue, size=len(leave_out) + 1)
    return next((row.reference for row in rows if row.reference not in leave_out), None)


def counts_of(viewer: Viewer, queues: Sequence[Queue]) -> dict[str, int]:
    """How many wait in each list, by slug, in one query; none is counted beyond COUNT_UP_TO."""
    counted: list[str] = []
    parameters: list[Any] = []
    visible = _visible(viewer)
    for queue in queues:
        terms = []
        for letters in _parts(visible, viewer, queue):
            sql, values = letters.order_by().values("pk")[:COUNT_UP_TO].query.sql_with_params()
            terms.append(f"(SELECT COUNT(*) FROM ({sql}) AS part)")  # noqa: S608 - Django's own SQL, values apart
            parameters.extend(values)
        counted.append(" + ".join(terms))
    if not counted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(counted)}", parameters)
        numbers = cursor.fetchone()
    return {queue.slug: min(number, COUNT_UP_TO) for queue, number in zip(queues, numbers, strict=True)}


def waiting(user: User, authority: Authority) -> list[QuerySet[Any]]:
    """What waits for this person in their lists, and the questions to them, for the head of every page."""
    viewer = Viewer(user, authority)
    visible = _visible(viewer)
    queues = [queue for queue in QUEUES if queue.is_work]
    rows: list[QuerySet[Any]] = [part for queue in queues for part in _parts(visible, viewer, queue)]
    return [*rows, questions_to(user, authority)] if authority.has(*SOCIAL_WORK_ROLES) else rows


def lines(user: User, authority: Authority) -> list[tuple[str, int]]:
    """The same lists for the morning's summary: title and count. One query."""
    viewer = Viewer(user, authority)
    queues = [queue for queue in queues_of(viewer) if queue.is_work]
    counts = counts_of(viewer, queues)
    return [(queue.title, counts[queue.slug]) for queue in queues]


def standing(user: User, notice: str, subjects: Collection[str]) -> set[str]:
    """Those of the letters that a held notice still holds for: readable by the person, and still where it says."""
    references = [subject.partition("/")[2] for subject in subjects]
    letters = selectors.visible_to(user).filter(reference__in=references)
    if notice in HOLDS_IN:
        letters = letters.filter(state__in=HOLDS_IN[notice])
    return {f"letter/{reference}" for reference in letters.values_list("reference", flat=True)}


def _visible(viewer: Viewer) -> QuerySet[Letter]:
    """What they may read, put together once for all the lists that are counted: that is most of the cost."""
    return selectors.visible_to(viewer.user, authority=viewer.authority)


def _parts(visible: QuerySet[Letter], viewer: Viewer, queue: Queue) -> list[QuerySet[Letter]]:
    return [visible.filter(part) for part in queue.parts(viewer) or []]


def _letters(viewer: Viewer, queue: Queue) -> list[QuerySet[Letter]]:
    return _parts(_visible(viewer), viewer, queue)


def _row(values: tuple[object, ...]) -> Row:
    pk, reference, state, since, addressee, subject, worker, office, late, due_kind, due_on, collection = values
    assert isinstance(since, dt.datetime) and isinstance(late, dt.datetime)  # noqa: S101, PT018
    assert due_on is None or isinstance(due_on, dt.date)  # noqa: S101
    assert collection is None or isinstance(collection, dt.time)  # noqa: S101
    waited = working_days_waited(timezone.localdate(since), timezone.localdate())
    return Row(
        pk=int(str(pk)),
        reference=str(reference),
        state=State(str(state)),
        since=since,
        addressee=str(addressee),
        subject=str(subject),
        worker=str(worker or ""),
        office=str(office),
        waited=waited,
        overdue=waited > settings.OVERDUE_AFTER_WORKING_DAYS,
        late_at=late,
        due_kind=str(due_kind),
        due_on=due_on,
        collection=collection,
    )


def key_text(key: Key) -> str:
    """A key as it stands in an address: microseconds and row number; tells nobody anything."""
    return f"{to_microseconds(key[0])}-{key[1]}"


def key_from(text: str) -> Key | None:
    """The key in an address, or None if there is none or it is spoilt: the list then begins at its beginning."""
    micros, _, pk = text.partition("-")
    if not (micros.isascii() and micros.isdecimal() and pk.isascii() and pk.isdecimal()):
        return None
    if len(micros) > 16 or len(pk) > 18:
        return None
    return from_microseconds(int(micros)), int(pk)


def unseen_notices(viewer: Viewer) -> list[Notice]:
    """What this person has to be told about letters that they may still read; newest first. One query."""
    visible = selectors.visible_to(viewer.user, authority=viewer.authority)
    mine = Notice.objects.filter(user=viewer.user, seen_at__isnull=True, letter__in=visible)
    return list(mine.select_related("letter__addressee")[:NOTICES_SHOWN])


def mark_seen(viewer: Viewer, ids: Sequence[int]) -> int:
    """These notices were read by the person they are for. Somebody else's are left alone. Returns how many."""
    mine = Notice.objects.filter(user=viewer.user, seen_at__isnull=True, pk__in=ids)
    return mine.update(seen_at=timezone.now())
