"""Forms of policies."""

from __future__ import annotations

from django import forms
from django.utils import timezone

from postroom.forms import DatePartsField, PlainForm


class AcknowledgeForm(PlainForm):
    """One tick."""

    read = forms.BooleanField(label="I have read the whole text and will work by it", required=False)


class VersionForm(PlainForm):
    """A new version, with every field of a policy's header."""

    widths = {"version": 10}
    title = forms.CharField(label="Title", max_length=120)
    version = forms.CharField(label="Version", max_length=40)
    author = forms.CharField(label="Author", max_length=160)
    approval = forms.CharField(label="Approved by, and when", max_length=160)
    issued_on = DatePartsField(label="Date issued", latest=timezone.localdate)
    review_on = DatePartsField(label="Review date")
    audience = forms.CharField(label="Target audience", max_length=200)
    rationale = forms.CharField(label="Rationale", max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    text = forms.CharField(
        label="The whole text, word for word",
        strip=False,
        widget=forms.Textarea(attrs={"rows": 20}),
        help_text="It can't be changed afterwards; a correction is a new version.",
    )
