"""Offices, their return address, and their teams."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction

from postroom.people.actions.common import keep, lock
from postroom.people.errors import Refused
from postroom.people.giveaway import gives_away
from postroom.people.models import Office, OfficeChange, Team, User
from postroom.people.permissions import PeopleAction
from postroom.people.policy import About, check

# Enough to see that the last line is meant as a postcode; letters/rendering judges addresses strictly.
_POSTCODE_LIKE = re.compile(r"[A-Za-z]{1,2}[0-9][A-Za-z0-9]? ?[0-9][A-Za-z]{2}")
MIN_LINES, MAX_LINES = 2, 7


@dataclass(frozen=True, kw_only=True)
class OfficeDetails:
    """What is kept about an office, as entered. `address`: a line each, postcode last; it is the return address."""

    name: str
    address: str
    label_prefix: str = ""
    phone: str = ""
    email: str = ""
    letterhead: str = ""
    is_active: bool = True


@transaction.atomic
def add_office(*, code: str, details: OfficeDetails, by: User) -> Office:
    """A new office. Its code stands in web addresses and in the ledger and never changes.

    Raises NotPermitted, Refused.
    """
    actor = check(PeopleAction.ADD_OFFICE, by=by)
    code = code.strip().lower()
    if not re.fullmatch(r"[a-z0-9-]{2,12}", code):
        raise Refused("Enter a short code of 2 to 12 letters or figures, for example riv.", "code")
    if Office.objects.filter(code=code).exists():
        raise Refused("Another office has this code. Choose another.", "code")
    office = Office(code=code)
    changed = _set(office, details)
    office.skip_history_when_saving = True  # type: ignore[attr-defined]
    try:
        with transaction.atomic():
            office.save(force_insert=True)
    except IntegrityError as error:
        raise Refused("Another office has this code or name. Choose another.", "code") from error
    del office.skip_history_when_saving  # type: ignore[attr-defined]
    keep(office, action=PeopleAction.ADD_OFFICE, actor=actor, by=by, details={"changed": changed})
    return office


@transaction.atomic
def change_office(*, office: Office, details: OfficeDetails, by: User, seen: int) -> Office:
    """Change an office. `seen`: its `ledger_seq` when shown. Closing one needs that nobody works there any more."""
    from postroom.people.actions.office_changes import begin_due

    actor = check(PeopleAction.CHANGE_OFFICE, by=by, about=_about(office))
    begin_due()  # what was to hold from today on comes first; whoever didn't see it is told
    locked = lock(office, seen)
    if locked.is_active and not details.is_active and User.objects.filter(office=locked, is_active=True).exists():
        raise Refused("People still belong to this office. Move them to another office first.", "is_active")
    changed = _set(locked, details)
    if changed:
        keep(locked, action=PeopleAction.CHANGE_OFFICE, actor=actor, by=by, details={"changed": changed})
    return locked


@transaction.atomic
def add_team(*, office: Office, name: str, by: User) -> Team:
    """A new team of an office."""
    actor = check(PeopleAction.CHANGE_OFFICE, by=by, about=_about(office))
    locked = lock(office)
    name = _team_name(locked, name, None)
    team = Team.objects.create(office=locked, name=name)
    keep(locked, action=PeopleAction.CHANGE_OFFICE, actor=actor, by=by, details={"team_added": team.pk})
    return team


@transaction.atomic
def rename_team(*, team: Team, name: str, by: User) -> Team:
    """Give a team another name."""
    actor = check(PeopleAction.CHANGE_OFFICE, by=by, about=_about(team.office))
    locked = lock(team.office)
    team.name = _team_name(locked, name, team)
    team.save()
    keep(locked, action=PeopleAction.CHANGE_OFFICE, actor=actor, by=by, details={"team_renamed": team.pk})
    return team


def _about(office: Office) -> About:
    return About(None, frozenset({office.pk}))


def _team_name(office: Office, name: str, but: Team | None) -> str:
    name = " ".join(name.split())
    if not name:
        raise Refused("Enter the team's name.", "name")
    if office.teams.filter(name__iexact=name).exclude(pk=but.pk if but else 0).exists():
        raise Refused("This office has a team of this name.", "name")
    return name


def _set(office: Office, details: OfficeDetails) -> list[str]:
    """Set the fields; says which changed. Raises Refused."""
    prefix = checked_prefix(details.label_prefix)
    new: dict[str, Any] = {
        "name": free_name(details.name, office),
        "address": "\n".join(checked_address(details.address, prefix)),
        "label_prefix": prefix,
        "phone": details.phone.strip(),
        "email": details.email.strip(),
        "letterhead": details.letterhead.strip(),
        "is_active": details.is_active,
    }
    changed = [name for name, value in new.items() if getattr(office, name) != value]
    for name, value in new.items():
        setattr(office, name, value)
    return changed


def free_name(text: str, office: Office) -> str:
    """The name, in order. Raises Refused where another office has it, or will have it from a day on."""
    name = " ".join(text.split())
    if not name:
        raise Refused("Enter the office's name.", "name")
    coming = OfficeChange.objects.filter(applied_at__isnull=True, withdrawn_at__isnull=True, name__iexact=name)
    others = Office.objects.filter(name__iexact=name).exclude(pk=office.pk)
    if others.exists() or coming.exclude(office_id=office.pk).exists():
        raise Refused("Another office has this name.", "name")
    return name


def checked_prefix(text: str) -> str:
    """What stands before the address on a return label, in order; "" for the council's own. Raises Refused (OGP-5)."""
    prefix = " ".join(text.split())
    named = gives_away(prefix)
    if named:
        raise Refused(
            f"The prefix mentions “{named}”. It is printed on the back of envelopes, where it must not say that "
            "children's services are writing. Leave that out.",
            "label_prefix",
        )
    return prefix


def checked_address(text: str, prefix: str = "") -> list[str]:
    """The lines of a return address. Raises Refused if it can't be one, or names children's services (OGP-5), also
    together with the `prefix` that stands before it."""
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    if not MIN_LINES <= len(lines) <= MAX_LINES:
        raise Refused(f"Enter the address on {MIN_LINES} to {MAX_LINES} lines, the postcode on the last.", "address")
    if not _POSTCODE_LIKE.fullmatch(lines[-1]):
        raise Refused("The last line must be the postcode alone, for example NM1 1AA.", "address")
    named = gives_away("\n".join([prefix, *lines]))
    if named:
        raise Refused(
            f"The address mentions “{named}”. It is printed on the back of envelopes, where it must not say that "
            "children's services are writing. Leave that out.",
            "address",
        )
    return [*lines[:-1], lines[-1].upper()]
