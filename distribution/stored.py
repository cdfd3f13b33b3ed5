"""Which stored files distribution still needs, for the sweep of those that nobody does."""

from __future__ import annotations

from distribution.models import Distribution, Handover, Item, ItemVersion, Receipt


def files_in_use(hashes: list[str]) -> set[str]:
    """Those of `hashes` that a set, an item's versions, a cover sheet, a signature or a receipt point to."""
    used: set[str] = set()
    for rows, column in (
        (Distribution.objects, "original_id"),
        (Distribution.objects, "pdf_id"),
        (Item.objects, "pdf_id"),
        (Item.objects, "cover_id"),
        (ItemVersion.objects, "original_id"),
        (ItemVersion.objects, "pdf_id"),
        (Handover.objects, "signature_id"),
        (Receipt.objects, "scan_id"),
    ):
        used.update(rows.filter(**{f"{column}__in": hashes}).values_list(column, flat=True))
    return used
