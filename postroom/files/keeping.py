"""A file that passed the gate for uploads, kept; what a scanner said of it stays with its bytes."""

from __future__ import annotations

from typing import Protocol

from postroom.files.models import StoredFile
from postroom.files.store import store


class Passed(Protocol):
    """What the gate gives out (`postroom.uploads.Checked`), as far as keeping it goes."""

    @property
    def data(self) -> bytes:
        """The bytes to keep."""
        ...

    @property
    def media_type(self) -> str:
        """As their content says."""
        ...

    @property
    def scanned(self) -> bool:
        """A virus scanner looked at them and found nothing."""
        ...


def keep(checked: Passed) -> StoredFile:
    """Keep an upload under its hash, as from outside, with whether a virus scanner looked at it.

    Before a step: if that is refused, the sweep of unused files removes it. Raises what `store` raises.
    """
    return store(checked.data, checked.media_type, from_outside=True, scanned=checked.scanned)
