"""What distribution tells whoever is above it, without knowing them: they register here when Django starts.

Called inside the step's transaction, so what they do stands or falls with it. The papers-out register listens: a report
that a social worker carries to somebody is a paper that is out of the office.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from letters.hooks import Ended as Ended

if TYPE_CHECKING:
    from django.db.models import Q, QuerySet

    from distribution.models import Item
    from postroom.people.authority import Authority
    from postroom.people.models import User
    from postroom.steps.engine import Taken


# The carrier is `item.carried_by`, what it is `item.distribution.title`, its sheets `item.pages`, its case `item.case`.
# Who reads a copy because something above links it (a breach case): for a person and their authority, which; or None.
readers: list[Callable[[User, Authority], Q | None]] = []
# Copies whose content must stay because something above is about them.
needed: list[Callable[[], QuerySet[Item]]] = []
papers_left: list[Callable[[Item, Taken], None]] = []
papers_back: list[Callable[[Item, Taken, Ended], None]] = []


def left(item: Item, taken: Taken) -> None:
    """The item's paper was taken out of the office, by `item.carried_by`, to hand it over."""
    for told in papers_left:
        told(item, taken)


def back(item: Item, taken: Taken, ended: Ended) -> None:
    """The item's paper isn't out any more: handed over into the recipient's own hands, or back in the office."""
    for told in papers_back:
        told(item, taken, ended)
