"""Which labels are in the printer, where to begin, how many."""

from __future__ import annotations

from typing import Any

from django import forms

from letters.actions.labels import MOST
from letters.rendering.labels import SHEETS
from postroom.forms import PlainForm


class LabelsForm(PlainForm):
    """One sheet's size, the first free label, how many."""

    widths = {"start": 3, "count": 4}
    required_words = {"sheet": "Choose which labels are in the printer", "count": "Enter how many labels to print"}

    sheet = forms.ChoiceField(
        label="Labels in the printer",
        widget=forms.RadioSelect,
        choices=[(sheet.code, sheet.name) for sheet in SHEETS.values()],
    )
    start = forms.IntegerField(
        label="First free label on the sheet",
        min_value=1,
        max_value=21,
        initial=1,
        help_text="Count along the rows from the top left; 1 for a new sheet.",
    )
    count = forms.IntegerField(label="How many labels?", min_value=1, max_value=MOST, initial=21)
    private = forms.BooleanField(label="Print “Private and confidential” above the address", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("start", "count"):
            attrs = {**self.fields[name].widget.attrs, "inputmode": "numeric"}
            self.fields[name].widget = forms.TextInput(attrs=attrs)
