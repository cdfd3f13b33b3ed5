"""Family and professionals on a case."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import phonenumbers

from postroom.cases import hooks
from postroom.cases.actions.common import person_of, save_person, void_prepared
from postroom.cases.models import Case, CasePerson, Relationship
from postroom.cases.policy import POLICY
from postroom.cases.states import CaseAction
from postroom.people.models import User
from postroom.steps.engine import Seen, Taken, take
from postroom.steps.errors import InvalidStep

E164 = phonenumbers.PhoneNumberFormat.E164


@dataclass(frozen=True, kw_only=True)
class PersonDetails:
    """What is kept about somebody on a case, as entered."""

    relationship: str
    name: str
    salutation: str = ""
    ics_number: str = ""
    date_of_birth: dt.date | None = None
    organisation: str = ""
    email: str = ""
    mobile: str = ""
    no_fixed_abode: bool = False

    def tidy(self) -> dict[str, Any]:
        """The fields with blanks collapsed. Raises InvalidStep for what can't be."""
        fields = {name: " ".join(v.split()) if isinstance(v, str) else v for name, v in asdict(self).items()}
        fields["ics_number"] = fields["ics_number"].replace(" ", "")
        if not fields["name"]:
            raise InvalidStep("Enter the name, as it goes on the envelope.", "name")
        if fields["relationship"] not in Relationship.values:
            raise InvalidStep("Say how they belong to the case.", "relationship")
        child = fields["relationship"] == Relationship.CHILD
        if child and not fields["ics_number"]:
            raise InvalidStep("Enter the child's ICS number. Every child on a case has one.", "ics_number")
        if not child and fields["ics_number"]:
            raise InvalidStep("Only a child has an ICS number here. Leave it empty.", "ics_number")
        if fields["relationship"] != Relationship.PROFESSIONAL and (fields["email"] or fields["mobile"]):
            field = "email" if fields["email"] else "mobile"
            raise InvalidStep("Only professionals are e-mailed or sent a code by text. Leave it empty.", field)
        fields["email"] = fields["email"].casefold()
        fields["mobile"] = tidy_mobile(fields["mobile"])
        return fields


def tidy_mobile(typed: str) -> str:
    """A mobile number as +44 and digits; "" for none. Raises InvalidStep for what can't be texted."""
    if not typed:
        return ""
    try:
        number = phonenumbers.parse(typed, "GB")
    except phonenumbers.NumberParseException as error:
        raise InvalidStep("Enter a mobile number, for example 07700 900123.", "mobile") from error
    kinds = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)
    invented = phonenumbers.format_number(number, E164).startswith("+447700900")  # Ofcom's numbers for drama
    if not invented and (not phonenumbers.is_valid_number(number) or phonenumbers.number_type(number) not in kinds):
        raise InvalidStep("Enter a mobile number, for example 07700 900123.", "mobile")
    return str(phonenumbers.format_number(number, E164))


def add_person(*, case: Case, details: PersonDetails, by: User, seen: Seen) -> Case:
    """Put somebody on the case; a child needs an ICS number that no other case has."""
    fields = details.tidy()

    def change(locked: Case, taken: Taken) -> Mapping[str, Any]:
        person = save_person(CasePerson(case=locked, **fields), taken.by)
        return {"person_added": person.pk, "relationship": fields["relationship"]}

    return take(case, action=CaseAction.AMEND_CASE, by=by, policy=POLICY, seen=seen, change=change)


def change_person(*, case: Case, person: CasePerson, details: PersonDetails, by: User, seen: Seen) -> Case:
    """Change somebody's details. Another name, organisation or kind voids what was checked for them (OGP-3a)."""
    fields = details.tidy()
    voids: list[CasePerson] = []

    def change(locked: Case, taken: Taken) -> Mapping[str, Any]:
        row = person_of(locked, person)
        changed = [name for name, value in fields.items() if getattr(row, name) != value]
        if not changed:
            raise InvalidStep("Nothing was changed.")
        if "relationship" in changed:
            _keep_a_child(locked, row, still_child=fields["relationship"] == Relationship.CHILD)
            turned = row.is_family is (fields["relationship"] == Relationship.PROFESSIONAL)
            if turned and (stays := hooks.why_kind_stays(row)):
                raise InvalidStep(stays, "relationship")
        for name in changed:
            setattr(row, name, fields[name])
        save_person(row, taken.by)
        if {"name", "organisation", "relationship", "no_fixed_abode"} & set(changed):
            voids.append(row)
        if {"name", "organisation", "relationship", "no_fixed_abode", "email", "mobile"} & set(changed):
            hooks.recipient_changed(row)
        return {"person": row.pk, "changed": changed}

    def after(locked: Case, taken: Taken) -> None:
        for row in voids:
            void_prepared(row)

    return take(case, action=CaseAction.AMEND_CASE, by=by, policy=POLICY, seen=seen, change=change, after=after)


def take_off(*, case: Case, person: CasePerson, by: User, seen: Seen) -> Case:
    """Somebody is no longer on the case: they get no new letters, what was prepared is void. Their row stays."""
    gone: list[CasePerson] = []

    def change(locked: Case, taken: Taken) -> Mapping[str, Any]:
        row = person_of(locked, person)
        if not row.is_active:
            raise InvalidStep("This person is off the case already.")
        _keep_a_child(locked, row, still_child=False)
        row.is_active = False
        gone.append(save_person(row, taken.by))
        return {"person_taken_off": row.pk}

    def after(locked: Case, taken: Taken) -> None:
        for row in gone:
            void_prepared(row)
            hooks.recipient_changed(row)  # who has no address has no other word of it

    return take(case, action=CaseAction.AMEND_CASE, by=by, policy=POLICY, seen=seen, change=change, after=after)


def put_back(*, case: Case, person: CasePerson, by: User, seen: Seen) -> Case:
    """Somebody who was taken off is on the case again."""

    def change(locked: Case, taken: Taken) -> Mapping[str, Any]:
        row = person_of(locked, person)
        if row.is_active:
            raise InvalidStep("This person is on the case.")
        row.is_active = True
        save_person(row, taken.by)
        hooks.recipient_changed(row)
        return {"person_put_back": row.pk}

    return take(case, action=CaseAction.AMEND_CASE, by=by, policy=POLICY, seen=seen, change=change)


def _keep_a_child(case: Case, person: CasePerson, *, still_child: bool) -> None:
    """A case is of at least one child. Raises InvalidStep if this was the last."""
    if person.relationship != Relationship.CHILD or still_child:
        return
    others = case.people.filter(relationship=Relationship.CHILD, is_active=True).exclude(pk=person.pk)
    if not others.exists():
        raise InvalidStep("This is the only child on the case. Add the other child first, or close the case.")
