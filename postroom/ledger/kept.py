"""Kinds of records that are kept for a time and then destroyed: each floor registers its own in AppConfig.ready().

Whoever proposes and decides (audit.record) asks this registry and knows no kind by name. The leave to destroy is a row
of `ledger_disposal`, written with its entry by `let_go`; the triggers of each floor refuse to let words go without it
(`still_kept`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Concat

from postroom.ledger.models import Disposal
from postroom.ledger.recording import Actor
from postroom.ledger.retention import dispose_of_reasons
from postroom.ledger.subjects import LedgerSubject

# Stands where a row must say something and no longer does.
GONE = "Destroyed when its time had come."


@dataclass
class Destroyed:
    """How much went, by kind in words, and the hashes of the files that these records no longer need."""

    counts: dict[str, int] = field(default_factory=dict)
    files: set[str] = field(default_factory=set)

    def add(self, kind: str, count: int) -> None:
        """So many more of that kind."""
        if count:
            self.counts[kind] = self.counts.get(kind, 0) + count

    def merge(self, other: Destroyed) -> None:
        """All that went elsewhere, too."""
        self.files |= other.files
        for kind, count in other.counts.items():
            self.add(kind, count)


def _nothing(*_: Any) -> Q:
    return Q(pk__in=[])


def _nobody(*_: Any) -> set[int]:
    return set()


@dataclass(frozen=True, kw_only=True)
class Kept:
    """One line of the schedule.

    `words`: what goes. `after`: "after …", from when the days of `setting` count. `ended(before)`: the records whose
    time ended before that moment (aware) and whose words are still there. `cases`: the ways from a record to its
    case or cases, for holds. `busy`: records that something else still needs. `destroy(record, under,
    by)` runs inside the caller's transaction; `under` is the disposal's subject. `involved(user, pks)`: those of the
    records that this person is part of, and so doesn't decide on.
    """

    key: str
    words: str
    one: str
    many: str
    after: str
    setting: str
    model: type[LedgerSubject]
    ended: Callable[[dt.datetime], QuerySet[Any]]
    destroy: Callable[[Any, str, Actor], Destroyed]
    cases: tuple[str, ...] = ()
    busy: Callable[[], Q] = _nothing
    involved: Callable[[int, Iterable[int]], set[int]] = _nobody

    @property
    def days(self) -> int:
        """How long, as the installation is set."""
        return int(getattr(settings, self.setting))

    @property
    def period(self) -> str:
        """The same in words: "365 days", "2,191 days (6 years)"."""
        years = f" ({round(self.days / 365.25)} years)" if self.days > 700 else ""
        return f"{self.days:,} days{years}"

    def rows(self) -> QuerySet[Any]:
        """Every record of the kind."""
        return self.model._base_manager.all()


_kinds: dict[str, Kept] = {}


def register(*kinds: Kept) -> None:
    """Add kinds; they are shown in the order of the floors. The same key again replaces nothing."""
    for kind in kinds:
        _kinds.setdefault(kind.key, kind)


def all_kinds() -> list[Kept]:
    """The whole schedule."""
    return list(_kinds.values())


def kind_of(key: str) -> Kept | None:
    """The kind of that key, if any floor has it."""
    return _kinds.get(key)


def subject_column(model: type[LedgerSubject], *, outer: bool = False) -> Concat:
    """The chain's name of a row as SQL, for kinds whose key is their reference: `breach/K7Q2M4XD9`."""
    column = OuterRef("reference") if outer else F("reference")
    return Concat(Value(f"{model.ledger_kind}/"), column)


def not_let_go(model: type[LedgerSubject]) -> Combinable:
    """A condition: the words of this row were not destroyed yet."""
    return ~Exists(Disposal.objects.filter(subject=subject_column(model, outer=True)))


def let_go(subject: LedgerSubject, *, under: str, by: Actor) -> int:
    """The leave to destroy what a subject says: its entry and its row, its reasons gone; returns how many reasons.

    Call it first, in the transaction that destroys the rest.
    """
    fresh = type(subject)._base_manager.get(pk=subject.pk)
    return dispose_of_reasons(subject=fresh, up_to_seq=fresh.ledger_seq, by=by, under=under)


def still_kept(subject_sql: str) -> str:
    """For a trigger's `when`: SQL that holds while no leave was given for the subject that `subject_sql` names."""
    return f"NOT EXISTS (SELECT 1 FROM ledger_disposal d WHERE d.subject = {subject_sql})"  # noqa: S608 - from code
