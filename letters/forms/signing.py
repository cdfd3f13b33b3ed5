"""Forms of signing, and of the signed paper that comes back to admin."""

from __future__ import annotations

from django import forms

from postroom.forms import PlainForm
from postroom.uploads import Kind, UploadField

MAX_SCAN = 10 * 1024 * 1024


class SignForm(PlainForm):
    """Nothing to fill in: what is signed stands on the page. Errors of the step are shown on it."""


class ConfirmSignatureForm(PlainForm):
    """Admin has the signed paper in hand; its scan can be added."""

    required_words = {"bears_signature": "Look at the sheets and confirm that they bear the signature"}

    bears_signature = forms.BooleanField(label="I have the printed sheets of this version in hand, and they are signed")
    scan = UploadField(
        label="Scan of the signed letter",
        allow=(Kind.PDF, Kind.PICTURE),
        max_bytes=MAX_SCAN,
        required=False,
        help_text="A PDF, JPEG or PNG of at most 10 MB. It becomes the document for ICS.",
    )
