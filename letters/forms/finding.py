"""Finding a letter by the reference on its sheets."""

from django import forms

from postroom.forms import PlainForm
from postroom.steps.references import is_reference


class FindForm(PlainForm):
    """A reference, in any case and with blanks."""

    widths = {"reference": 10}
    required_words = {"reference": "Enter the reference that stands at the foot of each sheet"}

    reference = forms.CharField(label="Letter reference", max_length=40, help_text="For example K7Q2M4XD9")

    def clean_reference(self) -> str:
        """Compact and upper case. Raises ValidationError if its check character says that it was misread."""
        compact = "".join(self.cleaned_data["reference"].split()).upper()
        if not is_reference(compact):
            raise forms.ValidationError(
                "That is not a letter's reference: it has nine letters and digits, never I, L, O, U, 0 or 1. "
                "Read it again from the sheet."
            )
        return compact
