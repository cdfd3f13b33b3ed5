"""Envelope stock, and how an office does its post."""

from __future__ import annotations

from typing import Any

from django import forms

from letters.models import EnvelopeStock, IcsWay, OfficePost, PostClass, SheetScan, SignatureMedium
from letters.ways import KEEPING_NAMES, Keeping
from postroom.forms import DatePartsField, PlainForm

LENGTHS = ("envelope_w", "envelope_h", "window_w", "window_h", "window_left", "window_up")


def _length(label: str, help_text: str = "") -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        help_text=help_text,
        min_value=0,
        max_value=999,
        max_digits=5,
        decimal_places=1,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )


class StockForm(PlainForm):
    """Figures in millimetres, as printed on the pack or measured."""

    widths = {**dict.fromkeys(LENGTHS, 4), "folds": 10, "max_sheets": 3}

    name = forms.CharField(label="Name", max_length=60, help_text="For example: DL, from the new supplier.")
    envelope_w = _length("Envelope width, mm")
    envelope_h = _length("Envelope height, mm")
    window_w = _length("Window width, mm")
    window_h = _length("Window height, mm")
    window_left = _length("Window from the envelope's left edge, mm")
    window_up = _length("Window from the envelope's bottom edge, mm")
    folds = forms.RegexField(
        r"^\s*\d{1,3}(\.\d)?(\s*,\s*\d{1,3}(\.\d)?)*\s*$",
        label="Folds, mm from the top of the sheet",
        max_length=40,
        help_text="For example: 99, 198.",
        error_messages={"invalid": "Write the folds as millimetres with a comma between, for example 99, 198"},
    )
    max_sheets = forms.IntegerField(
        label="Sheets it takes", min_value=1, max_value=50, widget=forms.TextInput(attrs={"inputmode": "numeric"})
    )
    is_active = forms.BooleanField(label="Offices may use it", required=False, initial=True)


class OfficePostForm(PlainForm):
    """What an office uses."""

    choice_hints = {
        "signature_medium": {
            "paper": "The checked print is signed by hand; admin confirms that it bears the signature.",
            "screen": "Name, role and date are filled in on the PDF, which is then printed.",
        }
    }
    stock = forms.ModelChoiceField(
        label="Envelopes", queryset=EnvelopeStock.objects.none(), widget=forms.RadioSelect, empty_label=None
    )
    next_stock = forms.ModelChoiceField(
        label="Other envelopes from a later day",
        queryset=EnvelopeStock.objects.none(),
        required=False,
        empty_label="Nothing is to change",
        help_text="Letters typed from that day on are made for them.",
    )
    next_stock_from = DatePartsField(label="From which day?", required=False)
    signature_medium = forms.ChoiceField(
        label="Where letters are signed", widget=forms.RadioSelect, choices=SignatureMedium.choices
    )
    return_mark = forms.ChoiceField(
        label="Return address on the back of the envelope",
        widget=forms.RadioSelect,
        choices=OfficePost.ReturnMark.choices,
    )
    sheet_scan = forms.ChoiceField(
        label="Sheets scanned in at the envelope",
        widget=forms.RadioSelect,
        choices=SheetScan.choices,
        required=False,
        help_text="Every printed sheet bears a mark of which letter and page it is. A hand scanner that types what it "
        "reads, and Enter, is enough; without one, type the line under the mark.",
    )
    keeping = forms.ChoiceField(
        label="Letters held to registered post or by hand",
        widget=forms.RadioSelect,
        choices=[(keeping.value, words) for keeping, words in KEEPING_NAMES.items()],
        required=False,
        help_text="Where a letter is held so, ordinary post is closed to it at every step.",
    )

    letters_by_email_from = DatePartsField(
        label="Letters may go by secure e-mail from",
        required=False,
        help_text="Leave this empty, and they may not. They go only to professionals whose address is in a domain on "
        "the office's list for secure e-mail; each is signed on screen, and its worker confirms the recipient's right "
        "to it.",
    )
    letters_by_email_until = DatePartsField(
        label="Secure e-mail of letters until",
        required=False,
        help_text="The last day. Leave this empty, and it has no end. To turn it off at once, empty both days.",
    )
    letters_abroad_from = DatePartsField(
        label="Letters may go to addresses abroad from",
        required=False,
        help_text="Leave this empty, and they may not. Such an address ends with its country in capitals; the letter "
        "goes by an international class. Reports and minutes have rules of their own, which this doesn't change.",
    )
    letters_abroad_until = DatePartsField(
        label="Letters abroad until",
        required=False,
        help_text="The last day. Leave this empty, and it has no end. To turn it off at once, empty both days.",
    )
    abroad_service = forms.CharField(
        label="Service abroad in place of registered post",
        max_length=60,
        required=False,
        help_text="Royal Mail's registered post is inland. Name the service that goes abroad, tracked and signed for, "
        "as its receipt names it; for example International Tracked & Signed. Leave this empty, and no letter "
        "goes abroad by registered post.",
    )
    originals_kept = forms.BooleanField(
        label="Originals go by registered post or by hand",
        required=False,
        help_text="A passport, a certificate, anything that can't be had again: a letter that encloses one is not put "
        "in an envelope for ordinary post.",
    )
    collection = forms.TimeField(
        label="When is the post collected?",
        required=False,
        input_formats=["%H:%M", "%H.%M"],
        help_text="For example 16:30. What is in the tray later is shown as having missed the bag, and a day that a "
        "letter must go or arrive by is reckoned with it.",
        error_messages={"invalid": "Write the time as hours and minutes, like 16:30"},
        widget=forms.TimeInput(format="%H:%M", attrs={"class": "govuk-input--width-5"}),
    )
    usual_class = forms.ChoiceField(
        label="Class that letters usually go by",
        widget=forms.RadioSelect,
        choices=[("", "It differs"), *PostClass.choices[:2]],
        required=False,
        help_text="A letter that must arrive by a day is warned about with this class in mind.",
    )
    ics_way = forms.ChoiceField(
        label="How completed letters get into ICS", widget=forms.RadioSelect, choices=IcsWay.choices, required=False
    )

    def clean_ics_way(self) -> str:
        """Nothing chosen: by hand."""
        return self.cleaned_data["ics_way"] or IcsWay.MANUAL.value

    def clean_sheet_scan(self) -> str:
        """Nothing chosen: where a scanner is at hand."""
        return self.cleaned_data["sheet_scan"] or SheetScan.OFFERED.value

    def clean_keeping(self) -> str:
        """Nothing chosen: those that are marked."""
        return self.cleaned_data["keeping"] or Keeping.MARKED.value

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("stock", "next_stock"):
            self.fields[name].queryset = EnvelopeStock.objects.filter(is_active=True)  # type: ignore[attr-defined]
