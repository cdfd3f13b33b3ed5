"""What is asked when a downtime is opened, and of a step that happened in it."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from downtime.models import Downtime
from postroom.forms import DatePartsField, PlainForm, in_words
from postroom.people.models import Office

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


def span_in_words(downtime: Downtime) -> str:
    """ "20 July 2026, 09:00 to 14:30: no network"."""
    began, ended = timezone.localtime(downtime.began_at), timezone.localtime(downtime.ended_at)
    until = f"{ended:%H:%M}" if began.date() == ended.date() else f"{in_words(ended.date())}, {ended:%H:%M}"
    return f"{in_words(began.date())}, {began:%H:%M} to {until}: {downtime.reason}"
