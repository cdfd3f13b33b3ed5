"""The report of a breach or near miss, and its facts put right."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from breaches.duties import Kind
from breaches.forms.fields import MomentForm, TimeField, day, words
from breaches.words import CATEGORY_NAMES
from postroom.cases.choosing import CasesField
from postroom.cases.models import Case
from postroom.people.choosing import PersonField
from postroom.people.models import Office

KINDS = [
    (Kind.DISCLOSURE.value, "Something was disclosed, or went to the wrong person or place"),
    (Kind.LOSS.value, "Something was lost"),
    (Kind.THEFT.value, "Something was stolen"),
    (Kind.NEAR_MISS.value, "A near miss: it was noticed before any harm could come of it"),
]


class FactsForm(MomentForm):
    """The facts, as the report and governance enter them."""

    moments: tuple[str, ...] = ("occurred", "discovered")
    widths = {
        "occurred_time": 5, "discovered_time": 5, "people_count": 5, "record_count": 5, "discovered_by": 20,
        "case_references": 20,
    }  # fmt: skip
    required_words = {
        "what": "Say what happened",
        "discovered_on": "Enter the day it was discovered",
        "discovered_time": "Enter the time it was discovered; about is good enough",
        "discovered_by": "Say who discovered it",
    }

    what = words("What happened?", rows=6, hint="In your own words. Who should not have seen what?")
    discovered_on = day("When was it discovered?")
    discovered_time = TimeField(label="At about what time?")
    discovered_by = forms.CharField(
        label="Who discovered it?", max_length=120, help_text="A colleague, or for example: the neighbour."
    )
    occurred_on = day("When did it happen?", required=False, hint="Leave it empty if nobody knows.")
    occurred_time = TimeField(label="At about what time did it happen?", required=False)
    case_references = CasesField(
        label="Which cases does it concern?", required=False, help_text="Their references, with blanks between."
    )
    people_count = forms.IntegerField(
        label="About how many people does it concern?", min_value=0, max_value=1_000_000, required=False
    )
    record_count = forms.IntegerField(
        label="About how many records or papers?", min_value=0, max_value=1_000_000, required=False
    )
    categories = forms.MultipleChoiceField(
        label="What is it about?",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[(c.value, name) for c, name in CATEGORY_NAMES.items()],
    )
    done_at_once = words("What was done at once?", required=False, hint="For example: the letter was fetched back.")


class ReportForm(FactsForm):
    """The report: all that is asked fits a phone and a few minutes."""

    moments: tuple[str, ...] = ("occurred", "discovered", "aware")
    widths = {**FactsForm.widths, "aware_time": 5, "reported_for": 20}
    required_words = {
        **FactsForm.required_words,
        "kinds": "Say what kind of thing happened",
        "aware_on": "Enter the day on which anybody at the council first knew of it",
        "aware_time": "Enter the time at which they knew; about is good enough",
        "office": "Choose the office where it happened",
    }

    kinds = forms.MultipleChoiceField(
        label="What kind of thing happened?",
        widget=forms.CheckboxSelectMultiple,
        choices=KINDS,
        help_text="Tick all that apply.",
    )
    office = forms.ModelChoiceField(
        label="At which office?", queryset=Office.objects.filter(is_active=True), empty_label="Choose an office"
    )
    aware_on = day("When did anybody at the council first know of it?", hint="The 72 hours to the Commissioner begin.")
    aware_time = TimeField(label="At about what time did they know?")
    reported_for = PersonField(
        label="Do you report for a colleague who told you?",
        required=False,
        help_text="Then type their name, or part of it. Leave it empty if it is your own report.",
    )
    i_was_involved = forms.BooleanField(label="I had a part in it myself", required=False)

    field_order = (
        "kinds", "what", "discovered_on", "discovered_time", "discovered_by", "aware_on", "aware_time", "occurred_on",
        "occurred_time", "office", "case_references", "people_count", "record_count", "categories", "done_at_once",
        "i_was_involved", "reported_for",
    )  # fmt: skip

    def __init__(self, *args: Any, cases: QuerySet[Case], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["case_references"]
        assert isinstance(field, CasesField)  # noqa: S101 - declared above
        field.among = cases
        field.help_text = "Their references, or a name on cases that you may read. Leave it empty if you don't know."
