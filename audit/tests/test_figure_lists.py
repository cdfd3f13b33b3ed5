"""What lies behind the figures, and the files of them: as long as they say, and only what one may read (OGP-10)."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import Any

import openpyxl
import pypdfium2
import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from audit.dashboards import exports
from audit.dashboards.figures import figures_of
from audit.dashboards.keeping import keep_up
from audit.dashboards.tables import Table, tables_of
from audit.models import FigurePart
from audit.tests.figures_help import client_of, grant_from_long_ago, references
from breaches.tests.scene import Scene
from distribution.tests.world import Conference
from letters.models import Letter
from letters.states import State
from postroom.cases.actions.allocation import move as move_case
from postroom.ledger.sealing import seal
from postroom.people.models import User
from postroom.people.roles import Role
from postroom.steps.engine import Seen
from tests.support import world

pytestmark = [pytest.mark.django_db, pytest.mark.policy("OGP-10")]


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
