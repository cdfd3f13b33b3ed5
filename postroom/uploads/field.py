"""A form's field for a file that passes the gate."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from postroom.uploads.gate import check_upload
from postroom.uploads.kinds import ACCEPT, MAX_BYTES, MB, Checked, Kind, Refused, in_words


class UploadField(forms.FileField):
    """`cleaned_data[name]` is a Checked, or None where nothing was chosen and nothing is required.

    The help text says what is taken unless another is given. A browser doesn't keep a chosen file when a page comes
    back with an error: the caller's template should say so where other fields can fail.
    """

    def __init__(self, *, allow: tuple[Kind, ...], max_bytes: int | None = None, **kwargs: Any) -> None:
        self.allow, self.max_bytes = allow, max_bytes
        most = min(max_bytes or max(MAX_BYTES.values()), max(MAX_BYTES[kind] for kind in allow))
        words = in_words(allow)
        kwargs.setdefault("help_text", f"{words[:1].upper()}{words[1:]}, at most {most // MB or 1} MB.")
        kwargs.setdefault("widget", forms.FileInput(attrs={"accept": ",".join(ACCEPT[kind] for kind in allow)}))
        super().__init__(**kwargs)

    def to_python(self, data: Any) -> Any:
        """The upload as it came; looked into by `clean` alone. An empty file is the gate's to refuse."""
        return data if isinstance(data, UploadedFile) else None

    def clean(self, data: Any, initial: Any = None) -> Checked | None:
        """The file through the gate. Raises ValidationError with the gate's sentence; its code is the refusal's."""
        upload = self.to_python(data)
        if upload is None:
            if self.required:
                raise ValidationError(self.error_messages["required"], code="required")
            return None
        try:
            return check_upload(upload, allow=self.allow, max_bytes=self.max_bytes)
        except Refused as error:
            raise ValidationError(str(error), code=error.code) from error
