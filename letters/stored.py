"""Which stored files letters still need, for the sweep of those that nobody does."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from letters.models import LetterFile, LetterVersion, Print, PrintRun, Registered, Signature, Source

RUN_KEPT = dt.timedelta(days=1)


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
    # A run's own PDF is a copy of what its letters have; it goes after a day.
    kept = PrintRun.objects.filter(pdf__in=hashes, at__gte=timezone.now() - RUN_KEPT)
    used.update(kept.values_list("pdf", flat=True))
    return used
