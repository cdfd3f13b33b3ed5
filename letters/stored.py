"""Which stored files letters still need, for the sweep of those that nobody does."""

from __future__ import annotations

from letters.models import LetterFile, LetterVersion, Print, Registered, Signature, Source


def files_in_use(hashes: list[str]) -> set[str]:
    """Those of `hashes` that a version, a print, a signature, a scan or a posting receipt of a letter points to."""
    used: set[str] = set()
    for rows, column in (
        (LetterVersion.objects, "pdf_id"),
        (Print.objects, "pdf_id"),
        (Signature.objects, "pdf_id"),
        (Signature.objects, "scan_id"),
        (Registered.objects, "receipt_id"),
        (Source.objects, "file_id"),
        (LetterFile.objects, "file_id"),
    ):
        used.update(rows.filter(**{f"{column}__in": hashes}).values_list(column, flat=True))
    return used
