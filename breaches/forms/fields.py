"""What the forms of breaches are built of: sentences, yes or no, moments, references."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from postroom.forms import DatePartsField, PlainForm
from postroom.steps.references import is_reference

LONG = 5000
_TIME = re.compile(r"\s*(\d{1,2})(?:[:.](\d{2}))?\s*(am|pm)?\s*", re.IGNORECASE)
YES_NO = [("yes", "Yes"), ("no", "No")]


def words(label: str, *, required: bool = True, rows: int = 4, hint: str = "") -> forms.CharField:
    """A box for sentences."""
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, required=required, max_length=LONG, widget=widget, help_text=hint)


def yes_no(label: str, hint: str = "") -> forms.TypedChoiceField:
    """Yes or no, without a default."""
    return forms.TypedChoiceField(
        label=label, choices=YES_NO, coerce=lambda v: v == "yes", widget=forms.RadioSelect, help_text=hint
    )


class TimeField(forms.Field):
    """A time of day as people type it: 9.30, 14:05, 2pm. Gives a dt.time."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(help_text="For example 14:30", **kwargs)

    def to_python(self, value: Any) -> Any:
        text = str(value or "").strip()
        if not text:
            return None
        found = _TIME.fullmatch(text)
        if found:
            hour, minute, half = int(found[1]), int(found[2] or 0), (found[3] or "").lower()
            if half and 1 <= hour <= 12:
                hour = hour % 12 + (12 if half == "pm" else 0)
            if hour < 24 and minute < 60:
                return dt.time(hour, minute)
        raise ValidationError("Enter a time like 14:30", code="invalid")


class MomentForm(PlainForm):
    """A form with moments, each asked for as a day (NAME_on) and a time (NAME_time)."""

    moments: tuple[str, ...] = ()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in self.moments:
            day, time = cleaned.pop(f"{name}_on", None), cleaned.pop(f"{name}_time", None)
            if day and time is None and f"{name}_time" not in self.errors:
                self.add_error(f"{name}_time", "Enter the time too; about is good enough")
            if time is not None and day is None and f"{name}_on" not in self.errors:
                self.add_error(f"{name}_on", "Enter the day too")
            cleaned[name] = timezone.make_aware(dt.datetime.combine(day, time)) if day and time is not None else None
        return cleaned

    def add_step_error(self, field: str, sentence: str) -> None:
        """An error of a step, at the box it is about."""
        name = f"{field}_on" if field in self.moments else field
        self.add_error(name if name in self.fields else None, sentence)


def moment_initial(name: str, at: dt.datetime | None) -> dict[str, Any]:
    """What the two boxes of a moment begin with."""
    if at is None:
        return {}
    local = timezone.localtime(at)
    return {f"{name}_on": local.date(), f"{name}_time": f"{local:%H:%M}"}


def day(label: str, *, required: bool = True, hint: str = "") -> DatePartsField:
    return DatePartsField(
        label=label,
        required=required,
        help_text=hint,
        latest=timezone.localdate,
        too_late="That day lies in the future",
    )


class ReferencesField(forms.CharField):
    """References, by blanks, commas or lines; each must have the form of one."""

    def to_python(self, value: Any) -> Any:
        found = [part.upper() for part in re.split(r"[\s,;]+", super().to_python(value) or "") if part]
        if wrong := [part for part in found if not is_reference(part)]:
            raise ValidationError(f"{wrong[0][:20]} is not a reference. Check it on the case or the sheet.")
        return list(dict.fromkeys(found))
