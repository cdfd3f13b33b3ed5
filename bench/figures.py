"""`seed_demo` of many letters, their seals, and the sums behind the compliance figures kept up from nothing.

The figures' page itself is measured with the other pages, in `bench.lists`.
"""

from __future__ import annotations

import os
import time

from bench.databases import fresh
from bench.measuring import Row, row

LETTERS = int(os.environ.get("BENCH_SEED_LETTERS", "20000"))


def bench_figures() -> list[Row]:
    """How long each takes, and at which rate."""
    from django.db import connection

    from audit.dashboards.keeping import keep_up
    from audit.models import FigureRow
    from postroom.ledger.sealing import seal

    seeding = fresh(letters=LETTERS)
    begun = time.monotonic()
    seal(everything=True)
    sealing = time.monotonic() - begun
    begun = time.monotonic()
    positions = keep_up()
    summing = time.monotonic() - begun
    return [
        row(f"seed_demo --letters {LETTERS} ({connection.vendor})", seeding, "s", a_second=round(LETTERS / seeding)),
        row(f"{positions:,} ledger entries sealed", sealing, "s", a_second=round(positions / sealing)),
        row(f"sums of {LETTERS:,} letters, from nothing", summing, "s", a_second=round(LETTERS / summing),
            rows=FigureRow.objects.count()),
    ]  # fmt: skip
