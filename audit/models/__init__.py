"""Tables of this floor; each part keeps its own file."""

from audit.models.spotchecks import Answer, Evidence, Finding, Item, SeedFrom, SpotCheck, StrataBy, Stratum

__all__ = ["Answer", "Evidence", "Finding", "Item", "SeedFrom", "SpotCheck", "StrataBy", "Stratum"]
