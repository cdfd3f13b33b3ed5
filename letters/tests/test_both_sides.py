"""A printer that prints both sides: sheets are counted as sheets, at the envelope, in the scan, against what the stock
takes. And a long list to print, page by page."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from letters import actions
from letters.actions.enveloping import sheets_to_count
from letters.actions.printers import change_printer
from letters.models import Calibration, Envelope, Letter, Print, Printer
from letters.states import State
from letters.tests.desk_help import last_entry, seen, signed_in, url
from letters.tests.test_sheets_in import LONG, desk, envelope, marks, ready, refused, take
from letters.views import print_runs
from letters.weights import sheets_of_pages
from postroom.steps.errors import GuardFailed, InvalidStep
from tests.support import world

__all__ = ["desk"]
pytestmark = [pytest.mark.django_db, pytest.mark.policy("OGP-4b")]


def turn_over(desk: world.Desk, *, measured: bool = True) -> Printer:
    """The office's printer prints both sides from now on."""
    printer = Printer.objects.get(office=desk.office)
    if not measured:
        return change_printer(
            printer=printer, by=desk.manager, seen=printer.ledger_seq, name=printer.name, place=printer.place,
            is_active=True, both_sides=True,
        )  # fmt: skip
    Printer.objects.filter(pk=printer.pk).update(both_sides=True)
    for row in Calibration.objects.filter(printer=printer):
        world.calibration(printer, row.stock, row.by, both_sides=True)
    return printer


def test_sheets_of_pages() -> None:
    assert [sheets_of_pages(pages, both_sides=True) for pages in (0, 1, 2, 3, 4)] == [0, 1, 1, 2, 2]
    assert [sheets_of_pages(pages, both_sides=False) for pages in (0, 1, 3)] == [0, 1, 3]


def test_sheets_are_counted_and_scanned_as_the_printer_made_them(desk):
    turn_over(desk)
    letter = ready(desk)
    pages = letter.current.sheets
    assert pages == 3, "front, back, front"
    assert sheets_to_count(letter) == 2
    lines = marks(letter)
    assert "Page 3 is missing" in refused(desk, letter, lines[:1])
    assert "Page 1 was scanned twice, back or front" in refused(desk, letter, lines)
    page = signed_in(desk.admin)
    html = page.get(url("envelope", letter)).content.decode()
    assert "2 sheets, printed on both sides (3 pages)" in html
    assert "data-both-sides" in html
    assert "Set the printer to <strong>both sides</strong>" in page.get(url("print", letter)).content.decode()
    with pytest.raises(InvalidStep, match="has 2 sheets, and you counted 3"):
        envelope(desk, letter, (), sheets=3)
    done = envelope(desk, letter, [lines[1], lines[2]], sheets=2)  # the back of the first, the front of the second
    row = Envelope.objects.get(letter=done)
    assert (row.sheets, row.scanned, row.printed.both_sides) == (2, 2, True)
    assert Printer.objects.filter(pk=row.printed.printer_id).update(both_sides=False), "what was printed stays so"
    assert sheets_to_count(done) == 2
    tray = page.get(reverse("letters:tray", args=["riv"])).content.decode()
    assert "2 sheets" in tray


@pytest.mark.policy("OGP-4a")
def test_the_stock_takes_sheets_not_pages(desk):
    long = LONG * 3
    letter = world.letter_in(desk, State.DRAFTED)
    with pytest.raises(InvalidStep, match="DL takes 5"):
        take(desk, letter, actions.type_letter, typed=world.typed(long))
    turn_over(desk)
    one_side = world.make_printer(desk.office, "One side")
    letter = take(desk, letter, actions.type_letter, typed=world.typed(long))
    assert 5 < letter.current.sheets <= 10
    with pytest.raises(InvalidStep, match="On one side this is") as error:
        take(desk, letter, actions.print_letter, printer=one_side)
    assert error.value.field == "printer"
    shown = signed_in(desk.admin).post(url("print", letter), {**seen(letter), "printer": one_side.pk})
    assert "On one side this is" in shown.content.decode()
    letter = take(desk, letter, actions.print_letter, printer=Printer.objects.get(both_sides=True))
    assert json.loads(last_entry(letter).payload)["both_sides"] is True
    printed = Print.objects.get(letter=letter)
    assert printed.sheets == -(-letter.current.sheets // 2)
    assert f"{printed.sheets} sheets, both sides" in signed_in(desk.admin).get(url("print", letter)).content.decode()


@pytest.mark.policy("OGP-4a")
def test_a_printer_that_turns_the_paper_over_is_measured_anew(desk):
    letter = world.letter_in(desk, State.TYPED)
    printer = turn_over(desk, measured=False)
    with pytest.raises(GuardFailed):
        take(desk, letter, actions.print_letter)
    html = signed_in(desk.manager).get(reverse("letters:printer", args=[printer.pk])).content.decode()
    assert "No: measured while it printed one side" in html
    assert "It prints both sides" in html
    world.calibration(printer, letter.current.stock, desk.manager, both_sides=True)
    assert take(desk, letter, actions.print_letter).prints.get().both_sides


@pytest.mark.policy("OGP-2")
def test_a_long_list_to_print_says_how_many_more_and_pages_by_key(desk, monkeypatch):
    letters = [world.letter_in(desk, State.TYPED) for _ in range(3)]
    Letter.objects.filter(pk__in=[one.pk for one in letters]).update(state_since=letters[0].state_since)
    monkeypatch.setattr(print_runs, "MOST", 2)
    admin, here = signed_in(desk.admin), reverse("letters:print_several", args=["riv"])
    html = admin.get(here).content.decode()
    assert "3 letters wait for the printer; the 2 that wait longest stand here" in html
    assert letters[2].reference not in html
    after = html.split("?after=")[1].split('"')[0]
    html = admin.get(here, {"after": after}).content.decode()
    assert letters[2].reference in html
    assert letters[0].reference not in html
    assert "?after=" not in html, "the last page"
    assert "1 more of them" in html
    spoilt = admin.get(here, {"after": "9' OR 1"}).content.decode()
    assert "the 2 that wait longest" in spoilt
    beyond = f"{10**15 * 9}-1"
    assert "No letter waits for the printer behind these" in admin.get(here, {"after": beyond}).content.decode()
