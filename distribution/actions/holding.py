"""What Postroom itself does when the ground moves under an item: on hold, and what was confirmed is void (CLS-6)."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q

from distribution.actions.common import step, tell, void
from distribution.documents import gives_away_address
from distribution.models import Item
from distribution.policy import address_is_current, kind_now
from distribution.states import GONE, Action, State
from letters.routes import Channel
from postroom.cases.models import Address, CasePerson, MustNotKnow
from postroom.files.errors import FileError
from postroom.steps.engine import Taken


def hold(*, item: Item, reason: str) -> Item:
    """Stop an item that is ready to go; the worker is told."""

    def change(locked: Item, taken: Taken) -> None:
        void(locked)

    def after(locked: Item, taken: Taken) -> None:
        tell(locked, "held", [locked.case.allocated_worker_id, locked.carried_by_id])

    return step(item, Action.HOLD, by=None, seen=None, reason=reason, change=change, after=after)


def ask_again(*, item: Item, reason: str) -> Item:
    """What was confirmed of an item that isn't ready yet is void: it is asked again."""

    def change(locked: Item, taken: Taken) -> None:
        void(locked)

    return step(item, Action.ASK_AGAIN, by=None, seen=None, reason=reason, change=change)


def address_changed(*, address: Address) -> None:
    """An address was retired, is in doubt, isn't safe or is confidential; or its person left the case or has another
    name."""
    _look_again(address.person_id, "The recipient or their address changed on the case, or is in doubt.")
    if address.is_confidential:
        _hide(address)


def _hide(address: Address) -> None:
    """Stop every copy for somebody else that is ready to go and shows it: it was released when it wasn't hidden yet.

    What can't be read any more is stopped as well. The reason says neither whose address nor which.
    """
    case = address.person.case
    ready = Item.objects.filter(case=case, state=State.RELEASED).exclude(person_id=address.person_id)
    for item in ready.select_related("case", "pdf", "person").order_by("pk"):
        try:
            shows = gives_away_address(case, item.pdf, to=item.person)
        except FileError:
            shows = True
        if shows:
            hold(
                item=item,
                reason="The version shows an address that is confidential now. Ask safeguarding for a redacted one.",
            )


def recipient_changed(*, person: CasePerson) -> None:
    """How somebody may be written to changed: kind, area, no fixed abode, e-mail, who must not know of them."""
    _look_again(person.pk, "How this recipient may be written to changed on the case.")


def _look_again(person_id: int, why: str) -> None:
    """Void every open item of this person that doesn't stand as it was confirmed."""
    open_states = [State.PREPARED, State.RELEASED, State.HELD]
    for item in Item.objects.filter(person_id=person_id, state__in=open_states).select_related("case").order_by("pk"):
        if stands(item):
            continue
        if item.state == State.RELEASED:
            hold(item=item, reason=why)
        elif not _nothing_confirmed(item):
            ask_again(item=item, reason=why)


def _nothing_confirmed(item: Item) -> bool:
    """Does it say nothing of its recipient but what the case says now? Then there is nothing to take back."""
    chosen = item.right_by_id or item.address_id or item.email or item.approval_asked_by_id
    return not chosen and (item.family, item.area) == kind_now(item)


def stands(item: Item) -> bool:
    """Is the recipient still as the item says, and the way it goes by still theirs?"""
    person = CasePerson.objects.get(pk=item.person_id)
    if not person.is_active or (item.family, item.area) != kind_now(item):
        return False
    if item.is_emailed and item.email and item.email != person.email:
        return False
    if item.is_posted and item.address_id and not address_is_current(item):
        return False
    if item.right_at is None:
        return True
    if _somebody_else(person, item.right_at):
        return False
    apart = MustNotKnow.objects.filter(Q(a=person) | Q(b=person), lifted_at__isnull=True, set_at__gte=item.right_at)
    return not apart.exists()


def _somebody_else(person: CasePerson, since: dt.datetime) -> bool:
    """Has the person another name or organisation than at that moment? By the field history of the case."""
    was = person.history.filter(history_date__lte=since).order_by("-history_date", "-history_id").first()
    return was is not None and (was.name, was.organisation) != (person.name, person.organisation)


def why_kind_stays(person: CasePerson) -> str:
    """The database refuses it too: what was sent to them was sent on their kind."""
    gone = Item.objects.filter(person=person, state__in=GONE)
    if not gone.exclude(channel=Channel.BY_HAND).exists():
        return ""
    return (
        "They were sent a report or minutes as what they are here. Take them off the case, and add them anew as what "
        "they are now."
    )


def why_area_stays(address: Address) -> str:
    """The database refuses it too: minutes were posted there because it lay out of area."""
    if not Item.objects.filter(address=address, state__in=GONE, channel=Channel.REGISTERED_POST).exists():
        return ""
    return "Minutes were posted to this address on its area. If it was wrong, retire it and enter it anew."
