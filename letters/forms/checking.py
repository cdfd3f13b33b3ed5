"""Forms of checking and sending back."""

from typing import Any

from django import forms
from django.utils import timezone

from postroom.forms import DatePartsField, PlainForm


class CheckForm(PlainForm):
    """Two separate confirmations (OGP-3a). The step itself asks for both."""

    required_words = {
        "address_confirmed": "Confirm that the address is correct, or send the letter back",
        "translated_on": "Enter the day on which the translator confirmed it",
        "translator": "Enter who translated it, or send the letter back",
        "body_confirmed": "Confirm that the body is correct, or send the letter back",
    }

    translator = forms.CharField(
        label="Who translated it?",
        max_length=120,
        help_text="The person or the service whose written confirmation you have.",
    )
    translated_on = DatePartsField(
        label="When did they confirm that it says what the original says?",
        latest=timezone.localdate,
        too_late="The day on which they confirmed it can't be in the future",
    )
    address_confirmed = forms.BooleanField(label="The address is correct, for this person, today")
    body_confirmed = forms.BooleanField(label="The body is correct, word for word, enclosures too")
    found_belongs = forms.BooleanField(label="I looked at what was found. It belongs in this letter", required=False)

    def __init__(self, *args: Any, translation: bool = False, **kwargs: Any) -> None:
        """`translation`: the translator's confirmation stands for that of the body."""
        super().__init__(*args, **kwargs)
        for name in ("body_confirmed",) if translation else ("translator", "translated_on"):
            del self.fields[name]


class SendBackForm(PlainForm):
    """Why the letter goes back to admin, and the wording proposed instead."""

    required_words = {"reason": "Say what is wrong, so that admin can put it right"}

    reason = forms.CharField(
        label="What is wrong?",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Admin reads this, and it stays on record.",
    )
    proposed_body = forms.CharField(
        label="The text as it should be",
        max_length=60_000,
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 16}),
        help_text="Change it here if you know the right words. Admin takes it in with one key. "
        "Leave it as it is if your words above say enough.",
    )
