"""A print run of 200 letters, per letter, beside printing them one at a time; and how much memory it takes."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence

from bench.databases import empty
from bench.measuring import Row, row
from bench.memory import apart

LETTERS = int(os.environ.get("BENCH_RUN", "200"))


def bench_print_run() -> list[Row]:
    """From owing the run to its PDF in the store; one at a time: the same of runs of one letter each."""
    from django.db import connections

    from letters.models import Letter
    from letters.states import State
    from tests.support import world

    empty()
    desk = world.Desk(world.make_office("bench", "Bench"))
    begun = time.monotonic()
    letters = [world.letter_in(desk, State.TYPED) for _ in range(2 * LETTERS + 1)]
    typing = (time.monotonic() - begun) / len(letters) * 1000
    for letter in letters:
        letter.refresh_from_db()
    connections.close_all()
    together, alone, first = letters[:LETTERS], letters[LETTERS:-1], letters[-1:]
    _, small = apart(lambda: run_of(first, desk))
    seconds, large = apart(lambda: run_of(together, desk))
    singly, _ = apart(lambda: sum(run_of([one], desk) for one in alone))
    assert Letter.objects.filter(prints__isnull=False).count() == len(letters)
    each, each_alone = seconds / LETTERS * 1000, singly / LETTERS * 1000
    return [
        row(f"print run of {LETTERS}, a letter", each, "ms", ratio=round(each / each_alone, 2), beside="one at a time"),
        row("printed one at a time, a letter", each_alone, "ms"),
        row(f"memory of a run of {LETTERS}", large, "MB", ratio=round(large / max(small, 1), 2),
            beside=f"{small:.0f} MB for one letter"),
        row("handed over and typed, a letter", typing, "ms"),
    ]  # fmt: skip


def run_of(letters: Sequence[object], desk: object) -> float:
    """The seconds from asking for a run of these to its PDF in the store."""
    from letters.actions.print_runs import KIND, make_run, start_run
    from letters.actions.tray import Chosen
    from postroom.outbox.models import Job
    from postroom.steps.engine import Seen

    begun = time.monotonic()
    chosen = [Chosen(one, Seen.of(one)) for one in letters]  # type: ignore[arg-type]
    run = start_run(office=desk.office, by=desk.admin, chosen=chosen)  # type: ignore[attr-defined]
    effect = make_run(Job.objects.get(kind=KIND, key=str(run.pk)))
    assert effect is not None
    effect()
    run.refresh_from_db()
    assert run.made_at is not None
    assert run.letters.filter(printed__isnull=False).count() == len(letters)
    return time.monotonic() - begun
