"""Which stored files this floor still needs."""

from __future__ import annotations

from audit.models import Evidence


def files_in_use(hashes: list[str]) -> set[str]:
    """Those of `hashes` that are evidence of a spot check."""
    return set(Evidence.objects.filter(file_id__in=hashes).values_list("file_id", flat=True))
