"""A small council with a District Admin Manager, letters in the post, and a spot check brought to any state."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from dataclasses import dataclass, field

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.actions import items as item_actions
from audit.actions import spotchecks as actions
from audit.actions.dice import confirm_dice
from audit.models import Item, SpotCheck
from audit.record.models import Departure
from audit.spotchecks.checklist import QUESTIONS, Stage
from audit.spotchecks.frames import Wanted
from breaches.models import Breach
from distribution.models import Item as Copy
from letters.models import Letter
from letters.states import State
from postroom.ledger.models import Checkpoint
from postroom.ledger.sealing import seal
from postroom.people.models import Deputy, User
from postroom.people.roles import Role
from postroom.steps.engine import Seen
from tests.support import world

SEED = "00123456789012345678"
ALL_YES = {question.code: "yes" for question in QUESTIONS}


def leave(at: dt.datetime | None = None) -> Checkpoint:
    """What is recorded so far leaves the house (at `at`), as if by mail; gives the checkpoint that left."""
    seal()
    newest = Checkpoint.objects.order_by("-number")[0]
    Departure.objects.get_or_create(
        number=newest.number, way="mail", place="test", defaults={"hash": newest.hash, "at": at or timezone.now()}
    )
    return newest


def seeded_and_seen(check: SpotCheck, by: User, witness: User, seed: str = SEED) -> SpotCheck:
    """The dice thrown by one and confirmed by the other."""
    check = actions.take_seed(check=check, by=by, seen=Seen.of(check), seed=seed, witness=witness)
    return confirm_dice(check=check, by=witness, seen=Seen.of(check))


@dataclass
class Scene:
    """An office, its District Admin Manager and their deputy, and letters in `state`."""

    letters: int = 4
    state: State = State.POSTED
    desk: world.Desk = field(init=False)
    dam: User = field(init=False)
    stand_in: User = field(init=False)

    def __post_init__(self) -> None:
        self.desk = world.Desk(world.make_office("riv", "Riverside"))
        self.dam = world.make_user("Dee Aham", None, Role.DISTRICT_ADMIN_MANAGER)
        self.stand_in = world.make_user("Sam Standin", self.desk.office, Role.ADMIN)
        today = timezone.localdate()
        Deputy.objects.create(
            role=Role.DISTRICT_ADMIN_MANAGER,
            user=self.stand_in,
            starts=today - dt.timedelta(days=1),
            ends=today + dt.timedelta(days=30),
            named_by=self.desk.manager,
        )
        for _ in range(self.letters):
            world.letter_in(self.desk, self.state)

    def wanted(self, stage: Stage | None = None) -> Wanted:
        """This office's letters of today."""
        today = timezone.localdate()
        stage = stage or (Stage.TRAY if self.state == State.ENVELOPED else Stage.POSTED)
        return Wanted(self.desk.office, stage, today, today)

    def fixed(self, sample: int = 2) -> SpotCheck:
        """Fixed, and its list has left the house."""
        check = actions.fix_frame(by=self.dam, wanted=self.wanted(), sample=sample)
        leave()
        return check

    def seeded(self, sample: int = 2) -> SpotCheck:
        return seeded_and_seen(self.fixed(sample), self.dam, self.desk.manager)

    def thrown(self, sample: int = 2) -> SpotCheck:
        """Dice thrown that the manager, who saw them, has not confirmed."""
        check = self.fixed(sample)
        return actions.take_seed(check=check, by=self.dam, seen=Seen.of(check), seed=SEED, witness=self.desk.manager)

    def drawn(self, sample: int = 2) -> SpotCheck:
        check = self.seeded(sample)
        return actions.draw(check=check, by=self.dam, seen=Seen.of(check))

    def checking(self, sample: int = 2) -> SpotCheck:
        check = self.drawn(sample)
        return actions.begin(check=check, by=self.dam, seen=Seen.of(check))

    def give_in(self, item: Item, by: User | None = None, **wrong: str) -> Item:
        """Answer an item: yes to all but `wrong` (code → what is wrong)."""
        return item_actions.check_item(
            item=item,
            by=by or self.dam,
            seen=Seen.of(item),
            edition=item.edition,
            answers=ALL_YES | dict.fromkeys(wrong, "no"),
            notes=wrong,
        )

    def finished(self, sample: int = 2, **wrong: str) -> SpotCheck:
        """All looked at; the first with `wrong`."""
        check = self.checking(sample)
        for number, item in enumerate(check.items.all()):
            self.give_in(item, **(wrong if number == 0 else {}))
        return actions.finish(check=check, by=self.dam, seen=Seen.of(check))


def read_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the lists behind the figures show everything, whoever asks: for holding figures to them."""
    monkeypatch.setattr("audit.views.figure_lists.visible_to", lambda user, authority: Letter.objects.all())
    monkeypatch.setattr("audit.views.figure_lists.items_visible_to", lambda user, authority: Copy.objects.all())
    monkeypatch.setattr("breaches.selectors.visible_to", lambda user, authority: Breach.objects.all())


def figures_held_to_lists(client: Client, query: str) -> set[str]:
    """Each figure of the page that leads somewhere is as long as its list, averages are its sums; what was seen."""

    def behind(address: str) -> list[list[str]]:
        answer = client.get(f"{address}&csv=1")
        assert answer.status_code == 200, address
        return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))[1:]

    page = client.get(reverse("audit:figures") + query)
    seen = set()
    for section in page.context["sections"]:
        for link in section["links"] if section["table"].slug != "checks" else ():
            said = re.search(r": ([0-9,]+)(.*)", link["text"])
            assert said, link
            rows = behind(link["href"])
            assert len(rows) == int(said[1].replace(",", "")), link
            seen.add(said[2].strip())
            if said[2] == " left it":
                of_state = [row for row in section["table"].rows if row[0] == rows[0][2]]
                days = sum(int(row[4]) for row in rows) / len(rows) / 86_400
                assert [row[1:3] for row in of_state] == [(len(rows), round(days, 1))]
            if said[2] == " put on the case record":
                month = [row for row in section["table"].rows if link["text"].startswith(f"{row[0]}:")]
                assert [row[5] for row in month] == [round(sum(int(row[6]) for row in rows) / len(rows), 1)]
    figures, tiles = page.context["figures"], {tile["label"]: tile["href"] for tile in page.context["tiles"]}
    for label, number in (
        ("Posted", figures.total("posted")),
        ("Waiting too long", figures.stuck),
        ("Posted, not on the case record", figures.owed),
        ("Handed over or e-mailed, not on the case record", figures.owed_handed[0] + figures.owed_emailed[0]),
        ("Signed pp", figures.total("pp")),
        ("Came back, per 1,000", figures.total("returned")),
        ("Breaches, per 1,000 items", figures.total("breaches") + figures.total("near_misses")),
    ):
        assert len(behind(tiles[label])) == number, label
    return seen
