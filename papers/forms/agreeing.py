"""An agreement to work on records away from the office."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from papers.actions.agreements import Terms
from papers.models import WorkPlace
from postroom.forms import DatePartsField, PlainForm
from postroom.people.models import User


class AgreementForm(PlainForm):
    """Who, where, to what, until when."""

    required_words = {
        "person": "Choose who it is for",
        "place": "Choose where they work",
        "access": "Say what they work on there, and how it is kept secure",
        "starts": "Enter the first day",
        "ends": "Enter the last day",
    }
    widths = {"base": 20}

    person = forms.ModelChoiceField(User.objects.none(), label="Who", empty_label="Choose a person")
    place = forms.ChoiceField(label="Where do they work?", choices=WorkPlace.choices, widget=forms.RadioSelect)
    base = forms.CharField(
        label="Which base", max_length=80, required=False, help_text="If at another base. Never a home address."
    )
    access = forms.CharField(
        label="On what, and how it is kept secure",
        max_length=200,
        help_text="For example: case records by remote access; no papers kept at home overnight.",
    )
    starts = DatePartsField(label="First day")
    ends = DatePartsField(
        label="Last day", earliest=timezone.localdate, too_early="The last day must be today or later"
    )

    def __init__(self, *args: Any, people: QuerySet[User], **kwargs: Any) -> None:
        kwargs["initial"] = {"starts": timezone.localdate(), **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people  # type: ignore[attr-defined]

    @property
    def terms(self) -> Terms:
        """What was said, for the verb."""
        data = self.cleaned_data
        return Terms(
            place=data["place"], base=data["base"], access=data["access"], starts=data["starts"], ends=data["ends"]
        )
