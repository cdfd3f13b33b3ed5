"""All and only this letter's sheets at the envelope: scanned in, or counted by eye if the office says so (OGP-4b)."""

import dataclasses
import datetime as dt
import json

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from letters import actions
from letters.actions.stock import set_office_post
from letters.models import Envelope, OfficePost, Print, SheetScan
from letters.states import State
from letters.tests.desk_help import last_entry, seen, signed_in, url
from postroom.people.roles import Role
from postroom.steps.engine import Later, Seen, entered_later
from postroom.steps.errors import InvalidStep
from tests.support import world

pytestmark = [pytest.mark.django_db, pytest.mark.policy("OGP-4b")]

LONG = "We met on Monday, and spoke of what comes next.\n\n" * 45
TICKS = dict.fromkeys(("contents_checked", "new_envelope", "return_mark_on", "initials_written"), True)


@pytest.fixture
def desk():
    return world.Desk(world.make_office("riv", "Riverside"))


def take(desk, letter, verb, **what):
    return verb(letter=letter, by=what.pop("by", desk.admin), seen=Seen.of(letter), **what)


def ready(desk, body=LONG, prints=1):
    """A letter of several sheets, signed, its sheets in hand; printed so often."""
    letter = world.letter_in(desk, State.DRAFTED)
    letter = take(desk, letter, actions.type_letter, typed=dataclasses.replace(world.typed(), body=body))
    letter = take(desk, letter, actions.check, by=desk.worker, address_confirmed=True, body_confirmed=True)
    on_paper = desk.office.post.signature_medium == "paper"
    for _ in range(prints if on_paper else 1):
        letter = take(desk, letter, actions.print_letter)
    letter = take(desk, letter, actions.sign, by=desk.worker)
    return world.sheets_in_hand(desk, letter)


def marks(letter, number=None, reference=""):
    sheets = letter.current.sheets
    number = number or letter.prints.latest("pk").number
    return [f"{reference or letter.reference}-{number}-{page}-{sheets}" for page in range(1, sheets + 1)]


def envelope(desk, letter, lines, sheets=None):
    counted = letter.current.sheets if sheets is None else sheets
    return take(desk, letter, actions.envelope, sheets=counted, scanned=lines, **TICKS)


def scan_is(desk, scan):
    OfficePost.objects.filter(office=desk.office).update(sheet_scan=scan)


def refused(desk, letter, lines):
    """The sentence; nothing was saved."""
    with pytest.raises(InvalidStep) as error:
        envelope(desk, letter, lines)
    assert error.value.field == "scanned"
    assert world.fresh(letter).state == State.SIGNED
    assert not Envelope.objects.exists()
    return str(error.value)


def test_all_sheets_scanned_in_is_on_record(desk):
    letter = ready(desk)
    assert letter.current.sheets == 3
    lines = marks(letter)
    letter = envelope(desk, letter, [lines[2], "", lines[0].lower(), f" {lines[1]} "])
    kept = Envelope.objects.get()
    assert (kept.scanned, kept.printed, kept.sheets) == (3, letter.prints.get(), 3)
    assert letter.prints.get().came_out is True
    details = json.loads(last_entry(letter).payload)
    assert (details["scanned"], details["print_number"], details["sheets"]) == (3, 1, 3)
    page = signed_in(desk.admin).get(url("letter", letter)).content.decode()
    assert "3 sheets, 3 scanned in" in page
    assert "3 sheets, scanned in" in page  # in the history


def test_a_sheet_of_another_letter_is_refused_by_its_reference(desk):
    letter, other = ready(desk), ready(desk, "Short.")
    words = refused(desk, letter, [*marks(letter), *marks(other)])
    assert f"A sheet of letter {other.reference} is among them" in words
    assert "scan all sheets of this envelope again" in words
    assert "is among them" in refused(desk, letter, marks(letter, reference=other.reference))


def test_missing_double_or_unknown(desk):
    letter = ready(desk)
    lines = marks(letter)
    for scanned, words in (
        (lines[:1] + lines[2:], "Page 2 is missing"),
        (lines[:1], "Pages 2 and 3 are missing"),
        ([*lines, lines[1]], "Page 2 was scanned twice"),
        ([*lines[:2], lines[2][:-1] + "4"], "Page 3 can't be of this letter, which has 3 sheets"),
        ([*lines, "5000112637922"], "Line 4, “5000112637922”, is not the mark of a sheet"),
        ([line.replace("-1-", "-7-", 1) for line in lines], "There is no print 7"),
        (lines * 101, "303 lines were scanned"),
    ):
        assert words in refused(desk, letter, scanned)


def test_sheets_of_a_void_print_or_of_two_prints(desk):
    letter = ready(desk, prints=2)  # the second print voids the first, of which nobody said that it came out
    assert letter.prints.get(number=1).came_out is False
    assert "Print 1 is void" in refused(desk, letter, marks(letter, 1))
    mixed = [*marks(letter, 1)[:1], *marks(letter, 2)[1:]]
    assert "Print 1 is void" in refused(desk, letter, mixed)
    assert envelope(desk, letter, marks(letter, 2)).state == State.ENVELOPED


def test_two_prints_that_came_out_are_not_mixed(desk):
    letter = world.letter_in(desk, State.DRAFTED)
    letter = take(desk, letter, actions.type_letter, typed=dataclasses.replace(world.typed(), body=LONG))
    letter = take(desk, letter, actions.print_letter)
    actions.confirm_print(letter=letter, by=desk.admin, printed=letter.prints.get())
    letter = take(desk, world.fresh(letter), actions.print_letter)
    letter = take(desk, letter, actions.check, by=desk.worker, address_confirmed=True, body_confirmed=True)
    letter = world.sheets_in_hand(desk, take(desk, letter, actions.sign, by=desk.worker))
    mixed = [*marks(letter, 1)[:1], *marks(letter, 2)[1:]]
    assert "Sheets of prints 1 and 2 are mixed" in refused(desk, letter, mixed)
    assert "are mixed" in refused(desk, letter, [*marks(letter, 1), *marks(letter, 2)])
    assert envelope(desk, letter, marks(letter, 1)).state == State.ENVELOPED
    assert Envelope.objects.get().printed.number == 1


def test_a_print_of_an_earlier_version_is_refused(desk):
    letter = ready(desk)
    letter = take(desk, letter, actions.return_for_retyping, by=desk.worker, reason="A word is off.")
    letter = take(desk, letter, actions.type_letter, typed=dataclasses.replace(world.typed(), body=f"New. {LONG}"))
    letter = take(desk, letter, actions.check, by=desk.worker, address_confirmed=True, body_confirmed=True)
    letter = take(desk, letter, actions.print_letter)
    letter = world.sheets_in_hand(desk, take(desk, letter, actions.sign, by=desk.worker))
    assert "Print 1 is of an earlier version" in refused(desk, letter, marks(letter, 1))
    assert envelope(desk, letter, marks(letter, 2)).state == State.ENVELOPED


def test_a_print_without_the_signature_on_screen_is_refused():
    desk = world.Desk(world.make_office("scr", "Screenside", "screen"))
    letter = world.letter_in(desk, State.TYPED)
    letter = take(desk, letter, actions.print_letter)
    letter = take(desk, letter, actions.check, by=desk.worker, address_confirmed=True, body_confirmed=True)
    letter = world.sheets_in_hand(desk, take(desk, letter, actions.sign, by=desk.worker))
    assert "Print 1 was made without its signature" in refused(desk, letter, marks(letter, 1))
    assert envelope(desk, letter, marks(letter, 2)).state == State.ENVELOPED


def test_what_the_office_says_of_scanning(desk):
    letter = ready(desk)
    scan_is(desk, SheetScan.REQUIRED)
    assert "Scan in every printed sheet" in refused(desk, letter, [])
    assert "Scan in every printed sheet" in refused(desk, letter, ["", "  "])
    scan_is(desk, SheetScan.OFFERED)
    letter = envelope(desk, letter, [])
    assert (Envelope.objects.get().scanned, Envelope.objects.get().printed) == (0, None)
    assert json.loads(last_entry(letter).payload)["scanned"] == 0
    assert "counted by eye" in signed_in(desk.admin).get(url("letter", letter)).content.decode()


def test_the_count_is_asked_beside_the_scan_for_a_sheet_without_a_mark_can_slip_in(desk):
    letter = ready(desk)
    with pytest.raises(InvalidStep) as error:
        envelope(desk, letter, marks(letter), sheets=4)
    assert error.value.field == "sheets"
    assert world.fresh(letter).state == State.SIGNED


def test_what_was_enveloped_while_the_system_was_down_was_counted_by_eye(desk):
    letter = ready(desk)
    scan_is(desk, SheetScan.REQUIRED)
    with entered_later(Later(timezone.now(), desk.other_admin)):
        assert envelope(desk, letter, []).state == State.ENVELOPED


def test_a_print_from_before_there_were_marks_is_counted_by_eye(desk):
    letter = ready(desk)
    printed = letter.prints.get()
    with transaction.atomic():
        Print.objects.bulk_create(
            [Print(letter=letter, version=letter.current, by=desk.admin, printer=printed.printer)]
        )
    assert Print.objects.filter(number=0).exists()
    scan_is(desk, SheetScan.REQUIRED)
    assert "Scan in" in refused(desk, letter, [])  # there is a marked print
    old = ready(desk, "Another.")
    Print.objects.filter(letter=old).update(bare=[1])  # as good as none
    assert envelope(desk, old, []).state == State.ENVELOPED


@pytest.mark.parametrize("what", ["another letter's", "a void one"])
def test_the_database_refuses_an_envelope_of_a_print_that_is_not_its_own(desk, what):
    letter = ready(desk, prints=2)
    bad = letter.prints.get(number=1) if what == "a void one" else ready(desk, "Other.").prints.get()
    row = {"letter": letter, "version": letter.current, "by": desk.admin, "initials": "OA", "return_mark": "label"}
    with pytest.raises(DatabaseError), transaction.atomic():
        Envelope.objects.create(**row, sheets=3, scanned=3, printed=bad)
    with pytest.raises(DatabaseError), transaction.atomic():
        Envelope.objects.create(**row, sheets=3, scanned=3)
    with pytest.raises(DatabaseError), transaction.atomic():
        Print.objects.filter(letter=letter, number=1).update(number=9)


def ticked(letter, lines, **more):
    return {**seen(letter), **dict.fromkeys(TICKS, "on"), "sheets": "3", "scanned": "\r\n".join(lines), **more}


def test_the_page_takes_what_a_scanner_types_and_keeps_it_beside_the_fault(desk):
    letter = ready(desk)
    client = signed_in(desk.admin)
    page = client.get(url("envelope", letter)).content.decode()
    assert "Scan in every sheet of the letter" in page
    answer = client.post(url("envelope", letter), ticked(letter, marks(letter)[:2]))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Page 3 is missing" in page
    assert marks(letter)[1] in page
    assert "checked" in page
    answer = client.post(url("envelope", letter), ticked(letter, [*marks(letter), ""]))
    assert answer.status_code == 302
    assert Envelope.objects.get().scanned == 3


def test_an_office_that_requires_the_scan_says_so_on_its_page(desk):
    letter = ready(desk)
    scan_is(desk, SheetScan.REQUIRED)
    client = signed_in(desk.admin)
    page = client.get(url("envelope", letter)).content.decode()
    assert "Scan in every sheet of the letter" in page
    assert "(optional)" not in page
    answer = client.post(url("envelope", letter), ticked(letter, []))
    assert answer.status_code == 422
    assert "Scan in every printed sheet, or type the line" in answer.content.decode()
    assert client.post(url("envelope", letter), ticked(letter, marks(letter))).status_code == 302


def test_the_page_of_an_office_without_a_scanner_has_no_field(desk):
    letter = ready(desk)
    scan_is(desk, SheetScan.OFF)
    client = signed_in(desk.admin)
    assert "Scan in" not in client.get(url("envelope", letter)).content.decode()
    assert client.post(url("envelope", letter), ticked(letter, [])).status_code == 302


def test_several_in_one_go_each_have_their_own_scan(desk):
    one, two = ready(desk), ready(desk, "Short.")
    client = signed_in(desk.admin)
    enter = {"letter": [f"{x.reference}:{x.version}:{x.content_hash}" for x in (one, two)]}
    for x, other in ((one, one), (two, one)):
        enter[f"sheets-{x.reference}"] = str(x.current.sheets)
        enter[f"scanned-{x.reference}"] = "\r\n".join(marks(other))
    page = client.post(f"/tray/{desk.office.code}/envelopes/", enter).content.decode()
    assert world.fresh(one).state == State.ENVELOPED
    assert world.fresh(two).state == State.SIGNED
    assert f"A sheet of letter {one.reference} is among them" in page


def test_a_manager_says_whether_sheets_are_scanned_in(desk):
    manager = world.make_user("Tam Manager", desk.office, Role.TEAM_MANAGER)
    stock = desk.office.post.stock
    rest = {"office": desk.office, "by": manager, "signature_medium": "paper", "return_mark": "label"}
    post = set_office_post(**rest, stock=stock, sheet_scan=SheetScan.REQUIRED, collection=dt.time(16, 30))
    assert post.sheet_scan == SheetScan.REQUIRED
    assert json.loads(last_entry(desk.office).payload)["sheet_scan"] == "required"


def test_the_sheets_of_a_print_are_kept_as_they_went_to_the_printer(desk):
    letter = ready(desk, prints=2)
    client = signed_in(desk.admin)
    first, second = (client.get(url("print_sheets", letter, number)).content for number in (1, 2))
    assert first != second
    assert first.startswith(b"%PDF")
    assert client.get(url("print_sheets", letter, 3)).status_code == 404
    for row in letter.prints.all():
        assert row.pdf_id != letter.current.pdf_id
