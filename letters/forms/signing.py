"""Forms of signing, and of the signed paper that comes back to admin."""

from __future__ import annotations

from typing import Any

from django import forms

from letters.forms.scanned import read_scan
from postroom.forms import PlainForm


class SignForm(PlainForm):
    """Nothing to fill in: what is signed stands on the page. Errors of the step are shown on it."""


class ConfirmSignatureForm(PlainForm):
    """Admin has the signed paper in hand; its scan can be added."""

    required_words = {"bears_signature": "Look at the sheets and confirm that they bear the signature"}

    bears_signature = forms.BooleanField(label="I have the printed sheets of this version in hand, and they are signed")
    scan = forms.FileField(
        label="Scan of the signed letter",
        required=False,
        help_text="A PDF, JPEG or PNG of at most 10 MB. It becomes the document for ICS.",
        widget=forms.FileInput(attrs={"accept": "application/pdf,image/jpeg,image/png"}),
    )

    def clean_scan(self) -> Any:
        """Bytes and media type, or None. Raises ValidationError with what to do."""
        return read_scan(self.cleaned_data["scan"])
