"""The form of withdrawing."""

from django import forms

from postroom.forms import PlainForm


class WithdrawForm(PlainForm):
    """Why the letter is withdrawn, for good."""

    required_words = {"reason": "Say why. A withdrawal stays on record with its reason"}

    reason = forms.CharField(label="Why is it withdrawn?", max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))
