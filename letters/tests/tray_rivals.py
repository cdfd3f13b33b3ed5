"""Who presses what at the same moment: several letters in one go, and steps of one letter that exclude each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection
from django.utils import timezone

from letters import actions
from letters.actions.enveloping import sheets_to_count
from letters.actions.tray import Chosen, Result, envelope_several, lock_in_several, post_several
from letters.models import Letter
from letters.states import State
from letters.tests.forward import make_council
from postroom.people.models import User
from postroom.steps.engine import Seen
from postroom.steps.errors import StepError
from tests.support import world
from tests.support.world import Desk

THREADS = 4
CLASSES = ("first", "second")
Verb = Callable[[Letter, Seen], object]


def race(letters: int) -> dict[str, list[int]]:
    """A pile of `letters`: how often each was taken, and how many more when the list is sent once more. Then, for
    steps that exclude each other: how many of four were taken, how many from the same page later, versions on."""
    desk = make_council()
    pile = [world.sheets_in_hand(desk, world.letter_in(desk, State.SIGNED)) for _ in range(letters)]
    assert {sheets_to_count(one) for one in pile} == {1}
    keys, admins, today = [one.pk for one in pile], (desk.admin, desk.other_admin), timezone.localdate()
    found = {
        "envelopes": several(keys, lambda chosen, n: envelope_several(chosen=chosen, by=admins[n % 2])),
        "locked in": several(keys, lambda chosen, n: lock_in_several(chosen=chosen, by=admins[n % 2])),
        "posted": several(
            keys,
            lambda chosen, n: post_several(chosen=chosen, by=admins[n % 2], posted_on=today, post_class=CLASSES[n % 2]),
        ),
    }
    return found | {name: rivals(letter, *verbs) for name, (letter, verbs) in which(desk).items()}


def which(desk: Desk) -> dict[str, tuple[Letter, tuple[Verb, ...]]]:
    """The letter, and what excludes what."""
    ways = (
        another_way("registered_post", desk.worker),
        another_way("by_hand", desk.manager),
        another_way("collected", desk.worker),
    )
    signed = world.sheets_in_hand(desk, world.letter_in(desk, State.SIGNED))
    carried, to_carry = (world.letter_in(desk, State.ENVELOPED, way="by_hand") for _ in range(2))
    carried = actions.take_out(letter=carried, by=desk.worker, seen=Seen.of(carried))
    return {
        "ways": (world.letter_in(desk, State.TYPED), ways),
        "a way and the envelope": (signed, (another_way("by_hand", desk.worker), into_envelope(desk.admin))),
        "the post and the envelope opened": (
            world.letter_in(desk, State.ENVELOPED),
            (into_post(desk.other_admin), opened(desk.admin)),
        ),
        "two take it out": (to_carry, (taken_out(desk.worker), taken_out(desk.duty))),
        "given and not given": (
            carried,
            (given(desk.worker), not_given(desk.worker)),
        ),
    }


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


def several(keys: list[int], verb: Callable[[list[Chosen], int], list[Result]]) -> list[int]:
    """Half of them begin at the list's other end, as two people do who share a pile."""
    seen = {row.pk: (row, Seen.of(row)) for row in Letter.objects.filter(pk__in=keys).order_by("pk")}

    def trial(number: int) -> Iterable[int]:
        order = list(seen) if number % 2 else list(seen)[::-1]
        chosen = [Chosen(world.fresh(seen[key][0]), seen[key][1], 1) for key in order]
        return [one.letter.pk for one in verb(chosen, number) if one.done]

    won = Counter(key for each in together(trial) for key in each)
    return [won[key] for key in seen] + [len(list(trial(0)))]


def rivals(letter: Letter, *verbs: Verb) -> list[int]:
    """From one screen: how many were taken at once, how many afterwards, and how many versions on the letter is."""
    seen = Seen.of(letter)

    def trial(number: int) -> Iterable[int]:
        try:
            verbs[number % len(verbs)](world.fresh(letter), seen)
        except StepError:
            return []
        return [number]

    won = [number for each in together(trial) for number in each]
    again = [number for number in range(THREADS) if trial(number)]
    return [len(won), len(again), world.fresh(letter).version - seen.version]


def done(results: list[Result]) -> None:
    """Raises what a list answers for its one letter, as a step by itself would."""
    if not results[0].done:
        raise StepError(results[0].words)


def another_way(way: str, by: User) -> Verb:
    return lambda letter, seen: actions.choose_way(
        letter=letter, by=by, seen=seen, way=way, sensitive=False, reason="Better so."
    )


def into_envelope(by: User) -> Verb:
    return lambda letter, seen: done(envelope_several(chosen=[Chosen(letter, seen, 1)], by=by))


def into_post(by: User) -> Verb:
    return lambda letter, seen: done(
        post_several(chosen=[Chosen(letter, seen)], by=by, posted_on=timezone.localdate(), post_class="first")
    )


def opened(by: User) -> Verb:
    return lambda letter, seen: actions.reopen(letter=letter, by=by, seen=seen, reason="A sheet is missing.")


def taken_out(by: User) -> Verb:
    return lambda letter, seen: actions.take_out(letter=letter, by=by, seen=seen)


def given(by: User) -> Verb:
    return lambda letter, seen: actions.hand_deliver(letter=letter, by=by, seen=seen, **world.in_person())


def not_given(by: User) -> Verb:
    return lambda letter, seen: actions.not_delivered(
        letter=letter, by=by, seen=seen, at=timezone.now(), reason="Nobody was there."
    )
