"""What cases tells whoever is above it, without knowing them: they register here when Django starts.

Called inside the step's transaction, so what they do stands or falls with it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from postroom.cases.models import Address, Case, CasePerson
    from postroom.people.models import User


@dataclass(frozen=True)
class OpenWork:
    """Something that isn't finished: kind and state in fixed words, reference, path of its page. No personal data."""

    kind: str
    reference: str
    words: str = ""
    link: str = ""
    case_id: int | None = None


# What is open on a case and goes with it to another worker or office.
open_work: list[Callable[[Case], list[OpenWork]]] = []
# What is in somebody's own hands beside their cases (papers, a document being carried), for when they leave.
held_work: list[Callable[[User], list[OpenWork]]] = []
on_address_changed: list[Callable[[Address], None]] = []
on_worker_changed: list[Callable[[Case], None]] = []
on_office_changed: list[Callable[[Case], None]] = []
# Who somebody is on the case (name, organisation, taken off), or how they may be written to, changed: their kind
# (family, professional), area, whether post is safe, no fixed abode, e-mail, a confidential address, or who must not
# know of them. Who prepared something asks its rules again.
on_recipient_changed: list[Callable[[CasePerson], None]] = []
# Why a person's kind (family or professional), or an address's area, can't turn any more, in a sentence; "": it can.
kind_stays: list[Callable[[CasePerson], str]] = []
area_stays: list[Callable[[Address], str]] = []
# Stricter judges of an address's lines (name first, postcode last): each gives sentences that say what to put right.
check_lines: list[Callable[[Sequence[str]], list[str]]] = []


def open_work_of(case: Case) -> list[OpenWork]:
    """Everything open on the case, floor by floor."""
    return [row for floor in open_work for row in floor(case)]


def work_held_by(person: User) -> list[OpenWork]:
    """Everything that this person holds themselves, floor by floor."""
    return [row for floor in held_work for row in floor(person)]


def address_changed(address: Address) -> None:
    """This address was retired, is in doubt, isn't safe or is confidential now: what was prepared for it is void."""
    for told in on_address_changed:
        told(address)


def recipient_changed(person: CasePerson) -> None:
    """What may be sent to this person, or how, may be another by now."""
    for told in on_recipient_changed:
        told(person)


def why_kind_stays(person: CasePerson) -> str:
    """Why this person can't turn from family to professional or back, in a sentence; "" if they can."""
    return next((why for ask in kind_stays if (why := ask(person))), "")


def why_area_stays(address: Address) -> str:
    """Why this address can't be said to lie elsewhere any more, in a sentence; "" if it can."""
    return next((why for ask in area_stays if (why := ask(address))), "")


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
