"""A file that passed the gate, kept; what a scanner said of it stays with its bytes."""

from __future__ import annotations

from postroom.files.models import StoredFile
from postroom.files.store import store
from postroom.uploads import Checked


def keep(checked: Checked) -> StoredFile:
    """Keep an upload under its hash, as from outside, with whether a virus scanner looked at it.

    Before a step: if that is refused, the sweep of unused files removes it. Raises what `store` raises.
    """
    return store(checked.data, checked.media_type, from_outside=True, scanned=checked.scanned)
