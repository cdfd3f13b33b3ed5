"""Forms of spot checks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from audit.actions.spotchecks import MOST_DRAWN
from audit.models import SeedFrom, StrataBy
from audit.spotchecks.checklist import (
    ANSWER_NAMES,
    KIND_NAMES,
    STAGE_NAMES,
    Answer,
    Checklist,
    Kind,
    Stage,
    must_answer,
    questions_of,
)
from postroom.forms import DatePartsField, PlainForm
from postroom.people.models import Office, User

HOW = [("number", "A number of items"), ("wish", "As many as it takes to find a share of faults")]
WISHES = [("0.10", "10 % or more"), ("0.05", "5 % or more"), ("0.02", "2 % or more")]


class NewCheckForm(PlainForm):
    """What to draw from, and how many. Everything but office and number has a good start value."""

    widths = {"sample": 3, "seed_words": 30}
    choice_hints = {
        "seed_from": {
            "dice": "Best at the tray: a ten-sided die, 20 throws, and somebody who watches and then confirms with "
            "their own sign-in. Outsiders have your two words for it.",
            "announced": "For a check that outsiders are to believe: a value nobody can know or choose today.",
        }
    }
    office = forms.ChoiceField(label="Office")
    stage = forms.ChoiceField(label="Which post", widget=forms.RadioSelect, choices=list(STAGE_NAMES.items()))
    first_day = DatePartsField(label="From", required=False, latest=timezone.localdate)
    last_day = DatePartsField(label="To, that day included", required=False, latest=timezone.localdate)
    how = forms.ChoiceField(label="How many", widget=forms.RadioSelect, choices=HOW)
    sample = forms.IntegerField(
        label="Number of items",
        required=False,
        min_value=1,
        max_value=MOST_DRAWN,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    wish = forms.ChoiceField(
        label="Find at least one fault, 95 % sure, if so many are faulty", required=False, choices=WISHES
    )
    kinds = forms.MultipleChoiceField(
        label="Kinds of post", widget=forms.CheckboxSelectMultiple, choices=list(KIND_NAMES.items())
    )
    strata_by = forms.ChoiceField(
        label="Divide the list first, and draw from each part",
        widget=forms.RadioSelect,
        choices=StrataBy.choices,
        required=False,
    )
    seed_from = forms.ChoiceField(
        label="Where the seed comes from",
        widget=forms.RadioSelect,
        choices=[(one.value, one.label) for one in (SeedFrom.ANNOUNCED, SeedFrom.DICE)],
        help_text="Anybody can look up an announced value: choose it where outsiders are to believe the draw. Dice can "
        "be thrown at once, and rest on the word of two people, each signed in.",
    )
    seed_words = forms.CharField(
        label="Which value was announced",
        required=False,
        max_length=200,
        help_text="It is published: no names. For example: the first 20 digits of the closing figures of 4 December "
        "2026 in the Gazette.",
    )
    known_on = DatePartsField(label="The day it becomes known", required=False)

    def __init__(self, *args: Any, offices: list[Office], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(office.code, office.name) for office in offices]
        self.fields["office"].choices = [*choices, ("all", "All offices")]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A period unless it is about the tray; a number or a wish; a day to come for an announced seed."""
        data = super().clean() or {}
        if data.get("stage") != Stage.TRAY:
            for name in ("first_day", "last_day"):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, "Enter the first day" if name == "first_day" else "Enter the last day")
            first, last = data.get("first_day"), data.get("last_day")
            if first and last and last < first:
                self.add_error("last_day", "The last day can't be before the first")
        if data.get("how") == "number" and not data.get("sample") and "sample" not in self.errors:
            self.add_error("sample", "Enter how many items to draw")
        if data.get("how") == "wish" and not data.get("wish"):
            self.add_error("wish", "Choose a share of faults")
        if data.get("seed_from") == SeedFrom.ANNOUNCED and not data.get("known_on") and "known_on" not in self.errors:
            self.add_error("known_on", "Enter the day it becomes known")
        return data

    @property
    def days(self) -> tuple[dt.date, dt.date]:
        """The period; for the tray it is today."""
        today = timezone.localdate()
        if self.cleaned_data["stage"] == Stage.TRAY:
            return today, today
        return self.cleaned_data["first_day"], self.cleaned_data["last_day"]

    @property
    def chosen_kinds(self) -> tuple[Kind, ...]:
        return tuple(Kind(kind) for kind in self.cleaned_data["kinds"])

    @property
    def wish_share(self) -> Fraction | None:
        """The share to find, or None where a number was given."""
        if self.cleaned_data["how"] != "wish":
            return None
        return Fraction(Decimal(self.cleaned_data["wish"]))

    @property
    def known_at(self) -> dt.datetime | None:
        """The beginning of the day on which the announced value becomes known."""
        day = self.cleaned_data.get("known_on")
        return timezone.make_aware(dt.datetime.combine(day, dt.time.min)) if day else None


class SeedForm(PlainForm):
    """20 digits; blanks between them don't count."""

    widths = {"seed": 20}
    required_words = {"seed": "Enter the 20 digits", "witness": "Name who saw the dice with you"}
    seed = forms.CharField(
        label="The 20 digits",
        max_length=80,
        help_text="In the order thrown, noughts at the beginning too. On a ten-sided die 10 counts as 0.",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "spellcheck": "false"}),
    )
    witness = forms.ModelChoiceField(
        label="Who saw the dice with you",
        queryset=User.objects.none(),
        empty_label="Choose a person",
        help_text="They confirm it with their own sign-in, before anything is drawn.",
    )

    def __init__(self, *args: Any, witnesses: Any, announced: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if announced:  # a value that anybody can look up needs no witness
            del self.fields["witness"]
        else:
            self.fields["witness"].queryset = witnesses  # type: ignore[attr-defined]


class RefuseDiceForm(PlainForm):
    """What the witness saw instead; the digits are given up, and both stay on record."""

    required_words = {"reason": "Say what you saw instead"}
    reason = forms.CharField(
        label="What did you see instead?",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="It stays on record beside these digits. The dice are thrown anew for the same list.",
    )


class ReasonForm(PlainForm):
    """Why; stays on record."""

    reason = forms.CharField(label="Why", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class PickForm(ReasonForm):
    """One letter beside the draw."""

    widths = {"reference": 10}
    reference = forms.CharField(label="The reference of the letter or copy", max_length=20)
    field_order = ["reference", "reason"]


class MissingForm(PlainForm):
    """Where it was looked for."""

    required_words = {"note": "Say where you looked"}
    note = forms.CharField(label="Where did you look?", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class _AskedLater(forms.ChoiceField):
    """A question that has to be answered, but not before the checklist is given in: it is saved as it stands."""

    def validate(self, value: Any) -> None:
        if value not in self.empty_values:
            super().validate(value)


class ChecklistForm(PlainForm):
    """The questions of facts.md, each with its answers and a note; incomplete while it is only being saved."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)

    def __init__(
        self,
        *args: Any,
        stage: str,
        copy: bool = False,
        checklist: str = Checklist.PAPER,
        applying: Collection[str] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.questions = questions_of(checklist)
        for question in self.questions:
            asked = must_answer(question, stage, copy=copy, applying=applying)
            choices = [(v, n) for v, n in ANSWER_NAMES.items() if v != Answer.NA or not asked]
            field = _AskedLater(
                label=question.text,
                help_text=question.look,
                widget=forms.RadioSelect(attrs={"class": "govuk-radios--inline"}),
                choices=choices,
            )
            note = forms.CharField(label="What is wrong, or what you saw", max_length=500, required=False)
            self.fields[question.code], self.fields[f"{question.code}_note"] = field, note
            note.widget.attrs["autocomplete"] = "off"

    def answers(self) -> dict[str, str]:
        """Question code → answer, "" where there is none yet."""
        return {q.code: self.cleaned_data.get(q.code, "") for q in self.questions}

    def notes(self) -> dict[str, str]:
        """Question code → note."""
        return {q.code: self.cleaned_data.get(f"{q.code}_note", "") for q in self.questions}


class PhotoForm(PlainForm):
    """A photo from the tablet's camera."""

    photo = forms.FileField(
        label="Add a photo",
        help_text="JPEG or PNG, up to 10 MB. Only those who check see it.",
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png", "capture": "environment"}),
    )


class FindingForm(PlainForm):
    """What has to be put right, by whom, by when."""

    required_words = {
        "what": "Say what has to be put right",
        "owner": "Choose who has to put it right",
        "due_on": "Enter the day by which it has to be put right",
    }
    what = forms.CharField(
        label="What has to be put right",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Without names of families: its owner sees it, and may not be somebody who reads it.",
    )
    owner = forms.ModelChoiceField(label="Whose it is", queryset=User.objects.none(), empty_label="Choose a person")
    due_on = DatePartsField(label="By when", earliest=timezone.localdate, too_early="Choose today or a day to come")

    def __init__(self, *args: Any, owners: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = owners  # type: ignore[attr-defined]


class HandOnForm(FindingForm):
    """Another owner or date."""

    reason = forms.CharField(label="Why", max_length=500, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["what"]


class AnswerForm(PlainForm):
    """What the owner did."""

    done = forms.CharField(label="What was done about it", max_length=1000, widget=forms.Textarea(attrs={"rows": 4}))


def refuse_unknown(form: forms.Form, message: str) -> None:
    """Put a sentence at the top of a form."""
    form.add_error(None, ValidationError(message))
