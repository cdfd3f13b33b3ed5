"""By registered post: envelope, counter, proof of delivery, what comes back; and the case record (OGP-8, OGP-6)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone

from distribution.actions.common import keep_receipt, scanned, step, tell, unseal, void
from distribution.documents import cover_sheet, marked_sheets
from distribution.models import Item, Proof, Receipt
from distribution.policy import holding_of, route_now
from distribution.states import Action, State
from letters.actions.posting import judge_number
from letters.content import address_lines
from letters.models import EnvelopeStock
from letters.routes import Condition
from letters.tracking import TrackingNumberError, check_tracking_number
from postroom.cases.actions import doubt_address
from postroom.cases.models import Address, Area, Case
from postroom.cases.states import CaseState
from postroom.files.models import StoredFile
from postroom.files.store import read, store
from postroom.forms import in_words
from postroom.people.models import User
from postroom.steps.engine import Seen, Taken
from postroom.steps.errors import InvalidStep


def number_of_another(number: str, person_id: int) -> bool:
    """Is this tracking number on a copy for somebody else?"""
    return Item.objects.filter(tracking_number=number).exclude(person_id=person_id).exists()


def make_sheets(item: Item, stock: EnvelopeStock) -> StoredFile:
    """All that goes into this item's envelope, kept: cover sheet and document, each sheet with its mark, the window
    proved on the finished bytes. Raises InvalidStep, FileError where the document isn't there."""
    address = Address.objects.select_related("person").get(items=item)
    abroad = item.area == Area.ABROAD and bool(item.service)
    lines = address_lines(address, allow_abroad=abroad)
    document = StoredFile.objects.get(pk=item.pdf_id)
    cover = cover_sheet(lines, stock.geometry(), reference=f"{item.reference}, cover sheet", abroad=abroad)
    pdf = marked_sheets(cover, read(document.pk), item.reference, stock.geometry(), abroad=abroad)
    scanned = document.scanned_at is not None
    return store(pdf, "application/pdf", from_outside=document.from_outside, scanned=scanned)


def envelope(
    *,
    item: Item,
    by: User,
    seen: Seen,
    stock: EnvelopeStock,
    sheets: int,
    contents_checked: bool,
    new_envelope: bool,
    return_mark_on: bool,
    initials_written: bool,
) -> Item:
    """Like a letter's: cover sheet with its proved address, sheets counted, initialled by the admin who checked."""
    for confirmed, field, words in (
        (contents_checked, "contents_checked", "Check that every sheet is for this recipient, and confirm it."),
        (new_envelope, "new_envelope", "Use a new envelope, and confirm it."),
        (return_mark_on, "return_mark_on", "Put the return address on the back, and confirm it."),
        (initials_written, "initials_written", "Write your initials on the back of the envelope, and confirm it."),
    ):
        if not confirmed:
            raise InvalidStep(words, field)
    cover = make_sheets(item, stock) if item.address_id else None

    def change(locked: Item, taken: Taken) -> dict[str, Any]:
        expected = locked.pages + 1
        if sheets != expected:
            raise InvalidStep(
                f"There are {expected} sheets with the cover sheet, and you counted {sheets}. Take out what does not "
                "belong to it, find what is missing, and count again.",
                "sheets",
            )
        if expected > stock.max_sheets:
            raise InvalidStep(f"This envelope takes {stock.max_sheets} sheets. Choose a larger one.", "stock")
        locked.stock, locked.cover, locked.initialled_by, locked.initials = stock, cover, by, by.initials
        locked.enveloped_on = timezone.localdate(taken.at)
        return {"sheets": sheets, "initials": by.initials, "stock": stock.slug, "cover": cover.pk if cover else ""}

    return step(item, Action.ENVELOPE, by=by, seen=seen, change=change)


def post(
    *,
    item: Item,
    by: User,
    seen: Seen,
    posted_on: dt.date,
    tracking_number: str,
    special_delivery: bool,
    odd_number: str = "",
    receipt: StoredFile | None = None,
) -> Item:
    """Given in at the counter as registered post. `odd_number`: why a number of another form is right (a service
    abroad, say). `special_delivery`: the receipt says so, or abroad the service approved. `receipt`: its scan.

    Raises InvalidStep.
    """
    if not special_delivery:
        raise InvalidStep(
            "Look at the receipt: Signed For is not registered post. Confirm what it says.", "special_delivery"
        )
    if posted_on > timezone.localdate():
        raise InvalidStep("The posting date can't be in the future.", "posted_on")
    number = _number(tracking_number, odd_number)

    def change(locked: Item, taken: Taken) -> dict[str, Any]:
        if locked.enveloped_on and posted_on < locked.enveloped_on:
            raise InvalidStep(
                f"It was put in its envelope on {in_words(locked.enveloped_on)}; it can't have been posted before.",
                "posted_on",
            )
        if locked.approved_until and posted_on > locked.approved_until:
            raise InvalidStep("The approval did not hold on that day any more.", "posted_on")
        missing = route_now(locked).missing(holding_of(locked) | {Condition.TRACKING_NUMBER})
        if missing:
            raise InvalidStep("The approval that this way needs has lapsed. Ask for it again.", "")
        judge_number(number, person_id=locked.person_id)
        locked.posted_on, locked.posted_by, locked.tracking_number = posted_on, by, number
        return {
            "posted_on": posted_on.isoformat(),
            "tracking": number,
            "odd_number": bool(odd_number.strip()),
            "receipt_confirmed": True,
            "approved_by": locked.approved_by_id,
            "area": locked.area,
        } | scanned(receipt)

    def after(locked: Item, taken: Taken) -> None:
        keep_receipt(locked, taken, of=Receipt.Of.POSTING, scan=receipt, by=by)

    return step(item, Action.POST, by=by, seen=seen, reason=odd_number, change=change, after=after)


def _number(typed: str, odd: str) -> str:
    try:
        return check_tracking_number(typed)
    except TrackingNumberError as error:
        compact = "".join(typed.split()).upper()
        if odd.strip() and compact.isascii() and compact.isalnum() and 5 <= len(compact) <= 40:
            return compact
        raise InvalidStep(str(error), "tracking_number") from error


def prove_delivery(
    *,
    item: Item,
    by: User,
    seen: Seen,
    delivered_on: dt.date,
    delivered_time: dt.time,
    printed_name: str,
    receipt: StoredFile | None = None,
) -> Item:
    """Royal Mail says that it was delivered: day, time (both local) and the name printed; `receipt`: its page, printed
    or scanned. Raises InvalidStep."""
    name = " ".join(printed_name.split())
    if not name or len(name) > 80:
        raise InvalidStep("Enter the name that Royal Mail printed, as its page shows it.", "printed_name")
    if delivered_on > timezone.localdate():
        raise InvalidStep("The day of delivery can't be in the future.", "delivered_on")
    if timezone.make_aware(dt.datetime.combine(delivered_on, delivered_time)) > timezone.now():
        raise InvalidStep("The delivery can't be in the future.", "delivered_time")

    def change(locked: Item, taken: Taken) -> dict[str, Any]:
        if locked.posted_on and delivered_on < locked.posted_on:
            raise InvalidStep("It can't have been delivered before it was posted.", "delivered_on")
        return {"delivered_on": delivered_on.isoformat(), "delivered_time": f"{delivered_time:%H:%M}"} | scanned(
            receipt
        )

    def after(locked: Item, taken: Taken) -> None:
        Proof.objects.create(
            item=locked, by=by, recorded_at=taken.at, delivered_on=delivered_on, delivered_time=delivered_time,
            printed_name=name,
        )  # fmt: skip
        keep_receipt(locked, taken, of=Receipt.Of.DELIVERY, scan=receipt, by=by)

    return step(item, Action.PROVE_DELIVERY, by=by, seen=seen, change=change, after=after)


def return_undelivered(*, item: Item, by: User, seen: Seen, reason: str) -> Item:
    """Royal Mail brought it back: on hold, the address in doubt, the worker told."""

    def change(locked: Item, taken: Taken) -> dict[str, Any]:
        details = {"address": locked.address_id, "tracking": locked.tracking_number}
        assert locked.address_id is not None  # noqa: S101 - posted, so it has one
        addresses.append(locked.address_id)
        unseal(locked)
        locked.posted_on = locked.posted_by = None
        locked.tracking_number = ""
        void(locked)
        return details

    def after(locked: Item, taken: Taken) -> None:
        address = Address.objects.select_related("person").get(pk__in=addresses)
        case = Case.objects.get(pk=locked.case_id)
        if not address.in_doubt and address.retired_at is None and case.state == CaseState.OPEN:
            why = f"Registered post came back undelivered ({locked.reference})."
            doubt_address(case=case, address=address, reason=why, by=None, seen=None)
        tell(locked, "held", [case.allocated_worker_id], but=by)

    addresses: list[int] = []
    with transaction.atomic():
        # The case before its item: the order in which a step on the case locks them, so that two can't deadlock.
        Case.objects.select_for_update(of=("self",)).get(pk=item.case_id)
        return step(item, Action.RETURN_UNDELIVERED, by=by, seen=seen, reason=reason, change=change, after=after)


def upload(*, item: Item, by: User, seen: Seen, ics_reference: str) -> Item:
    """The document and the notes are on the case record, under the reference that ICS gave (OGP-6)."""
    reference = " ".join(ics_reference.split())
    if not reference or len(reference) > 60:
        raise InvalidStep("Type the reference that ICS gave, at most 60 characters.", "ics_reference")

    def change(locked: Item, taken: Taken) -> dict[str, Any]:
        locked.uploaded_at, locked.ics_reference = taken.at, reference
        return {"reference_given": True, "ics_reference": reference}

    return step(item, Action.UPLOAD, by=by, seen=seen, change=change)


def notes_text(item: Item) -> str:
    """The text for the description notes in ICS: it begins with what happened and the day it did (OGP-6)."""
    ending = f"Postroom {item.reference}."
    if item.state == State.HANDED_OVER and item.handed_on and item.handed_by:
        return f"Handed over {in_words(item.handed_on)} by {item.handed_by.name}, identity confirmed. {ending}"
    if item.is_posted and item.posted_on:
        service = item.service if item.area == Area.ABROAD else "Registered post"
        return f"Posted {in_words(item.posted_on)}. {service} {item.tracking_number}. {ending}"
    if item.is_emailed and item.sent_at:
        return f"E-mailed {in_words(timezone.localdate(item.sent_at))}, encrypted. {ending}"
    raise InvalidStep("This has not gone out yet.", "")
