"""The typing screen's form, and what of it is kept while somebody types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone

from letters.content import Typed
from letters.forms.handing_over import ASK_THE_WORKER, verified_words
from letters.models import EnvelopeStock, Letter, LetterFile, LetterFormat, OfficeTextVersion
from letters.rendering.content import EnclosedItem
from postroom.cases.models import Address
from postroom.forms import DatePartsField, PlainForm

MAX_ENCLOSURES = 12
BLANK_ROWS = 2
TEXT_FIELDS = (
    "address",
    "salutation",
    "subject",
    "body",
    "sign_off",
    "reason",
    "original_text",
    "stock",
    "document",
    "texts",
)
ROW_FIELDS = ("title", "sheets", "what", "file", "original")
DATE_PARTS = ("letter_date_day", "letter_date_month", "letter_date_year")


class TypingForm(PlainForm):
    """What admin types. `addresses`: those of the addressee; `after_check`: a reason is needed (OGP-3a)."""

    widths = {"sign_off": 20}
    required_words = {
        "address": "Choose the address it goes to",
        "salutation": "Enter the greeting, for example Dear Ms Sample",
        "body": "The letter has no text yet",
        "sign_off": "Enter the closing words, for example Yours sincerely",
        "original_text": "Keep the text that was translated beside its translation",
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
    original_text = forms.CharField(
        label="The text that was translated",
        help_text="It is kept beside the translation and is not printed.",
        max_length=50_000,
        widget=forms.Textarea(attrs={"rows": 8, "lang": "en-GB", "spellcheck": "true"}),
    )
    stock = forms.ChoiceField(label="Envelope", required=False)
    # A finished document that is itself the letter; which templates and paragraphs went in. Set by their buttons.
    document = forms.CharField(required=False, widget=forms.HiddenInput)
    texts = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)
    reason = forms.CharField(
        label="Why does it have to change?", required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(
        self,
        addresses: list[Address],
        *args: Any,
        after_check: bool = False,
        stocks: Sequence[EnvelopeStock] = (),
        files: Mapping[str, LetterFile] | None = None,
        translation: bool = False,
        **kwargs: Any,
    ) -> None:
        self.added_files = dict(files or {})
        self.stocks = {str(row.pk): row for row in stocks}
        self.addresses = {str(address.pk): address for address in addresses if address.is_usable}
        self.choice_hints = {
            "address": {key: verified_words(row, ASK_THE_WORKER) for key, row in self.addresses.items()}
        }
        super().__init__(*args, **kwargs)
        self.fields["address"].choices = [  # type: ignore[attr-defined]
            (key, ", ".join(row.line_list)) for key, row in self.addresses.items()
        ]
        takes = [(key, f"{row.name}, takes {row.max_sheets} sheets") for key, row in self.stocks.items()]
        self.fields["stock"].choices = [("", "The usual one of this office"), *takes]  # type: ignore[attr-defined]
        if not translation:
            del self.fields["original_text"]
        if self.chosen_document is not None:
            for name in ("salutation", "body", "sign_off"):
                self.fields[name].required = False
        if after_check:
            self.fields["reason"].required = True
        else:
            del self.fields["reason"]

    def clean_body(self) -> str:
        """Line breaks as the letter keeps them."""
        return str(self.cleaned_data["body"]).replace("\r\n", "\n").replace("\r", "\n")

    @property
    def chosen_document(self) -> LetterFile | None:
        """The finished document that is the letter, if one was added to this very letter."""
        key = str(self.data.get("document", "") if self.is_bound else self.initial.get("document", ""))
        found = self.added_files.get(key)
        return found if found and found.purpose == LetterFile.Purpose.DOCUMENT else None

    @property
    def text_ids(self) -> list[int]:
        """The versions of templates and paragraphs that went in."""
        parts = str(self.cleaned_data.get("texts", "")).split(",")
        return [int(part) for part in parts if part.isascii() and part.isdecimal() and len(part) < 15]

    @property
    def chosen_address(self) -> Address:
        """The address chosen; only once the form is valid."""
        return self.addresses[self.cleaned_data["address"]]


class EnclosureForm(PlainForm):
    """One enclosure; an empty row is none. `files`: those added to this letter, by id; they count their own pages."""

    widths = {"sheets": 3}
    required_words = {"title": "Say what the enclosure is", "sheets": "Say how many there are of the enclosure"}
    title = forms.CharField(label="Enclosure", max_length=80)
    sheets = forms.IntegerField(label="How many", min_value=1, max_value=99, widget=forms.TextInput)
    what = forms.ChoiceField(
        label="What it is", required=False, choices=[("", "sheets of paper"), ("thing", "things, not paper")]
    )
    original = forms.BooleanField(label="original", required=False)
    file = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, number: int, files: Mapping[str, LetterFile] | None = None, **kwargs: Any) -> None:
        self.number, self.added_files = number, dict(files or {})
        super().__init__(*args, prefix=f"enclosure-{number}", empty_permitted=True, **kwargs)
        self.fields["title"].label = f"Enclosure {number}"
        self.fields["sheets"].widget.attrs["inputmode"] = "numeric"
        self.fields["sheets"].error_messages["invalid"] = "How many must be a whole number, like 2"
        if self.added is not None:
            self.fields["sheets"].required = False

    @property
    def added(self) -> LetterFile | None:
        """The file of this row, if it was added to this very letter as an enclosure."""
        key = str(self.data.get(self.add_prefix("file"), "") if self.is_bound else self.initial.get("file", ""))
        found = self.added_files.get(key)
        return found if found and found.purpose == LetterFile.Purpose.ENCLOSURE else None

    def clean_file(self) -> str:
        """Nobody puts in a file of another letter."""
        if self.cleaned_data["file"] and self.added is None:
            raise forms.ValidationError("This file isn't one of this letter's. Add it again")
        return str(self.cleaned_data["file"])

    def item(self) -> EnclosedItem:
        """As the letter's content has it; only once the row is valid."""
        data = self.cleaned_data
        title, original = data["title"], data["original"]
        if self.added is not None:
            row = self.added
            return EnclosedItem(title, row.pages, "file", row.file_id, row.media_type, original=original)
        if data["what"] == "thing":
            return EnclosedItem(title, 0, "thing", count=data["sheets"], original=original)
        return EnclosedItem(title, data["sheets"], original=original)


def working_fields(data: QueryDict) -> dict[str, Any]:
    """What was typed, as it is kept meanwhile: texts as they are, nothing judged, nothing but what the form has."""
    fields: dict[str, Any] = {name: _plain(data.get(name)) for name in TEXT_FIELDS if name in data}
    fields["letter_date"] = [_plain(data.get(name))[:20] for name in DATE_PARTS]
    off = data.get("enclosure_off", "")
    first = data.get("enclosure_up", "")
    numbers = [n for n in range(1, MAX_ENCLOSURES + 1) if str(n) != off]
    if first in {str(n) for n in numbers[1:]}:
        place = numbers.index(int(first))
        numbers[place - 1], numbers[place] = numbers[place], numbers[place - 1]
    rows = ([_plain(data.get(f"enclosure-{n}-{name}")) for name in ROW_FIELDS] for n in numbers)
    fields["enclosures"] = [row for row in rows if any(part.strip() for part in row)]
    return fields


def data_of(fields: Mapping[str, Any]) -> QueryDict:
    """What was kept, as the page would post it: the counterpart of `working_fields`."""
    data = QueryDict(mutable=True)
    data.update({name: fields[name] for name in TEXT_FIELDS if name in fields})
    data.update(dict(zip(DATE_PARTS, fields["letter_date"], strict=True)))
    for number, row in enumerate(fields["enclosures"], start=1):
        data.update({f"enclosure-{number}-{name}": text for name, text in zip(ROW_FIELDS, row, strict=False) if text})
        data.setdefault(f"enclosure-{number}-title", "")
    return data


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
        fields["original_text"] = content.get("original_text", "")
        files = {row.file_id: str(row.pk) for row in letter.files.all()}
        fields["enclosures"] = [_row_of(item, files) for item in content["enclosures"]]
        fields["document"] = files.get(content.get("document_sha256", ""), "")
        if fields["document"]:
            fields["body"] = ""
        post = getattr(letter.office, "post", None)
        usual = post.stock_on(today) if post else None
        if usual is not None and letter.current.stock.max_sheets > usual.max_sheets:
            fields["stock"] = str(letter.current.stock_id)  # chosen because it takes more
    elif letter.letter_format == LetterFormat.LANGUAGE:
        fields["original_text"] = letter.draft_text
    return fields


def _row_of(item: Mapping[str, Any], files: Mapping[str, str]) -> list[str]:
    """An enclosure of a frozen content as a row of the form."""
    kind = item.get("kind", "sheets")
    many = item.get("count") if kind == "thing" else item["pages"]
    what = "thing" if kind == "thing" else ""
    return [item["title"], str(many), what, files.get(item.get("sha256", ""), ""), "on" if item.get("original") else ""]


def enclosure_forms(
    *,
    data: QueryDict | None = None,
    rows: list[list[str]] | None = None,
    blank: int = BLANK_ROWS,
    files: Mapping[str, LetterFile] | None = None,
) -> list[EnclosureForm]:
    """The rows of the form: those filled, and some blank ones after them."""
    if data is not None:
        filled = [n for n in range(1, MAX_ENCLOSURES + 1) if f"enclosure-{n}-title" in data]
        last = min(max(filled, default=0), MAX_ENCLOSURES)
        return [EnclosureForm(data, number=n, files=files) for n in range(1, last + 1)]
    rows = rows or []
    count = min(len(rows) + blank, MAX_ENCLOSURES)
    return [
        EnclosureForm(
            number=n,
            files=files,
            # A row kept by an earlier release has fewer parts.
            initial=dict(zip(ROW_FIELDS, rows[n - 1], strict=False)) if n <= len(rows) else {},
        )
        for n in range(1, count + 1)
    ]


def typed_from(form: TypingForm, enclosures: list[EnclosureForm], office_id: int) -> Typed:
    """What was typed, from valid forms; of templates only those of the letter's own office are named."""
    data: Mapping[str, Any] = form.cleaned_data
    return Typed(
        salutation=data["salutation"] or "",
        body=data["body"],
        subject=data["subject"],
        sign_off=data["sign_off"],
        letter_date=data["letter_date"],
        enclosures=tuple(row.item() for row in enclosures if row.has_changed()),
        document=form.chosen_document,
        original_text=data.get("original_text", ""),
        stock=form.stocks.get(data.get("stock", "")),
        texts=tuple(OfficeTextVersion.objects.filter(pk__in=form.text_ids, text__office_id=office_id)),
    )


def valid_rows(rows: list[EnclosureForm]) -> bool:
    """Are all enclosures in order? Judges each of them, so that every fault is shown at once."""
    return not [row for row in rows if not row.is_valid()]
