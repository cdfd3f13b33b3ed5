"""Posting, the case record, and what came back (OGP-4b, OGP-6)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone

from letters.deadlines import BAG_HAS_GONE
from letters.forms.signing import MAX_SCAN
from postroom.cases.models import CasePerson
from postroom.forms import DatePartsField, PlainForm, in_words
from postroom.uploads import Kind, UploadField


class BagForm(PlainForm):
    """A day of posting. `missed`: today's collection has gone, so "posted today" is only what was in the bag."""

    in_bag = forms.BooleanField(label="It was in the bag when it was collected", required=False)

    def __init__(self, *args: Any, missed: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.missed = missed
        if not missed:
            del self.fields["in_bag"]

    def clean(self) -> dict[str, Any]:
        """The step asks it too."""
        data = super().clean() or {}
        if self.missed and data.get("posted_on") == timezone.localdate() and not data.get("in_bag"):
            self.add_error("in_bag", BAG_HAS_GONE)
        return data


class PostForm(BagForm):
    """`enveloped_on`: the earliest day it can have gone. `classes`: those that go to its address. Ordinary post."""

    required_words = {"posted_on": "Enter the day it was posted", "post_class": "Choose first or second class"}
    abroad_words = "Choose the international class it went by"

    posted_on = DatePartsField(
        label="Day posted",
        latest=timezone.localdate,
        too_late="The day posted can't be in the future",
    )
    post_class = forms.ChoiceField(label="Class", widget=forms.RadioSelect)

    def __init__(
        self,
        *args: Any,
        enveloped_on: dt.date | None,
        classes: list[tuple[str, str]],
        abroad: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["post_class"].choices = classes  # type: ignore[attr-defined]
        if abroad:
            self.fields["post_class"].error_messages["required"] = self.abroad_words
        field = self.fields["posted_on"]
        assert isinstance(field, DatePartsField)  # noqa: S101 - declared above
        if enveloped_on:
            field.earliest = enveloped_on
            field.too_early = (
                f"The letter was put in its envelope on {in_words(enveloped_on)}; it can't have been posted before"
            )


class RegisteredPostForm(PostForm):
    """Registered post: its number and its receipt beside the day. `service`: abroad, what goes in its place; it comes
    back with the form, so that the step knows which one the receipt was said to name."""

    widths = {"tracking_number": 20}
    required_words = {
        "posted_on": "Enter the day it was posted",
        "post_class": "Choose the Special Delivery it went by",
        "tracking_number": "Enter the tracking number from the posting receipt",
        "receipt_in_hand": "Get the posting receipt, keep it, and tick it",
    }
    abroad_words = "Choose the service it went by"

    service = forms.CharField(widget=forms.HiddenInput, required=False, max_length=60)
    tracking_number = forms.CharField(
        label="Tracking number", max_length=40, help_text="On the posting receipt, for example RB 4731 2482 9GB."
    )
    number_reason = forms.CharField(
        label="Why does the number have another form? (only if it does)",
        required=False,
        max_length=200,
        help_text="Leave it empty for a number like the example.",
    )
    receipt_in_hand = forms.BooleanField(label="I have the posting receipt, and it says Special Delivery Guaranteed")
    receipt = UploadField(
        label="Scan of the posting receipt",
        allow=(Kind.PDF, Kind.PICTURE),
        max_bytes=MAX_SCAN,
        required=False,
        help_text="A PDF, JPEG or PNG of at most 10 MB.",
    )

    def __init__(self, *args: Any, service: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.named = service  # the page sends back the one that it shows, also where another came with the form
        if service:
            self.fields["receipt_in_hand"].label = f"I have the posting receipt, and it says {service}"

    def add_error(self, field: str | None, error: Any) -> None:
        """As Django does; of what the receipt says by now nobody has said anything yet, so the tick goes."""
        super().add_error(field, error)
        if field == "receipt_in_hand":
            self.data = {name: value for name, value in self.data.items() if name != field}


class UploadForm(PlainForm):
    """What ICS answered; `owed`: the children whose records still lack the document, asked for where there are more."""

    widths = {"ics_reference": 20}
    required_words = {
        "ics_reference": "Type the reference that ICS gave the document",
        "child": "Say on which child's record it is now",
    }
    child = forms.ChoiceField(label="On whose record is it now?", widget=forms.RadioSelect, required=False)
    ics_reference = forms.CharField(
        label="Reference that ICS gave",
        max_length=60,
        help_text="ICS shows it when the document is saved.",
        error_messages={"max_length": "That is longer than a reference of ICS can be (60 characters)"},
    )

    def __init__(self, owed: list[CasePerson], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._owed = {str(child.pk): child for child in owed}
        if len(owed) < 2:
            del self.fields["child"]
            return
        field = self.fields["child"]
        field.choices = [(key, f"{child.name}, ICS {child.ics_number}") for key, child in self._owed.items()]  # type: ignore[attr-defined]
        field.required = True

    @property
    def entries(self) -> dict[str, Any]:
        """Of a valid form: the reference, and the child where one was asked for."""
        child = self._owed.get(self.cleaned_data.get("child", ""))
        return {"ics_reference": self.cleaned_data["ics_reference"], "child": child}


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
