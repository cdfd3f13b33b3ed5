"""What is asked when a downtime is opened, and of a step that happened in it."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from downtime.models import Downtime
from downtime.selectors import who_may_have
from downtime.states import LATE_STEPS
from letters.models import CLASSES, Letter
from letters.states import ACTION_NAMES, Action, State
from letters.ways import Way
from postroom.forms import DatePartsField, PlainForm, in_words
from postroom.people.models import Office
from postroom.uploads import Kind, UploadField

FUTURE = "That day is in the future"
_CLOCK = re.compile(r"(\d{1,2})(?:[:.](\d{2}))? ?(am|pm)?", re.ASCII | re.IGNORECASE)


class ClockField(forms.Field):
    """A time of day as people write it: 14:30, 14.30, 2:30 pm. Gives a datetime.time, local."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", "For example 14:30.")
        kwargs.setdefault("widget", forms.TextInput(attrs={"maxlength": 10}))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Any:
        """Raises ValidationError for what is no time of day."""
        typed = str(value or "").strip()
        if not typed:
            return None
        found = _CLOCK.fullmatch(typed)
        hour, minute = (int(found[1]), int(found[2] or 0)) if found else (99, 0)
        if found and found[3] and 1 <= hour <= 12:
            hour = hour % 12 + (12 if found[3].lower() == "pm" else 0)
        elif found and found[3]:
            hour = 99
        if hour > 23 or minute > 59:
            raise ValidationError("Enter a time of day, for example 14:30")
        return dt.time(hour, minute)


def moment(day: dt.date, clock: dt.time) -> dt.datetime:
    """Local day and time as an aware moment. Raises ValidationError for one that the clocks skipped."""
    naive = dt.datetime.combine(day, clock)
    aware = timezone.make_aware(naive)
    if timezone.localtime(aware.astimezone(dt.UTC)).replace(tzinfo=None) != naive:
        raise ValidationError("That time did not exist: the clocks went forward")
    return aware


class OpenForm(PlainForm):
    """When the system was down, and why; of which office, where there is more than one."""

    widths = {"began_time": 5, "ended_time": 5}
    required_words = {
        "began_day": "Enter the day it went down",
        "began_time": "Enter the time it went down",
        "ended_day": "Enter the day it came back",
        "ended_time": "Enter the time it came back",
        "reason": "Say what was down",
    }

    office = forms.ModelChoiceField(label="Office", queryset=Office.objects.none(), empty_label=None)
    began_day = DatePartsField(label="Day it went down", latest=timezone.localdate, too_late=FUTURE)
    began_time = ClockField(label="Time it went down")
    ended_day = DatePartsField(label="Day it came back", latest=timezone.localdate, too_late=FUTURE)
    ended_time = ClockField(label="Time it came back")
    reason = forms.CharField(label="What was down?", max_length=200, help_text="For example: no network at the office.")

    def __init__(self, *args: Any, offices: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["office"].queryset = offices  # type: ignore[attr-defined]
        if len(offices) == 1:
            self.fields["office"].initial = offices[0].pk
            self.fields["office"].widget = forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        """`began_at` and `ended_at`, aware, from what was entered."""
        data = super().clean() or {}
        for name in ("began", "ended"):
            day, clock = data.get(f"{name}_day"), data.get(f"{name}_time")
            if day and clock is not None:
                try:
                    data[f"{name}_at"] = moment(day, clock)
                except ValidationError as error:
                    self.add_error(f"{name}_time", error)
        return data


class StepForm(PlainForm):
    """One step as the paper has it. Only the steps that the letter's state allows are offered."""

    widths = {"time": 5, "sheets": 3, "tracking_number": 20}
    required_words = {
        "downtime": "Choose the downtime in which it happened",
        "action": "Choose what was done",
        "by": "Choose who took the step",
        "day": "Enter the day on which it was done",
        "time": "Enter the time at which it was done, as the paper form has it",
        "scan": "Choose the scan of the paper form",
        "complete": "Look at the paper form: every tick and signature of this step must be on it. Then tick this",
    }

    downtime = forms.ChoiceField(label="Which downtime?", widget=forms.RadioSelect)
    action = forms.ChoiceField(label="What was done?", widget=forms.RadioSelect)
    by: Any = forms.ModelChoiceField(label="Who did it?", queryset=None, empty_label="Choose a person")
    day = DatePartsField(label="On which day?", latest=timezone.localdate, too_late=FUTURE)
    time = ClockField(label="At what time?")
    sheets = forms.IntegerField(
        label="How many sheets went in?", min_value=0, max_value=999, required=False, localize=False
    )
    post_class = forms.ChoiceField(label="Class", required=False, widget=forms.RadioSelect)
    tracking_number = forms.CharField(label="Tracking number", max_length=40, required=False)
    complete = forms.BooleanField(label="The paper form has every tick and signature of this step")
    scan = UploadField(label="Scan or photo of the paper form", allow=(Kind.PDF, Kind.PICTURE))

    def __init__(self, *args: Any, letter: Letter, downtimes: list[Downtime], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.downtimes = {row.reference: row for row in downtimes}
        steps = LATE_STEPS.get(State(letter.state), ())
        self._choices("downtime", [(row.reference, span_in_words(row)) for row in downtimes])
        self._choices("action", [(step.value, ACTION_NAMES[step]) for step in steps])
        self.fields["by"].queryset = who_may_have(letter)  # type: ignore[attr-defined]
        if Action.ENVELOPE not in steps:
            del self.fields["sheets"]
        if Action.POST in steps:
            self._choices("post_class", [(one.value, one.label) for one in CLASSES.get(Way(letter.way), ())])
            self.fields["post_class"].required = True
        else:
            del self.fields["post_class"]
        if Action.POST not in steps or letter.way != Way.REGISTERED_POST:
            del self.fields["tracking_number"]

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]
        if len(choices) == 1:
            self.fields[name].initial = choices[0][0]

    def clean(self) -> dict[str, Any]:
        """`happened_at`, aware; sheets for an envelope."""
        data = super().clean() or {}
        if data.get("day") and data.get("time") is not None:
            try:
                data["happened_at"] = moment(data["day"], data["time"])
            except ValidationError as error:
                self.add_error("time", error)
        if data.get("action") == Action.ENVELOPE and data.get("sheets") is None and "sheets" not in self.errors:
            self.add_error("sheets", "Enter how many sheets the paper form says went in")
        return data


def span_in_words(downtime: Downtime) -> str:
    """ "20 July 2026, 09:00 to 14:30: no network"."""
    began, ended = timezone.localtime(downtime.began_at), timezone.localtime(downtime.ended_at)
    until = f"{ended:%H:%M}" if began.date() == ended.date() else f"{in_words(ended.date())}, {ended:%H:%M}"
    return f"{in_words(began.date())}, {began:%H:%M} to {until}: {downtime.reason}"
