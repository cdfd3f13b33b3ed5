"""Which stored files late entries need, for the sweep of those that nobody does."""

from __future__ import annotations

from downtime.models import LateEntry


def files_in_use(hashes: list[str]) -> set[str]:
    """Those of `hashes` that a late entry points to."""
    return set(LateEntry.objects.filter(scan_id__in=hashes).values_list("scan_id", flat=True))
