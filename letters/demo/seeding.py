"""Seeds an empty database with the demonstration: the script, played by a hand that writes in bulk."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from django.db import transaction
from django.utils import timezone

from letters.demo.bulk_cases import Authorities
from letters.demo.bulk_letters import BulkLetters
from letters.demo.clock import DAY_SECONDS, Clock
from letters.demo.hand import Hand
from letters.demo.rows import Rows
from letters.demo.script_cases import Family, open_cases
from letters.demo.script_council import Council, set_up
from letters.demo.script_letters import Wanted, Writer, days_needed, is_returned, wanted_letters
from letters.states import State

BATCH = 2_000
CASES = 60
LETTERS_A_CASE = 25
# Of each state, so many of the newest letters have their PDFs from the start.
PDFS_PER_STATE = 3


class BulkHand(BulkLetters):
    """Carries the script out as rows in memory; `save` writes them."""

    def __init__(self) -> None:
        self.rows = Rows()
        self._posts = {}
        self._children = {}
        self._letterheads = {}

    def save(self) -> int:
        """Write what was collected, and see who may do what from now on. Gives the number of ledger entries."""
        written = self.rows.save()
        self.authorities = Authorities()
        return written


@dataclass
class Seeded:
    """What was made."""

    cases: int = 0
    entries: int = 0
    letters: Counter[str] = field(default_factory=Counter)


@dataclass
class Scene:
    """What the letters need: the time, the council and its cases, and which letters there are to be."""

    clock: Clock
    council: Council
    families: list[Family]
    wanted: list[Wanted]


def days_back(count: int) -> int:
    """Calendar days from the council's first day to today: letters, and before them addresses that have grown stale."""
    return max(300, 60 + days_needed(count) * 3 // 2)


def set_scene(hand: Hand, rng: Random, now: dt.datetime, count: int, then: Callable[[], object]) -> Scene:
    """Council and cases for `count` letters; `then` is called once the people stand."""
    today = timezone.localdate(now)
    clock = Clock(today - dt.timedelta(days=days_back(count)), now)
    begin = clock.end - days_needed(count) * DAY_SECONDS
    wanted = wanted_letters(rng, clock, count)
    council = set_up(hand, rng, first=clock.days[0], rota_from=timezone.localdate(clock.at(begin)), today=today)
    then()
    families = open_cases(
        hand,
        rng,
        clock,
        council.desks,
        count=max(CASES, count // LETTERS_A_CASE),
        moved_away=sum(map(is_returned, wanted)),
        opened_by=begin,
    )
    return Scene(clock, council, families, wanted)


def seed(*, letters: int, seed: int, now: dt.datetime, progress: Callable[[int], None] = lambda done: None) -> Seeded:
    """Fill an empty database. The same `seed` and day give the same people, cases, references and steps.

    `progress` is called after each batch with the number of letters written.
    """
    # Not for secrets: what makes it repeatable.
    rng, hand, done = Random(seed), BulkHand(), Seeded()  # noqa: S311
    with transaction.atomic():

        def save() -> None:
            done.entries += hand.save()

        scene = set_scene(hand, rng, now, letters, save)
        save()
        done.cases = len(scene.families)
    writer = Writer(hand, rng, scene.clock, scene.families)
    left = Counter({str(state): PDFS_PER_STATE for state in State})
    newest = {id(one) for one in scene.wanted[-300:]}
    for start in range(0, len(scene.wanted), BATCH):
        batch = scene.wanted[start : start + BATCH]
        with transaction.atomic():
            for one in batch:
                hand.rendering = id(one) in newest and left[str(one.end)] > 0
                left[str(one.end)] -= hand.rendering
                done.letters[str(writer.write(one).state)] += 1
            done.entries += hand.save()
        progress(start + len(batch))
    return done


__all__ = ["BulkHand", "Scene", "Seeded", "seed", "set_scene"]
