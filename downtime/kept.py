"""The scans of steps entered later go with what the letter says (CLS-1)."""

from __future__ import annotations

from downtime.models import LateEntry
from letters.actions.disposing import in_its_place
from letters.models import Letter
from postroom.ledger.kept import Destroyed


def scans_go(letter: Letter) -> Destroyed:
    """Called when a letter's content is destroyed, in that transaction."""
    gone = Destroyed()
    entries = LateEntry.objects.filter(letter=letter)
    scans = {str(sha) for sha in entries.values_list("scan_id", flat=True)}
    if scans:
        blank = in_its_place()
        gone.add("scans of steps entered later", entries.update(scan=blank))
        gone.files.update(scans - {blank})
    return gone
