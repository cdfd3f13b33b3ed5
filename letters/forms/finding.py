"""Finding letters: what is typed, the filters, a name to keep them under."""

from __future__ import annotations

from typing import Any

from django import forms

from letters.finding import Filters
from letters.states import STATE_NAMES
from postroom.forms import DatePartsField, PlainForm
from postroom.people.models import Office


class FindForm(PlainForm):
    """What somebody looks for. Posted: people type names into such boxes."""

    widths = {"reference": 20}
    required_words = {"reference": "Enter a reference, a name or words of the subject"}

    reference = forms.CharField(
        label="Search letters",
        max_length=100,
        help_text="A letter's or case's reference, an ICS number, the addressee's name, or words of the subject.",
    )


class FilterForm(PlainForm):
    """What the list is narrowed to; sent by GET, so that it stands in the address."""

    state = forms.ChoiceField(label="Stands at", required=False)
    office = forms.ChoiceField(label="Office", required=False)
    since = DatePartsField(label="Handed over from", required=False)
    until = DatePartsField(label="Handed over until", required=False)
    mine = forms.BooleanField(label="Only letters of your own cases", required=False)

    def __init__(self, filters: Filters, offices: list[Office], data: Any = None) -> None:
        initial = {name: getattr(filters, name) for name in ("state", "office", "since", "until", "mine")}
        super().__init__(data, initial=initial)
        states = [("", "Anywhere"), *((str(state), words) for state, words in STATE_NAMES.items())]
        self.fields["state"].choices = states  # type: ignore[attr-defined]
        if len(offices) > 1:
            choices = [("", "All"), *((office.code, office.name) for office in offices)]
            self.fields["office"].choices = choices  # type: ignore[attr-defined]
        else:
            del self.fields["office"]

    def filters(self) -> Filters:
        """What was chosen; only once the form is valid."""
        said = self.cleaned_data
        return Filters(said["state"], said.get("office", ""), said["mine"], said["since"], said["until"])


class SaveFilterForm(PlainForm):
    """A name for the filters as they stand."""

    widths = {"save_as": 20}
    required_words = {"save_as": "Enter a name for this list"}

    save_as = forms.CharField(label="Keep this list as", max_length=40)
