"""What the rules look at beside an item's row: its recipient, address, office's mail; whom the case is kept from.

`AFRESH` reads each anew at every question: what the engine asks inside a step. `FactsOf` reads them once for all the
items of a page, so that a page takes the same number of queries however many recipients it shows.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from distribution.models import Item, OfficeMail
from postroom.cases.access import Kept, kept_from
from postroom.cases.models import Address, Case, CasePerson
from postroom.people.models import User


class Facts(Protocol):
    """Where the rules read from."""

    def person(self, item: Item) -> CasePerson:
        """The recipient as the case has them."""
        ...

    def address(self, item: Item) -> Address | None:
        """The address that the item names, with its person."""
        ...

    def mail(self, item: Item) -> OfficeMail | None:
        """The rules for secure e-mail of the case's office."""
        ...

    def kept(self, case: Case, user: User) -> Kept:
        """Is this case kept from this person?"""
        ...


class _Afresh:
    """Every question is a query."""

    def person(self, item: Item) -> CasePerson:
        return CasePerson.objects.get(pk=item.person_id)

    def address(self, item: Item) -> Address | None:
        if item.address_id is None:
            return None
        return Address.objects.select_related("person").filter(pk=item.address_id).first()

    def mail(self, item: Item) -> OfficeMail | None:
        return OfficeMail.objects.filter(office_id=item.case.office_id).first()

    def kept(self, case: Case, user: User) -> Kept:
        return kept_from(case, user)


AFRESH: Facts = _Afresh()


class FactsOf:
    """The facts of a page's items as they stand when it is made: three queries, and one for each case that is asked of.

    `items` come with their case. Only for pages: a step asks again, afresh.
    """

    def __init__(self, items: Iterable[Item]) -> None:
        found = list(items)
        self._people = CasePerson.objects.in_bulk({item.person_id for item in found})
        addresses = Address.objects.select_related("person")
        self._addresses = addresses.in_bulk({item.address_id for item in found if item.address_id is not None})
        mails = OfficeMail.objects.filter(office_id__in={item.case.office_id for item in found})
        self._mails = {mail.office_id: mail for mail in mails}
        self._kept: dict[tuple[int, int], Kept] = {}

    def person(self, item: Item) -> CasePerson:
        """The recipient."""
        return self._people[item.person_id]

    def address(self, item: Item) -> Address | None:
        """The address that the item names."""
        return self._addresses[item.address_id] if item.address_id is not None else None

    def mail(self, item: Item) -> OfficeMail | None:
        """The office's rules for secure e-mail."""
        return self._mails.get(item.case.office_id)

    def kept(self, case: Case, user: User) -> Kept:
        """Asked once for each case and person."""
        key = (case.pk, user.pk)
        if key not in self._kept:
            self._kept[key] = kept_from(case, user)
        return self._kept[key]
