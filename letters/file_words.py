"""The words inside files that go with a letter, so that they are searched like what was typed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from letters.rendering.finished import document_text
from postroom.files.store import read

PDF = "application/pdf"


def words_of_files(enclosures: Iterable[Mapping[str, Any]]) -> list[str]:
    """The words of each enclosed PDF of a frozen content; a picture has none that can be read."""
    return [
        document_text(read(str(item["sha256"])))
        for item in enclosures
        if item.get("sha256") and item.get("media_type") == PDF
    ]
