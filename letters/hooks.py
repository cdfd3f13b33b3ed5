"""What letters tell whoever is above them, without knowing them: they register here when Django starts.

Called inside the step's transaction, so what they do stands or falls with it. The papers-out register listens: a letter
that a social worker takes along to deliver it by hand is a paper that is out of the office.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from letters.models import Letter
    from postroom.steps.engine import Taken


class Ended(StrEnum):
    """How a paper that was out stopped being out."""

    HANDED_OVER = "handed_over"
    BROUGHT_BACK = "brought_back"


# The carrier is `letter.carried_by`, its case `letter.case`, its sheets `sheets_to_count(letter)`.
papers_left: list[Callable[[Letter, Taken], None]] = []
papers_back: list[Callable[[Letter, Taken, Ended], None]] = []
# Is this tracking number on record above for somebody else than the person of this id?
number_of_another: list[Callable[[str, int], bool]] = []


def left(letter: Letter, taken: Taken) -> None:
    """The letter was taken out of the office, by `letter.carried_by`, to be delivered by hand."""
    for told in papers_left:
        told(letter, taken)


def back(letter: Letter, taken: Taken, ended: Ended) -> None:
    """The letter isn't out any more: handed over into the person's own hands, or back in the office."""
    for told in papers_back:
        told(letter, taken, ended)
