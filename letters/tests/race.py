"""Eight at once on the same letters, each step of the way. Run as a process of its own on a committed database:

    python -m letters.tests.race LETTERS

Prints one JSON object: for each step, how many of the eight won each letter.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

THREADS = 8
TYPED_AT_ONCE = 3  # rendering is most of the time; the other letters are typed by one


def aside_of_each(letters: int) -> int:
    """How many letters there are for each step back or beside the way, with so many on the way."""
    return letters // 8


def main(letters: int) -> None:
    """Bring `letters` letters from drafted to uploaded, eight people trying each step of each at the same moment."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "postroom.settings")
    django.setup()
    from django.db import connection

    from letters.models import Letter
    from letters.tests import forward
    from postroom.steps.engine import Seen
    from postroom.steps.errors import StepError
    from postroom.steps.models import StepSubject
    from tests.support import world

    desk = forward.make_council()
    keys = [world.hand_over(desk).pk for _ in range(letters)]
    wins: dict[str, list[int]] = {}
    refused: Counter[str] = Counter()

    def trial(step: str, model: type[StepSubject], number: int, seen: dict[int, Seen], barrier: Barrier) -> list[int]:
        won = []
        try:
            for key in seen:
                subject = model._base_manager.get(pk=key)
                barrier.wait(timeout=60)
                try:
                    forward.take(step, subject, seen[key], number)
                    won.append(key)
                except StepError as error:
                    refused[type(error).__name__] += 1
        finally:
            connection.close()
        return won

    def race(step: str, model: type[StepSubject], seen: dict[int, Seen]) -> None:
        barrier = Barrier(THREADS)
        with ThreadPoolExecutor(THREADS) as pool:
            trials = [pool.submit(trial, step, model, number, seen, barrier) for number in range(THREADS)]
            won = Counter(key for each in trials for key in each.result())
        wins[step] = [won[key] for key in seen]

    for step in forward.STEPS:
        seen = {letter.pk: Seen.of(letter) for letter in Letter.objects.filter(pk__in=keys).order_by("pk")}
        if step == "type":
            for key in list(seen)[TYPED_AT_ONCE:]:
                forward.take(step, Letter.objects.get(pk=key), seen.pop(key))
        race(step, Letter, seen)
    for step in forward.ASIDE:
        subjects = []
        for _ in range(aside_of_each(letters)):
            letter = forward.new_letter(step)
            for before in forward.way_to(step):
                letter = forward.take(before, letter, Seen.of(letter))
            subjects.append(forward.subject_of(step, letter))
        race(step, type(subjects[0]), {subject.pk: Seen.of(subject) for subject in subjects})
    states = list(Letter.objects.filter(pk__in=keys).values_list("state", flat=True))
    print(json.dumps({"wins": wins, "refused": refused, "states": states}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
