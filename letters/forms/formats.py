"""What was made in the addressee's format: by whom, when, what it is, how many go in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from letters.formats import MAY_BE_THE_LETTER
from postroom.forms import DatePartsField, PlainForm
from postroom.uploads import Kind, UploadField

HINTS = {
    "braille": "For instance: Braille, two volumes.",
    "audio": "For instance: a CD that bears the reference alone. Never a USB stick.",
    "easy_read": "For instance: easy-read letter with pictures, in colour.",
}


class FormatForm(PlainForm):
    """`letter_format`: the letter's; only of easy read it is asked whether the letter itself is in it."""

    widths = {"count": 2}
    required_words = {
        "is_letter": "Choose what is in easy read",
        "what": "Say what was made and goes into the envelope",
        "count": "Count what was made and enter how many go in",
        "made_by": "Say who made it",
        "made_on": "Enter the day on which it was made",
    }

    is_letter = forms.ChoiceField(
        label="What is in easy read?",
        choices=[
            ("apart", "Something that was made apart and goes in with the letter"),
            ("letter", "The letter itself, as it is printed"),
        ],
        widget=forms.RadioSelect,
    )
    what = forms.CharField(label="What was made?", max_length=80)
    count = forms.IntegerField(label="How many of it go into the envelope?", min_value=1, max_value=99, localize=False)
    made_by = forms.CharField(label="Who made it?", max_length=120, help_text="The person or the service.")
    made_on = DatePartsField(
        label="When was it made?",
        latest=timezone.localdate,
        too_late="The day on which it was made can't be in the future",
    )
    file = UploadField(
        label="The file, if there is one", allow=(Kind.PDF, Kind.WORD, Kind.AUDIO, Kind.TEXT), required=False
    )

    def __init__(self, *args: Any, letter_format: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["what"].help_text = HINTS.get(letter_format, "")
        if letter_format not in MAY_BE_THE_LETTER:
            del self.fields["is_letter"]
            return
        for name, label in (("what", "What was made apart?"), ("count", "How many of that go into the envelope?")):
            self.fields[name].label, self.fields[name].required = label, False

    def clean(self) -> dict[str, Any]:
        """Something that was made apart says what it is, and how many."""
        data = super().clean() or {}
        for name in ("what", "count"):
            if data.get("is_letter") == "apart" and not data.get(name) and name not in self.errors:
                self.add_error(name, self.required_words[name])
        return data

    def step(self) -> dict[str, Any]:
        """As the action takes it; only once the form is valid."""
        itself = self.cleaned_data.get("is_letter") == "letter"
        return {**self.cleaned_data, "is_letter": itself, "count": self.cleaned_data["count"] or 0}
