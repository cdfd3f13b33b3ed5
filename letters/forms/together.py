"""Forms of letters that say the same to several."""

from typing import Any

from django import forms

from postroom.forms import PlainForm


class TextForm(PlainForm):
    """The one confirmation of the text (OGP-3a). The addresses have their own ticks, letter by letter."""

    leads_to = "#letters"
    required_words = {"body_confirmed": "Confirm that the text is correct, or send the letters back"}

    body_confirmed = forms.BooleanField(label="The text is correct, word for word, enclosures too")

    def __init__(self, *args: Any, confirmed: bool = False, **kwargs: Any) -> None:
        """`confirmed`: this person has confirmed this very text before, and isn't asked again."""
        super().__init__(*args, **kwargs)
        if confirmed:
            del self.fields["body_confirmed"]
