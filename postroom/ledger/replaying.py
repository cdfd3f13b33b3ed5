"""What a chain's entries say, for the floors that compare their rows with it (`verify.register_replay`)."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from typing import Any

from postroom.ledger.chain import EntryValues, to_microseconds


class Told:
    """The entries of one subject, in order, asked for the newest of a kind."""

    def __init__(self, entries: Sequence[EntryValues]) -> None:
        self._entries = entries

    def last(self, *actions: str) -> EntryValues | None:
        """The newest entry of one of these actions."""
        wanted = {str(action) for action in actions}
        return next((entry for entry in reversed(self._entries) if entry.action in wanted), None)

    def details(self, *actions: str) -> dict[str, Any]:
        """What that entry tells; {} without one."""
        return details_of(self.last(*actions))

    def actor(self, *actions: str) -> int | None:
        """Who took it; None without one, and for Postroom itself."""
        entry = self.last(*actions)
        return entry.actor_id if entry is not None else None

    def has(self, at: dt.datetime, by: int | None) -> bool:
        """Was a step taken at that very moment, by that person?"""
        return any(entry.at == to_microseconds(at) and entry.actor_id == by for entry in self._entries)


def details_of(entry: EntryValues | None) -> dict[str, Any]:
    """An entry's details; {} where there is no entry, or its payload is mangled (its hash says that)."""
    return details_in(entry.payload) if entry is not None else {}


def details_in(payload: str) -> dict[str, Any]:
    """The same for a payload that was read by itself."""
    try:
        found = json.loads(payload)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def first_that_differs(facts: Iterable[tuple[str, Any, Any]]) -> str:
    """The sentence for the first fact whose value on the row is not the one that the entries tell; "" if none is.

    `facts`: what it is in words, on the row, in the entries.
    """
    for words, here, told in facts:
        if here != told:
            return f"its row has another {words} than its entries"
    return ""
