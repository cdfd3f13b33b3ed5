"""Posting several letters in one go."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from letters.forms.posting import BagForm
from letters.models import CLASSES
from letters.ways import Way
from postroom.forms import DatePartsField


class PostSeveralForm(BagForm):
    """Day and class for all that are ticked."""

    required_words = {"posted_on": "Enter the day they were posted", "post_class": "Choose first or second class"}

    posted_on = DatePartsField(
        label="Day posted", latest=timezone.localdate, too_late="The day posted can't be in the future"
    )
    post_class = forms.ChoiceField(
        label="Class",
        widget=forms.RadioSelect,
        choices=[(one.value, one.label) for one in CLASSES[Way.POST]],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "in_bag" in self.fields:
            self.fields["in_bag"].label = "They were in the bag when it was collected"
