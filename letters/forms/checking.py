"""Forms of checking and sending back."""

from django import forms

from postroom.forms import PlainForm


class CheckForm(PlainForm):
    """Two separate confirmations (OGP-3a). The step itself asks for both."""

    required_words = {
        "address_confirmed": "Confirm that the address is correct, or send the letter back",
        "body_confirmed": "Confirm that the body is correct, or send the letter back",
    }

    address_confirmed = forms.BooleanField(label="The address is correct, for this person, today")
    body_confirmed = forms.BooleanField(label="The body is correct, word for word, enclosures too")
    found_belongs = forms.BooleanField(label="I looked at what was found. It belongs in this letter", required=False)


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
