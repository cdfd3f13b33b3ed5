"""The lists behind the figures as files."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from itertools import islice

from django.http import HttpRequest, HttpResponse

from audit.views.common import person
from postroom.ledger.readings import record_read
from postroom.spreadsheets import plain

# A list of more rows is cut, and says so in its last.
MOST = 50_000


def list_as_csv(request: HttpRequest, head: Sequence[str], rows: Iterable[Sequence[object]]) -> HttpResponse:
    """The list behind a figure as a file, a line a row under `head`. On record as a reading (CLS-1)."""
    response = HttpResponse(
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="list.csv"', "Cache-Control": "private, no-store"},
    )
    response.write("\ufeff")
    writer = csv.writer(response)
    writer.writerow(head)
    for number, row in enumerate(islice(rows, MOST + 1)):
        if number == MOST:
            writer.writerow([f"Only the newest {MOST:,} are here. Choose a shorter time or one office for the others."])
            break
        writer.writerow([plain(cell) for cell in row])
    if request.method != "HEAD":
        record_read("list/figures", by=person(request), what="export")
    return response
