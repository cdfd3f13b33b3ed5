"""The worker makes an item ready: the way, the recipient's right, the version; a manager approves where the policy asks
for it (OGP-7, OGP-8, OGP-9, CLS-6)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from distribution.actions.common import managers_of, step, tell, unseal, void, void_approval
from distribution.documents import gives_away_address
from distribution.models import NEVER_POSTED_INSTEAD, EmailPassword, Item
from distribution.policy import area_that_counts, email_refused, needs_approval, recipient_of
from distribution.states import Action
from letters.actions.common import hold_case
from letters.routes import Channel, Document, Verdict, route
from postroom.cases.models import Address, Area, CasePerson
from postroom.people.models import User
from postroom.steps.engine import Seen, Taken
from postroom.steps.errors import InvalidStep

# Why somebody has a right to a report or to minutes, as the worker confirms it (CLS-6). Code → words.
RIGHTS: dict[str, str] = {
    "subject": "It is about them",
    "parental": "They have parental responsibility",
    "carer": "They care for the child, and need it for that",
    "core_group": "They are a member of the conference, review or core group",
    "represents": "They represent the child or a parent",
    "court": "The court has asked for it",
}

# What somebody has a right by who belongs to the family; nobody who comes as a professional has it.
OF_FAMILY = frozenset({"subject", "parental", "carer"})


def rights_for(person: CasePerson) -> dict[str, str]:
    """Why this person can have a right to it: code → words."""
    return {code: words for code, words in RIGHTS.items() if person.is_family or code not in OF_FAMILY}


def choose_route(*, item: Item, by: User, seen: Seen, channel: str, address: Address | None = None) -> Item:
    """The way this copy goes; for registered post the address too. An approval for another way or address is void.

    Raises InvalidStep (channel, address) with what the policy says and which way is open.
    """
    if channel not in {str(known) for known in Channel}:
        raise InvalidStep("Choose how it goes.", "channel")

    def change(locked: Item, taken: Taken) -> dict[str, Any]:
        person = CasePerson.objects.get(pk=locked.person_id)
        if channel == Channel.REGISTERED_POST and locked.not_handed_at is not None:
            raise InvalidStep(NEVER_POSTED_INSTEAD, "channel")
        where = _address_for(person, channel, address)
        area = area_that_counts(where)
        answer = route(Document(locked.document), recipient_of(person.is_family, area), Channel(channel))
        if answer.verdict is Verdict.REFUSED:
            raise InvalidStep(answer.sentence, "channel")
        email = person.email if channel == Channel.SECURE_EMAIL else ""
        if channel == Channel.SECURE_EMAIL and (why := email_refused(locked, email)):
            raise InvalidStep(why, "channel")
        if (locked.channel, locked.address_id) != (channel, where.pk if where else None):
            void_approval(locked)
        locked.channel, locked.address, locked.email = channel, where, email
        locked.family, locked.area = person.is_family, area
        return {"channel": channel, "address": where.pk if where else None, "area": area}

    return step(item, Action.CHOOSE_ROUTE, by=by, seen=seen, change=change)


def _address_for(person: CasePerson, channel: str, address: Address | None) -> Address | None:
    if channel != Channel.REGISTERED_POST:
        return None
    if address is None:
        raise InvalidStep("Choose the address it goes to.", "address")
    row = Address.objects.select_related("person").filter(pk=address.pk, person=person).first()
    if row is None:
        raise InvalidStep("This address isn't on the case for this recipient.", "address")
    if not row.is_usable:
        raise InvalidStep("This address is in doubt or not verified. Verify it on the case first.", "address")
    if row.why_not_by_post:
        raise InvalidStep(row.why_not_by_post, "address")
    return row


def confirm_right(*, item: Item, by: User, seen: Seen, basis: str) -> Item:
    """The worker confirms that this recipient has a right to this document, and why (CLS-6)."""
    if basis not in RIGHTS:
        raise InvalidStep("Say why this person has a right to the document.", "basis")

    def change(locked: Item, taken: Taken) -> dict[str, Any]:
        if basis not in rights_for(CasePerson.objects.get(pk=locked.person_id)):
            raise InvalidStep("They are on the case as a professional: say in which part they have a right.", "basis")
        locked.right_by, locked.right_at, locked.right_basis = by, taken.at, basis
        return {"basis": basis}

    return step(item, Action.CONFIRM_RIGHT, by=by, seen=seen, change=change)


def ask_approval(*, item: Item, by: User, seen: Seen, reason: str) -> Item:
    """Ask a TM or deputy for what the way chosen needs; they are told (OGP-8)."""

    def change(locked: Item, taken: Taken) -> None:
        locked.approval_asked_by = by
        locked.approved_by = locked.approved_until = None

    def after(locked: Item, taken: Taken) -> None:
        tell(locked, "approval_asked", managers_of(locked), but=by)

    return step(item, Action.ASK_APPROVAL, by=by, seen=seen, reason=reason, change=change, after=after)


def approve(*, item: Item, by: User, seen: Seen, reason: str, until: dt.date, service: str = "") -> Item:
    """A manager who didn't ask approves out of area (or a report by registered post), until a day (OGP-8).

    `until`: the last day it may be posted. `service`: for an address abroad, the service by its name: Royal Mail's
    Special Delivery is inland. Raises InvalidStep.
    """
    service = " ".join(service.split())
    today = timezone.localdate()
    latest = today + dt.timedelta(days=settings.APPROVAL_MOST_DAYS)
    if not today <= until <= latest:
        raise InvalidStep(
            f"The approval can hold until {settings.APPROVAL_MOST_DAYS} days from today at most, and not in the past.",
            "until",
        )

    def change(locked: Item, taken: Taken) -> dict[str, Any]:
        if locked.area == Area.ABROAD and not service:
            raise InvalidStep(
                "This address is abroad, and registered post is inland. Name the service it goes by.", "service"
            )
        locked.approved_by, locked.approved_until = by, until
        locked.service = service if locked.area == Area.ABROAD else ""
        return {"until": until.isoformat(), "address": locked.address_id, "area": locked.area, "service": bool(service)}

    def after(locked: Item, taken: Taken) -> None:
        tell(locked, "approval_decided", [locked.approval_asked_by_id], but=by)

    return step(item, Action.APPROVE, by=by, seen=seen, reason=reason, change=change, after=after)


def decline(*, item: Item, by: User, seen: Seen, reason: str) -> Item:
    """A manager doesn't approve; the worker chooses another way."""

    def change(locked: Item, taken: Taken) -> None:
        asked.append(locked.approval_asked_by_id)
        void_approval(locked)

    def after(locked: Item, taken: Taken) -> None:
        tell(locked, "approval_decided", asked, but=by)

    asked: list[int | None] = []
    return step(item, Action.DECLINE, by=by, seen=seen, reason=reason, change=change, after=after)


def release(*, item: Item, by: User, seen: Seen, version_confirmed: bool) -> Item:
    """The worker has read this version and releases it for this recipient, by the way chosen. Raises InvalidStep."""
    if not version_confirmed:
        raise InvalidStep(
            "Read the version that this recipient gets, and confirm that it is right.", "version_confirmed"
        )

    def change(locked: Item, taken: Taken) -> dict[str, Any]:
        unseal(locked)
        locked.released_by, locked.released_at, locked.version_hash = by, taken.at, locked.content_hash
        return {"channel": locked.channel, "right": locked.right_basis, "redacted": locked.redacted_by_id is not None}

    with transaction.atomic():
        # While the case is held: an address that is marked in this moment stops it, or waits until it is released and
        # can be stopped.
        hold_case(item.case_id)
        shown = Item.objects.select_related("case", "pdf", "person").get(pk=item.pk)
        if gives_away_address(shown.case, shown.pdf, to=shown.person):
            # Which one isn't said: whoever reads this need not know that there is such an address, nor where.
            raise InvalidStep(
                "This version shows an address on this case that is confidential, or that this recipient must not "
                "know. Ask safeguarding for a redacted version for this recipient.",
                "version_confirmed",
            )
        return step(item, Action.RELEASE, by=by, seen=seen, change=change)


def make_ready(
    *,
    item: Item,
    by: User,
    seen: Seen,
    channel: str,
    basis: str,
    version_confirmed: bool,
    address: Address | None = None,
    why_approve: str = "",
) -> Item:
    """The worker's whole page in one transaction: the way, the right, and then release it, or ask for approval."""
    with transaction.atomic():
        item = choose_route(item=item, by=by, seen=seen, channel=channel, address=address)
        item = confirm_right(item=item, by=by, seen=Seen.of(item), basis=basis)
        if not needs_approval(item):
            return release(item=item, by=by, seen=Seen.of(item), version_confirmed=version_confirmed)
        if item.approval_asked_by_id is not None and item.approved_by_id is None:
            raise InvalidStep("A manager has been asked already; it waits for their answer.", "")
        if not why_approve.strip():
            raise InvalidStep("This way needs a manager's approval. Say why it should go this way.", "why_approve")
        return ask_approval(item=item, by=by, seen=Seen.of(item), reason=why_approve)


def prepare_again(*, item: Item, by: User, seen: Seen, reason: str) -> Item:
    """Make an item ready anew: what was confirmed before is void."""

    def change(locked: Item, taken: Taken) -> None:
        void(locked)

    return step(item, Action.PREPARE_AGAIN, by=by, seen=seen, reason=reason, change=change)


def set_aside(*, item: Item, by: User, seen: Seen, reason: str) -> Item:
    """A TM decides that this recipient gets none: left, died, has no right to it. Of one that was e-mailed and whose
    password nobody gave, nothing of the password is kept."""

    def change(locked: Item, taken: Taken) -> None:
        void(locked)

    def after(locked: Item, taken: Taken) -> None:
        EmailPassword.objects.filter(item=locked).update(sealed="")

    return step(item, Action.SET_ASIDE, by=by, seen=seen, reason=reason, change=change, after=after)
