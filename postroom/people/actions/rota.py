"""The duty rota. Team managers and their deputies keep it for their office; nobody puts themselves on (OGP-3b)."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from postroom.people.actions.common import keep, lock
from postroom.people.actions.roles import works_at
from postroom.people.errors import Refused
from postroom.people.models import DutySlot, HalfDay, Office, User, half_day_at
from postroom.people.permissions import PeopleAction
from postroom.people.policy import About, check

# A rota further ahead than this is a slip of the pen.
DAYS_AHEAD = 366


@transaction.atomic
def put_on_duty(*, person: User, office: Office, day: dt.date, half: HalfDay, by: User) -> DutySlot:
    """Put a social worker of `office` on duty for one half-day, now or later. Raises NotPermitted, Refused.

    Asked twice, the second is refused: the slot stands already.
    """
    actor = check(PeopleAction.PUT_ON_DUTY, by=by, about=_about(person, office))
    locked = lock(person)
    _not_past(day, half)
    if day > timezone.localdate() + dt.timedelta(days=DAYS_AHEAD):
        raise Refused("That is more than a year ahead. Choose an earlier day.", "day")
    if not office.is_active:
        raise Refused("This office is closed.")
    if not works_at(locked, office.pk, day):
        raise Refused("Only social workers with a role at this office on that day go on its duty rota.", "person")
    if DutySlot.objects.filter(user=locked, day=day, half=half).exclude(office=office).exists():
        raise Refused("This person is on duty at another office in that half-day.", "person")
    slot, made = DutySlot.objects.get_or_create(office=office, user=locked, day=day, half=half, defaults={"set_by": by})
    if not made:
        raise Refused("This person is on the rota for that half-day already.", "person")
    keep(locked, action=PeopleAction.PUT_ON_DUTY, actor=actor, by=by, details=_details(slot))
    return slot


@transaction.atomic
def take_off_duty(*, slot: DutySlot, by: User) -> User:
    """Take somebody off a half-day that isn't over; what was the rota in the past stays. Returns the person."""
    actor = check(PeopleAction.TAKE_OFF_DUTY, by=by, about=_about(slot.user, slot.office))
    locked = lock(slot.user)
    slot = _still_there(slot)
    _not_past(slot.day, HalfDay(slot.half))
    details = _details(slot)
    slot.delete()
    keep(locked, action=PeopleAction.TAKE_OFF_DUTY, actor=actor, by=by, details=details)
    return locked


def is_past(day: dt.date, half: HalfDay) -> bool:
    """Is this half-day over?"""
    today, now = half_day_at(timezone.now())
    return day < today or (day == today and now == HalfDay.AFTERNOON and half == HalfDay.MORNING)


def _about(person: User, office: Office) -> About:
    # The rota's office alone counts, wherever else the person belongs.
    return About(person.pk, frozenset({office.pk}))


def _still_there(slot: DutySlot) -> DutySlot:
    found = DutySlot.objects.select_for_update().filter(pk=slot.pk).first()
    if found is None:
        raise Refused("This was taken off the rota already.")
    return found


def _not_past(day: dt.date, half: HalfDay) -> None:
    if is_past(day, half):
        raise Refused("That half-day is over. The rota of the past stays as it was.", "day")


def _details(slot: DutySlot) -> dict[str, object]:
    return {"slot": slot.pk, "office": slot.office_id, "day": str(slot.day), "half": str(slot.half)}
