"""The manager's answer, another day, the running record's reference."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from postroom.forms import DatePartsField
from postroom.people.forms import SeenForm


class AnswerForm(SeenForm):
    """Agree by one button; the other refuses, with a reason."""

    reason = forms.CharField(
        label="Reason, if you refuse",
        required=False,
        max_length=1000,
        widget=forms.Textarea({"rows": 3}),
        help_text="They read it, and it stays on record.",
    )

    @property
    def refuses(self) -> bool:
        """Was the second button pressed?"""
        return bool(self.data.get("refuse"))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self.refuses and not data.get("reason", "").strip():
            self.add_error("reason", "Say why you refuse. They read it, and it stays on record")
        return data


class AnotherDayForm(SeenForm):
    """When they will be back instead, and why."""

    required_words = {"reason": "Say why they stay out longer or come back sooner"}

    due_on = DatePartsField(
        label="Day they are back or destroyed", earliest=timezone.localdate, too_early="The day must be today or later"
    )
    reason = forms.CharField(label="Why?", max_length=1000, widget=forms.Textarea({"rows": 3}))


class RecordForm(SeenForm):
    """The reference that the case record gave the entry."""

    widths = {"record_reference": 20}
    required_words = {"record_reference": "Enter the reference that the case record shows for the entry"}

    record_reference = forms.CharField(label="Reference of the running record", max_length=60)
