"""What a file's rows would change: asked for the preview, and again when each case is taken over."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Prefetch
from django.utils import timezone

from postroom.cases import hooks
from postroom.cases.actions.addresses import checked_lines
from postroom.cases.actions.persons import PersonDetails
from postroom.cases.ics.reading import CaseRows, Row, day_of
from postroom.cases.models import Address, Case, CasePerson, IcsLine, Relationship
from postroom.forms import in_words
from postroom.people.models import Office, RoleGrant, User
from postroom.people.roles import SOCIAL_WORK_ROLES
from postroom.steps.errors import InvalidStep

_ABODE = re.compile(r"^(nfa|no ?fixed ?(abode|address))$")
_FIELDS = ("relationship", "name", "salutation", "ics_number", "date_of_birth", "organisation", "email", "mobile")
# What ICS leaves empty doesn't empty what somebody entered here.
_KEPT_IF_EMPTY = frozenset({"salutation", "organisation", "email", "mobile", "date_of_birth"})
OLDER = "This file is older: ICS said something newer of this case on {day}. Upload the newest file from ICS."
KINDS = {**{value: value for value in Relationship.values}, "other family": "relative", "foster carer": "carer"}


@dataclass
class PersonChange:
    """One row against what stands: what it sets, what differs in words, or why it is refused."""

    row: Row
    person: CasePerson | None = None
    sets: dict[str, Any] = field(default_factory=dict)
    lines: list[str] | None = None
    standing: Address | None = None
    differs: list[str] = field(default_factory=list)
    refused: str = ""

    def line(self) -> tuple[str, str] | None:
        """(kind, words) for the preview; None if the row changes nothing."""
        if self.refused:
            return IcsLine.Kind.REFUSED, self.refused
        if self.person is None:
            return IcsLine.Kind.NEW, f"New on the case: {self.sets['name']}"
        return (IcsLine.Kind.CHANGED, "; ".join(self.differs)) if self.differs else None


@dataclass
class CaseChange:
    """The rows of one case against what stands."""

    ics_reference: str
    case: Case | None
    office: Office | None
    worker: User | None
    people: list[PersonChange]

    @property
    def good(self) -> list[PersonChange]:
        """The rows that aren't refused."""
        return [change for change in self.people if not change.refused]


@dataclass
class Known:
    """What the rows of many cases are compared with; a fixed number of queries for a batch."""

    cases: dict[str, Case]
    people: dict[int, list[CasePerson]]
    children: dict[str, int]
    offices: dict[str, Office]
    workers: dict[tuple[str, int], User]


def known_of(batch: Sequence[CaseRows]) -> Known:
    """Everything that a batch of cases is compared with. Five queries."""
    cases = {case.ics_reference: case for case in Case.objects.filter(ics_reference__in=[one.case for one in batch])}
    numbers = [row["ics_number"].replace(" ", "") for one in batch for row in one.rows if row["ics_number"]]
    addresses = Address.objects.filter(retired_at__isnull=True).order_by("-pk")
    people: dict[int, list[CasePerson]] = {}
    rows = CasePerson.objects.filter(case__in=cases.values()).prefetch_related(Prefetch("addresses", addresses))
    for person in rows:
        people.setdefault(person.case_id, []).append(person)
    children = dict(CasePerson.objects.filter(ics_number__in=numbers).values_list("ics_number", "case_id"))
    grants = RoleGrant.objects.on(timezone.localdate()).filter(
        role__in=SOCIAL_WORK_ROLES, user__is_active=True, is_cover=False
    )
    workers = {(g.user.email, g.office_id): g.user for g in grants.select_related("user") if g.office_id}
    offices = {office.code: office for office in Office.objects.filter(is_active=True)}
    return Known(cases, people, children, offices, workers)


def compare(rows: CaseRows, known: Known, allowed: set[int] | None, as_of: dt.date) -> CaseChange:
    """One case's rows against what stands. `allowed`: ids of the offices that may be imported for; None: all.

    `as_of`: when ICS said this. Where it said something newer of the case already, what differs is refused: else the
    address that somebody left would stand again.
    """
    case = known.cases.get(rows.case)
    first = rows.rows[0]
    office = known.offices.get(first["office"].casefold())
    worker = known.workers.get((first["worker"].casefold(), office.pk)) if office and first["worker"] else None
    change = CaseChange(rows.case, case, office, worker, [])
    whole = _why_not_whole(rows, change, first, allowed)
    seen: set[str] = set()
    for row in rows.rows:
        fault = row.fault or whole
        if not fault and row["person"] in seen:
            fault = "This person stands in the file twice on one case."
        seen.add(row["person"])
        if fault:
            change.people.append(PersonChange(row, refused=fault))
        else:
            change.people.append(_person(row, case, known))
    standing = known.people.get(case.pk, []) if case else []
    newest = _newest(standing)
    if newest is not None and as_of < newest:
        for one in change.good:
            if one.line():
                one.refused = OLDER.format(day=in_words(newest))
    _keep_a_child(standing, change.good)
    if case is None and not any(one.sets.get("relationship") == Relationship.CHILD for one in change.good):
        for one in change.good:
            one.refused = "The case is new and none of its rows that hold is a child with an ICS number."
    return change


def _keep_a_child(standing: Sequence[CasePerson], good: Sequence[PersonChange]) -> None:
    """A case is of at least one child: where these rows would leave none, those that turn one are refused."""
    turned = {
        one.person.pk: one
        for one in good
        if one.person is not None
        and one.person.relationship == Relationship.CHILD
        and one.sets["relationship"] != Relationship.CHILD
    }
    stay = any(p.is_active and p.relationship == Relationship.CHILD and p.pk not in turned for p in standing)
    if turned and not stay and not any(one.sets["relationship"] == Relationship.CHILD for one in good):
        for one in turned.values():
            one.refused = "This is the only child on the case. Put the other child on it first, or close it."


def _newest(people: Sequence[CasePerson]) -> dt.date | None:
    """The last day of which ICS has told an address of these people that stands."""
    days = [address.in_ics_on for person in people for address in person.addresses.all() if address.in_ics_on]
    return max(days, default=None)


def _why_not_whole(rows: CaseRows, change: CaseChange, first: Row, allowed: set[int] | None) -> str:
    """What stands against every row of the case."""
    if len({row["office"].casefold() for row in rows.rows}) > 1:
        return "The rows of this case name several offices."
    if change.office is None:
        return f"There is no office with the code {first['office'][:12]}."
    if len(rows.case) > 20:
        return "The case's number is longer than 20 characters."
    if allowed is not None and change.office.pk not in allowed:
        return "The case is of another office than yours."
    if change.case is not None and change.case.office_id != change.office.pk:
        return "The case stands at another office here. Its manager moves it first."
    if change.case is not None and change.case.state != "open":
        return "The case is closed here. A manager opens it again first."
    if first["worker"] and change.worker is None:
        return "The worker named is no social worker of that office today."
    return ""


def _person(row: Row, case: Case | None, known: Known) -> PersonChange:
    change = PersonChange(row)
    standing = known.people.get(case.pk, []) if case else []
    number = row["ics_number"].replace(" ", "")
    change.person = next((p for p in standing if p.ics_id == row["person"]), None) or next(
        (p for p in standing if number and p.ics_number == number and not p.ics_id), None
    )
    try:
        change.sets = _fields(row)
    except InvalidStep as error:
        change.refused = str(error)
        return change
    held = known.children.get(number) if number else None
    if held is not None and (case is None or held != case.pk):
        change.refused = "A child with this ICS number is on another case here."
        return change
    _address(row, change)
    if not change.refused and change.person is not None:
        _differences(change)
        turned = change.person.is_family is (change.sets["relationship"] == Relationship.PROFESSIONAL)
        if turned and (stays := hooks.why_kind_stays(change.person)):
            change.refused = stays
    return change


def _fields(row: Row) -> dict[str, Any]:
    try:
        born = day_of(row["date_of_birth"])
    except ValueError as error:
        raise InvalidStep("The date of birth can't be read: write 2016-07-20 or 20/07/2016.") from error
    kind = KINDS.get(row["relationship"].casefold())
    if kind is None:
        raise InvalidStep("The relationship is none of child, parent, carer, relative, professional.")
    for name, most in (("name", 120), ("salutation", 120), ("organisation", 120), ("ics_number", 20), ("person", 20)):
        if len(row[name]) > most:
            raise InvalidStep(f"What stands under {name} is longer than {most} characters.")
    texts = {name: row[name] for name in ("name", "salutation", "ics_number", "organisation", "email", "mobile")}
    tidy = PersonDetails(relationship=kind, date_of_birth=born, **texts).tidy()  # type: ignore[arg-type]
    return {name: tidy[name] for name in _FIELDS} | {"ics_id": row["person"]}


def _address(row: Row, change: PersonChange) -> None:
    lines = row.address
    if not lines:
        return
    if _ABODE.match(re.sub(r"[^a-z ]", "", " ".join(lines).casefold()).strip()):
        change.sets["no_fixed_abode"] = True
        return
    try:
        person = CasePerson(name=change.sets["name"], organisation=change.sets["organisation"])
        change.lines = checked_lines(person, "\n".join(lines))
    except InvalidStep:
        change.refused = "The address can't be used for post as it stands in ICS. Put it right there."
        return
    if change.person is not None:
        standing = [address for address in change.person.addresses.all() if address.line_list == change.lines]
        change.standing = standing[0] if standing else None


def _differences(change: PersonChange) -> None:
    person = change.person
    assert person is not None  # noqa: S101 - asked for one that stands
    for name, value in list(change.sets.items()):
        if not value and name in _KEPT_IF_EMPTY:
            del change.sets[name]
        elif getattr(person, name) != value and name != "ics_id":
            change.differs.append(_said(name, getattr(person, name), value))
    if not person.is_active:
        change.differs.append("back on the case")
    if change.lines is not None and change.standing is None:
        change.differs.append("another address")
    if change.row.is_confidential and change.standing is not None and not change.standing.is_confidential:
        change.differs.append("the address is confidential in ICS")


def _said(name: str, before: Any, after: Any) -> str:
    label = name.replace("_", " ").replace("ics", "ICS")
    return f"{label}: {before or 'nothing'} → {after}"[:120]
