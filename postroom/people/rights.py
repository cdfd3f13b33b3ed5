"""Who may do what, as rows of data, and the one function that reads them. Pure: no models, no Django.

Every table of permissions in the house is of these rows: people's own (postroom.people.permissions) and those that the
engine enforces (postroom.steps.table adds transitions to them). No row, no right.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from postroom.people.roles import ROLE_NAMES, Role


@dataclass(frozen=True)
class Permission:
    """One role may take one action, if all `conditions` hold. `clauses` name the policy it comes from."""

    action: str
    role: Role
    conditions: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True)
class Grant:
    """Why somebody may take a step: in which role, on which conditions."""

    action: str
    role: Role
    conditions: tuple[str, ...]


@dataclass(frozen=True)
class Denial:
    """Why not: the unmet conditions of the row that came nearest, or none if no role of theirs has a row."""

    action: str
    unmet: tuple[str, ...]
    roles_that_may: tuple[Role, ...]


@dataclass(frozen=True)
class Rights:
    """A table of permissions, and the words for each condition (read when it does not hold)."""

    permissions: tuple[Permission, ...]
    words: Mapping[str, str]

    def decide(self, action: str, roles: Collection[Role], holding: Collection[str]) -> Grant | Denial:
        """May somebody with `roles` take `action`, when the conditions `holding` hold? Deny by default.

        Roles add up: the first row in table order whose conditions all hold decides, and is what the record names.
        """
        return decide(self.permissions, action, roles, holding)

    def explain(self, denial: Denial) -> str:
        """One plain sentence: why this person can't, and who can."""
        return explain(self.words, denial)


def decide(
    permissions: Iterable[Permission], action: str, roles: Collection[Role], holding: Collection[str]
) -> Grant | Denial:
    """See Rights.decide."""
    nearest: tuple[str, ...] | None = None
    rows = [p for p in permissions if p.action == action]
    for row in rows:
        if row.role not in roles:
            continue
        unmet = tuple(c for c in row.conditions if c not in holding)
        if not unmet:
            return Grant(action, row.role, row.conditions)
        if nearest is None or len(unmet) < len(nearest):
            nearest = unmet
    return Denial(action, nearest or (), tuple(dict.fromkeys(row.role for row in rows)))


def explain(words: Mapping[str, str], denial: Denial) -> str:
    """See Rights.explain."""
    if denial.unmet:
        return words[denial.unmet[0]]
    if not denial.roles_that_may:
        return "Nobody can do this by hand."
    who = join_words([ROLE_NAMES[role].lower() for role in denial.roles_that_may], "or")
    return f"Your role does not include this step. It can be done by: {who}."


def join_words(words: Iterable[str], last: str = "and") -> str:
    """ "a, b and c"."""
    items = list(words)
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {last} {items[-1]}"
