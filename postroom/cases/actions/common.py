"""What the verbs share."""

from __future__ import annotations

import datetime as dt
from typing import TypeVar

from django.db import IntegrityError, models, transaction
from django.utils import timezone

from postroom.cases import hooks
from postroom.cases.models import Address, Case, CasePerson
from postroom.people.models import RoleGrant, User
from postroom.people.roles import SOCIAL_WORK_ROLES
from postroom.steps.engine import Taken
from postroom.steps.errors import InvalidStep

M = TypeVar("M", bound=models.Model)


def save_as(row: M, by: User | None) -> M:
    """Save, with `by` in the field-by-field history."""
    row._history_user = by  # type: ignore[attr-defined]
    row.save()
    return row


def save_person(person: CasePerson, by: User | None) -> CasePerson:
    """Save somebody on a case; a number of ICS that stands elsewhere already is refused. Raises InvalidStep."""
    try:
        with transaction.atomic():
            return save_as(person, by)
    except IntegrityError as error:
        raise InvalidStep(ICS_TAKEN, "ics_number") from error


ICS_TAKEN = "This ICS number is on a case already. Look for it under Cases, or check the number."


def person_of(case: Case, person: CasePerson) -> CasePerson:
    """The person's row as it is now, if it belongs to the case. Raises InvalidStep."""
    found = CasePerson.objects.select_for_update().filter(pk=person.pk, case=case).first()
    if found is None:
        raise InvalidStep("This person isn't on this case.")
    return found


def address_of(case: Case, address: Address) -> Address:
    """The address's row as it is now, if it belongs to the case. Raises InvalidStep if not, or if it was retired."""
    rows = Address.objects.select_for_update(of=("self",)).select_related("person")
    found = rows.filter(pk=address.pk, person__case=case).first()
    if found is None:
        raise InvalidStep("This address isn't on this case.")
    if found.retired_at is not None:
        raise InvalidStep("This address was replaced. Use the one that stands now.")
    return found


def void_prepared(person: CasePerson) -> None:
    """What is prepared for this person doesn't stand any more: their name changed, or they left the case."""
    for address in person.addresses.filter(retired_at__isnull=True):
        hooks.address_changed(address)


def retire(address: Address, taken: Taken) -> None:
    """This row is never written to again."""
    address.retired_at = taken.at
    save_as(address, taken.by)
    hooks.address_changed(address)


def can_be_allocated(worker: User, office_id: int, day: dt.date | None = None) -> bool:
    """Is this an active social worker of any grade at the office, on `day` (today)?

    Cover doesn't count: a case would stay with them beyond their days there.
    """
    held = RoleGrant.objects.on(day or timezone.localdate()).filter(
        user_id=worker.pk, office_id=office_id, role__in=SOCIAL_WORK_ROLES, user__is_active=True, is_cover=False
    )
    return held.exists()
