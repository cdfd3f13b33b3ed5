"""The people beside a row, fetched together.

A letter names a dozen people by as many columns. Joining the table of people a dozen times costs the database more to
plan than all else that a page asks of it; they are few and often the same, so they are fetched at once by their ids.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from postroom.people.models import User

Row = TypeVar("Row")


def with_people(rows: Iterable[Row], *paths: str) -> list[Row]:
    """The same rows, each with the people at `paths` (`created_by`, `case__allocated_worker`). One query in all.

    What lies on the way to a person (`case`) must have been fetched with the row. Without it, there is no person.
    """
    found = list(rows)
    places = []
    for row in found:
        for path in paths:
            *way, name = path.split("__")
            holder: Any = row
            for step in way:
                holder = getattr(holder, step, None)  # a reverse side without a row is no attribute
            if holder is not None and (key := getattr(holder, f"{name}_id")) is not None:
                places.append((holder, name, key))
    people = User.objects.in_bulk({key for _, _, key in places})
    for holder, name, key in places:
        setattr(holder, name, people[key])
    return found
