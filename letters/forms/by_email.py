"""A letter by secure e-mail: the right to it, what became of an uncertain one, the password."""

from __future__ import annotations

from django import forms

from letters.actions.emailing import RIGHTS
from postroom.forms import PlainForm


class SendEmailForm(PlainForm):
    """Where it goes stands on the page and comes back with the form: whoever confirms it has seen that very address."""

    required_words = {
        "basis": "Say why this person has a right to what the letter says",
        "address_confirmed": "Check the e-mail address, and confirm it",
    }

    email = forms.EmailField(widget=forms.HiddenInput)
    basis = forms.ChoiceField(
        label="Why does this person have a right to what the letter says?",
        widget=forms.RadioSelect,
        choices=list(RIGHTS.items()),
    )
    address_confirmed = forms.BooleanField(label="The e-mail address is this person's own, and right")


class DecideEmailForm(PlainForm):
    """Did it leave or not? A person finds out, and says so."""

    required_words = {"sent": "Say whether they have it", "reason": "Say how you know"}
    sent = forms.TypedChoiceField(
        label="Has it arrived?",
        widget=forms.RadioSelect,
        choices=[("yes", "Yes, they have the e-mail"), ("no", "No, they don't: send it again")],
        coerce=lambda value: value == "yes",
    )
    reason = forms.CharField(label="How do you know?", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class PasswordForm(PlainForm):
    """Read out by phone."""

    recipient_known = forms.BooleanField(
        label="I called them on a number I know is theirs, made sure it was them, and read it out",
        error_messages={"required": "Call them, read the password out, and confirm it"},
    )
