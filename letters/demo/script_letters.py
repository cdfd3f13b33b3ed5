"""The letters of the demonstration: in every state, some pp'd, sent back, voided, reopened, withdrawn, returned."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from django.utils import timezone

from letters.content import Typed
from letters.demo.clock import DAY_SECONDS, Clock
from letters.demo.hand import LetterHand
from letters.demo.script_cases import Family
from letters.demo.words import (
    EDIT_REASONS,
    LETTERS,
    REOPEN_REASONS,
    RETURN_REASONS,
    RETYPE_NOTES,
    WITHDRAW_REASONS,
    DemoLetter,
)
from letters.models import Letter, SignatureMedium
from letters.states import State
from letters.ways import Way
from postroom.cases.models import Address, CasePerson
from postroom.people.models import User, half_day_at
from postroom.steps.references import new_reference

# How many of every 100 of the newest letters stand where; and how many working days ago they were handed over.
NEWEST = 300
MIX: dict[State, tuple[int, int, int]] = {
    State.DRAFTED: (10, 0, 3),
    State.TYPED: (14, 1, 5),
    State.WORKER_CHECKED: (9, 2, 6),
    State.SIGNED: (9, 2, 6),
    State.ENVELOPED: (8, 3, 6),
    State.POSTED: (12, 4, 9),
    State.HANDED_OVER: (3, 4, 9),
    State.UPLOADED: (23, 8, 40),
    State.WITHDRAWN: (6, 3, 30),
    State.RETURNED: (6, 15, 40),
}
# Of the older ones, per 1,000: done with, save what was forgotten.
OLDER: dict[State, int] = {
    State.UPLOADED: 960,
    State.WITHDRAWN: 20,
    State.RETURNED: 10,
    State.POSTED: 4,
    State.TYPED: 3,
    State.WORKER_CHECKED: 3,
}
A_DAY = 60  # older letters handed over each working day, in all offices


@dataclass(frozen=True)
class Wanted:
    """A letter to be: where it ends, and the second of working time it was handed over."""

    end: State
    second: int


def wanted_letters(rng: Random, clock: Clock, count: int) -> list[Wanted]:
    """What to make, oldest first. However many are old, those still in hand are few: an office has only so many."""
    newest = min(count, NEWEST)
    ends = list(MIX)
    chosen = ends[:newest]  # one of each, however few there are
    chosen += rng.choices(ends, [MIX[end][0] for end in ends], k=newest - len(chosen))
    found = []
    for end in chosen:
        _, least, most = MIX[end]
        days = rng.uniform(least + 0.3, most + 0.7)
        found.append(Wanted(end, max(0, clock.end - int(days * DAY_SECONDS))))
    border = clock.end - 41 * DAY_SECONDS
    for number in range(count - newest):
        end = rng.choices(list(OLDER), list(OLDER.values()))[0]
        found.append(Wanted(end, max(0, border - number * DAY_SECONDS // A_DAY)))
    return sorted(found, key=lambda one: one.second)


def days_needed(count: int) -> int:
    """Working days over which that many letters are spread."""
    return 45 + max(0, count - NEWEST) // A_DAY


def is_returned(wanted: Wanted) -> bool:
    """Does it come back?"""
    return wanted.end == State.RETURNED


def route(rng: Random, end: State, *, on_paper: bool) -> list[str]:
    """The verbs that bring a letter there, some by a detour."""
    printing = ["print_letter", "confirm_print"] if on_paper else []
    typing = ["type_letter", *printing, *(["return_to_worker"] if on_paper and rng.random() < 0.5 else [])]
    if end == State.DRAFTED:
        sent_back = rng.random() < 0.3
        return ["hand_over", *([*typing, "return_for_retyping"] if sent_back else [])]
    verbs = ["hand_over", *typing]
    if rng.random() < 0.15:
        verbs += ["return_for_retyping", "type_letter", *printing]
    if end == State.TYPED:
        return verbs + (["check", "edit_after_check", *printing] if rng.random() < 0.25 else [])
    verbs.append("check")
    if rng.random() < 0.08:
        verbs += ["edit_after_check", *printing, "check"]
    way = [
        (State.WORKER_CHECKED, []),
        (State.SIGNED, ["sign", *(["confirm_signature"] if on_paper else ["print_letter", "confirm_print"])]),
        (State.ENVELOPED, ["envelope", *(["reopen", "envelope"] if rng.random() < 0.1 else [])]),
        (State.POSTED, ["post"]),
        (State.UPLOADED, ["upload"]),
    ]
    if end == State.WITHDRAWN:
        return [*verbs, *_up_to(way, rng.choice([state for state, _ in way[:3]])), "withdraw"]
    if end == State.RETURNED:
        return [*verbs, *_up_to(way, rng.choice((State.POSTED, State.UPLOADED))), "return_undelivered"]
    if end == State.HANDED_OVER:
        return [*verbs, *_up_to(way, State.SIGNED), "choose_way", "envelope", "take_out", "hand_deliver"]
    steps = _up_to(way, end)
    if end == State.SIGNED and rng.random() < 0.5:
        del steps[steps.index("sign") + 1 :]  # the signed sheets are not in hand yet
    return [*verbs, *steps]


def _up_to(way: list[tuple[State, list[str]]], end: State) -> list[str]:
    states = [state for state, _ in way]
    return [verb for _, verbs in way[: states.index(end) + 1] for verb in verbs]


class Writer:
    """Plays letters, one after the other, by a hand."""

    def __init__(self, hand: LetterHand, rng: Random, clock: Clock, families: list[Family]) -> None:
        self._hand, self._rng, self._clock = hand, rng, clock
        self._families = families
        self._moved = _one_each(families)

    def write(self, wanted: Wanted) -> Letter:
        """One letter, from the draft to where it ends."""
        rng = self._rng
        family = next(self._moved) if is_returned(wanted) else rng.choice(self._families)
        person, address = family.moved_away.pop() if is_returned(wanted) else rng.choice(family.addressees)
        on_paper = family.desk.post.signature_medium == SignatureMedium.PAPER
        verbs = route(rng, wanted.end, on_paper=on_paper)
        seconds = self._clock.spread(rng, len(verbs), wanted.second, self._clock.end)
        one = _One(self._hand, rng, family, person, address)
        for verb, second in zip(verbs, seconds, strict=True):
            getattr(one, verb)(self._clock.at(second))
        return one.letter


def _one_each(families: list[Family]) -> Iterator[Family]:
    """A family for each person who moved away."""
    return (family for family in families for _ in range(len(family.moved_away)))


class _One:
    """One letter on its way: who does each step is drawn when it is due."""

    letter: Letter

    def __init__(self, hand: LetterHand, rng: Random, family: Family, person: CasePerson, address: Address) -> None:
        self._hand, self._rng, self._family = hand, rng, family
        self._person, self._address = person, address
        self._text: DemoLetter = rng.choice(LETTERS)
        self._extra = False
        self._stand_in = self._someone_else() if rng.random() < 0.2 else None
        # Whoever pp's relies on the worker's check, or makes both themselves.
        self._checks_too = rng.random() < 0.5
        self._admin = rng.choice(family.desk.admins)

    def hand_over(self, at: dt.datetime) -> None:
        family = self._family
        self.letter = self._hand.hand_over(
            at,
            family.worker,
            reference=new_reference(self._rng),
            case=family.case,
            addressee=self._person,
            address=self._address,
            draft_text=self._text.draft.format(child=family.child),
            subject=self._text.subject.format(child=family.child),
            instructions=self._rng.choice(("", "", "First class, please.", "Please ring me if anything is unclear.")),
        )

    def type_letter(self, at: dt.datetime) -> None:
        self._type(at, "")

    def edit_after_check(self, at: dt.datetime) -> None:
        self._extra = True
        self._type(at, self._rng.choice(EDIT_REASONS))

    def _type(self, at: dt.datetime, reason: str) -> None:
        typed = Typed(
            salutation=f"Dear {self._person.salutation}",
            body=self._body(),
            subject=self._text.subject.format(child=self._family.child),
            letter_date=timezone.localdate(at),
            enclosures=self._text.enclosures,
        )
        self.letter = self._hand.type_letter(at, self._admin, self.letter, typed, reason)

    def _body(self) -> str:
        body = self._text.body.format(child=self._family.child)
        return f"{body}\n\n{self._text.more.format(child=self._family.child)}" if self._extra else body

    def print_letter(self, at: dt.datetime) -> None:
        self.letter = self._hand.print_letter(at, self._admin, self.letter, self._family.desk.printers[0])

    def confirm_print(self, at: dt.datetime) -> None:
        self.letter = self._hand.confirm_print(at, self._admin, self.letter)

    def return_to_worker(self, at: dt.datetime) -> None:
        self.letter = self._hand.return_to_worker(at, self._admin, self.letter)

    def return_for_retyping(self, at: dt.datetime) -> None:
        self._extra = True
        note = self._rng.choice(RETYPE_NOTES)
        self.letter = self._hand.return_for_retyping(at, self._family.worker, self.letter, note, self._body())

    def check(self, at: dt.datetime) -> None:
        by = self._stand_in if self._stand_in and self._checks_too else self._family.worker
        self.letter = self._hand.check(at, by, self.letter)

    def sign(self, at: dt.datetime) -> None:
        if self._stand_in is None:
            self.letter = self._hand.sign(at, self._family.worker, self.letter)
            return
        on_duty = self._family.desk.rota.get(_shift(at))
        own_check = self._checks_too or on_duty is None or on_duty == self._family.worker
        by = self._stand_in if own_check else on_duty
        assert by is not None  # noqa: S101
        self.letter = self._hand.pp(at, by, self.letter)

    def confirm_signature(self, at: dt.datetime) -> None:
        self.letter = self._hand.confirm_signature(at, self._admin, self.letter)

    def envelope(self, at: dt.datetime) -> None:
        by = self._rng.choice(self._family.desk.admins)
        self.letter = self._hand.envelope(at, by, self.letter)

    def reopen(self, at: dt.datetime) -> None:
        self.letter = self._hand.reopen(at, self._admin, self.letter, self._rng.choice(REOPEN_REASONS))

    def post(self, at: dt.datetime) -> None:
        by = self._rng.choice(self._family.desk.admins)
        post_class = self._rng.choice(("first", "second", "second"))
        self.letter = self._hand.post(at, by, self.letter, timezone.localdate(at), post_class)

    def choose_way(self, at: dt.datetime) -> None:
        reason = "They asked to have it from the worker's hand."
        self.letter = self._hand.choose_way(at, self._family.worker, self.letter, Way.BY_HAND, reason)

    def take_out(self, at: dt.datetime) -> None:
        self.letter = self._hand.take_out(at, self._family.worker, self.letter)

    def hand_deliver(self, at: dt.datetime) -> None:
        place = self._rng.choice(("At the door", "At the school", "At the family centre"))
        self.letter = self._hand.hand_deliver(at, self._family.worker, self.letter, place)

    def upload(self, at: dt.datetime) -> None:
        self.letter = self._hand.upload(at, self._admin, self.letter, f"DOC-{self._rng.randint(100000, 999999)}")

    def withdraw(self, at: dt.datetime) -> None:
        by = self._rng.choice((self._family.worker, self._family.desk.manager, self._family.desk.deputy))
        self.letter = self._hand.withdraw(at, by, self.letter, self._rng.choice(WITHDRAW_REASONS))

    def return_undelivered(self, at: dt.datetime) -> None:
        reason = self._rng.choice(RETURN_REASONS)
        opened = self._rng.random() < 0.25
        self.letter = self._hand.return_undelivered(
            at, self._admin, self.letter, reason, timezone.localdate(at), opened
        )

    def _someone_else(self) -> User:
        """A manager or the advanced practitioner, whose own case it isn't: they may pp at any time."""
        desk = self._family.desk
        who = [desk.manager, desk.deputy, desk.advanced]
        return self._rng.choice([one for one in who if one != self._family.worker])


def _shift(at: dt.datetime) -> tuple[dt.date, str]:
    day, half = half_day_at(at)
    return day, str(half)
