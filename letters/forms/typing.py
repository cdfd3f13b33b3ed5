"""The typing screen's form, and what of it is kept while somebody types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone

from letters.content import Typed
from letters.forms.handing_over import ASK_THE_WORKER, verified_words
from letters.models import Letter
from postroom.cases.models import Address
from postroom.forms import DatePartsField, PlainForm

MAX_ENCLOSURES = 12
BLANK_ROWS = 2
TEXT_FIELDS = ("address", "salutation", "subject", "body", "sign_off", "reason")
DATE_PARTS = ("letter_date_day", "letter_date_month", "letter_date_year")


class TypingForm(PlainForm):
    """What admin types. `addresses`: those of the addressee; `after_check`: a reason is needed (OGP-3a)."""

    widths = {"sign_off": 20}
    required_words = {
        "address": "Choose the address it goes to",
        "salutation": "Enter the greeting, for example Dear Ms Sample",
        "body": "The letter has no text yet",
        "sign_off": "Enter the closing words, for example Yours sincerely",
        "reason": "Say why the letter has to change; the people who checked and signed it will see this",
    }

    address = forms.ChoiceField(label="Address", widget=forms.RadioSelect)
    letter_date = DatePartsField(label="Date on the letter")
    salutation = forms.CharField(label="Greeting", max_length=120)
    subject = forms.CharField(label="Subject line", max_length=120, required=False)
    body = forms.CharField(
        label="Letter",
        max_length=50_000,
        widget=forms.Textarea(
            attrs={"rows": 20, "lang": "en-GB", "spellcheck": "true", "data-editor": True},
        ),
    )
    sign_off = forms.CharField(label="Closing", max_length=60)
    reason = forms.CharField(
        label="Why does it have to change?", required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, addresses: list[Address], *args: Any, after_check: bool = False, **kwargs: Any) -> None:
        self.addresses = {str(address.pk): address for address in addresses if address.is_usable}
        self.choice_hints = {
            "address": {key: verified_words(row, ASK_THE_WORKER) for key, row in self.addresses.items()}
        }
        super().__init__(*args, **kwargs)
        self.fields["address"].choices = [  # type: ignore[attr-defined]
            (key, ", ".join(row.line_list)) for key, row in self.addresses.items()
        ]
        if after_check:
            self.fields["reason"].required = True
        else:
            del self.fields["reason"]

    def clean_body(self) -> str:
        """Line breaks as the letter keeps them."""
        return str(self.cleaned_data["body"]).replace("\r\n", "\n").replace("\r", "\n")

    @property
    def chosen_address(self) -> Address:
        """The address chosen; only once the form is valid."""
        return self.addresses[self.cleaned_data["address"]]


class EnclosureForm(PlainForm):
    """One enclosure; an empty row is none."""

    widths = {"sheets": 3}
    required_words = {"title": "Say what the enclosure is", "sheets": "Say how many sheets the enclosure has"}
    title = forms.CharField(label="Enclosure", max_length=80)
    sheets = forms.IntegerField(label="Sheets", min_value=1, max_value=99, widget=forms.TextInput)

    def __init__(self, *args: Any, number: int, **kwargs: Any) -> None:
        super().__init__(*args, prefix=f"enclosure-{number}", empty_permitted=True, **kwargs)
        self.fields["title"].label = f"Enclosure {number}"
        self.fields["sheets"].widget.attrs["inputmode"] = "numeric"
        self.fields["sheets"].error_messages["invalid"] = "The number of sheets must be a whole number, like 2"


def working_fields(data: QueryDict) -> dict[str, Any]:
    """What was typed, as it is kept meanwhile: texts as they are, nothing judged, nothing but what the form has."""
    fields: dict[str, Any] = {name: _plain(data.get(name)) for name in TEXT_FIELDS if name in data}
    fields["letter_date"] = [_plain(data.get(name))[:20] for name in DATE_PARTS]
    rows = (
        [_plain(data.get(f"enclosure-{n}-title")), _plain(data.get(f"enclosure-{n}-sheets"))]
        for n in range(1, MAX_ENCLOSURES + 1)
    )
    fields["enclosures"] = [row for row in rows if any(part.strip() for part in row)]
    return fields


def _plain(value: str | None) -> str:
    # PostgreSQL can't keep NUL; line breaks as the letter has them, so that two saves of one text are the same text.
    return (value or "").replace("\0", "").replace("\r\n", "\n")[:60_000]


def first_fields(letter: Letter) -> dict[str, Any]:
    """What the form starts with: the version that stands, or, before any, what is known of the addressee."""
    today = timezone.localdate()
    fields: dict[str, Any] = {
        "address": str(letter.address_id),
        "subject": letter.subject,
        "salutation": f"Dear {letter.addressee.salutation or letter.addressee.name}",
        "sign_off": "Yours sincerely",
        "body": "",
        "letter_date": [str(today.day), str(today.month), str(today.year)],
        "enclosures": [],
    }
    if letter.current is not None:
        content = letter.current.as_content
        fields |= {name: content[name] for name in ("salutation", "subject", "body", "sign_off")}
        fields["enclosures"] = [[item["title"], str(item["pages"])] for item in content["enclosures"]]
    return fields


def enclosure_forms(
    *, data: QueryDict | None = None, rows: list[list[str]] | None = None, blank: int = BLANK_ROWS
) -> list[EnclosureForm]:
    """The rows of the form: those filled, and some blank ones after them."""
    if data is not None:
        filled = [n for n in range(1, MAX_ENCLOSURES + 1) if f"enclosure-{n}-title" in data]
        last = min(max(filled, default=0), MAX_ENCLOSURES)
        return [EnclosureForm(data, number=n) for n in range(1, last + 1)]
    rows = rows or []
    count = min(len(rows) + blank, MAX_ENCLOSURES)
    return [
        EnclosureForm(
            number=n, initial=dict(zip(("title", "sheets"), rows[n - 1], strict=True)) if n <= len(rows) else {}
        )
        for n in range(1, count + 1)
    ]


def typed_from(form: TypingForm, enclosures: list[EnclosureForm]) -> Typed:
    """What was typed, from valid forms."""
    data: Mapping[str, Any] = form.cleaned_data
    return Typed(
        salutation=data["salutation"],
        body=data["body"],
        subject=data["subject"],
        sign_off=data["sign_off"],
        letter_date=data["letter_date"],
        enclosures=tuple(
            (row.cleaned_data["title"], row.cleaned_data["sheets"]) for row in enclosures if row.has_changed()
        ),
    )


def valid_rows(rows: list[EnclosureForm]) -> bool:
    """Are all enclosures in order? Judges each of them, so that every fault is shown at once."""
    return not [row for row in rows if not row.is_valid()]
