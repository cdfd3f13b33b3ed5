"""Posting, the case record, and what comes back (OGP-4b, OGP-6)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone

from letters import hooks
from letters.abroad import classes_of, goes_abroad, service_of
from letters.actions.common import step, tell
from letters.actions.ics import owe_upload
from letters.completed import children_owed, reference_shown, uploads_of
from letters.deadlines import BAG_HAS_GONE, missed_collection
from letters.models import IcsUpload, Letter, Notice, OfficePost, PostClass, Registered, Return, TrackedNumber
from letters.states import Action, State
from letters.tracking import TrackingNumberError, check_tracking_number
from letters.ways import Way
from postroom.cases.actions import doubt_address
from postroom.cases.models import Case, CasePerson
from postroom.cases.states import CaseState
from postroom.files.models import StoredFile
from postroom.people.models import User
from postroom.steps.engine import Seen, Taken, is_entered_later
from postroom.steps.errors import InvalidStep, Stale


def post(
    *,
    letter: Letter,
    by: User,
    seen: Seen,
    posted_on: dt.date,
    post_class: str,
    tracking_number: str = "",
    number_reason: str = "",
    receipt_in_hand: bool = False,
    receipt: StoredFile | None = None,
    in_bag: bool = False,
    service: str = "",
) -> Letter:
    """Record the day it went to the post and by which class. `posted_on` is a local date.

    When the office's collection of today has gone, ordinary post went today only if it was in that bag (`in_bag`).
    What is written in later from a bad day's paper is taken at its word.

    Registered post needs its tracking number (S10 with a right check digit; another form with `number_reason`) and the
    posting receipt in hand, of which a scan can be kept. Abroad the receipt names `service`: the one that the office
    has in place of registered post. Raises InvalidStep naming the entry.
    """
    if posted_on > timezone.localdate():
        raise InvalidStep("The posting date can't be in the future.", "posted_on")
    registered = letter.way == Way.REGISTERED_POST
    number = checked_number(tracking_number, number_reason) if registered else ""
    if registered and not receipt_in_hand:
        raise InvalidStep("Get the posting receipt, keep it, and say so.", "receipt_in_hand")

    def change(locked: Letter, taken: Taken) -> dict[str, Any]:
        if post_class not in classes_of(locked):
            raise InvalidStep(_which_class(locked), "post_class")
        if locked.enveloped_on and posted_on < locked.enveloped_on:
            raise InvalidStep(
                f"The letter was put in its envelope on {long_date(locked.enveloped_on)}; "
                "it can't have been posted before.",
                "posted_on",
            )
        # Registered post has its receipt, of whatever hour (decision 0171).
        if not in_bag and not registered and not is_entered_later() and posted_on == timezone.localdate():
            of_office = OfficePost.objects.filter(office_id=locked.office_id)
            if missed_collection(of_office.values_list("collection", flat=True).first()):
                raise InvalidStep(BAG_HAS_GONE, "in_bag")
        locked.posted_on, locked.posted_by, locked.post_class = posted_on, by, post_class
        locked.service = _checked_service(locked, service) if post_class == PostClass.ABROAD_SERVICE else ""
        details = {"posted_on": posted_on.isoformat(), "class": post_class}
        if locked.service:
            details["service"] = locked.service
        if not registered:
            return details
        judge_number(number, person_id=locked.addressee_id)
        locked.tracking_number = number
        # Before the letter's own row: the database asks for it when the state moves.
        Registered.objects.create(
            letter=locked, number=number, number_reason=number_reason.strip(), receipt=receipt, by=by, at=taken.at
        )
        return {**details, "tracking_number": number}

    return step(letter, Action.POST, by=by, seen=seen, change=change, after=owe_upload)


def _checked_service(letter: Letter, service: str) -> str:
    """The service that the office names, if it is what the receipt says. Raises InvalidStep."""
    named = service_of(letter.office_id)
    if service != named:
        raise InvalidStep(
            f"Abroad this office's letters go by {named} in place of registered post, and by no other service. Look at "
            "the receipt again, and confirm that it says so.",
            "receipt_in_hand",
        )
    return named


def _which_class(letter: Letter) -> str:
    """What to choose, where a class was named that doesn't go there or isn't of its way."""
    if goes_abroad(letter):
        registered = letter.way == Way.REGISTERED_POST
        return "Choose the service abroad." if registered else "This letter goes abroad: choose an international class."
    return (
        "Choose the Special Delivery it went by."
        if letter.way == Way.REGISTERED_POST
        else ("Choose first or second class.")
    )


def checked_number(text: str, reason: str = "") -> str:
    """The tracking number as it is kept (OGP-8). Raises InvalidStep (field "tracking_number") with what is wrong.

    A number of another form is taken where `reason` says why; never an empty one.
    """
    try:
        return check_tracking_number(text)
    except TrackingNumberError as error:
        number = "".join(text.split()).upper()
        plain = number.isascii() and number.isalnum() and 6 <= len(number) <= 30
        if reason.strip() and plain:
            return number
        more = " If the receipt really says so, say below why it has another form." if plain else ""
        raise InvalidStep(f"{error}{more}", "tracking_number") from error


def judge_number(number: str, *, person_id: int) -> None:
    """Inside a step: the number is this person's from now on; refused where it is somebody else's (OGP-8).

    Else the proof of one delivery would pass for two. Whose it is isn't said: it may be another office's case.
    """
    another = Registered.objects.filter(number=number).exclude(letter__addressee_id=person_id).exists()
    another |= _claimed(number, person_id) != person_id
    if another or any(found(number, person_id) for found in hooks.number_of_another):
        raise InvalidStep(
            "This tracking number is on record already, for post to somebody else. Read it again from the posting "
            "receipt of this envelope.",
            "tracking_number",
        )


def _claimed(number: str, person_id: int) -> int:
    """Whose the number is: this person's from now on, if nobody's yet. One that is just being claimed is waited for."""
    held, _ = TrackedNumber.objects.get_or_create(number=number, defaults={"person_id": person_id})
    return int(held.person_id)


def confirm_delivery(*, letter: Letter, by: User, seen: Seen, delivered_at: dt.datetime, printed_name: str) -> Letter:
    """What Royal Mail says of the delivery: when (aware), and the printed name of who took it."""
    name = " ".join(printed_name.split())
    if not name:
        raise InvalidStep("Enter the printed name that Royal Mail shows.", "printed_name")

    def change(locked: Letter, taken: Taken) -> dict[str, Any]:
        if delivered_at > taken.at:
            raise InvalidStep("The delivery can't be in the future.", "on")
        if locked.posted_on and timezone.localdate(delivered_at) < locked.posted_on:
            raise InvalidStep("It can't have been delivered before it was posted.", "on")
        locked.delivered_at = delivered_at
        return {"delivered_at": delivered_at.isoformat()}

    def after(locked: Letter, taken: Taken) -> None:
        Registered.objects.filter(letter=locked).update(
            delivered_at=delivered_at, printed_name=name, proved_by=by, proved_at=taken.at
        )

    return step(letter, Action.CONFIRM_DELIVERY, by=by, seen=seen, change=change, after=after)


def upload(*, letter: Letter, by: User, seen: Seen, ics_reference: str, child: CasePerson | None = None) -> Letter:
    """Record that completed document and notes are on one child's record, under the reference ICS gave there.

    `child` None: the only one that is still owed. With the last of them the letter is on the case record. Raises
    InvalidStep (fields "ics_reference", "child").
    """
    reference = " ".join(ics_reference.split())
    if not reference:
        raise InvalidStep("Type the reference that ICS gave.", "ics_reference")
    if len(reference) > 60:
        raise InvalidStep("That is longer than a reference of ICS can be (60 characters).", "ics_reference")

    owed = children_owed(letter) if letter.upload_owed else []
    if child is None and len(owed) > 1:
        raise InvalidStep("Say on which child's record ICS gave this reference.", "child")
    if child is not None and owed and child not in owed:
        raise InvalidStep("This child's record has the letter already. Look at the page again.", "child")
    who = child or next(iter(owed), None)

    def change(locked: Letter, taken: Taken) -> dict[str, Any]:
        row = _close(locked, who, reference, taken)
        details = {"notes": notes_text(locked)} | ({"upload": row.pk} if row else {})
        if len(owed) <= 1:
            rows = uploads_of(locked)
            locked.uploaded_at, locked.ics_reference = taken.at, reference_shown(rows) if rows else reference
            details["ics_reference"] = locked.ics_reference
        return details

    action = Action.UPLOAD if len(owed) <= 1 else Action.UPLOAD_CHILD
    return step(letter, action, by=by, seen=seen, change=change)


def _close(letter: Letter, child: CasePerson | None, reference: str, taken: Taken) -> IcsUpload | None:
    """Keep the reference with the child's row; None for a case without a child. The letter's row is locked."""
    if child is None:
        return None
    rows = uploads_of(letter)
    for row in rows:
        if row.pk is None:
            row.save()
    for row in rows:
        if row.child_id == child.pk and row.done_at is None:
            row.reference, row.done_at, row.error = reference, taken.at, ""
            row.save(update_fields=["reference", "done_at", "error"])
            return row
    raise Stale("Somebody recorded this child's upload meanwhile. Nothing was done; look at it as it is now.", letter)


def notes_text(letter: Letter) -> str:
    """The exact text for the description notes in ICS: it begins with the day this letter went (OGP-6).

    "Posted 20 July 2026", "Handed over 20 July 2026" for one that went into the person's own hands, "Sent by secure
    e-mail 20 July 2026". Raises InvalidStep if it hasn't gone.
    """
    if letter.handed_on is not None:
        how = "at reception" if letter.way == Way.COLLECTED else "by hand"
        return f"Handed over {long_date(letter.handed_on)} {how}. Postroom {letter.reference}."
    if letter.emailed_on is not None and letter.state != State.UNCERTAIN:
        return f"Sent by secure e-mail {long_date(letter.emailed_on)}, encrypted. Postroom {letter.reference}."
    if letter.posted_on is None:
        raise InvalidStep("This letter has not been posted.", "")
    number = f", {letter.tracking_number}" if letter.tracking_number else ""
    return f"Posted {long_date(letter.posted_on)}. {letter.class_words}{number}. Postroom {letter.reference}."


def long_date(day: dt.date) -> str:
    """A date as people write it: "20 July 2026"."""
    return f"{day.day} {day:%B %Y}"


def return_undelivered(
    *, letter: Letter, by: User, seen: Seen, reason: str, came_back_on: dt.date, was_opened: bool
) -> Letter:
    """Royal Mail brought it back. The address is in doubt from now on; an upload that is missing stays due."""
    if came_back_on > timezone.localdate():
        raise InvalidStep("The day it came back can't be in the future.", "came_back_on")

    def change(locked: Letter, taken: Taken) -> dict[str, Any]:
        if locked.posted_on and came_back_on < locked.posted_on:
            raise InvalidStep("It can't have come back before it was posted.", "came_back_on")
        return {"came_back_on": came_back_on.isoformat(), "opened": was_opened}

    def after(locked: Letter, taken: Taken) -> None:
        Return.objects.create(letter=locked, by=by, at=taken.at, came_back_on=came_back_on, was_opened=was_opened)
        _doubt(locked)
        tell(locked, [(locked.case.allocated_worker_id, Notice.Code.RETURNED)], but=by)

    with transaction.atomic():
        # The case before its letter: the order in which a step on the case locks them, so that two can't deadlock.
        Case.objects.select_for_update(of=("self",)).get(pk=letter.case_id)
        return step(letter, Action.RETURN_UNDELIVERED, by=by, seen=seen, reason=reason, change=change, after=after)


def _doubt(letter: Letter) -> None:
    """The address is in doubt from now on; what else was prepared for it no longer stands."""
    address = letter.typed_version.address
    address.refresh_from_db()
    if address.in_doubt or address.retired_at or letter.case.state != CaseState.OPEN:
        return  # a closed case sends no letters; its addresses are looked at when it is opened again
    why = f"A letter came back undelivered ({letter.reference})."
    doubt_address(case=letter.case, address=address, reason=why, by=None, seen=None)
