"""What is asked of a step that happened on paper: when, by whom, the scan, and what that very step asks on any day."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from downtime.forms import FUTURE, ClockField, moment, span_in_words
from downtime.models import Downtime
from downtime.selectors import who_may_have
from letters.abroad import class_choices
from letters.actions.enveloping import things_to_count
from letters.completed import children_owed
from letters.models import Handing, Letter
from letters.states import ACTION_NAMES, Action
from letters.ways import Way
from postroom.forms import DatePartsField, PlainForm
from postroom.uploads import Kind, UploadField

Fields = dict[str, forms.Field]


class StepForm(PlainForm):
    """One step (`action`) as the paper has it."""

    widths = {"time": 5, "sheets": 3, "tracking_number": 20, "ics_reference": 20}
    required_words = {
        "downtime": "Choose the downtime in which it happened",
        "by": "Choose who took the step",
        "day": "Enter the day on which it was done",
        "time": "Enter the time at which it was done, as the paper form has it",
        "sheets": "Enter how many sheets the paper form says went in",
        "translator": "Enter who translated it, as the paper form has it",
        "translated_on": "Enter the day on which the translator confirmed it",
        "place": "Enter where it was handed over",
        "identity": "Choose how they knew that it was this person",
        "own_hands": "It has to go into the person's own hands. If it didn't, go back and choose that it could not be "
        "delivered",
        "reason": "Enter the reason on the paper form; it stays on record",
        "was_opened": "Say whether the envelope had been opened",
        "ics_reference": "Type the reference that ICS gave the document",
        "child": "Say on which child's record it is",
        "scan": "Choose the scan of the paper form",
        "complete": "Look at the paper form: every tick and signature of this step must be on it. Then tick this",
    }

    downtime = forms.ChoiceField(label="Which downtime?", widget=forms.RadioSelect)
    by: Any = forms.ModelChoiceField(label="Who did it?", queryset=None, empty_label="Choose a person")
    day = DatePartsField(label="On which day?", latest=timezone.localdate, too_late=FUTURE)
    time = ClockField(label="At what time?")
    complete = forms.BooleanField(label="The paper form has every tick and signature of this step")
    scan = UploadField(label="Scan or photo of the paper form", allow=(Kind.PDF, Kind.PICTURE))

    def __init__(self, *args: Any, letter: Letter, action: Action, downtimes: list[Downtime], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.downtimes = {row.reference: row for row in downtimes}
        field: Any = self.fields["downtime"]
        field.choices = [(row.reference, span_in_words(row)) for row in downtimes]
        if len(downtimes) == 1:
            field.initial = downtimes[0].reference
        self.fields["by"].queryset = who_may_have(letter)  # type: ignore[attr-defined]
        self._own = own_fields(letter, action)
        self._children = {str(child.pk): child for child in children_owed(letter)} if "child" in self._own else {}
        for name, one in self._own.items():
            self.fields[name] = one
            self._make_plain(name, one)
        # As they stand on the page, so that the errors do too.
        self.order_fields(["downtime", "by", "day", "time", *self._own, "scan", "complete"])

    @property
    def own(self) -> list[forms.BoundField]:
        """The questions of this very step."""
        return [self[name] for name in self._own]

    @property
    def step(self) -> dict[str, Any]:
        """Their answers, as the action takes them; only once the form is valid."""
        found = {name: value for name in self._own if (value := self.cleaned_data.get(name)) is not None}
        things = [found.pop(name) for name in list(found) if name.startswith("thing_")]
        if "child" in found:
            found["child"] = self._children[found["child"]]
        return found | ({"things": tuple(things)} if things else {})

    def clean(self) -> dict[str, Any]:
        """`happened_at`, aware."""
        data = super().clean() or {}
        if data.get("day") and data.get("time") is not None:
            try:
                data["happened_at"] = moment(data["day"], data["time"])
            except ValidationError as error:
                self.add_error("time", error)
        return data


class ChooseForm(PlainForm):
    """Which of several steps the paper is of. Only those that this letter allows are offered."""

    required_words = {"step": "Choose what was done"}
    step = forms.ChoiceField(label="What was done?", widget=forms.RadioSelect)

    def __init__(self, *args: Any, steps: list[Action], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["step"]
        field.choices = [(step.value, ACTION_NAMES[step]) for step in steps]


def own_fields(letter: Letter, action: Action) -> Fields:
    """The questions that this step asks of this letter beside who and when, in their order."""
    make = _OWN.get(action)
    return make(letter) if make else {}


def _check(letter: Letter) -> Fields:
    fields: Fields = {}
    if letter.current and letter.current.as_content.get("language"):
        fields["translator"] = forms.CharField(
            label="Who translated it?",
            max_length=120,
            help_text="The person or the service whose written confirmation the checker had.",
        )
        fields["translated_on"] = DatePartsField(
            label="When did they confirm that it says what the original says?",
            latest=timezone.localdate,
            too_late=FUTURE,
        )
    fields["found_belongs"] = forms.BooleanField(
        label="The paper form says that the names in it of people who aren't on this case, or who get one too, "
        "belong there",
        required=False,
    )
    return fields


def _envelope(letter: Letter) -> Fields:
    fields: Fields = {"sheets": _number("How many sheets went in?", 999)}
    for place, item in enumerate(things_to_count(letter), 1):
        fields[f"thing_{place}"] = _number(f"How many of “{item['title']}” were counted in?", 99)
        words = f"Enter how many of “{item['title']}” the paper form says went in"
        fields[f"thing_{place}"].error_messages["required"] = words
    return fields


def _number(label: str, most: int) -> forms.IntegerField:
    box = forms.TextInput(attrs={"inputmode": "numeric", "class": "govuk-input--width-3"})
    return forms.IntegerField(label=label, min_value=0, max_value=most, localize=False, widget=box)


def _post(letter: Letter) -> Fields:
    choices = class_choices(letter)
    fields: Fields = {"post_class": forms.ChoiceField(label="Class", widget=forms.RadioSelect, choices=choices)}
    if letter.way == Way.REGISTERED_POST:
        fields["tracking_number"] = forms.CharField(label="Tracking number", max_length=40)
        fields["number_reason"] = forms.CharField(
            label="Why does the number have another form? (only if it does)", max_length=200, required=False
        )
    return fields


def _into_hands(letter: Letter) -> Fields:
    return {
        "identity": forms.ChoiceField(
            label="How did they know that it was this person?",
            widget=forms.RadioSelect,
            choices=[
                (Handing.Identity.KNOWN.value, "They knew them"),
                (Handing.Identity.DOCUMENT.value, "They were shown a document with their name"),
                (Handing.Identity.QUESTIONS.value, "They asked questions only this person could answer"),
            ],
        ),
        "own_hands": forms.BooleanField(
            label="It went into their own hands", help_text="Not through a letterbox, not to somebody else."
        ),
        "place": forms.CharField(label="Where?", max_length=120, help_text="For example: at the door, at the school."),
    }


def _reason(label: str) -> forms.CharField:
    return forms.CharField(label=label, max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))


def _came_back(letter: Letter) -> Fields:
    return {
        "was_opened": forms.TypedChoiceField(
            label="Had the envelope been opened?",
            widget=forms.RadioSelect,
            choices=[("no", "No, it was still closed"), ("yes", "Yes, or it looks as if")],
            coerce=lambda value: value == "yes",
        ),
        "reason": _reason("Why did it come back?"),
    }


def _upload(letter: Letter) -> Fields:
    owed, fields = children_owed(letter), {}
    if len(owed) > 1:
        choices = [(str(child.pk), f"{child.name}, ICS {child.ics_number}") for child in owed]
        fields["child"] = forms.ChoiceField(label="On whose record is it?", widget=forms.RadioSelect, choices=choices)
    reference = forms.CharField(label="Reference that ICS gave", max_length=60)
    return {**fields, "ics_reference": reference}


_OWN: dict[Action, Callable[[Letter], Fields]] = {
    Action.CHECK: _check,
    Action.ENVELOPE: _envelope,
    Action.POST: _post,
    Action.HAND_DELIVER: _into_hands,
    Action.GIVE_AT_RECEPTION: _into_hands,
    Action.NOT_DELIVERED: lambda letter: {"reason": _reason("Why could it not be delivered?")},
    Action.RETURN_UNDELIVERED: _came_back,
    Action.UPLOAD: _upload,
}
