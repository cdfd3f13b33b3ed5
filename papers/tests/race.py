"""Eight at once on the same papers, each step of the way. Run as a process of its own on a committed database:

    python -m papers.tests.race ENTRIES

Prints one JSON object: for each step, how many of the eight won each entry; and what stands afterwards.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

THREADS = 8


def main(entries: int) -> None:
    """Bring `entries` entries from asked to lost, eight people trying each step of each at the same moment."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "postroom.settings")
    django.setup()
    from django.db import connection
    from django.utils import timezone

    from breaches.models import Breach
    from papers import actions
    from papers.models import PapersOut, Reminder
    from papers.tests import help as make
    from postroom.outbox.models import Job
    from postroom.steps.engine import Seen
    from postroom.steps.errors import StepError
    from tests.support import world

    desk = world.Desk(world.make_office("riv", "Riverside"))
    boss = make.with_managers(desk)
    keys = [make.asked(desk, away=True).pk for _ in range(entries)]
    now = timezone.now()
    steps: dict[str, tuple[tuple[Any, ...], Callable[..., Any]]] = {
        "agree": ((desk.manager, desk.deputy, boss), actions.agree),
        "leave": ((desk.worker,), lambda **step: actions.leave(**step, security=make.SAFE)),
        "lose": (
            (desk.worker, desk.admin, desk.manager),
            lambda **step: actions.lose(**step, gone="theft", gone_since=timezone.now(), reason="Taken"),
        ),
    }
    wins: dict[str, list[int]] = {}
    refused: Counter[str] = Counter()

    def trial(step: str, number: int, seen: dict[int, Seen], barrier: Barrier) -> list[int]:
        people, verb = steps[step]
        won = []
        try:
            for key in seen:
                papers = PapersOut.objects.get(pk=key)
                barrier.wait(timeout=60)
                try:
                    verb(papers=papers, by=people[number % len(people)], seen=seen[key])
                    won.append(key)
                except StepError as error:
                    refused[type(error).__name__] += 1
        finally:
            connection.close()
        return won

    def chase(today: dt.date, barrier: Barrier) -> int:
        try:
            barrier.wait(timeout=60)
            return actions.chase_late(today)
        finally:
            connection.close()

    chased: list[int] = []
    for step in steps:
        seen = {papers.pk: Seen.of(papers) for papers in PapersOut.objects.filter(pk__in=keys).order_by("pk")}
        barrier = Barrier(THREADS)
        with ThreadPoolExecutor(THREADS) as pool:
            trials = [pool.submit(trial, step, number, seen, barrier) for number in range(THREADS)]
            won = Counter(key for each in trials for key in each.result())
            wins[step] = [won[key] for key in seen]
            if step == "leave":  # late by then: eight schedulers beat at the same moment
                later = timezone.localdate(now) + dt.timedelta(days=21)
                beats = [pool.submit(chase, later, barrier) for _ in range(THREADS)]
                chased = [beat.result() for beat in beats]
    notices = Job.objects.filter(kind="notice", key__startswith="papers_late:").count()
    print(
        json.dumps(
            {
                "wins": wins,
                "refused": refused,
                "states": [papers.state for papers in PapersOut.objects.all()],
                "breaches": Breach.objects.count(),
                "chased": sum(chased),
                "reminders": Reminder.objects.count(),
                "notices": notices,
            }
        )
    )


if __name__ == "__main__":
    main(int(sys.argv[1]))
