"""Tables of this floor; each part keeps its own file."""

from audit.models.figures import FigurePart, FigureRow, FiguresUpTo
from audit.models.policies import Acknowledgement, PolicyReading, PolicyVersion
from audit.models.spotchecks import Answer, Evidence, Finding, Item, SeedFrom, SpotCheck, StrataBy, Stratum

__all__ = [
    "Acknowledgement",
    "Answer",
    "Evidence",
    "FigurePart",
    "FigureRow",
    "FiguresUpTo",
    "Finding",
    "Item",
    "PolicyReading",
    "PolicyVersion",
    "SeedFrom",
    "SpotCheck",
    "StrataBy",
    "Stratum",
]
