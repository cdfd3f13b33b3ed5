"""The form that adds an enclosure or a finished document to a letter that is being typed."""

from __future__ import annotations

from typing import Any

from django import forms

from postroom.forms import PlainForm
from postroom.uploads import Kind, UploadField


class AddFileForm(PlainForm):
    """`document`: a finished document, which is the letter itself; else an enclosure."""

    required_words = {"file": "Choose the file", "title": "Say what it is, as the letter lists it"}
    title = forms.CharField(label="What is it?", max_length=80, help_text="The letter lists it under this name.")
    file = UploadField(label="The file", allow=(Kind.PDF, Kind.PICTURE))
    original = forms.BooleanField(label="It is an original, one that can not be had again", required=False)

    def __init__(self, *args: Any, document: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if document:
            del self.fields["title"], self.fields["original"]
            self.fields["file"] = UploadField(
                label="The finished document", allow=(Kind.PDF,), error_messages={"required": "Choose the file"}
            )
