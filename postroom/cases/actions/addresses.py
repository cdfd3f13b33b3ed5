"""Addresses: added, verified by the worker (CLS-6), doubted, replaced. A new address is a new row, never new lines."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils import timezone

from postroom.cases import hooks
from postroom.cases.actions.common import address_of, person_of, retire, save_as
from postroom.cases.area import proposed_area, why_not_area
from postroom.cases.models import Address, AddressSource, Area, Case, CasePerson, Confidential
from postroom.cases.policy import POLICY
from postroom.cases.states import CaseAction
from postroom.people.models import User
from postroom.steps.engine import Seen, Taken, take
from postroom.steps.errors import InvalidStep, ReasonNeeded

# Enough to see that the last line is meant as a postcode. The strict judge registers in `hooks.check_lines`.
_POSTCODE_LIKE = re.compile(r"(?:[A-Za-z]{1,2}[0-9][A-Za-z0-9]? ?[0-9][A-Za-z]{2}|GIR ?0AA|BFPO ?[0-9]{1,4})", re.I)

# An address abroad ends with its country; which ones there are, the strict judge knows.
_COUNTRY_LIKE = re.compile(r"[^\W\d_]\D{2,}")


def add_address(
    *,
    case: Case,
    person: CasePerson,
    lines: str,
    source: str,
    by: User,
    seen: Seen,
    replaces: Address | None = None,
    confidential_kind: str = "",
    confidential_why: str = "",
) -> Case:
    """A new address of somebody on the case, not verified as yet. `replaces` is retired with it: what was prepared for
    that one is void, and what replaces a confidential address is confidential too.

    `confidential_kind` marks it from the first moment; whoever enters it needn't be one who may see it later.
    """
    _check_source(source)
    if confidential_kind and confidential_kind not in Confidential.values:
        raise InvalidStep("Choose whose address it is.", "confidential_kind")

    def change(locked: Case, taken: Taken) -> Mapping[str, Any]:
        row = person_of(locked, person)
        clean = checked_lines(row, lines)
        old = address_of(locked, replaces) if replaces else None
        if old and old.person_id != row.pk:
            raise InvalidStep("That is somebody else's address.")
        standing = row.addresses.filter(retired_at__isnull=True)
        if any(same.line_list == clean for same in standing):
            raise InvalidStep("This address stands there already. If it is right, verify it.", "lines")
        new = Address(person=row, lines="\n".join(clean), source=source)
        new.area = proposed_area(clean, settings.COUNCIL_POSTCODES)
        new.confidential_kind = confidential_kind or (old.confidential_kind if old else "")
        new.confidential_why = " ".join(confidential_why.split())[:200] or (old.confidential_why if old else "")
        new.is_confidential = bool(new.confidential_kind)
        if not new.is_confidential:
            new.confidential_why = ""
        save_as(new, taken.by)
        if new.is_confidential:
            hooks.address_changed(new)
        if old:
            retire(old, taken)
        return {"person": row.pk, "address_added": new.pk, "address_retired": old.pk if old else None}

    return take(case, action=CaseAction.AMEND_CASE, by=by, policy=POLICY, seen=seen, change=change)


def retire_address(*, case: Case, address: Address, by: User, seen: Seen) -> Case:
    """An address that holds no more, with none instead: nothing is written there again."""

    def change(locked: Case, taken: Taken) -> Mapping[str, Any]:
        row = address_of(locked, address)
        retire(row, taken)
        return {"person": row.person_id, "address_retired": row.pk}

    return take(case, action=CaseAction.AMEND_CASE, by=by, policy=POLICY, seen=seen, change=change)


def verify_address(
    *, case: Case, address: Address, source: str, by: User, seen: Seen, area: str = "", reason: str = ""
) -> Case:
    """The allocated worker knows today, from `source`, that the address is right; a doubt is lifted with it.

    `area` confirms with it where the address lies (in, out, abroad); `reason` says why, if not as its postcode has it.
    """
    _check_source(source)
    if area and area not in Area.values:
        raise InvalidStep("Say whether the address is in the council's area.", "area")

    def change(locked: Case, taken: Taken) -> Mapping[str, Any]:
        row = address_of(locked, address)
        if faults := hooks.address_faults(envelope_lines(row.person, row.line_list)):
            raise InvalidStep(f"This can't be verified as it stands: {faults[0]} Enter it anew.", "source")
        was_no_use = not row.is_usable
        row.verified_on, row.verified_by, row.source = timezone.localdate(taken.at), taken.by, source
        row.in_doubt, row.doubt_reason = False, ""
        moved = bool(area) and (row.area != area or row.area_confirmed_by_id is None)
        if area:
            if why := why_not_area(area, row.line_list, settings.COUNCIL_POSTCODES, reason):
                raise InvalidStep(why, "area")
            if row.area != area and (stays := hooks.why_area_stays(row)):
                raise InvalidStep(stays, "area")
            row.area, row.area_confirmed_on, row.area_confirmed_by = area, row.verified_on, taken.by
        save_as(row, taken.by)
        if moved or was_no_use:
            hooks.recipient_changed(row.person)
        return {"address": row.pk, "verified": True, "source": source, **({"area": area} if area else {})}

    return take(case, action=CaseAction.VERIFY_ADDRESS, by=by, policy=POLICY, seen=seen, reason=reason, change=change)


def doubt_address(*, case: Case, address: Address, reason: str, by: User | None, seen: Seen | None) -> Case:
    """Mark an address as in doubt: no letter goes there until the worker verified it or it is replaced.

    `by` None is Postroom itself, for a letter that came back (then `seen` is None).
    """
    reason = " ".join(reason.split())
    if not reason:
        raise ReasonNeeded("Say why the address is in doubt.")
    if len(reason) > 200:
        raise InvalidStep("Say it in 200 characters or fewer.", "reason")

    def change(locked: Case, taken: Taken) -> Mapping[str, Any]:
        row = address_of(locked, address)
        row.in_doubt, row.doubt_reason = True, reason
        save_as(row, taken.by)
        hooks.address_changed(row)
        return {"address": row.pk, "in_doubt": True}

    return take(case, action=CaseAction.VERIFY_ADDRESS, by=by, policy=POLICY, seen=seen, reason=reason, change=change)


def checked_lines(person: CasePerson, text: str) -> list[str]:
    """The lines as they will be kept. Raises InvalidStep with what to put right."""
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    if len(lines) < 2:
        raise InvalidStep("Enter street and town, each on its own line, and the postcode on the last.", "lines")
    if lines[0].casefold() == person.name.casefold():
        raise InvalidStep("Leave the name out here; it is put above the address by itself.", "lines")
    abroad = len(lines) > 2 and _COUNTRY_LIKE.fullmatch(lines[-1]) and lines[-1] == lines[-1].upper()
    if not (abroad or _POSTCODE_LIKE.fullmatch(lines[-1])):
        raise InvalidStep(
            "The last line must be the postcode alone, for example NM1 1AA; abroad, the country in capitals.", "lines"
        )
    lines[-1] = lines[-1].upper()
    faults = hooks.address_faults(envelope_lines(person, lines))
    if faults:
        raise InvalidStep(faults[0], "lines")
    return lines


def envelope_lines(person: CasePerson, lines: list[str]) -> list[str]:
    """The lines as they stand in the window: the name, the organisation if any, the address."""
    return [line for line in (person.name, person.organisation) if line] + lines


def _check_source(source: str) -> None:
    if source not in AddressSource.values:
        raise InvalidStep("Say where the address comes from.", "source")
