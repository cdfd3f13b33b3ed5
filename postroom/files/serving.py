"""A stored file as an answer: private, under a name without personal data, in pieces where a player asks for them."""

from __future__ import annotations

import re

from django.http import HttpRequest, HttpResponse

from postroom.files.models import StoredFile
from postroom.files.store import read

EXTENSIONS = {
    "application/pdf": "pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "image/png": "png",
    "image/jpeg": "jpg",
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
    "audio/wav": "wav",
    "audio/ogg": "ogg",
    "text/plain": "txt",
}
# What a browser shows by itself and can't run; everything else is saved.
SHOWN = {"application/pdf", "image/png", "image/jpeg", "audio/mpeg", "audio/mp4", "audio/wav", "audio/ogg"}
_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


def serve(request: HttpRequest, file: StoredFile, name: str, *, download: bool = False) -> HttpResponse:
    """The file's bytes, or the one range of them that was asked for (RFC 9110): 200, 206 or 416.

    `name`: the file's name without its ending; only letters, digits and - of it are used. Raises FileError.
    """
    data = read(file.pk)
    headers = {
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
        "Accept-Ranges": "bytes",
        "Content-Disposition": _disposition(file, name, download),
    }
    wanted = _range(request.headers.get("Range", ""), len(data))
    if wanted is None:
        return HttpResponse(data, content_type=file.media_type, headers=headers)
    start, end = wanted
    if start >= end:
        return HttpResponse(status=416, headers={**headers, "Content-Range": f"bytes */{len(data)}"})
    headers["Content-Range"] = f"bytes {start}-{end - 1}/{len(data)}"
    return HttpResponse(data[start:end], status=206, content_type=file.media_type, headers=headers)


def _disposition(file: StoredFile, name: str, download: bool) -> str:
    safe = re.sub(r"[^A-Za-z0-9-]", "", name) or "file"
    shown = "inline" if file.media_type in SHOWN and not download else "attachment"
    return f'{shown}; filename="{safe}.{EXTENSIONS.get(file.media_type, "bin")}"'


def _range(header: str, size: int) -> tuple[int, int] | None:
    """The half-open range asked for; None for the whole (no header, several ranges, or one that can't be read)."""
    match = _RANGE.fullmatch(header.strip())
    if not match or not (match[1] or match[2]):
        return None
    if not match[1]:
        return max(size - int(match[2]), 0), size if int(match[2]) else 0
    start, end = int(match[1]), int(match[2]) + 1 if match[2] else size
    if match[2] and end <= start:
        return None
    return start, min(end, size)
