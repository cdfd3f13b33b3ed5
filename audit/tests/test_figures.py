"""Figures kept up as the ledger grows: what they count, against a count from scratch; plots, and queries (OGP-10)."""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audit.dashboards import plots
from audit.dashboards.counting import ALWAYS, difference, group_of
from audit.dashboards.figures import figures_of, months_back
from audit.dashboards.keeping import keep_up, rebuild
from audit.dashboards.tables import tables_of
from audit.models import FigurePart, FiguresUpTo
from audit.tests.figures_help import client_of, from_scratch, grant_from_long_ago, kept, references
from audit.tests.help import figures_held_to_lists, read_all
from breaches.duties import Kind
from breaches.reports.figures import sent_by_office
from breaches.tests.scene import Scene
from distribution.tests.world import Conference
from letters import actions
from letters.models import Letter
from letters.states import State
from postroom.cases.actions.allocation import move as move_case
from postroom.ledger.sealing import seal
from postroom.people.roles import Role
from postroom.steps.engine import Seen
from tests.support import world

pytestmark = [pytest.mark.django_db, pytest.mark.policy("OGP-10")]


def sent_back(desk: world.Desk) -> Letter:
    letter = world.letter_in(desk, State.SIGNED, by_pp=True)
    return actions.return_for_retyping(letter=letter, by=desk.worker, seen=Seen.of(letter), reason="A word is off.")


def test_kept_up_is_what_is_counted_from_scratch(monkeypatch):
    """Letters in every state at two offices over weeks; sealed and counted in pieces that end anywhere."""
    chance = random.Random(20261125)
    start = timezone.now() - dt.timedelta(days=70)
    with time_machine.travel(start, tick=True):
        desks = [world.Desk(world.make_office("riv", "Riverside")), world.Desk(world.make_office("sta", "Station"))]
    states = [state for state in State if state not in ("handed_over", "returned")]
    for number in range(18):
        with time_machine.travel(start + dt.timedelta(days=3.7 * number, hours=number), tick=True):
            desk = desks[number % 2]
            if number % 7 == 6:
                sent_back(desk)
            else:
                state = State.RETURNED if number >= 16 else states[number % len(states)]
                way = "secure_email" if number == 17 else ""
                world.letter_in(desk, state, by_pp=chance.random() < 0.4, way=way)
        if chance.random() < 0.6:
            seal(everything=True)
        keep_up(batch=chance.choice([1, 3, 50]), most=chance.choice([4, 30, None]))
    seal(everything=True)
    while keep_up(batch=7):
        pass
    assert kept() == from_scratch()
    before = kept()
    assert keep_up() == 0
    assert kept() == before
    rebuild()
    assert kept() == before
    parts: dict[tuple[int, dt.date, str, str], list[int]] = defaultdict(lambda: [0, 0])
    for part in FigurePart.objects.all():
        counts = [(part.measure, part.key, part.seconds)]
        if part.measure == "group":
            assert part.key.endswith(f":{group_of(part.seconds)}")
            counts = [("group", part.key, 0), ("stay", part.key[:-2], part.seconds)]
        for measure, key, seconds in counts:
            row = parts[part.office_id, part.day.replace(day=1), measure, key]
            row[0] += 1
            row[1] += seconds
    assert {key: tuple(row) for key, row in parts.items()} == {
        key: row for key, row in before.items() if key[2] not in ("now", "owed")
    }
    dam = world.make_user("Dee Aham", None, Role.DISTRICT_ADMIN_MANAGER)
    read_all(monkeypatch)
    told = figures_held_to_lists(client_of(dam), "?months=6")
    assert {"left it", "posted", "letters sent by secure e-mail", "put on the case record", "came back", ""} <= told
    assert FiguresUpTo.objects.count() == 1


def test_a_later_step_of_an_old_letter_changes_only_what_it_changes():
    desk = world.Desk(world.make_office("riv", "Riverside"))
    letter = world.letter_in(desk, State.POSTED)
    seal(everything=True)
    keep_up()
    assert figures_of([desk.office], 1).owed == 1
    actions.upload(letter=letter, by=desk.admin, seen=Seen.of(letter), ics_reference="X")
    assert figures_of([desk.office], 1).owed == 1  # not sealed yet
    seal(everything=True)
    keep_up()
    found = figures_of([desk.office], 1)
    assert (found.owed, found.total("uploaded"), found.total("posted")) == (0, 1, 1)
    assert kept() == from_scratch()


def test_a_letter_that_moves_office_counts_where_it_is():
    here, there = world.Desk(world.make_office("riv", "Riverside")), world.Desk(world.make_office("sta", "Station"))
    world.letter_in(here, State.TYPED)
    seal(everything=True)
    keep_up()
    assert figures_of([here.office], 1).open_now == 1
    case = here.case
    move_case(case=case, office=there.office, by=here.manager, seen=Seen.of(case), reason="The family moved.")
    seal(everything=True)
    keep_up()
    assert (figures_of([here.office], 1).open_now, figures_of([there.office], 1).open_now) == (0, 1)
    assert figures_of([here.office], 1).stays[0].count == 1  # the draft was typed here
    before = kept()
    rebuild()
    assert kept() == before


@pytest.mark.parametrize("way", ["by_hand", "collected"])
def test_handed_over_counts_in_the_month_it_happened_in(way):
    """Handed over on the last of one month, put on record on the first of the next."""
    last = dt.datetime(2026, 6, 30, 14, tzinfo=dt.UTC)
    with time_machine.travel(last - dt.timedelta(hours=4), tick=True):
        desk = world.Desk(world.make_office("riv", "Riverside"))
        letter = world.letter_in(desk, State.ENVELOPED, way=way)
        if way == "by_hand":
            letter = actions.take_out(letter=letter, by=desk.worker, seen=Seen.of(letter))
    with time_machine.travel(last + dt.timedelta(hours=20), tick=True):
        given = {"letter": letter, "seen": Seen.of(letter), **world.in_person(), "at": last}
        if way == "by_hand":
            actions.hand_deliver(by=desk.worker, **given)
        else:
            actions.give_at_reception(by=desk.admin, **given)
        seal(everything=True)
        keep_up()
    found = {day: sums for (_, day, measure, _), sums in kept().items() if measure == "handed"}
    assert found == {dt.date(2026, 6, 1): (1, 0)}
    assert kept() == from_scratch()
    # Not on the case record, and too long: in the figure of it, with its list, until it is put there.
    client, late = client_of(desk.manager), last + dt.timedelta(days=10)
    with time_machine.travel(late, tick=True):
        assert figures_of([desk.office], 1).owed_handed == (1, 1)
        for what, there in (("owed_handed", True), ("owed_handed_late", True), ("owed_other", True),
                            ("owed_other_late", True), ("owed_emailed", False), ("owed", False)):  # fmt: skip
            page = client.get(reverse("audit:figure_letters") + f"?what={what}")
            assert references(page) == ({letter.reference} if there else set()), what
        tiles = {tile["label"]: tile for tile in client.get(reverse("audit:figures")).context["tiles"]}
        assert tiles["Handed over or e-mailed, not on the case record"]["note"] == "1 of them too long"
        letter = Letter.objects.get()
        actions.upload(letter=letter, by=desk.admin, seen=Seen.of(letter), ics_reference="ICS-DOC-1")
        seal(everything=True)
        keep_up()
        assert figures_of([desk.office], 1).owed_handed == (0, 0)
        assert kept() == from_scratch()


def test_an_e_mail_that_nobody_knew_of_counts_once_it_is_known_to_have_left():
    """Decided so, or come back: on the day of the attempt; one that was not sent never did."""
    day = dt.datetime(2026, 6, 30, 14, tzinfo=dt.UTC)
    with time_machine.travel(day, tick=True):
        desk = world.Desk(world.make_office("riv", "Riverside"))
        decided, came, unsent, _unknown = (world.letter_in(desk, State.UNCERTAIN) for _ in range(4))
    with time_machine.travel(day + dt.timedelta(days=1), tick=True):
        actions.decide_sent(letter=decided, by=desk.worker, seen=Seen.of(decided), reason="They have it.")
        actions.decide_not_sent(letter=unsent, by=desk.worker, seen=Seen.of(unsent), reason="They have nothing.")
        world.came_back_by_email(came)
        seal(everything=True)
        keep_up()
    found = {(m, day): sums for (_, day, m, _), sums in kept().items() if m in ("emailed", "returned")}
    assert found == {("emailed", dt.date(2026, 6, 1)): (2, 0), ("returned", dt.date(2026, 7, 1)): (1, 0)}
    assert kept() == from_scratch()
    assert sent_by_office(dt.date(2026, 6, 1))["Riverside"].letters == 2


def test_waiting_too_long_is_by_working_days():
    monday = dt.datetime(2026, 11, 16, 10, tzinfo=dt.UTC)
    with time_machine.travel(monday, tick=True):
        desk = world.Desk(world.make_office("riv", "Riverside"))
        world.letter_in(desk, State.TYPED)
        world.letter_in(desk, State.UPLOADED)
    seal(everything=True)
    keep_up()
    for days, stuck in ((1, 0), (2, 0), (3, 1)):
        with time_machine.travel(monday + dt.timedelta(days=days), tick=True):
            assert figures_of([desk.office], 1).stuck == stuck


def test_differences_and_groups():
    a, b = (1, ALWAYS, "now", "typed"), (1, ALWAYS, "now", "signed")
    assert difference({b: (1, 0)}, {a: (1, 0)}) == {a: (-1, 0), b: (1, 0)}
    assert difference({a: (2, 5)}, {a: (2, 5)}) == {}
    assert [group_of(days * 86_400) for days in (0, 1, 2, 3, 5, 7, 8)] == [0, 0, 1, 1, 2, 2, 3]
    assert months_back(dt.date(2026, 1, 31), 3) == [dt.date(2025, 11, 1), dt.date(2025, 12, 1), dt.date(2026, 1, 1)]


def test_as_many_queries_for_few_letters_as_for_more():
    desk = world.Desk(world.make_office("riv", "Riverside"))
    dam = world.make_user("Dee Aham", None, Role.DISTRICT_ADMIN_MANAGER)
    found = []
    for wanted in (1, 6):
        for number in range(wanted):
            world.letter_in(desk, list(State)[number % 6], by_pp=number % 2 == 0)
        seal(everything=True)
        keep_up()
        client = client_of(dam)
        client.get(reverse("audit:figures"))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(reverse("audit:figures")).status_code == 200
        found.append(len(queries))
    assert found[0] == found[1], found


WENT_OUT = ("handed over", "delivered by post", "sent by e-mail")


REACHED_NOBODY = ("released by hand, out", "prepared", "held")


def test_breaches_are_counted_per_thousand_items_that_went_out():
    """As the breach figures count them: letters by each way, copies by each way, in each one's own month."""
    # The second is the first of July in Britain, where it is summer, and still June by Greenwich.
    months = (dt.datetime(2026, 5, 15, 10, tzinfo=dt.UTC), dt.datetime(2026, 6, 30, 23, 30, tzinfo=dt.UTC))
    with time_machine.travel(months[0] - dt.timedelta(days=30), tick=True):
        scene = Scene()
        conference = Conference(scene.desk)
    desk = scene.desk
    grant_from_long_ago()
    for moment, states in ((months[0], WENT_OUT[:1]), (months[1], WENT_OUT + REACHED_NOBODY)):
        with time_machine.travel(moment, tick=True):
            world.put_on_duty(desk.duty, desk.office, desk.manager)
            for state in states:
                conference.in_state(state)
            for state, way in ((State.POSTED, ""), (State.HANDED_OVER, "by_hand"), (State.HANDED_OVER, "collected")):
                world.letter_in(desk, state, way=way)
            for state in (State.EMAILED, State.UNCERTAIN):  # of the one nobody knows whether it left
                world.letter_in(desk, state)
            world.letter_in(desk, State.ENVELOPED)
            scene.reported(aware_at=timezone.now() - dt.timedelta(minutes=1))
            scene.reported(Kind.NEAR_MISS, Kind.DISCLOSURE, aware_at=timezone.now() - dt.timedelta(minutes=1))
            scene.reported(Kind.NEAR_MISS, aware_at=timezone.now() - dt.timedelta(minutes=1))
    with time_machine.travel(months[1] + dt.timedelta(minutes=10), tick=True):
        seal(everything=True)
        keep_up()
        found = figures_of([desk.office], 3)
        assert [(m.short, m.breaches, m.near_misses, m.posted, m.items) for m in found.months] == [
            ("May", 2, 1, 1, 5), ("Jun", 0, 0, 0, 0), ("Jul", 2, 1, 1, 7),
        ]  # fmt: skip
        assert sum(sent.items for sent in sent_by_office(found.months[0].first).values()) == found.total("items")
        assert tables_of(found)[-1].rows[0] == ("May 2026", 2, 1, 5, "400.0")
        assert figures_of([scene.far.office], 3).total("items") == 0
        page = client_of(desk.manager).get(reverse("audit:figures") + "?months=3")
        tiles = {tile["label"]: tile["value"] for tile in page.context["tiles"]}
        assert (tiles["Breaches, per 1,000 items"], tiles["Came back, per 1,000"]) == ("333.3", "0.0")
        plot = next(s["plot"] for s in page.context["sections"] if s["plot"].slug == "breaches")
        assert plot.title == "Breaches per 1,000 items sent"
        assert [column.words for column in plot.columns] == [
            "May 2026: 2 breaches",
            "June 2026: 0 breaches",
            "July 2026: 2 breaches",
        ]


def test_nothing_untrue_is_shown_before_the_first_count(monkeypatch):
    desk = world.Desk(world.make_office("riv", "Riverside"))
    client = client_of(desk.manager)
    path = reverse("audit:figures")
    assert "being counted" not in client.get(path).content.decode()  # nothing has happened: noughts are true
    world.letter_in(desk, State.POSTED)
    assert "being counted" in client.get(path).content.decode()  # nothing is sealed yet
    assert client.get(reverse("audit:figures_file", args=["csv"])).status_code == 302
    seal(everything=True)
    monkeypatch.setattr("audit.dashboards.keeping.BATCH", 1)  # as if the record were large
    assert "being counted" in client.get(path).content.decode()
    monkeypatch.undo()
    page = client.get(path).content.decode()  # small: counted at once
    assert "being counted" not in page
    assert figures_of([desk.office], 1).total("posted") == 1


def test_plots_keep_within_their_frame():
    rows = [("a", 10.0, 4.0, "10"), ("b", 0.0, 0.0, "0")]
    for bar in plots.bars("s", "t", "", rows).bars:
        assert 0 <= bar.part <= bar.width <= plots.WIDTH - plots.LABEL
    for column in plots.columns("s", "t", "", rows * 12).columns:
        assert column.x + column.width <= plots.WIDTH
        assert 16 <= column.y <= 136
    (point,) = plots.bounds("s", "t", "", [("a", 0.1, 0.3, "w")]).points
    assert point.most_y < point.found_y <= 136
    assert plots.bars("s", "t", "", []).bars == []
