"""What the verbs share: locking a row, knowing that it is as the person saw it, saving it with its ledger entry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from django.db import models

from postroom.ledger.errors import Unencodable
from postroom.ledger.recording import Actor, record
from postroom.ledger.subjects import LedgerSubject
from postroom.people.errors import OutOfDate, Refused
from postroom.people.models import User

L = TypeVar("L", bound=LedgerSubject)
M = TypeVar("M", bound=models.Model)

STALE = "Somebody changed this since you opened it. Nothing of yours was saved; look at it as it is now."


def lock(subject: L, seen: int | None = None) -> L:
    """The row as it is now, locked until the transaction ends. `seen`: its `ledger_seq` when it was shown.

    Every change of a person or office writes to its chain, so the place of the newest entry is its version.
    Raises OutOfDate.
    """
    locked = type(subject)._base_manager.select_for_update(of=("self",)).get(pk=subject.pk)
    if seen is not None and locked.ledger_seq != seen:
        raise OutOfDate(STALE)
    return locked


def one_at_a_time() -> None:
    """Wait until nobody else changes who holds an office there is only one of; call it before any other lock.

    Two people given the same single office in the same second have no row in common that could be locked but this.
    """
    list(User._base_manager.select_for_update().order_by("pk").values_list("pk")[:1])


def keep(
    subject: LedgerSubject,
    *,
    action: str,
    actor: Actor,
    by: User | None,
    reason: str = "",
    details: Mapping[str, Any] | None = None,
) -> None:
    """Write the entry and save the locked row. `details`: ids, roles and dates, never personal data."""
    try:
        record(subject, action=str(action), actor=actor, reason=reason, details=details)
    except Unencodable as error:
        raise Refused("A character in what you entered can't be kept. Type it again without it.") from error
    save_as(subject, by)


def save_as(row: M, by: User | None) -> M:
    """Save, with `by` in the field-by-field history."""
    row._history_user = by  # type: ignore[attr-defined]
    row.save()
    return row
