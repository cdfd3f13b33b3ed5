"""Rules as data: who may take a step, and from where to where it leads. Pure: no models, no Django.

Two tables describe everything that can happen to a subject (a letter, a case, later an item or a breach):

* permissions: one row per action and role, with the conditions that must all hold. No row, no right.
* transitions: one row per action and state it may be taken in, with where it leads and the guards that must hold.

A condition is about the person ("did not type this version"), a guard about the subject ("the address is current").
Both are names here; whoever owns the subject supplies, for a given moment, the set of names that hold.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from postroom.people.rights import Denial, Grant, Permission, decide, explain, join_words
from postroom.people.roles import Role

__all__ = ["Denial", "Grant", "Permission", "Rules", "Transition", "join_words"]

C = TypeVar("C", bound=str)


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
        """May somebody with `roles` take `action`, when the conditions `holding` hold? See people.rights.decide."""
        return decide(self.permissions, action, roles, holding)

    def explain(self, denial: Denial) -> str:
        """One plain sentence: why this person can't, and who can."""
        return explain(self.words, denial)
