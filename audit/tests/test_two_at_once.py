"""Eight at the same moment, on PostgreSQL with real threads: one wins each step of a check, nothing is doubled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from audit.actions import items, policies
from audit.actions import spotchecks as actions
from audit.actions.dice import confirm_dice, refuse_dice
from audit.dashboards.keeping import keep_up
from audit.models import Acknowledgement, FiguresUpTo, Item, PolicyReading, PolicyVersion, SpotCheck
from audit.tests.figures_help import kept
from audit.tests.help import ALL_YES, SEED, Scene, seeded_and_seen
from postroom.ledger.models import Entry
from postroom.ledger.sealing import seal
from postroom.ledger.verify import verify
from postroom.steps.engine import Seen
from postroom.steps.errors import StepError

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.policy("OGP-10", "OGP-0")]
THREADS = 8


@pytest.fixture(autouse=True)
def real_threads(transactional_db: None) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite in memory has one connection; its file is locked whole")


def at_once(verb: Callable[[], Any]) -> Counter[str]:
    """What came of eight calls at the same moment: "won", or the name of the refusal."""
    barrier = Barrier(THREADS)

    def one(_: int) -> str:
        try:
            barrier.wait(timeout=60)
            verb()
        except StepError as error:
            return type(error).__name__
        else:
            return "won"
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        return Counter(pool.map(one, range(THREADS)))


def test_one_seed_one_draw_one_result():
    scene = Scene(letters=3)
    check = scene.fixed(sample=2)
    seen = Seen.of(check)
    won = at_once(
        lambda: actions.take_seed(check=check, by=scene.dam, seen=seen, seed=SEED, witness=scene.desk.manager)
    )
    assert won == {"won": 1, "Stale": THREADS - 1}
    check, turns = SpotCheck.objects.get(), iter(range(THREADS))
    seen, witness = Seen.of(check), scene.desk.manager

    def confirm_or_refuse() -> None:
        if next(turns) % 2:
            confirm_dice(check=check, by=witness, seen=seen)
        else:
            refuse_dice(check=check, by=witness, seen=seen, reason="Another throw.")

    assert at_once(confirm_or_refuse) == {"won": 1, "Stale": THREADS - 1}
    check = SpotCheck.objects.get()
    assert check.state == ("seeded" if check.confirmed_at else "fixed")
    thrown = 2
    if check.confirmed_at is None:
        seeded_and_seen(check, scene.dam, witness)
        thrown = 4
    for verb in (actions.draw, actions.begin):
        check = SpotCheck.objects.get()
        seen = Seen.of(check)
        assert at_once(lambda v=verb, c=check, s=seen: v(check=c, by=scene.dam, seen=s))["won"] == 1
    assert Item.objects.count() == 2
    for item in Item.objects.select_related("check_of"):
        seen = Seen.of(item)
        give = {"by": scene.dam, "seen": seen, "edition": 0, "answers": ALL_YES, "notes": {}}
        assert at_once(lambda i=item, g=give: items.check_item(item=i, **g))["won"] == 1
    check = SpotCheck.objects.get()
    seen = Seen.of(check)
    assert at_once(lambda: actions.finish(check=check, by=scene.dam, seen=seen))["won"] == 1
    assert Entry.objects.filter(subject=check.ledger_subject).count() == 4 + thrown
    assert verify().found == 0


def test_a_letter_answered_while_the_check_is_finished():
    """Finishing and opening an item again exclude each other: whoever is first, the result fits the items."""
    scene = Scene(letters=2)
    check = scene.checking(sample=2)
    for item in check.items.all():
        scene.give_in(item)
    check = SpotCheck.objects.get()
    item = Item.objects.select_related("check_of").first()
    turns = iter(range(THREADS))

    def either() -> None:
        if next(turns) % 2:
            actions.finish(check=check, by=scene.dam, seen=Seen.of(check))
        else:
            items.correct(item=item, by=scene.dam, seen=Seen.of(item), reason="The wrong envelope.")

    assert at_once(either)["won"] == 1
    finished = SpotCheck.objects.get().state == "finished"
    assert Item.objects.get(pk=item.pk).state == ("checked" if finished else "waiting")


def test_figures_are_counted_once_by_however_many():
    Scene(letters=3)
    seal(everything=True)
    at_once(lambda: keep_up(batch=2))
    assert FiguresUpTo.objects.count() == 1
    before = kept()
    assert sum(count for (_, _, measure, _), (count, _) in before.items() if measure == "posted") == 3
    assert keep_up() == 0


def test_an_acknowledgement_comes_once():
    scene = Scene(letters=0)
    version = PolicyVersion.objects.create(
        slug="p", title="P", version="1", number=1, issued_on="2026-01-01", text="T", sha256="x"
    )
    PolicyReading.objects.create(version=version, user=scene.dam)
    assert at_once(lambda: policies.acknowledge(version=version, by=scene.dam, read=True)) == {"won": THREADS}
    assert Acknowledgement.objects.count() == 1
    assert Entry.objects.filter(subject=version.ledger_subject).count() == 1
