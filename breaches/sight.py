"""How much of a breach each role sees, and which parts of its decision, as data (OGP-12, CLS-15). Pure; no models.

Whoever is kept out has no role here (`kept_out.py`). No row, no sight: what a page, a report, a search or an export may
show of a decision is asked of `sees`, nowhere else.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from postroom.people.roles import Role


class Sight(StrEnum):
    """How much of a breach somebody sees."""

    DECIDER = "decider"  # everything, the disciplinary part too
    FULL = "full"  # everything but that
    OWNER = "owner"  # the facts and their own duty
    REPORTER = "reporter"  # what they reported, and what became of it


class Part(StrEnum):
    """What was decided, and what came of it."""

    COMMISSIONER = "the answer on the Commissioner"
    ANSWERS = "the answers on staff, and legal advice"
    ACTIONS = "the actions that follow from those"
    STEPS = "the steps of those actions in the history"
    SIGNED_BEFORE = "a report kept as it was when it still had those answers"


@dataclass(frozen=True)
class Sees:
    """One row: this role sees a breach so far; of a near miss too, or only of what is more than that."""

    role: Role
    sight: Sight
    near_miss: bool
    clauses: tuple[str, ...]


@dataclass(frozen=True)
class Shows:
    """One row: this part is shown to whoever sees so far."""

    part: Part
    sight: Sight
    clauses: tuple[str, ...]


# The first that fits: who decides and is of governance too sees what those who decide see.
SEES: tuple[Sees, ...] = (
    Sees(Role.ASSISTANT_DIRECTOR, Sight.DECIDER, False, ("CLS-15", "OGP-12")),
    Sees(Role.CALDICOTT_GUARDIAN, Sight.DECIDER, False, ("CLS-15", "OGP-12")),
    Sees(Role.INFORMATION_GOVERNANCE, Sight.FULL, True, ("CLS-10", "OGP-12")),
    Sees(Role.DATA_PROTECTION_OFFICER, Sight.FULL, False, ("CLS-15", "OGP-12")),
    Sees(Role.DIRECTOR, Sight.FULL, False, ("CLS-8", "OGP-12")),
    Sees(Role.RECORDS_MANAGER, Sight.FULL, False, ("CLS-11", "OGP-12")),
)

SHOWS: tuple[Shows, ...] = (
    Shows(Part.COMMISSIONER, Sight.DECIDER, ("CLS-15",)),
    Shows(Part.COMMISSIONER, Sight.FULL, ("CLS-15",)),
    # What is decided on somebody of ours, for the two who decide alone (decision 0184).
    *(Shows(part, Sight.DECIDER, ("OGP-12",)) for part in (Part.ANSWERS, Part.ACTIONS, Part.STEPS, Part.SIGNED_BEFORE)),
)


def sight_by_role(roles: Collection[Role], *, near_miss: bool) -> Sight | None:
    """How far these roles see a breach that they aren't kept out of; None: no further than their own part in it."""
    rows = (row for row in SEES if row.role in roles and (row.near_miss or not near_miss))
    return next((row.sight for row in rows), None)


def sees(part: Part, sight: Sight) -> bool:
    """Is this part shown to whoever sees so far?"""
    return any(row.part == part and row.sight == sight for row in SHOWS)
