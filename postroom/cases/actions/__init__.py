"""Verbs on cases, all through the engine: lock, version, permission, ledger, one transaction.

All take keyword arguments: `by=` the person who acts, `seen=` the case's version that they had on screen. They return
the case as it now is and raise postroom.steps.errors (Stale, NotAllowed, NotPossible, ReasonNeeded, InvalidStep).
The ledger's details hold ids and counts, never a name or an address.
"""

from postroom.cases.actions.access import (
    bar_person,
    lift_bar,
    lift_restriction,
    name_person,
    restrict,
    unname_person,
)
from postroom.cases.actions.addresses import add_address, doubt_address, retire_address, verify_address
from postroom.cases.actions.allocation import allocate, close_case, move, reopen_case
from postroom.cases.actions.ics import query_ics, settle_ics
from postroom.cases.actions.marking import AddressMarks, keep_apart, let_know, mark_address, mark_person
from postroom.cases.actions.opening import ChildDetails, open_case
from postroom.cases.actions.persons import PersonDetails, add_person, change_person, put_back, take_off

__all__ = [
    "AddressMarks",
    "ChildDetails",
    "PersonDetails",
    "add_address",
    "add_person",
    "allocate",
    "bar_person",
    "change_person",
    "close_case",
    "doubt_address",
    "keep_apart",
    "let_know",
    "lift_bar",
    "lift_restriction",
    "mark_address",
    "mark_person",
    "move",
    "name_person",
    "open_case",
    "put_back",
    "query_ics",
    "reopen_case",
    "restrict",
    "retire_address",
    "settle_ics",
    "take_off",
    "unname_person",
    "verify_address",
]
