"""Rules as data: who may take a step, and from where to where it leads. Pure: no models, no Django.

Two tables describe everything that can happen to a subject (a letter, a case, later an item or a breach):

* permissions: one row per action and role, with the conditions that must all hold. No row, no right.
* transitions: one row per action and state it may be taken in, with where it leads and the guards that must hold.

A condition is about the person ("did not type this version"), a guard about the subject ("the address is current").
Both are names here; whoever owns the subject supplies, for a given moment, the set of names that hold.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from postroom.people.roles import ROLE_NAMES, Role

C = TypeVar("C", bound=str)


@dataclass(frozen=True)
class Permission:
    """One role may take one action, if all `conditions` hold. `clauses` name the policy it comes from."""

    action: str
    role: Role
    conditions: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True)
class Transition:
    """An action taken in state `source` leads to `target`, if all `guards` hold.

    `source` "" means: it makes the subject. `reason` says that the person must give one (a named correction).
    """

    action: str
    source: str
    target: str
    guards: tuple[str, ...] = ()
    reason: bool = False
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
class Rules(Generic[C]):
    """Both tables of a kind of subject, and the words for each condition and guard."""

    permissions: tuple[Permission, ...]
    transitions: tuple[Transition, ...]
    # What a person reads when a condition or guard does not hold.
    words: Mapping[str, str]

    def actions(self) -> list[str]:
        """Every action, in the order of the tables."""
        return list(dict.fromkeys([t.action for t in self.transitions] + [p.action for p in self.permissions]))

    def transition(self, action: str, source: str) -> Transition | None:
        """The row for this action in this state, or None: then it is not possible there."""
        return next((t for t in self.transitions if t.action == action and t.source == source), None)

    def sources(self, action: str) -> list[str]:
        """The states that the action can be taken in."""
        return [t.source for t in self.transitions if t.action == action]

    def decide(self, action: str, roles: Collection[Role], holding: Collection[str]) -> Grant | Denial:
        """May somebody with `roles` take `action`, when the conditions `holding` hold? Deny by default.

        Roles add up: the first row in table order whose conditions all hold decides, and is what the record names.
        """
        nearest: tuple[str, ...] | None = None
        rows = [p for p in self.permissions if p.action == action]
        for row in rows:
            if row.role not in roles:
                continue
            unmet = tuple(c for c in row.conditions if c not in holding)
            if not unmet:
                return Grant(action, row.role, row.conditions)
            if nearest is None or len(unmet) < len(nearest):
                nearest = unmet
        return Denial(action, nearest or (), tuple(dict.fromkeys(row.role for row in rows)))

    def explain(self, denial: Denial) -> str:
        """One plain sentence: why this person can't, and who can."""
        if denial.unmet:
            return self.words[denial.unmet[0]]
        if not denial.roles_that_may:
            return "Nobody can do this by hand."
        who = join_words([ROLE_NAMES[role].lower() for role in denial.roles_that_may], "or")
        return f"Your role does not include this step. It can be done by: {who}."


def join_words(words: Iterable[str], last: str = "and") -> str:
    """ "a, b and c"."""
    items = list(words)
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {last} {items[-1]}"
