"""Forms of the record's pages."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError

from audit.record.checkpoints import found_in
from postroom.forms import Plain


class CompareForm(Plain, forms.Form):
    """A checkpoint from outside, pasted: a whole e-mail, the printed line, or NUMBER:HASH."""

    kept = forms.CharField(
        label="The message or line that was kept",
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="Paste the whole e-mail, the printed line, or its number and hash as 12:9f86d0…",
    )

    def clean_kept(self) -> dict[int, str]:
        """Numbers and hashes of the checkpoints in it."""
        found = found_in(self.cleaned_data["kept"])
        if not found:
            raise ValidationError(
                "There is no checkpoint in this. Copy the line that begins with “postroom checkpoint”."
            )
        return found
