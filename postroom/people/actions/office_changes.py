"""An office's details from a date: entered ahead, seen on the office's page, withdrawn before they begin (OGP-5).

What is in force on a day is asked of `in_force`, so that a letter and a label are right from midnight on whether or not
the scheduler has run; `begin_due` then puts it on the office's own row, with its entry in the ledger. Decision 0108.
"""

from __future__ import annotations

import copy
import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone

from postroom.ledger.recording import SYSTEM
from postroom.people.actions.common import keep, lock
from postroom.people.actions.offices import checked_address, checked_prefix, free_name
from postroom.people.errors import Refused
from postroom.people.models import Office, OfficeChange, User
from postroom.people.permissions import PeopleAction
from postroom.people.policy import About, check


@transaction.atomic
def plan_office_change(
    *, office: Office, starts: dt.date, address: str, by: User, seen: int, name: str = "", label_prefix: str = "",
    phone: str = "", email: str = "", letterhead: str = "",
) -> OfficeChange:  # fmt: skip
    """The office has this name (none given: the one it has), return address with what stands before it on labels,
    telephone number, e-mail and line on letters from the local day `starts` on.

    `seen`: the office's `ledger_seq` when shown. Raises NotPermitted, OutOfDate, Refused naming the entry.
    """
    actor = check(PeopleAction.CHANGE_OFFICE, by=by, about=About(None, frozenset({office.pk})))
    locked = lock(office, seen)
    if starts <= timezone.localdate():
        raise Refused("Choose a day after today. What holds from now on is changed on the office's page.", "starts")
    label_prefix = checked_prefix(label_prefix)
    before = in_force(locked, starts - dt.timedelta(days=1))
    values = {
        "name": free_name(name or before.name, locked),
        "address": "\n".join(checked_address(address, label_prefix)),
        "label_prefix": label_prefix,
        "phone": phone.strip(),
        "email": email.strip(),
        "letterhead": letterhead.strip(),
    }
    if OfficeChange.objects.filter(office=locked, starts=starts, withdrawn_at__isnull=True).exists():
        raise Refused("Something changes on that day already. Withdraw that first, or choose another day.", "starts")
    changed = [name for name, value in values.items() if getattr(before, name) != value]
    if not changed:
        raise Refused("Nothing would change: these details are in force on that day already.")
    row = OfficeChange.objects.create(office=locked, starts=starts, made_by=by, **values)
    details: dict[str, Any] = {"planned": row.pk, "starts": str(starts), "changed": changed}
    keep(locked, action=PeopleAction.CHANGE_OFFICE, actor=actor, by=by, details=details)
    return row


@transaction.atomic
def withdraw_office_change(*, change: OfficeChange, by: User, seen: int) -> Office:
    """Take back what hasn't begun. Raises NotPermitted, OutOfDate, Refused."""
    actor = check(PeopleAction.CHANGE_OFFICE, by=by, about=About(None, frozenset({change.office_id})))
    office = lock(change.office, seen)
    row = OfficeChange.objects.select_for_update().get(pk=change.pk)
    if row.withdrawn_at is not None:
        raise Refused("This was withdrawn already.")
    if row.applied_at is not None or row.starts <= timezone.localdate():
        raise Refused("This has begun already. Change the office's details instead.")
    row.withdrawn_at, row.withdrawn_by = timezone.now(), by
    row.save(update_fields=["withdrawn_at", "withdrawn_by"])
    details = {"withdrawn": row.pk, "starts": str(row.starts)}
    keep(office, action=PeopleAction.CHANGE_OFFICE, actor=actor, by=by, details=details)
    return office


def in_force(office: Office, day: dt.date | None = None) -> Office:
    """The office with the details that are in force on the local `day` (today); a copy where they aren't on its row
    yet, which nobody must save. One query."""
    due = OfficeChange.objects.filter(
        office_id=office.pk, starts__lte=day or timezone.localdate(), applied_at__isnull=True, withdrawn_at__isnull=True
    )
    newest = due.order_by("-starts", "-pk").first()
    if newest is None:
        return office
    shown = copy.copy(office)
    for name, value in newest.details().items():
        setattr(shown, name, value)
    return shown


def begin_due(day: dt.date | None = None) -> int:
    """Put what is due on its office's row, in the order of the days; gives how many began. Run twice, or twice at once,
    each begins once."""
    today = day or timezone.localdate()
    waiting = OfficeChange.objects.filter(starts__lte=today, applied_at__isnull=True, withdrawn_at__isnull=True)
    begun = 0
    for change in list(waiting.select_related("office").order_by("starts", "pk")):
        with transaction.atomic():
            office = lock(change.office)
            row = OfficeChange.objects.select_for_update().get(pk=change.pk)
            if row.applied_at is not None or row.withdrawn_at is not None:
                continue
            values = row.details()
            changed = [name for name, value in values.items() if getattr(office, name) != value]
            for name in changed:
                setattr(office, name, values[name])
            row.applied_at = timezone.now()
            row.save(update_fields=["applied_at"])
            details = {"begun": row.pk, "starts": str(row.starts), "changed": changed}
            keep(office, action=PeopleAction.CHANGE_OFFICE, actor=SYSTEM, by=None, details=details)
            begun += 1
    return begun
