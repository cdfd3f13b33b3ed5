"""Which stored files imports still need, for the sweep of those that nobody does."""

from __future__ import annotations

from postroom.cases.models import IcsImport


def files_in_use(hashes: list[str]) -> set[str]:
    """Those of `hashes` that an import is, or was, taken from."""
    return set(IcsImport.objects.filter(file_id__in=hashes).values_list("file_id", flat=True))
