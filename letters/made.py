"""What was made of a letter in the format that its addressee can read (decision 0167)."""

from __future__ import annotations

from letters.formats import MADE
from letters.models import Letter, MadeInFormat


def made_of(letter: Letter) -> MadeInFormat | None:
    """What was made of its version in the addressee's format, the newest; None if nothing was. One query for a format
    that has to be made, otherwise none."""
    if letter.letter_format not in MADE or letter.current_id is None:
        return None
    rows = MadeInFormat.objects.filter(version_id=letter.current_id, letter_format=letter.letter_format)
    return rows.select_related("by", "file").first()
