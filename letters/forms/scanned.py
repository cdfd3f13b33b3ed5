"""A scan that somebody uploads with a form."""

from __future__ import annotations

from typing import Any

from django import forms

from letters.scans import BadScan, media_type_of

MAX_SCAN = 10 * 1024 * 1024


def read_scan(upload: Any) -> tuple[bytes, str] | None:
    """Bytes and media type (as the content says) of an upload, None if there is none.

    Raises ValidationError with what to do: too large, or not a PDF, JPEG or PNG that opens.
    """
    if not upload:
        return None
    if upload.size > MAX_SCAN:
        raise forms.ValidationError(
            f"This file has {upload.size / 1024 / 1024:.1f} MB and at most 10 MB are taken. "
            "Scan it in grey at 200 or 300 dpi."
        )
    data = upload.read()
    try:
        return data, media_type_of(data)
    except BadScan as error:
        raise forms.ValidationError(str(error)) from error
