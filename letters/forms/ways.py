"""Which way a letter goes; into whose hands it went, when and where; what Royal Mail says of its delivery."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone

from letters.models import Handing
from letters.ways import WAY_HINTS, WAY_NAMES, Way
from postroom.cases.models import CasePerson
from postroom.forms import DatePartsField, PlainForm, in_words

SENSITIVE = "This letter is sensitive"
SENSITIVE_HINT = "It then goes by registered post or by hand by the worker, never by ordinary post."


class WayField(forms.ChoiceField):
    """How a letter is to go. Secure e-mail is shown where `offer` says so; chosen all the same, the step answers."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label="How is it to go?", widget=forms.RadioSelect, choices=_ways(by_email=False), **kwargs)

    def offer(self, by_email: Sequence[CasePerson]) -> None:
        """Offer secure e-mail, if there is anybody who may have the letter so."""
        self.choices = _ways(by_email=bool(by_email))

    def valid_value(self, value: Any) -> bool:
        """Any way there is: which are open is the step's to say, in its own sentence."""
        return value in list(Way)


def _ways(*, by_email: bool) -> list[tuple[str, str]]:
    return [(way.value, WAY_NAMES[way]) for way in Way if by_email or way != Way.SECURE_EMAIL]


def way_hints(by_email: Sequence[CasePerson]) -> dict[str, str]:
    """What stands under each way; under secure e-mail, to whom it can go so."""
    hints = {str(way): words for way, words in WAY_HINTS.items()}
    names = " and ".join(person.name for person in by_email)
    return hints | {str(Way.SECURE_EMAIL): f"{hints[Way.SECURE_EMAIL]} Open to: {names}."} if names else hints


class ChooseWayForm(PlainForm):
    """Another way, with why. `by_email`: its addressee, if they may have the letter by secure e-mail."""

    required_words = {"reason": "Say why; it stays on record", "way": "Choose how it is to go"}
    choice_hints = {"way": way_hints(())}

    way = WayField()
    sensitive = forms.BooleanField(label=SENSITIVE, required=False, help_text=SENSITIVE_HINT)
    reason = forms.CharField(label="Why?", max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, by_email: Sequence[CasePerson] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["way"]
        assert isinstance(field, WayField)  # noqa: S101 - declared above
        field.offer(by_email)


class MomentForm(PlainForm):
    """Asks on which day and at what time something was; gives it as `at` (aware). `earliest`: a local date or None."""

    widths = {"clock": 5}
    required_words = {"on": "Enter the day", "clock": "Enter the time, like 14:30"}

    on = DatePartsField(label="Day", latest=timezone.localdate, too_late="The day can't be in the future")
    clock = forms.RegexField(
        r"^\s*([01]?\d|2[0-3])[:.]([0-5]\d)\s*$",
        label="Time",
        help_text="For example 14:30.",
        error_messages={"invalid": "Write the time as hours and minutes, like 14:30"},
    )

    def __init__(self, *args: Any, earliest: dt.date | None = None, early_words: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["on"]
        assert isinstance(field, DatePartsField)  # noqa: S101 - declared above
        if earliest:
            field.earliest = earliest
            field.too_early = early_words.format(day=in_words(earliest))

    def clean(self) -> dict[str, Any]:
        """Day and time together as `at`; a moment that is still to come is an error of the time."""
        data = super().clean() or {}
        if data.get("on") and data.get("clock"):
            hours, minutes = data["clock"].strip().replace(".", ":").split(":")
            at = timezone.make_aware(dt.datetime.combine(data["on"], dt.time(int(hours), int(minutes))))
            if at > timezone.now():
                self.add_error("clock", "That time is still to come")
            data["at"] = at
        return data


def _identity() -> forms.ChoiceField:
    return forms.ChoiceField(
        label="How do you know that it is this person?", widget=forms.RadioSelect, choices=Handing.Identity.choices
    )


class HandingForm(MomentForm):
    """How the addressee was known, when, where; into their own hands. Who took it is no question: nobody else may."""

    required_words = {
        **MomentForm.required_words,
        "place": "Enter where it was",
        "identity": "Say how you know that it is this person",
        "own_hands": "It has to go into the person's own hands. If that wasn't possible, record that instead",
    }

    field_order = ["identity", "own_hands", "on", "clock", "place"]
    place = forms.CharField(label="Where?", max_length=120, help_text="For example: at the door, at the school.")
    identity = _identity()
    own_hands = forms.BooleanField(
        label="I put it into their own hands", help_text="Not through a letterbox, not to somebody else."
    )


class NotDeliveredForm(MomentForm):
    """When it was tried, and why it could not be done."""

    required_words = {**MomentForm.required_words, "reason": "Say why; it stays on record"}
    reason = forms.CharField(
        label="Why could it not be delivered?", max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )


class DeliveredForm(MomentForm):
    """What Royal Mail's tracking page says."""

    required_words = {**MomentForm.required_words, "printed_name": "Enter the printed name that Royal Mail shows"}
    printed_name = forms.CharField(
        label="Printed name", max_length=120, help_text="The name Royal Mail shows for whoever signed for it."
    )
