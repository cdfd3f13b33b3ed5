"""What Postroom itself does when the ground moves under an item: on hold, and what was confirmed is void (CLS-6)."""

from __future__ import annotations

from django.db.models import Q

from distribution.actions.common import step, tell, void
from distribution.models import Item
from distribution.policy import address_is_current, kind_now
from distribution.states import GONE, Action, State
from letters.routes import Channel
from postroom.cases.models import Address, CasePerson, MustNotKnow
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
    """An address was retired, is in doubt or isn't safe; or its person left the case or has another name."""
    _look_again(address.person_id, "The recipient or their address changed on the case, or is in doubt.")


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
        else:
            ask_again(item=item, reason=why)


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
    apart = MustNotKnow.objects.filter(Q(a=person) | Q(b=person), lifted_at__isnull=True, set_at__gte=item.right_at)
    return not apart.exists()


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
