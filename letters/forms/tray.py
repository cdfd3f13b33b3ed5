"""Posting several letters in one go."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from letters.models import CLASSES
from letters.ways import Way
from postroom.forms import DatePartsField, PlainForm


class PostSeveralForm(PlainForm):
    """Day and class for all that are ticked. `missed`: today's collection has gone, so it is asked."""

    required_words = {"posted_on": "Enter the day they were posted", "post_class": "Choose first or second class"}

    posted_on = DatePartsField(
        label="Day posted", latest=timezone.localdate, too_late="The day posted can't be in the future"
    )
    post_class = forms.ChoiceField(
        label="Class",
        widget=forms.RadioSelect,
        choices=[(one.value, one.label) for one in CLASSES[Way.POST]],
    )
    in_bag = forms.BooleanField(label="They were in the bag when it was collected", required=False)

    def __init__(self, *args: Any, missed: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.missed = missed
        if not missed:
            del self.fields["in_bag"]

    def clean(self) -> dict[str, Any]:
        """After the collection, "posted today" is only what was in the bag."""
        data = super().clean() or {}
        if self.missed and data.get("posted_on") == timezone.localdate() and not data.get("in_bag"):
            self.add_error(
                "in_bag",
                "Today's collection has gone. Tick this if they were in the bag; else lock them in, and post them "
                "on the next working day",
            )
        return data
