"""A letter's fields as they changed, from django-simple-history, in words that people read."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from letters.models import Letter, PostClass, SignatureKind, SignatureMedium
from letters.states import STATE_NAMES
from letters.ways import WAY_NAMES
from postroom.cases.models import Address
from postroom.people.models import Office, User

PEOPLE = {
    "typed_by_id": "Typed by",
    "checked_by_id": "Checked by",
    "signed_by_id": "Signed by",
    "signed_for_id": "Signed for",
    "initialled_by_id": "Initialled by",
    "posted_by_id": "Posted by",
    "handed_by_id": "Handed over by",
    "carried_by_id": "Out of the office with",
    "right_by_id": "Right confirmed by",
    "emailed_by_id": "Sent by e-mail by",
}
CHOICES: dict[str, tuple[str, dict[str, str]]] = {
    "state": ("Stands at", {str(state): words for state, words in STATE_NAMES.items()}),
    "signature_kind": ("Signature", {str(value): str(label) for value, label in SignatureKind.choices}),
    "signature_medium": ("Signed where", {str(value): str(label) for value, label in SignatureMedium.choices}),
    "way": ("Goes", {str(way): words for way, words in WAY_NAMES.items()}),
    "post_class": ("Class of post", {str(value): str(label) for value, label in PostClass.choices}),
}
PLAIN = {
    "subject": "Subject",
    "authority": "Authority to sign",
    "initials": "Initials",
    "checked_at": "Checked at",
    "signed_at": "Signed at",
    "enveloped_at": "In its envelope at",
    "posted_on": "Posted on",
    "sensitive": "Sensitive",
    "tracking_number": "Tracking number",
    "service": "Service abroad",
    "delivered_at": "Delivered at",
    "handed_on": "Handed over on",
    "email": "E-mail address",
    "right_at": "Right confirmed at",
    "emailed_on": "Sent by e-mail on",
    "taken_out_at": "Taken out of the office at",
    "locked_in_on": "Locked in overnight",
    "uploaded_at": "Uploaded at",
    "ics_reference": "ICS reference",
    "sheets_in_hand": "Signed sheets in hand",
    "draft_text": "Draft",
    "instructions": "Instructions to admin",
}


@dataclass(frozen=True)
class FieldChange:
    """One field: what it was and what it became, in words; "" was or is empty."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Change:
    """One saved change: when (aware), by whom (`by_id`; None: Postroom itself), its fields."""

    at: dt.datetime
    by: str
    by_id: int | None
    fields: tuple[FieldChange, ...]


def changes_of(
    letter: Letter,
    *,
    lines: Callable[[Address], list[str]],
    words: Callable[[str], str] = str,
    before: dt.datetime | None = None,
    since: dt.datetime | None = None,
    most: int = 60,
) -> list[Change]:
    """What changed field by field, newest first; at most `most` saves. Four queries, whatever there is.

    `lines` gives an address's lines as the reader may see them, `words` what somebody wrote. `before` and `since`
    (aware): only saves after `since` and up to `before`; what they changed is told against the save before each.
    """
    saves = letter.history.order_by("-history_date", "-history_id")
    if before is not None:
        saves = saves.filter(history_date__lte=before)
    rows = list(saves[: most + 1])
    told = _Words(rows, lines, words)
    found = []
    for newer, older in itertools.pairwise(rows):
        fields = tuple(told.differences(older, newer))
        if fields:
            found.append(told.change(newer, fields))
    if rows and len(rows) <= most:
        first = rows[-1]
        found.append(told.change(first, tuple(told.differences(None, first))))
    if since is not None:
        found = [change for change in found if change.at > since]
    return found


class _Words:
    """Values of history rows in words; the names they need are read once for all rows."""

    def __init__(self, rows: list[Any], lines: Callable[[Address], list[str]], words: Callable[[str], str]) -> None:
        self._lines, self._written = lines, words
        people = {getattr(row, name) for row in rows for name in PEOPLE} | {row.history_user_id for row in rows}
        self._people = dict(User.objects.filter(pk__in=people - {None}).values_list("pk", "name"))
        self._addresses = Address.objects.in_bulk({row.address_id for row in rows})
        self._offices = dict(Office.objects.filter(pk__in={row.office_id for row in rows}).values_list("pk", "name"))

    def person(self, pk: int | None) -> str:
        """Their name; empty for nobody."""
        return self._people.get(pk, "") if pk else ""

    def change(self, row: Any, fields: tuple[FieldChange, ...]) -> Change:
        """What the save that left this row changed."""
        by = row.history_user_id
        return Change(row.history_date, self.person(by) or "Postroom", by, fields)

    def differences(self, older: Any, newer: Any) -> list[FieldChange]:
        """The fields that differ between two rows; `older` None: those that were filled from the first."""
        found = []
        for label, before, after in self._pairs(older, newer):
            if before != after:
                found.append(FieldChange(label, before, after))
        return found

    def _pairs(self, older: Any, newer: Any) -> list[tuple[str, str, str]]:
        def both(name: str, words: Any) -> tuple[str, str]:
            return ("" if older is None else words(getattr(older, name))), words(getattr(newer, name))

        pairs = [
            (label, *both(name, lambda v, c=choices: c.get(str(v), ""))) for name, (label, choices) in CHOICES.items()
        ]
        pairs += [("Address", *both("address_id", self._address)), ("Office", *both("office_id", self._office))]
        pairs += [(label, *both(name, self.person)) for name, label in PEOPLE.items()]
        pairs += [(label, *both(name, lambda v: self._written(in_words(v)))) for name, label in PLAIN.items()]
        return pairs

    def _address(self, pk: int) -> str:
        address = self._addresses.get(pk)
        return ", ".join(self._lines(address)) if address else ""

    def _office(self, pk: int) -> str:
        return self._offices.get(pk, "")


def in_words(value: Any) -> str:
    """A plain value as people read it: dates in words (local), yes or no, text as it is."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, dt.datetime):
        local = timezone.localtime(value)
        return f"{local.day} {local:%B %Y}, {local:%H:%M}"
    if isinstance(value, dt.date):
        return f"{value.day} {value:%B %Y}"
    return str(value)
