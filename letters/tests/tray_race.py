"""The tray and the way of a letter at the same moment, several letters in one go by two people. A process of its own:

    python -m letters.tests.tray_race LETTERS

Prints one JSON object: for each race, how many of the four won each letter, and then of the rivals which.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

THREADS = 4


def main(letters: int) -> None:
    """The lists are each pressed by four people at once with what stood on their screens, then once more."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "postroom.settings")
    django.setup()
    from django.db import connection
    from django.utils import timezone

    from letters import actions
    from letters.actions.enveloping import sheets_to_count
    from letters.actions.tray import Chosen, Result, envelope_several, lock_in_several, post_several
    from letters.models import Letter
    from letters.states import State
    from letters.tests.forward import make_council
    from postroom.steps.engine import Seen
    from postroom.steps.errors import StepError
    from tests.support import world

    desk = make_council()
    admins = (desk.admin, desk.other_admin)
    found: dict[str, Any] = {}

    def together(trial: Callable[[int], Iterable[int]]) -> list[set[int]]:
        """What each of the four won, all of them started at the same moment."""
        barrier = Barrier(THREADS)

        def one(number: int) -> set[int]:
            try:
                barrier.wait(timeout=60)
                return set(trial(number))
            finally:
                connection.close()

        with ThreadPoolExecutor(THREADS) as pool:
            return list(pool.map(one, range(THREADS)))

    def several(name: str, keys: list[int], verb: Callable[[list[Chosen], int], list[Result]]) -> None:
        """Half of them begin at the list's other end, as two people do who share a pile."""
        seen = {row.pk: (row, Seen.of(row)) for row in Letter.objects.filter(pk__in=keys).order_by("pk")}

        def trial(number: int) -> Iterable[int]:
            order = list(seen) if number % 2 else list(seen)[::-1]
            chosen = [Chosen(world.fresh(seen[key][0]), seen[key][1], 1) for key in order]
            return [one.letter.pk for one in verb(chosen, number) if one.done]

        won = Counter(key for each in together(trial) for key in each)
        again = list(trial(0))  # the same list, pressed once more
        found[name] = [won[key] for key in seen] + [len(again)]

    pile = [world.sheets_in_hand(desk, world.letter_in(desk, State.SIGNED)) for _ in range(letters)]
    keys, today = [one.pk for one in pile], timezone.localdate()
    assert {sheets_to_count(one) for one in pile} == {1}
    several("envelopes", keys, lambda chosen, n: envelope_several(chosen=chosen, by=admins[n % 2]))
    several("locked in", keys, lambda chosen, n: lock_in_several(chosen=chosen, by=admins[n % 2]))
    classes = ("first", "second")
    several(
        "posted",
        keys,
        lambda chosen, n: post_several(chosen=chosen, by=admins[n % 2], posted_on=today, post_class=classes[n % 2]),
    )

    def rivals(name: str, letter: Letter, *verbs: Callable[[Letter, Seen], object]) -> None:
        """Steps that exclude each other, from the same screen: how many were taken, and where the letter is then."""
        seen = Seen.of(letter)

        def trial(number: int) -> Iterable[int]:
            try:
                verbs[number % len(verbs)](world.fresh(letter), seen)
            except StepError:
                return []
            return [number]

        won = [number for each in together(trial) for number in each]
        again = [number for number in range(THREADS) if trial(number)]
        letter = world.fresh(letter)
        found[name] = [len(won), len(again), letter.version - seen.version]

    def another_way(way: str, by: Any) -> Callable[[Letter, Seen], object]:
        def verb(letter: Letter, seen: Seen) -> object:
            return actions.choose_way(letter=letter, by=by, seen=seen, way=way, sensitive=False, reason="Better so.")

        return verb

    def into_envelope(letter: Letter, seen: Seen) -> object:
        (result,) = envelope_several(chosen=[Chosen(letter, seen, 1)], by=desk.admin)
        if not result.done:
            raise StepError(result.words)
        return result

    def into_post(letter: Letter, seen: Seen) -> object:
        chosen = [Chosen(letter, seen)]
        (result,) = post_several(chosen=chosen, by=desk.other_admin, posted_on=today, post_class="first")
        if not result.done:
            raise StepError(result.words)
        return result

    def opened(letter: Letter, seen: Seen) -> object:
        return actions.reopen(letter=letter, by=desk.admin, seen=seen, reason="A sheet is missing.")

    def given(letter: Letter, seen: Seen) -> object:
        return actions.hand_deliver(letter=letter, by=desk.worker, seen=seen, **world.in_person())

    def not_given(letter: Letter, seen: Seen) -> object:
        return actions.not_delivered(
            letter=letter, by=desk.worker, seen=seen, at=timezone.now(), reason="Nobody was there."
        )

    worker, manager = desk.worker, desk.manager
    ways = [another_way("registered_post", worker), another_way("by_hand", manager), another_way("collected", worker)]
    rivals("ways", world.letter_in(desk, State.TYPED), *ways)
    signed = world.sheets_in_hand(desk, world.letter_in(desk, State.SIGNED))
    rivals("a way and the envelope", signed, another_way("by_hand", worker), into_envelope)
    rivals("the post and the envelope opened", world.letter_in(desk, State.ENVELOPED), into_post, opened)
    rivals("given and not given", world.letter_in(desk, State.ENVELOPED, way="by_hand"), given, not_given)
    print(json.dumps(found))


if __name__ == "__main__":
    main(int(sys.argv[1]))
