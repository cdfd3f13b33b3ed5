"""A random walk with everybody who could try anything: papers leave for another purpose by another's hand alone, end
before a witness, are lost with one breach report, and what is refused changes nothing. Among them letters that somebody
takes out to deliver by hand: each trip is one entry, from when it is taken until it is handed over or back."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from random import Random

import pytest
from django.utils import timezone

from breaches.models import Breach
from letters.models import Letter
from letters.states import Action, State
from letters.tests.test_product import verb
from papers import actions
from papers.actions import Security
from papers.models import Device, PapersKind, PapersOut, Reminder
from papers.policy import can
from papers.states import AGREED_TASKS, PAPERS_RULES, PAPERS_TRANSITIONS, PapersAction, PapersState, Purpose
from papers.tests import help as make
from postroom.ledger.models import Entry
from postroom.outbox.models import Job
from postroom.people.models import User
from postroom.steps.engine import Seen
from postroom.steps.errors import StepError
from tests.support import world

pytestmark = pytest.mark.django_db
# Every step that a person can take; Postroom's own are the chasing and the end of a hand delivery.
BY_PEOPLE = [a for a in PapersAction if a not in (PapersAction.CHASE, PapersAction.HAND_ON)]
STARTS = (PapersAction.TAKE, PapersAction.ASK)
LATER = [a for a in BY_PEOPLE if a not in STARTS]
KEPT = 4  # so many at once that haven't ended
LETTERS = 2  # so many at once that wait for their delivery by hand
# What is tried on them; those that end a letter for good less often.
CARRYING = ("take_out", "take_out", "bring_back", "bring_back", "not_delivered", "carry_again", "hand_deliver",
            "withdraw")  # fmt: skip
BEGINS, ENDS = {"take_out": 1}, {"bring_back": PapersState.BACK, "hand_deliver": PapersState.HANDED_ON}
ENDED = (PapersState.REFUSED, PapersState.BACK, PapersState.DESTROYED, PapersState.NOT_TAKEN)


class Walk:
    """Papers, people, and one random attempt after another."""

    def __init__(self, seed: int) -> None:
        self.rng = Random(seed)
        self.desk = world.Desk(world.make_office("riv", "Riverside"))
        self.far = world.Desk(world.make_office("hill", "Hillside"))
        self.boss = make.with_managers(self.desk)
        desk = self.desk
        self.people: list[User] = [
            *[desk.worker] * 4, desk.other_worker, desk.manager, desk.manager, desk.deputy, desk.admin, self.boss,
            self.far.manager, self.far.worker,
        ]  # fmt: skip
        self.taken: Counter[tuple[str, str]] = Counter()
        self.refused: Counter[str] = Counter()
        self.carried: Counter[str] = Counter()

    def step(self) -> None:
        """One attempt by somebody at something; refused, it changes nothing."""
        rng = self.rng
        if rng.random() < 0.15:
            self.carry()
            return
        going = list(PapersOut.objects.exclude(state__in=ENDED).order_by("pk"))
        if sum(papers.state != PapersState.LOST for papers in going) < KEPT or rng.random() < 0.1:
            self.start(rng.choice(STARTS))
            return
        if rng.random() < 0.05:
            self.chase()
            return
        papers = rng.choice(going if rng.random() < 0.9 else list(PapersOut.objects.order_by("pk")))
        here = [a for a in LATER if PAPERS_RULES.transition(a, papers.state)]
        action, by = rng.choice(here if here and rng.random() < 0.8 else LATER), rng.choice(self.people)
        able = [person for person in set(self.people) if can(papers, person, action)]
        if able and rng.random() < 0.75:
            by = rng.choice(sorted(able, key=lambda person: person.pk))
        # Now and then somebody acts on what was true a step ago.
        old = papers.version > 1 and rng.random() < 0.08
        before, entries, jobs = PapersOut.objects.filter(pk=papers.pk).values().get(), count(), Job.objects.count()
        breaches, state = Breach.objects.count(), str(papers.state)
        try:
            self.take(action, papers, by, Seen(papers.version - 1) if old else Seen.of(papers))
        except StepError as error:
            self.refused[type(error).__name__] += 1
            assert PapersOut.objects.filter(pk=papers.pk).values().get() == before
            assert (count(), Job.objects.count(), Breach.objects.count()) == (entries, jobs, breaches)
        else:
            assert not old
            assert count() == entries + 1 + (action == PapersAction.LOSE and Breach.objects.count() > breaches)
            self.taken[str(action), state] += 1

    def start(self, action: PapersAction) -> None:
        """Papers taken for an agreed task, or asked for; some of it in ways that must be refused."""
        rng, desk = self.rng, self.desk
        by = rng.choice([desk.worker, desk.worker, desk.manager, desk.admin, self.far.worker])
        leaves = make.leaves(
            kind=rng.choice(PapersKind.values),
            purpose=rng.choice([*Purpose, *[Purpose.OTHER] * 3 * (action == PapersAction.ASK)]),
            purpose_words=rng.choice(["", *["To write at home"] * 3]),
            due_on=timezone.localdate() + dt.timedelta(days=rng.choice([-1, *[0, 1, 5] * 3])),
        )
        before, entries = PapersOut.objects.count(), count()
        try:
            if action == PapersAction.TAKE:
                actions.take_out(case=desk.case, office=desk.office, leaves=leaves, security=self.security(), by=by)
            else:
                away = rng.random() < 0.3
                actions.ask(case=desk.case, office=desk.office, leaves=leaves, by=by, manager_away=away)
        except StepError as error:
            self.refused[type(error).__name__] += 1
            assert (PapersOut.objects.count(), count()) == (before, entries)
        else:
            assert by != self.far.worker
            self.taken[str(action), ""] += 1

    def carry(self) -> None:
        """An attempt at a letter that is delivered by hand: the register moves in the same step, or not at all."""
        rng, desk = self.rng, self.desk
        waiting = list(Letter.objects.filter(state=State.ENVELOPED).order_by("pk"))
        if len(waiting) < LETTERS:
            world.letter_in(desk, State.ENVELOPED, way="by_hand")
            return
        letter, action = rng.choice(waiting), rng.choice(CARRYING)
        by = rng.choice([desk.worker, desk.worker, desk.duty, desk.manager, desk.admin, self.far.worker])
        trips = PapersOut.objects.filter(entered_by__startswith=f"{letter.ledger_subject}/")
        before, out, entries = trips.count(), trips.filter(state=PapersState.OUT).count(), count()
        try:
            verb(action)(letter, by)
        except StepError as error:
            self.refused[type(error).__name__] += 1
            now = world.fresh(letter)
            assert (now.version, now.carried_by_id) == (letter.version, letter.carried_by_id)
            assert (trips.count(), count()) == (before, entries)
        else:
            assert by != self.far.worker
            assert trips.count() == before + BEGINS.get(action, 0)
            # A trip that was lost meanwhile stays so.
            moved = BEGINS.get(action, out if action in ENDS else 0)
            assert count() == entries + 1 + moved
            if action in ENDS and out:
                assert trips.latest("pk").state == ENDS[action]
            self.carried[action] += 1

    def security(self) -> Security:
        """Mostly as it must be."""
        rng = self.rng
        return Security(
            in_lockable_bag=rng.random() < 0.9,
            device=rng.choice([*Device.values * 3, "usb"]),
            laptop_has_password=rng.random() < 0.7,
        )

    def chase(self) -> None:
        """The scheduler beats, perhaps days late; right after, there is nothing left to send."""
        day = timezone.localdate() + dt.timedelta(days=self.rng.randint(0, 20))
        sent = actions.chase_late(day)
        self.taken[str(PapersAction.CHASE), str(PapersState.OUT)] += sent
        assert actions.chase_late(day) == 0

    def take(self, action: PapersAction, papers: PapersOut, by: User, seen: Seen) -> None:
        """The verb with entries that could be right."""
        rng, today = self.rng, timezone.localdate()
        common = {"papers": papers, "by": by, "seen": seen}
        witness = rng.choice([*[self.desk.other_admin] * 4, by, None, self.far.admin])
        end = {"ended_on": today + dt.timedelta(days=rng.choice([*[0] * 8, 1, -1])), "witness": witness}
        match action:
            case PapersAction.AGREE | PapersAction.NOT_TAKE:
                getattr(actions, action)(**common)
            case PapersAction.REFUSE:
                actions.refuse(**common, reason=rng.choice(["", "Read them here."]))
            case PapersAction.LEAVE:
                actions.leave(**common, security=self.security())
            case PapersAction.EXTEND:
                days = rng.choice([-1, 2, 4, 400])
                actions.extend(**common, due_on=today + dt.timedelta(days=days), reason="The hearing moved.")
            case PapersAction.GIVE_BACK:
                actions.give_back(**common, **end)
            case PapersAction.DESTROY:
                actions.destroy(**common, **end, destroyed_by=rng.choice([*["shredder"] * 3, "fire"]))
            case PapersAction.LOSE:
                gone = rng.choice(["loss", "theft", "eaten"])
                actions.lose(**common, gone=gone, gone_since=timezone.now(), reason="Left on the train.")
            case PapersAction.FIND:
                actions.find(**common, **end, reason="Handed in.")
            case PapersAction.KEEP_RECORD:
                actions.keep_record(**common, record_reference=rng.choice(["", "RR-1"]))

    def look(self) -> None:
        """What must hold after every step."""
        named = set()
        for papers in PapersOut.objects.all():
            mine = Entry.objects.filter(subject=papers.ledger_subject)
            assert mine.count() == papers.version
            state = papers.state
            if papers.taken_at is not None:
                assert papers.in_lockable_bag
                assert papers.device != Device.LAPTOP or papers.laptop_has_password
                if papers.purpose not in AGREED_TASKS:
                    agreed = mine.get(action=PapersAction.AGREE)
                    assert agreed.actor_id not in (None, papers.holder_id)
            if state in (PapersState.BACK, PapersState.DESTROYED):
                assert papers.ended_on is not None
                # Of a delivery its own record is the witness.
                assert papers.entered_by or papers.witness_id is not None
                assert papers.witness_id != papers.holder_id
            if state == PapersState.HANDED_ON:
                assert papers.entered_by
            assert (state, papers.kind) != (PapersState.DESTROYED, PapersKind.ORIGINAL)
            lost = mine.filter(action=PapersAction.LOSE).exists()
            assert bool(papers.breach_reference) is lost
            if lost:
                named.add(papers.breach_reference)
            far = {person.pk for person in (self.far.manager, self.far.worker)}
            assert not mine.filter(actor_id__in=far).exists()
        for letter in Letter.objects.all():
            trips = PapersOut.objects.filter(entered_by__startswith=f"{letter.ledger_subject}/").order_by("-pk")
            out = [trip.holder_id for trip in trips if trip.state == PapersState.OUT]
            if letter.carried_by_id is not None:
                # Out with whoever has it, or reported lost on this very trip.
                assert out == [letter.carried_by_id] or (not out and trips[0].breach_reference)
            else:
                # Withdrawn on its way, it is to be brought back all the same.
                assert not out or letter.state == State.WITHDRAWN
            took = Entry.objects.filter(subject=letter.ledger_subject, action=Action.TAKE_OUT).count()
            assert trips.count() == took
        assert set(Breach.objects.values_list("reference", flat=True)) == named
        chased = Entry.objects.filter(action=PapersAction.CHASE).count()
        assert chased == Reminder.objects.count()


def count() -> int:
    """Entries of the ledger in all."""
    return Entry.objects.count()


def run(seed: int, steps: int) -> Walk:
    """So many attempts."""
    walk = Walk(seed)
    for number in range(steps):
        walk.step()
        if number % 5 == 4:  # what must hold leaves its traces: a fault of any step shows in the look that follows
            walk.look()
    return walk


@pytest.mark.policy("CLS-2", "CLS-3", "CLS-4", "CLS-7")
def test_no_walk_takes_papers_out_unasked_or_loses_them_in_silence():
    walk = run(12, 200)
    assert sum(walk.taken.values()) > 40
    assert sum(walk.refused.values()) > 40
    assert {"agree", "leave", "lose", "chase"} <= {action for action, _ in walk.taken}
    assert {"take_out", "bring_back"} <= set(walk.carried)


@pytest.mark.soak
@pytest.mark.policy("CLS-2", "CLS-3", "CLS-4", "CLS-7")
def test_a_long_walk_takes_every_step_from_everywhere():
    walk = run(1, 2_500)
    wanted = {(str(t.action), str(t.source)) for t in PAPERS_TRANSITIONS if t.action != PapersAction.HAND_ON}
    print(sum(walk.taken.values()), "taken;", dict(walk.carried), "carried;", dict(walk.refused), "refused")
    assert set(CARRYING) <= set(walk.carried)
    assert wanted <= set(walk.taken), wanted - set(walk.taken)
    assert {"Stale", "NotAllowed", "NotPossible", "GuardFailed", "InvalidStep"} <= set(walk.refused)
