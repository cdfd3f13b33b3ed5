"""The one engine. Every step of every subject goes through `take`: all of it happens, or nothing.

Lock the row, compare version and content hash with what the person saw, ask the permission table, find the
transition, hold the guards, move by django-fsm, write with WHERE version = the one seen, record in the ledger,
enqueue what is owed to the outside. One transaction.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from postroom.ledger.errors import Unencodable
from postroom.ledger.recording import SYSTEM, Actor, record
from postroom.people.models import User
from postroom.people.roles import ROLE_NAMES, Role
from postroom.steps.errors import GuardFailed, InvalidStep, NotAllowed, NotPossible, ReasonNeeded, Stale
from postroom.steps.models import StepSubject
from postroom.steps.table import Grant

S = TypeVar("S", bound=StepSubject)


@dataclass(frozen=True)
class Seen:
    """What the person had in front of them: the subject's version and content hash."""

    version: int
    content_hash: str = ""

    @classmethod
    def of(cls, subject: StepSubject) -> Seen:
        """As the subject stands in memory now."""
        return cls(subject.version, subject.content_hash)


@dataclass(frozen=True)
class Standing:
    """What holds for a person and a subject at one moment: effective roles, conditions met, words of authority."""

    roles: frozenset[Role]
    holding: frozenset[str]
    # role -> how it was held at that moment ("on the duty rota of Riverside, 20 July 2026, morning")
    authority: Mapping[Role, str]


class Policy(Protocol):
    """What the owner of a kind of subject supplies to the engine."""

    def standing(self, subject: Any, user: User, at: dt.datetime) -> Standing:
        """The person's roles and the conditions that hold; read afresh from the database."""
        ...

    def failed_guards(self, subject: Any, guards: Collection[str]) -> list[str]:
        """Those of `guards` that do not hold for the subject as locked."""
        ...


@dataclass(frozen=True)
class Taken:
    """What `change` is told: who, in which role, on what authority, when it happened (aware UTC)."""

    by: User | None
    grant: Grant | None
    authority: str
    at: dt.datetime
    reason: str


Change = Callable[[S, Taken], Mapping[str, Any] | None]


@dataclass(frozen=True)
class Later:
    """A step that happened on paper while the system was down, entered afterwards (see `entered_later`).

    `happened_at` (aware) is when; `entered_by` typed it in. `details` go into the ledger beside those of the step;
    `after` runs inside the step's transaction, when the row is saved.
    """

    happened_at: dt.datetime
    entered_by: User
    details: Mapping[str, Any] = field(default_factory=dict)
    after: Callable[[StepSubject, Taken], None] | None = None


_later: ContextVar[Later | None] = ContextVar("entered_later", default=None)


@contextmanager
def entered_later(later: Later) -> Iterator[None]:
    """Steps that people take in here are entered afterwards: the same rules, asked as of the moment it happened.

    Rota, roles and deputies count as they stood then; the entry says who entered it and when. What Postroom itself
    does meanwhile happens now. The caller says which steps may be entered so, by whom, and for which times.
    """
    token = _later.set(later)
    try:
        yield
    finally:
        _later.reset(token)


def moment() -> dt.datetime:
    """When what is done now counts as done (aware): the moment it happened on paper, or now."""
    later = _later.get()
    return later.happened_at if later else timezone.now()


def is_entered_later() -> bool:
    """Is what is done here a step that happened on paper, while the system was down?"""
    return _later.get() is not None


def take(
    subject: S,
    *,
    action: str,
    by: User | None,
    policy: Policy,
    seen: Seen | None,
    reason: str = "",
    change: Change[S] | None = None,
    after: Callable[[S, Taken], None] | None = None,
    held: Mapping[str, Model] | None = None,
) -> S:
    """Take one step and return the subject as it now is.

    `by` None is Postroom itself (an address changed under a checked letter); it needs no permission row but a
    transition row all the same. `seen` is what the person had on screen (None only for Postroom itself).
    `change` sets the fields of this step on the locked row and returns the details for the ledger (no personal data);
    `after` runs when the row is saved, still inside the transaction (rows that point to it, jobs of the outbox).
    `held`: rows that the subject points to, by field, which the caller has locked in this transaction: not read again.

    Raises Stale, NotPossible, NotAllowed, GuardFailed, ReasonNeeded; whatever `change` raises passes through.
    """
    if by is not None and seen is None:
        raise TypeError("A person's step must say what they saw.")
    with transaction.atomic():
        locked = _lock(subject)
        for name, one in (held or {}).items():
            if getattr(locked, f"{name}_id") == one.pk:
                setattr(locked, name, one)
        taken = _authorise(locked, action, by, policy, seen, reason)
        row = locked.rules.transition(action, _state(locked))
        assert row is not None  # noqa: S101 - _authorise has looked
        before = _state(locked)
        expected = locked.version
        details = (change(locked, taken) if change else None) or {}
        getattr(locked, f"fsm_{action}")()
        locked.version = expected + 1
        _record(locked, action, taken, before, details)
        _save(locked, expected, by)
        if after:
            after(locked, taken)
        later = _later.get()
        if by is not None and later is not None and later.after:
            later.after(locked, taken)
    return locked


def create(
    subject: S,
    *,
    action: str,
    by: User | None,
    policy: Policy,
    reason: str = "",
    details: Mapping[str, Any] | None = None,
    after: Callable[[S, Taken], None] | None = None,
) -> S:
    """Make a subject by a transition from "" (hand over a draft, open a case). The subject is unsaved as yet.

    `by` None is Postroom itself (an import at the server), as for `take`.
    """
    with transaction.atomic():
        row = subject.rules.transition(action, "")
        if row is None:
            raise NotPossible("This can't be started here.")
        if by is not None:
            taken = _may(subject, action, by, policy, reason)
        else:
            taken = Taken(None, None, "", timezone.now(), reason.strip())
        _hold_guards(subject, row.guards, policy)
        if _state(subject) != row.target:
            raise NotPossible("A new subject starts in the state that the table says.")
        subject.version = 1
        subject._history_user = by  # type: ignore[attr-defined]
        subject.save(force_insert=True)
        _record(subject, action, taken, "", details or {})
        _save(subject, 1, by)
        if after:
            after(subject, taken)
    return subject


def remark(
    subject: S,
    *,
    action: str,
    by: User,
    policy: Policy,
    details: Mapping[str, Any] | None = None,
    after: Callable[[S, Taken], None] | None = None,
) -> S:
    """An act beside the way (a question, its answer): same rules, same record, but the subject stays as it was.

    Its version stays too, so that nobody's open page goes out of date by it. `after` writes the rows of the act, in the
    same transaction, under the subject's lock. Raises as `take` does, and ValueError for an action that moves.
    """
    with transaction.atomic():
        locked = _lock(subject)
        taken = _authorise(locked, action, by, policy, None, "")
        row = locked.rules.transition(action, _state(locked))
        if row is None or row.source != row.target:
            raise ValueError(f"{action} moves its subject: take the step.")
        before = locked.ledger_seq
        _record(locked, action, taken, _state(locked), details or {})
        rows = type(locked)._base_manager.filter(pk=locked.pk, ledger_seq=before)
        if rows.update(ledger_seq=locked.ledger_seq, ledger_head=locked.ledger_head) != 1:
            raise Stale("Somebody else took a step at the same moment. Nothing of yours was lost; look again.", locked)
        if after:
            after(locked, taken)
    return locked


def _state(subject: StepSubject) -> str:
    return str(subject.state)  # type: ignore[attr-defined]


def _lock(subject: S) -> S:
    """The row as it is now, locked until the transaction ends (SQLite: the transaction itself is the lock)."""
    return type(subject)._base_manager.select_for_update(of=("self",)).get(pk=subject.pk)


def _authorise(
    locked: StepSubject, action: str, by: User | None, policy: Policy, seen: Seen | None, reason: str
) -> Taken:
    if seen is not None:
        require_seen(locked, seen)
    row = locked.rules.transition(action, _state(locked))
    if by is not None:
        # Who comes before whether: somebody with no right learns nothing of the state.
        taken = _may(locked, action, by, policy, reason)
    else:
        taken = Taken(None, None, "", timezone.now(), reason.strip())
    if row is None:
        raise NotPossible("That step is not possible where this stands now.")
    if row.reason and not taken.reason:
        raise ReasonNeeded("Say why. A correction stays on record with its reason.")
    _hold_guards(locked, row.guards, policy)
    return taken


def require_seen(subject: StepSubject, seen: Seen) -> None:
    """Raise Stale unless `seen` is how the subject stands. For what an action does before its step, too."""
    if seen.version != subject.version or seen.content_hash != subject.content_hash:
        raise Stale("This has changed since you opened it. Nothing was done; look at it as it is now.", subject)


def _may(subject: StepSubject, action: str, by: User, policy: Policy, reason: str) -> Taken:
    at = moment()
    standing = policy.standing(subject, by, at)
    decision = subject.rules.decide(action, standing.roles, standing.holding)
    if not isinstance(decision, Grant):
        raise NotAllowed(subject.rules.explain(decision))
    return Taken(by, decision, standing.authority.get(decision.role, ""), at, reason.strip())


def _hold_guards(subject: StepSubject, guards: tuple[str, ...], policy: Policy) -> None:
    failed = policy.failed_guards(subject, guards)
    if failed:
        raise GuardFailed(subject.rules.words[failed[0]], failed[0])


def _record(subject: StepSubject, action: str, taken: Taken, before: str, details: Mapping[str, Any]) -> None:
    actor, at, later = SYSTEM, taken.at, _later.get()
    if taken.by is not None and later is not None:
        # The chain's own time goes on; when it happened stands beside it.
        at = timezone.now()
        details = {
            **details,
            **later.details,
            "happened_at": later.happened_at.isoformat(timespec="seconds"),
            "entered_by": later.entered_by.pk,
        }
    if taken.by is not None and taken.grant is not None:
        role = taken.grant.role
        actor = Actor(id=taken.by.pk, name=taken.by.name, role=ROLE_NAMES[role], authority=taken.authority)
    try:
        record(
            subject,
            action=str(action),
            actor=actor,
            from_state=before,
            to_state=_state(subject),
            version=subject.version,
            content_hash=subject.content_hash,
            reason=taken.reason,
            details=details,
            at=at,
        )
    except Unencodable as error:
        raise InvalidStep(
            "A character in what you entered can't be kept. Type it again without it.", "reason"
        ) from error


def _save(subject: StepSubject, expected: int, by: User | None) -> None:
    subject._expected_version = expected
    subject._history_user = by  # type: ignore[attr-defined]
    try:
        subject.save(force_update=True)
    finally:
        subject._expected_version = None
