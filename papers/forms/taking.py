"""What leaves, for what, until when, and how it travels."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone

from papers.actions import Security, WhatLeaves
from papers.actions.taking import USB_REFUSED
from papers.models import Device, PapersKind
from papers.states import AGREED_TASKS, Purpose
from postroom.forms import DatePartsField, PlainForm
from postroom.people.forms import SeenForm

# USB stands among the answers so that whoever means to use one is told what to do instead; nothing keeps it.
DEVICES = [(Device.NONE.value, "No device"), (Device.LAPTOP.value, "A laptop"), ("usb", "A USB stick")]


def next_working_day() -> dt.date:
    """The usual day for papers to be back: the next Monday-to-Friday day."""
    day = timezone.localdate() + dt.timedelta(days=1)
    while day.weekday() > 4:
        day += dt.timedelta(days=1)
    return day


class SecurityFields(PlainForm):
    """Asked at each removal (CLS-4): the bag, and what goes with the papers."""

    required_words = {"device": "Choose what goes with them"}

    in_lockable_bag = forms.BooleanField(label="They travel in a lockable bag", required=False)
    device = forms.ChoiceField(label="What goes with them?", choices=DEVICES, widget=forms.RadioSelect, initial="none")
    laptop_has_password = forms.BooleanField(label="The laptop is protected by a password", required=False)

    def clean_device(self) -> str:
        """A USB stick is refused, with what to do instead."""
        device: str = self.cleaned_data["device"]
        if device == "usb":
            raise forms.ValidationError(USB_REFUSED)
        return device

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not data.get("in_lockable_bag"):
            self.add_error("in_lockable_bag", "Papers travel in a lockable bag. Fetch one, then tick this")
        if data.get("device") == Device.LAPTOP and not data.get("laptop_has_password"):
            self.add_error("laptop_has_password", "A laptop leaves the office only if it has a password")
        return data

    @property
    def security(self) -> Security:
        """What was said, for the verb."""
        data = self.cleaned_data
        return Security(
            in_lockable_bag=data["in_lockable_bag"],
            device=data["device"],
            laptop_has_password=bool(data.get("laptop_has_password")),
        )


class WhatFields(PlainForm):
    """Which papers, how many pages, where to, and when they are back."""

    widths = {"pages": 4}
    required_words = {
        "kind": "Choose what they are",
        "what": "Say which papers, for example: core assessment of May",
        "due_on": "Enter the day they are back or destroyed",
    }

    kind = forms.ChoiceField(label="What are they?", choices=PapersKind.choices, widget=forms.RadioSelect)
    what = forms.CharField(label="Which papers", max_length=200, help_text="No names: the case says whose they are.")
    pages = forms.IntegerField(label="How many pages", required=False, min_value=1, max_value=9999)
    destination = forms.CharField(
        label="Where to", max_length=120, required=False, help_text="For example: family court, Northmere."
    )
    due_on = DatePartsField(
        label="Day they are back or destroyed",
        earliest=timezone.localdate,
        too_early="The day they are due must be today or later",
    )

    def __init__(self, *args: Any, notebook: bool = False, **kwargs: Any) -> None:
        self.notebook = notebook
        usual = {"kind": PapersKind.COPY, "due_on": next_working_day()}
        kwargs["initial"] = {**usual, **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)
        if notebook:
            del self.fields["kind"]
        self.fields["pages"].error_messages |= {
            "invalid": "Pages must be a number, like 12",
            "min_value": "Pages must be 1 or more",
            "max_value": "Pages must be 9,999 or fewer",
        }

    def leaves(self, purpose: str, words: str = "") -> WhatLeaves:
        """What was said, for the verb."""
        data = self.cleaned_data
        return WhatLeaves(
            kind=PapersKind.NOTEBOOK if self.notebook else data["kind"],
            what=data["what"],
            pages=data["pages"],
            destination=data["destination"],
            due_on=data["due_on"],
            purpose=purpose,
            purpose_words=words,
        )


class TakeForm(SecurityFields, WhatFields):
    """An agreed task: one tap on its button, which also says that the papers travel as they must.

    All else is filled in beforehand and can be opened and changed. A button that says the bag is locked is a yes to it.
    """

    required_words = {**SecurityFields.required_words, **WhatFields.required_words}
    field_order = ["kind", "what", "pages", "destination", "due_on", "device", "laptop_has_password"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        notebook = kwargs.get("notebook", False)
        what = "My notebook" if notebook else "Papers for the meeting or hearing"
        kwargs["initial"] = {"what": what, "device": Device.NONE, **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)
        del self.fields["in_lockable_bag"]

    def clean(self) -> dict[str, Any]:
        self.cleaned_data["in_lockable_bag"] = True  # the words on the button
        return super().clean()

    @property
    def purpose(self) -> str:
        """Which button was pressed; "" for none of them."""
        pressed = self.data.get("purpose", "")
        return pressed if pressed in [str(task) for task in AGREED_TASKS] else ""


class AskForm(WhatFields):
    """Another purpose: the line manager decides first."""

    required_words = {
        **SecurityFields.required_words,
        **WhatFields.required_words,
        "purpose_words": "Say what the papers are needed for",
    }

    purpose_words = forms.CharField(
        label="What are they needed for?", max_length=300, widget=forms.Textarea({"rows": 3})
    )
    manager_away = forms.BooleanField(
        label="My line manager is away", required=False, help_text="Then the next manager is asked as well."
    )
    device = forms.ChoiceField(
        label="What will go with them?", choices=DEVICES, widget=forms.RadioSelect, initial=Device.NONE
    )
    field_order = ["purpose_words", "kind", "what", "pages", "destination", "due_on", "device", "manager_away"]

    def clean_device(self) -> str:
        """A USB stick is refused before anybody is asked."""
        device: str = self.cleaned_data["device"]
        if device == "usb":
            raise forms.ValidationError(USB_REFUSED)
        return device

    @property
    def asked(self) -> WhatLeaves:
        """What was said, for the verb."""
        return self.leaves(Purpose.OTHER, self.cleaned_data["purpose_words"])


class LeaveForm(SecurityFields, SeenForm):
    """The agreed papers leave now: how do they travel?"""
