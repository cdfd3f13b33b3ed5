"""Forms in plain words: the base classes, and a date asked for as day, month and year.

A form's HTML comes from templates/django/forms/: `{{ form }}`, or field by field `{{ form.name.as_field_group }}`.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_DJANGO_REQUIRED = str(forms.Field.default_error_messages["required"])
_CHOSEN = (forms.Select, forms.RadioSelect, forms.CheckboxSelectMultiple)


def in_sentence(label: str) -> str:
    """A label as it stands inside a sentence: 'Posted date' → 'posted date', but 'ICS number' stays."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


class Plain:
    """Mix in before forms.Form or forms.ModelForm.

    Errors are sentences that say what to do; the browser's own bubbles are off (write `novalidate` on the form tag).

    Meta-like class attributes, each by field name:
      widths         2, 3, 4, 5, 10, 20 or 30 characters
      autocomplete   the attribute's value, for example "street-address"; "off" unless given
      choice_hints   {value: hint} shown under that radio button or checkbox
      required_words the sentence for an empty field
      leads_to       where an error of the whole form leads to, such as "#letters"
      sometimes      names of fields that another answer calls for: not required by themselves, nor called optional
    """

    use_required_attribute = False
    widths: dict[str, int] = {}
    autocomplete: dict[str, str] = {}
    choice_hints: dict[str, dict[str, str]] = {}
    required_words: dict[str, str] = {}
    leads_to: str = ""
    sometimes: tuple[str, ...] = ()
    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            self._make_plain(name, field)

    def _make_plain(self, name: str, field: forms.Field) -> None:
        label = in_sentence(str(field.label or name.replace("_", " ")))
        if str(field.error_messages.get("required")) == _DJANGO_REQUIRED:
            if label.endswith("?"):
                # An error is no question: what to enter is what the question above the box asks.
                label = "a date" if isinstance(field, DatePartsField) else "an answer"
            verb = "Choose" if isinstance(field.widget, _CHOSEN) else "Enter"
            if isinstance(field.widget, forms.CheckboxInput):
                field.error_messages["required"] = f"Tick: {field.label}"
            else:
                field.error_messages["required"] = f"{verb} {label}"
        _say_bounds(field)
        if name in self.required_words:
            field.error_messages["required"] = self.required_words[name]
        attrs = field.widget.attrs
        if name in self.widths:
            attrs["class"] = f"{attrs.get('class', '')} govuk-input--width-{self.widths[name]}".strip()
        if not isinstance(field.widget, (forms.CheckboxInput, forms.RadioSelect, forms.CheckboxSelectMultiple)):
            attrs.setdefault("autocomplete", self.autocomplete.get(name, "off"))
        if name in self.choice_hints:
            attrs["choice_hints"] = self.choice_hints[name]  # read by the radio and checkbox templates


def _say_bounds(field: forms.Field) -> None:
    """What Django says of a number or text beyond its bounds, as a sentence of ours."""
    label = str(field.label or "")
    it = label if label and not label.endswith("?") else "It"
    said = {"max_value": f"{it} must be %(limit_value)s or less", "min_value": f"{it} must be %(limit_value)s or more"}
    if isinstance(field, forms.CharField):
        said["max_length"] = f"{it} must be %(limit_value)d characters or fewer; this has %(show_value)d"
    for code, words in said.items():
        field.error_messages.setdefault(code, words)
    if str(field.error_messages.get("invalid_choice", "")).startswith("Select a valid choice"):
        field.error_messages["invalid_choice"] = "Choose one of the answers that are offered"


class RowsField(forms.ModelMultipleChoiceField):
    """Several rows, ticked. What can be no row's number is no choice: SQLite would fail on thirty digits."""

    def clean(self, value: Any) -> Any:
        """The rows. Raises ValidationError."""
        for one in value if isinstance(value, list | tuple) else ():
            text = str(one)
            if not (text.isascii() and text.isdecimal() and len(text) < 19):
                raise ValidationError(self.error_messages["invalid_choice"], "invalid_choice", {"value": text[:40]})
        return super().clean(value)


class PlainForm(Plain, forms.Form):
    """forms.Form in plain words; see Plain."""


class PlainModelForm(Plain, forms.ModelForm):
    """forms.ModelForm in plain words; see Plain."""


class DateParts(forms.MultiWidget):
    """Three boxes, day month year. Posts as NAME_day, NAME_month, NAME_year."""

    template_name = "django/forms/widgets/date_parts.html"
    use_fieldset = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        box = forms.TextInput
        super().__init__({"day": box(), "month": box(), "year": box()}, attrs)

    def decompress(self, value: dt.date | None) -> list[Any]:
        """A date as the three boxes' contents."""
        return [value.day, value.month, value.year] if value else [None, None, None]

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        """The three boxes as typed; a whole date typed into the first box is spread over all three."""
        typed = [str(part or "").strip() for part in super().value_from_datadict(data, files, name)]
        if typed[0] and not typed[1] and not typed[2]:
            parts = [part for part in re.split(r"[\s./-]+", typed[0]) if part]
            if len(parts) == 3:
                return parts
        return typed


# Nobody means another year; days beyond would break what is counted from them.
YEARS = range(1900, 2200)


class DatePartsField(forms.Field):
    """A date from three boxes. Accepts '20 7 2026', '20 July 2026', '20 jul 26'; gives a dt.date or None.

    `earliest` and `latest` are dates, or functions that give one, with `too_early` and `too_late` as their sentences.
    """

    widget = DateParts

    def __init__(
        self,
        *,
        earliest: dt.date | Callable[[], dt.date] | None = None,
        latest: dt.date | Callable[[], dt.date] | None = None,
        too_early: str = "",
        too_late: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.earliest, self.latest = earliest, latest
        self.too_early, self.too_late = too_early, too_late

    @property
    def _name(self) -> str:
        """As a sentence about it begins; a label that asks is none."""
        label = str(self.label or "")
        return label if label and not label.endswith("?") else "The date"

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Is what was typed another date than `initial`?"""
        try:
            return self.to_python(data) != initial
        except ValidationError:
            return True

    def to_python(self, value: Any) -> dt.date | None:
        """The three parts as a date. Raises ValidationError with a sentence that says what to put right."""
        if value is None or isinstance(value, dt.date):
            return value
        day, month, year = value
        name = self._name
        if not (day or month or year):
            return None
        missing = [word for word, part in (("a day", day), ("a month", month), ("a year", year)) if not part]
        if missing:
            raise ValidationError(f"{name} must include {' and '.join(missing)}", code="incomplete")
        number = _month_number(month)
        if not day.isdecimal() or len(day) > 2 or number is None or not year.isdecimal() or len(year) not in (2, 4):
            raise ValidationError(f"{name} must be a date, like 20 7 2026", code="invalid")
        full_year = int(year) + (2000 if len(year) == 2 else 0)
        if full_year not in YEARS:
            raise ValidationError(f"{name}: the year {full_year} can't be right", code="invalid")
        try:
            return dt.date(full_year, number, int(day))
        except ValueError:
            shown = f"{day} {MONTHS[number - 1].capitalize()} {full_year}" if 1 <= number <= 12 else "That"
            raise ValidationError(f"{name}: {shown} is not a day in the calendar", code="invalid") from None

    def validate(self, value: Any) -> None:
        """Required, and within its bounds."""
        super().validate(value)
        if value is None:
            return
        name = self._name
        earliest, latest = _bound(self.earliest), _bound(self.latest)
        if earliest and value < earliest:
            words = self.too_early or f"{name} must be {in_words(earliest)} or later"
            raise ValidationError(words, code="too_early")
        if latest and value > latest:
            words = self.too_late or f"{name} must be {_day_or_today(latest)} or earlier"
            raise ValidationError(words, code="too_late")


def row_numbers(texts: Iterable[str]) -> list[int]:
    """Those of the texts that can be a row's number, however spoilt the others are."""
    return [int(text) for text in texts if text.isascii() and text.isdecimal() and len(text) < 19]


def in_words(day: dt.date) -> str:
    """A date as people write it: 20 July 2026."""
    return f"{day.day} {day:%B %Y}"


def _day_or_today(day: dt.date) -> str:
    return "today" if day == timezone.localdate() else in_words(day)


def _bound(bound: dt.date | Callable[[], dt.date] | None) -> dt.date | None:
    return bound() if callable(bound) else bound


def _month_number(typed: str) -> int | None:
    if typed.isdecimal():
        return int(typed) if len(typed) <= 2 else None
    starts = [n for n, month in enumerate(MONTHS, 1) if len(typed) >= 3 and month.startswith(typed.lower())]
    return starts[0] if len(starts) == 1 else None
