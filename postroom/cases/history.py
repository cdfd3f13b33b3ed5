"""What happened to a case, for its history page: the ledger's steps, and field by field what changed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from postroom.cases.models import Address, Case, CasePerson
from postroom.cases.states import CASE_ACTION_NAMES, CaseAction
from postroom.ledger.models import Entry, Reason
from postroom.people.models import Office, User

MOST = 100
_SAID = {
    "person_added": "Added",
    "person": "For",
    "person_taken_off": "Taken off the case:",
    "person_put_back": "Back on the case:",
}
_ACTIONS = {
    CaseAction.OPEN_CASE: "Case opened",
    CaseAction.AMEND_CASE: "People or addresses changed",
    CaseAction.VERIFY_ADDRESS: "Address verified",
    CaseAction.ALLOCATE: "Allocated",
    CaseAction.MOVE: "Moved to another office",
    CaseAction.CLOSE_CASE: "Closed",
    CaseAction.REOPEN_CASE: "Opened again",
    CaseAction.MARK_ADDRESS: "Area and safety of an address said",
    CaseAction.MARK_PERSON: "Safety of post said",
    CaseAction.KEEP_APART: "Two people must not know of each other",
    CaseAction.LET_KNOW: "Two people may know of each other again",
    CaseAction.RESTRICT_CASE: "Restricted to named people",
    CaseAction.LIFT_RESTRICTION: "Restriction lifted",
    CaseAction.NAME_PERSON: "Somebody named",
    CaseAction.UNNAME_PERSON: "Somebody named no longer",
    CaseAction.BAR_PERSON: "Somebody barred",
    CaseAction.LIFT_BAR: "A bar lifted",
    CaseAction.TAKE_FROM_ICS: "Taken over from ICS",
    CaseAction.QUERY_ICS: "ICS said to be wrong",
    CaseAction.SETTLE_ICS: "What was wrong in ICS is settled",
}


def events_of(case: Case) -> list[dict[str, Any]]:
    """The newest steps, for the timeline component. Five queries."""
    rows = list(Entry.objects.filter(subject=case.ledger_subject).order_by("-seq")[:MOST])
    reasons = dict(Reason.objects.filter(subject=case.ledger_subject).values_list("seq", "text"))
    people = dict(CasePerson.objects.filter(case=case).values_list("pk", "name"))
    owners = dict(Address.objects.filter(person__case=case).values_list("pk", "person__name"))
    details = {row.pk: json.loads(row.payload) for row in rows}
    ids = [v for d in details.values() for v in _moved(d.get("worker"))]
    workers = dict(User.objects.filter(pk__in=ids).values_list("pk", "name"))
    offices = dict(Office.objects.values_list("pk", "name"))
    return [
        {
            "title": _title(row.action, details[row.pk]),
            "when": row.at,
            "by": f"{row.actor_name} ({row.actor_authority or row.actor_role})" if row.actor_role else row.actor_name,
            "text": " ".join(
                filter(None, [_words(details[row.pk], people, owners, workers, offices), reasons.get(row.seq, "")])
            ),
            "back": row.action == CaseAction.CLOSE_CASE or bool(details[row.pk].get("in_doubt")),
        }
        for row in rows
    ]


def changes_since(case: Case, version: int) -> list[str]:
    """What others did since `version`, a sentence each."""
    rows = Entry.objects.filter(subject=case.ledger_subject, version__gt=version).order_by("seq")[:10]
    said = []
    for row in rows:
        local = timezone.localtime(row.at)
        when = f"{local.day} {local:%B %Y, %H:%M}"
        said.append(f"{row.actor_name}: {_title(row.action, json.loads(row.payload)).lower()}, {when}")
    return said


def field_changes(case: Case) -> list[list[Any]]:
    """Rows for a table: when, who, what, before, after; the newest first. From django-simple-history."""
    people = CasePerson.history.filter(case_id=case.pk).order_by("id", "history_id")
    person_names = {row.id: row.name for row in people}
    addresses = Address.history.filter(person_id__in=person_names).order_by("id", "history_id")
    found = [
        *_differences(people, ("relationship", "name", "salutation", "ics_number", "date_of_birth", "organisation",
                               "is_active", "email", "mobile", "no_fixed_abode", "safe_to_post"), lambda row: row.name),
        *_differences(addresses, ("source", "verified_on", "in_doubt", "retired_at", "area", "safe_to_post",
                                  "is_confidential"),
                      lambda row: f"Address of {person_names.get(row.person_id, '')}"),
    ]  # fmt: skip
    found.sort(key=lambda change: change[0], reverse=True)
    names = dict(User.objects.filter(pk__in={change[1] for change in found}).values_list("pk", "name"))
    return [
        [_moment(at), names.get(who, "Postroom"), what, before, after] for at, who, what, before, after in found[:MOST]
    ]


def _differences(rows: Iterable[Any], fields: tuple[str, ...], about: Any) -> list[tuple[Any, ...]]:
    found, previous = [], None
    for row in rows:
        if previous is not None and previous.id == row.id:
            for name in fields:
                before, after = getattr(previous, name), getattr(row, name)
                if before != after:
                    label = row._meta.get_field(name).verbose_name
                    found.append(
                        (row.history_date, row.history_user_id, f"{about(row)}: {label}", _show(before), _show(after))
                    )
        previous = row
    return found


def _show(value: Any) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if value in (None, ""):
        return "Nothing"
    if hasattr(value, "hour"):
        return _moment(value)
    return f"{value.day} {value:%B %Y}" if hasattr(value, "year") else str(value)


def _moment(at: Any) -> str:
    local = timezone.localtime(at)
    return f"{local.day} {local:%B %Y, %H:%M}"


def _title(action: str, details: dict[str, Any]) -> str:
    if details.get("in_doubt"):
        return "Address marked as in doubt"
    if details.get("address_added") and details.get("address_retired"):
        return "Address replaced"
    if details.get("address_added"):
        return "Address added"
    if details.get("address_retired"):
        return "Address taken away"
    if action in _ACTIONS:
        return _ACTIONS[CaseAction(action)]
    return CASE_ACTION_NAMES.get(action, action.replace("_", " "))  # type: ignore[call-overload]


def _moved(value: Any) -> list[int]:
    if isinstance(value, dict):
        return [v for v in value.values() if v]
    return [value] if value else []


def _words(
    details: dict[str, Any],
    people: dict[int, str],
    owners: dict[int, str],
    workers: dict[int, str],
    offices: dict[int, str],
) -> str:
    said = [f"{words} {people.get(details[key], 'somebody')}." for key, words in _SAID.items() if key in details]
    if "address" in details:
        said.append(f"For {owners.get(details['address'], 'somebody')}.")
    if isinstance(details.get("office"), dict):
        said.append(f"From {offices.get(details['office']['from'])} to {offices.get(details['office']['to'])}.")
    if "worker" in details:
        last = _moved(details["worker"])[-1:]
        to = details["worker"].get("to") if isinstance(details["worker"], dict) else (last[0] if last else None)
        said.append(f"Worker: {workers.get(to, 'somebody')}." if to else "No worker yet.")
    return " ".join(said)
