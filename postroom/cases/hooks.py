"""What cases tells whoever is above it, without knowing them: they register here when Django starts.

Called inside the step's transaction, so what they do stands or falls with it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from postroom.cases.models import Address, Case

on_address_changed: list[Callable[[Address], None]] = []
on_worker_changed: list[Callable[[Case], None]] = []
on_office_changed: list[Callable[[Case], None]] = []
# Stricter judges of an address's lines (name first, postcode last): each gives sentences that say what to put right.
check_lines: list[Callable[[Sequence[str]], list[str]]] = []


def address_changed(address: Address) -> None:
    """This address was retired or is in doubt: what was prepared for it no longer stands."""
    for told in on_address_changed:
        told(address)


def address_faults(lines: Sequence[str]) -> list[str]:
    """What those above find wrong with these lines, in sentences; `lines` begin with the addressee's name."""
    return [fault for judge in check_lines for fault in judge(lines)]


def worker_changed(case: Case) -> None:
    """The case has another allocated worker."""
    for told in on_worker_changed:
        told(case)


def office_changed(case: Case) -> None:
    """The case belongs to another office."""
    for told in on_office_changed:
        told(case)
