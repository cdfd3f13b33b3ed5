"""Posting, the case record, and what came back (OGP-4b, OGP-6)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone

from letters.models import PostClass
from postroom.forms import DatePartsField, PlainForm, in_words


class PostForm(PlainForm):
    """`enveloped_on`: the earliest day it can have gone."""

    required_words = {"posted_on": "Enter the day it was posted", "post_class": "Choose first or second class"}

    posted_on = DatePartsField(
        label="Day posted",
        latest=timezone.localdate,
        too_late="The day posted can't be in the future",
    )
    post_class = forms.ChoiceField(label="Class", widget=forms.RadioSelect, choices=PostClass.choices)

    def __init__(self, *args: Any, enveloped_on: dt.date | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["posted_on"]
        assert isinstance(field, DatePartsField)  # noqa: S101 - declared above
        if enveloped_on:
            field.earliest = enveloped_on
            field.too_early = (
                f"The letter was put in its envelope on {in_words(enveloped_on)}; it can't have been posted before"
            )


class UploadForm(PlainForm):
    """What ICS answered."""

    widths = {"ics_reference": 20}
    required_words = {"ics_reference": "Type the reference that ICS gave the document"}
    ics_reference = forms.CharField(
        label="Reference that ICS gave",
        max_length=60,
        help_text="ICS shows it when the document is saved.",
        error_messages={"max_length": "That is longer than a reference of ICS can be (60 characters)"},
    )


class ReturnedForm(PlainForm):
    """`posted_on`: the earliest day it can have come back."""

    required_words = {
        "came_back_on": "Enter the day it came back",
        "was_opened": "Say whether the envelope had been opened",
        "reason": "Say why it came back; what is written on the envelope is enough",
    }

    came_back_on = DatePartsField(
        label="Day it came back", latest=timezone.localdate, too_late="The day it came back can't be in the future"
    )
    was_opened = forms.TypedChoiceField(
        label="Had the envelope been opened?",
        widget=forms.RadioSelect,
        choices=[("no", "No, it was still closed"), ("yes", "Yes, or it looks as if")],
        coerce=lambda value: value == "yes",
    )
    reason = forms.CharField(
        label="Why did it come back?",
        help_text="What Royal Mail or somebody else wrote on it, for example: gone away.",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, posted_on: dt.date | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["came_back_on"]
        assert isinstance(field, DatePartsField)  # noqa: S101 - declared above
        if posted_on:
            field.earliest = posted_on
            field.too_early = f"It was posted on {in_words(posted_on)}; it can't have come back before"
