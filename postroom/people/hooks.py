"""What people tells whoever is above it, without knowing them: they register here when Django starts.

Called inside the transaction of the change, so what they do stands or falls with it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from postroom.people.models import RoleGrant, User

# Cover or admin duty was given: the person is to be told.
on_cover_given: list[Callable[[RoleGrant], object]] = []
# Roles of somebody are about to end: what must be locked first is locked now.
on_leaving: list[Callable[[User], object]] = []
# Somebody left (account closed), or a role of theirs ended: what they held has to go to somebody else.
on_left: list[Callable[[User, User | None], object]] = []
on_role_ended: list[Callable[[User, User | None], object]] = []


def cover_given(grant: RoleGrant) -> None:
    """This cover stands from now on."""
    for told in on_cover_given:
        told(grant)


def leaving(person: User) -> None:
    """Nothing has happened yet; the person's own row isn't locked."""
    for told in on_leaving:
        told(person)


def left(person: User, by: User | None) -> None:
    """The account is closed; the row is locked and saved."""
    for told in on_left:
        told(person, by)


def role_ended(person: User, by: User | None) -> None:
    """A role of an office ended at once, not on a later day (a daily look finds those)."""
    for told in on_role_ended:
        told(person, by)
