"""Who is shown the address an item goes to when it is confidential (CLS-5): those who must use it for this very item.

The allocated worker, TM and deputy TM of the office; admin of the office from the release until it is delivered, since
they put it in its envelope. Everybody else reads "Confidential address" in its place.
"""

from __future__ import annotations

from django.db.models import QuerySet

from distribution.models import Item
from distribution.states import State
from postroom.cases.access import kept_from
from postroom.cases.confidential import HIDDEN, lines_for, looked, may_see_confidential
from postroom.cases.models import Address
from postroom.people.authority import Authority
from postroom.people.models import User
from postroom.people.roles import Role


def may_see_addresses(item: Item, user: User, authority: Authority) -> bool:
    """May this person be shown a confidential address of this item?"""
    if may_see_confidential(item.case, user, authority):
        return True
    uses = item.is_posted and item.state in (State.RELEASED, State.SENT)
    return uses and item.case.office_id in authority.offices(Role.ADMIN) and not kept_from(item.case, user)


def shown_lines(item: Item, user: User, authority: Authority) -> list[str]:
    """The address's lines, or what stands in their place; a look at a confidential one is recorded. [] without one."""
    if item.address is None:
        return []
    may_see = not item.address.is_confidential or may_see_addresses(item, user, authority)
    if may_see:
        looked(item.address, user, "item")
    return lines_for(item.address, may_see=may_see)


def may_see_receipts(item: Item, user: User, authority: Authority) -> bool:
    """May this person open the scans of its receipts? They can show where the recipient lives (CLS-5): who has a
    confidential address on the case, has them opened only by those who may see that."""
    return may_see_addresses(item, user, authority) or not _hidden(item).exists()


def shown_place(item: Item, place: str, user: User, authority: Authority) -> str:
    """Where it was handed over, in the words of who did, for those who may see where the recipient lives."""
    return place if not place or may_see_receipts(item, user, authority) else HIDDEN.lower()


def opened_receipt(item: Item, user: User) -> None:
    """A look at a receipt that can show a confidential address is recorded as a look at that address."""
    for address in _hidden(item):
        looked(address, user, "receipt")


def _hidden(item: Item) -> QuerySet[Address]:
    return Address.objects.filter(person_id=item.person_id, is_confidential=True)
