"""What ICS is given for one child: the document, its notes, and the key that makes it this upload. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass

EXTENSIONS = {"application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg", "image/tiff": "tif"}


@dataclass(frozen=True)
class Package:
    """One document for one child's record. `key` is the same at every attempt: ICS must file it once."""

    key: str
    reference: str
    child: str  # the child's number in ICS
    notes: str
    media_type: str
    document: bytes

    @property
    def file_name(self) -> str:
        """Letter's reference and kind, no name of anybody."""
        return f"{self.reference}.{EXTENSIONS.get(self.media_type, 'bin')}"

    def sidecar(self) -> str:
        """The words that go beside the document, as JSON text."""
        words = {
            "key": self.key,
            "postroom_reference": self.reference,
            "ics_number": self.child,
            "description_notes": self.notes,
            "file_name": self.file_name,
            "media_type": self.media_type,
        }
        return json.dumps(words, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


class GatewayError(Exception):
    """ICS was not reached, or refused. `code` is short and kept; `final`: trying again would not help."""

    def __init__(self, code: str, *, final: bool = False) -> None:
        super().__init__(code)
        self.code, self.final = code, final
