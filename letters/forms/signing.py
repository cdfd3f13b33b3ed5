"""Forms of signing, and of the signed paper that comes back to admin."""

from __future__ import annotations

from typing import Any

from django import forms

from letters.scans import BadScan, media_type_of
from postroom.forms import PlainForm

MAX_SCAN = 10 * 1024 * 1024


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
        """The upload, with `media_type` as its content says. Raises ValidationError with what to do."""
        upload = self.cleaned_data["scan"]
        if not upload:
            return None
        if upload.size > MAX_SCAN:
            raise forms.ValidationError(
                f"This file has {upload.size / 1024 / 1024:.1f} MB and at most 10 MB are taken. "
                "Scan it in grey at 200 or 300 dpi."
            )
        data = upload.read()
        try:
            self.cleaned_data["scan_media_type"] = media_type_of(data)
        except BadScan as error:
            raise forms.ValidationError(str(error)) from error
        self.cleaned_data["scan_bytes"] = data
        return upload
