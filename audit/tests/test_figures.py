"""Figures kept up entry by entry are those counted from scratch, by other means, from the letters themselves."""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
from collections import Counter, defaultdict
from itertools import pairwise
from typing import Any

import openpyxl
import pypdfium2
import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audit.dashboards import exports, plots
from audit.dashboards.counting import ALWAYS, difference, group_of
from audit.dashboards.figures import figures_of, months_back
from audit.dashboards.keeping import keep_up, rebuild
from audit.dashboards.tables import Table, tables_of
from audit.models import FigurePart, FigureRow, FiguresUpTo
from audit.tests.help import figures_held_to_lists, read_all
from breaches.duties import Kind
from breaches.reports.figures import sent_by_office
from breaches.tests.scene import Scene
from distribution.tests.world import Conference
from letters import actions
from letters.models import Letter, Return
from letters.states import State
from letters.tests.work_help import BACKEND
from postroom.cases.actions.allocation import move as move_case
from postroom.ledger.models import Entry
from postroom.ledger.sealing import seal
from postroom.people.models import RoleGrant, User
from postroom.people.roles import Role
from postroom.steps.engine import Seen
from tests.support import world

pytestmark = [pytest.mark.django_db, pytest.mark.policy("OGP-10")]
SETTLED = ("uploaded", "withdrawn", "returned")


def kept() -> dict[tuple[int, dt.date, str, str], tuple[int, int]]:
    """The sums as they are kept."""
    rows = FigureRow.objects.values_list("office_id", "day", "measure", "key", "count", "seconds")
    return {(office, day, measure, key): (count, seconds) for office, day, measure, key, count, seconds in rows}


def left_on(letter: Letter) -> list[tuple[dt.date, str]]:
    """The day it left, and the way; none while it is here."""
    ways = ((letter.posted_on, ""), (letter.handed_on, "handed"), (letter.emailed_on, "emailed"))
    return [(day, way) for day, way in ways if day]


def from_scratch() -> dict[tuple[int, dt.date, str, str], tuple[int, int]]:
    """The same counted from letters' rows and from pairs of entries, without the code that keeps them up.

    For letters that never changed office (the move has a test of its own).
    """
    counts: Counter[tuple[int, dt.date, str, str]] = Counter()
    seconds: dict[tuple[int, dt.date, str, str], int] = defaultdict(int)
    for letter in Letter.objects.all():
        since = ALWAYS if letter.state in SETTLED else timezone.localdate(letter.state_since)
        counts[letter.office_id, since, "now", letter.state] += 1
        if letter.posted_on:
            month = letter.posted_on.replace(day=1)
            counts[letter.office_id, month, "posted", ""] += 1
            if letter.signature_kind == "pp":
                counts[letter.office_id, month, "pp", ""] += 1
                counts[letter.office_id, month, "pp_by", str(letter.signed_by_id)] += 1
        if letter.handed_on:
            counts[letter.office_id, letter.handed_on.replace(day=1), "handed", ""] += 1
        if letter.emailed_on and letter.state != State.UNCERTAIN:
            counts[letter.office_id, letter.emailed_on.replace(day=1), "emailed", ""] += 1
            for back in Entry.objects.filter(subject=letter.ledger_subject, action="bounce"):
                counts[letter.office_id, timezone.localdate(back.at).replace(day=1), "returned", ""] += 1
        if not letter.uploaded_at and letter.state != State.UNCERTAIN:
            counts.update((letter.office_id, day, "owed", way) for day, way in left_on(letter))
        if letter.posted_on and letter.uploaded_at:
            day = timezone.localdate(letter.uploaded_at)
            counts[letter.office_id, day.replace(day=1), "uploaded", ""] += 1
            seconds[letter.office_id, day.replace(day=1), "uploaded", ""] += (day - letter.posted_on).days * 86_400
        moves = [
            e for e in Entry.objects.filter(subject=letter.ledger_subject).order_by("seq") if e.from_state != e.to_state
        ]
        for earlier, later in pairwise(moves):
            month = timezone.localdate(later.at).replace(day=1)
            spent = int((later.at - earlier.at).total_seconds())
            counts[letter.office_id, month, "stay", later.from_state] += 1
            seconds[letter.office_id, month, "stay", later.from_state] += spent
            days = spent / 86_400
            group = 0 if days <= 1 else 1 if days <= 3 else 2 if days <= 7 else 3
            counts[letter.office_id, month, "group", f"{later.from_state}:{group}"] += 1
    for came in Return.objects.select_related("letter"):
        month = came.came_back_on.replace(day=1)
        counts[came.letter.office_id, month, "returned", ""] += 1
        if came.was_opened:
            counts[came.letter.office_id, month, "opened", ""] += 1
    return {key: (count, seconds.get(key, 0)) for key, count in counts.items()}


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


def test_the_list_behind_a_figure_is_by_the_office_then(monkeypatch):
    """Typed at one office, its case moved to another: its time as a draft is counted and listed at the first."""
    here, there = world.Desk(world.make_office("riv", "Riverside")), world.Desk(world.make_office("sta", "Station"))
    letter, stays = world.letter_in(here, State.TYPED), f"{reverse('audit:figure_stays')}?state=drafted"
    move_case(case=here.case, office=there.office, by=here.manager, seen=Seen.of(here.case), reason="They moved.")
    seal(everything=True)
    keep_up()
    posted = f"{reverse('audit:figure_letters')}?what=posted&months=3"
    FigurePart.objects.create(letter=letter, office=here.office, day=timezone.localdate(), measure="posted")
    for manager, code in ((here.manager, "riv"), (there.manager, "sta")):
        for path in (stays, posted):  # no longer the first one's to read, never the second one's figure
            assert client_of(manager).get(f"{path}&office={code}").context["rows"] == []
    monkeypatch.setattr("audit.views.figure_lists.within_reach", lambda user, authority: [Letter.objects.all()])
    dam = client_of(world.make_user("Dee Aham", None, Role.DISTRICT_ADMIN_MANAGER))
    for of, code, listed in ((here.office, "riv", {letter.reference}), (there.office, "sta", set())):
        assert sum(stay.count for stay in figures_of([of], 3).stays if stay.state == "drafted") == len(listed)
        assert {row["reference"] for row in dam.get(f"{stays}&office={code}").context["rows"]} == listed
        assert references(dam.get(f"{posted}&office={code}")) == listed


def test_a_long_list_behind_a_figure_goes_on_where_the_page_ended(monkeypatch):
    """By day, then as counted; each once, whatever the pages' length; an address that isn't one begins anew."""
    monkeypatch.setattr("audit.views.figure_lists.ON_A_PAGE", 2)
    desk = world.Desk(world.make_office("riv", "Riverside"))
    letters = [world.letter_in(desk, State.POSTED) for _ in range(5)]
    seal(everything=True)
    keep_up()
    client, path, seen = client_of(desk.manager), f"{reverse('audit:figure_letters')}?what=posted&months=1", []
    page = client.get(path)
    assert page.context["rows"] == client.get(f"{path}&before=2026-99-99_x").context["rows"]
    while page is not None:
        seen += [row.letter.reference for row in page.context["rows"]]
        older = page.context["older"]
        page = client.get(reverse("audit:figure_letters") + older) if older else None
    assert sorted(seen) == sorted(letter.reference for letter in letters)


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


def references(page: Any) -> set[str]:
    """The letters of a list behind a figure."""
    return {row["letter"].reference if isinstance(row, dict) else row.letter.reference for row in page.context["rows"]}


def client_of(user: User):
    from django.test import Client

    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


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


def test_the_letters_behind_are_those_one_may_read():
    desk = world.Desk(world.make_office("riv", "Riverside"))
    dam = world.make_user("Dee Aham", None, Role.DISTRICT_ADMIN_MANAGER)
    letter = world.letter_in(desk, State.POSTED)
    path = reverse("audit:figure_letters") + "?office=riv&what=owed"
    assert letter.reference in client_of(desk.manager).get(path).content.decode()
    body = client_of(dam).get(path).content.decode()
    assert letter.reference not in body
    assert "none that you may read" in body
    assert client_of(desk.manager).get(reverse("audit:figure_letters") + "?what=x").status_code == 404
    assert client_of(desk.manager).get(reverse("audit:figure_letters") + "?what=stuck&state=x").status_code == 404


def test_every_figure_of_letters_leads_to_those_letters():
    """Posted, pp and came back: as many behind as the figure says, of that month and that person alone."""
    with time_machine.travel(dt.datetime(2026, 5, 15, 10, tzinfo=dt.UTC), tick=True):
        desk = world.Desk(world.make_office("riv", "Riverside"))
        grant_from_long_ago()
        old = world.letter_in(desk, State.POSTED)
    with time_machine.travel(dt.datetime(2026, 7, 10, 10, tzinfo=dt.UTC), tick=True):
        world.put_on_duty(desk.duty, desk.office, desk.manager)
        own, pp = world.letter_in(desk, State.POSTED), world.letter_in(desk, State.POSTED, by_pp=True)
        back = world.letter_in(desk, State.RETURNED)
        seal(everything=True)
        keep_up()
        client = client_of(desk.manager)

        def behind(query: str) -> set[str]:
            page = client.get(reverse("audit:figure_letters") + f"?office=riv&{query}")
            assert page.status_code == 200, query
            return {
                row["letter"].reference if isinstance(row, dict) else row.letter.reference
                for row in page.context["rows"]
            }

        def of(*letters: Any) -> set[str]:
            return {letter.reference for letter in letters}

        assert behind("months=3&what=posted") == of(old, own, pp, back)
        assert behind("months=1&what=posted") == behind("months=3&what=posted&month=2026-07") == of(own, pp, back)
        assert behind("months=3&what=posted&month=2026-05") == of(old)
        assert behind("months=3&what=pp") == behind(f"months=3&what=pp&by={pp.signed_by_id}") == of(pp)
        assert behind(f"months=3&what=pp&by={desk.worker.pk}") == set()
        assert behind("months=3&what=returned") == of(back)
        assert behind("months=3&what=returned&month=2026-05") == set()
        assert behind("months=3&what=opened") == of(*[back for row in back.returns.all() if row.was_opened])
        assert behind("months=3&what=now&state=posted") == of(old, own, pp)
        assert behind("months=3&what=owed_late") == of(old)
        assert behind("months=3&what=uploaded") == behind("months=3&what=handed") == set()
        for wrong in (
            "what=posted&month=2020-01",
            "what=posted&month=x",
            "what=pp&by=x",
            "what=pp&by=-1",
            "what=now",
            "what=stuck&state=uploaded",
        ):
            assert client.get(reverse("audit:figure_letters") + f"?office=riv&months=3&{wrong}").status_code == 404
        page = client.get(reverse("audit:figures") + "?office=riv&months=3")
        links = {s["table"].slug: s["links"] for s in page.context["sections"]}
        assert [link["text"] for link in links["months"]] == [
            "May 2026: 1 posted", "July 2026: 3 posted", "July 2026: 1 of them signed pp", "July 2026: 1 came back",
            *["July 2026: 1 of them opened" for row in back.returns.all() if row.was_opened],
        ]  # fmt: skip
        assert "July 2026: 3 letters posted" in [link["text"] for link in links["breaches"]]
        assert [link["text"] for link in links["pp"]] == [f"{pp.signed_by.name}: 1 signed pp"]
        counted = figures_of([desk.office], 3)
        assert (counted.total("posted"), counted.total("pp"), counted.total("returned")) == (4, 1, 1)


def test_breaches_and_copies_behind_the_figures_are_those_one_may_see():
    scene = Scene()
    breach = scene.reported(letter=scene.posted_letter())
    place = Conference(world.Desk(world.make_office("con", "Conference")))
    copy = place.in_state("sent by post")
    governance = world.make_user("Ina Governance", scene.desk.office, Role.TEAM_MANAGER, Role.INFORMATION_GOVERNANCE)
    for who, name, office, one in (
        (governance, "figure_breaches", scene.desk.office, breach),
        (place.desk.manager, "figure_copies", place.desk.office, copy),
    ):
        page = client_of(who).get(reverse(f"audit:{name}"))
        assert [row["reference"] for row in page.context["rows"]] == [one.reference]
        assert page.context["rows"][0]["office"] == office.name
        assert client_of(who).get(reverse(f"audit:{name}") + "?month=2020-01").status_code == 404
        assert client_of(who).get(page.context["rows"][0]["href"]).status_code == 200
    assert client_of(place.desk.manager).get(reverse("audit:figure_breaches")).context["rows"] == []


EVIL = [Table("t", "=1+1", ("@a", "+b"), [("=cmd|' /C calc'!A0", "-2+3"), ("–", 4)])]


def test_no_cell_is_a_formula():
    rows = list(csv.reader(io.StringIO(exports.as_csv(EVIL).decode("utf-8-sig"))))
    assert rows[1] == ["'=1+1", "'=cmd|' /C calc'!A0", "'+b", "'-2+3"]
    sheet = openpyxl.load_workbook(io.BytesIO(exports.as_xlsx(EVIL))).active
    assert [cell.data_type for row in sheet.iter_rows() for cell in row] == ["s", "s", "s", "s", "s", "n"]
    assert sheet["A2"].value == "'=cmd|' /C calc'!A0"


def test_the_files_say_what_the_page_says():
    desk = world.Desk(world.make_office("riv", "Riverside"))
    world.letter_in(desk, State.POSTED, by_pp=True)
    seal(everything=True)
    keep_up()
    client = client_of(desk.manager)
    wanted = tables_of(figures_of([desk.office], 3))
    assert wanted[3].rows == [(desk.manager.name, 1, "100 %")]
    got = client.get(reverse("audit:figures_file", args=["csv"]) + "?months=3")
    assert got["Cache-Control"] == "private, no-store"
    lines = list(csv.reader(io.StringIO(got.content.decode("utf-8-sig"))))
    assert ["Who signed pp", desk.manager.name, "Letters posted", "1"] in lines
    book = openpyxl.load_workbook(
        io.BytesIO(client.get(reverse("audit:figures_file", args=["xlsx"]) + "?months=3").content)
    )
    assert book.sheetnames == [table.title[:31] for table in wanted]
    pdf = pypdfium2.PdfDocument(client.get(reverse("audit:figures_file", args=["pdf"]) + "?months=3").content)
    text = "".join(page.get_textpage().get_text_bounded() for page in pdf)
    assert "Compliance figures" in text
    assert desk.manager.name in text
    assert client.get(reverse("audit:figures_file", args=["exe"])).status_code == 404


def test_a_name_that_no_font_has_does_not_stop_the_pdf():
    desk = world.Desk(world.make_office("riv", "Riverside"))
    world.letter_in(desk, State.POSTED, by_pp=True)
    User.objects.filter(pk=desk.manager.pk).update(name="Tam \U0010fffd Manager")
    seal(everything=True)
    keep_up()
    got = client_of(desk.manager).get(reverse("audit:figures_file", args=["pdf"]) + "?months=3")
    text = "".join(page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(got.content))
    assert "Tam [U+10FFFD] Manager" in text
    assert "shown by their numbers: U+10FFFD." in text


def test_each_file_has_every_figure_of_the_screen():
    """Row for row: CSV and Excel cell by cell, the PDF's words, against the tables that the page shows."""
    scene = Scene()
    desk = scene.desk
    world.letter_in(desk, State.POSTED, by_pp=True)
    world.letter_in(desk, State.UPLOADED)
    world.letter_in(desk, State.HANDED_OVER)
    Conference(desk).in_state("handed over")
    scene.reported()
    seal(everything=True)
    keep_up()
    client = client_of(desk.manager)
    page = client.get(reverse("audit:figures") + "?months=3")
    shown = {s["table"].title: (s["table"].head, s["rows"]) for s in page.context["sections"]}

    def file(kind: str) -> bytes:
        return client.get(reverse("audit:figures_file", args=[kind]) + "?months=3").content

    def same(cell: object) -> object:
        """A figure as a number, however it is written; words as they stand."""
        try:
            return float(str(cell).replace(",", ""))
        except ValueError:
            return exports.plain(str(cell if cell is not None else ""))

    lines = list(csv.reader(io.StringIO(file("csv").decode("utf-8-sig"))))[1:]
    book = openpyxl.load_workbook(io.BytesIO(file("xlsx")))
    pdf = pypdfium2.PdfDocument(file("pdf"))
    text = " ".join("".join(one.get_textpage().get_text_bounded() for one in pdf).split())
    assert shown["Breaches"][0][3:] == ("Items sent", "Breaches per 1,000 items")
    assert shown["Breaches"][1][-1][1:] == ["1", "0", "4", "250.0"]
    assert len(shown) == len(book.sheetnames)
    assert {line[0] for line in lines} == {title for title, (_, rows) in shown.items() if rows}
    for title, (head, rows) in shown.items():
        wanted = [[title, row[0], name, value] for row in rows for name, value in zip(head[1:], row[1:], strict=True)]
        mine = [[*line[:3], same(line[3].lstrip("'"))] for line in lines if line[0] == title]
        assert mine == [[*map(exports.plain, line[:3]), same(line[3])] for line in wanted]
        sheet = [[same(cell) for cell in line] for line in book[title[:31]].iter_rows(values_only=True)]
        assert sheet == [[same(cell) for cell in line] for line in (head, *rows)]
        for row in rows:
            assert " ".join(" ".join(row).split()).replace(",", "") in text.replace(",", ""), row


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


def grant_from_long_ago() -> None:
    """Roles given since the council was made hold on the days that the test goes to."""
    RoleGrant.objects.update(starts=dt.date(2020, 1, 1))


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


def test_who_sees_the_figures():
    here, there = world.Desk(world.make_office("riv", "Riverside")), world.Desk(world.make_office("sta", "Station"))
    dam = world.make_user("Dee Aham", None, Role.DISTRICT_ADMIN_MANAGER)
    others = [world.make_user(f"Whole {role}", None, role) for role in Role if role in (
        Role.SAFEGUARDING, Role.INFORMATION_GOVERNANCE, Role.ASSISTANT_DIRECTOR, Role.CALDICOTT_GUARDIAN,
        Role.SYSTEM_ADMINISTRATOR)]  # fmt: skip
    own = "?office=riv"
    for name, more in (
        ("figures", []),
        ("figures_file", ["csv"]),
        ("figure_letters", []),
        ("figure_stays", []),
        ("figure_breaches", []),
        ("figure_copies", []),
    ):  # fmt: skip
        path = (
            reverse(f"audit:{name}", args=more)
            + own
            + ("&what=owed&state=typed" if name in ("figure_letters", "figure_stays") else "")
        )
        for user in (dam, here.manager, here.deputy):
            assert client_of(user).get(path).status_code == 200, (name, user)
            assert client_of(user).post(path).status_code == 405
        for user in (there.manager, there.deputy):
            assert client_of(user).get(path).status_code == 404, (name, user)
        for user in (here.worker, here.admin, here.ap, here.duty, *others):
            assert client_of(user).get(path).status_code == 403, (name, user)
