"""Letters are printed only where the calibration sheet was measured and holds (OGP-4a); what came out of it (OGP-2)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from letters import actions
from letters.actions.print_runs import make_run, start_run
from letters.actions.printers import measure
from letters.actions.stock import change_stock
from letters.actions.tray import Chosen
from letters.models import Calibration, EnvelopeStock, Print, Printer
from letters.rendering.calibration import Measured
from letters.states import State
from letters.tests.desk_help import desk, elsewhere, seen, signed_in, url
from postroom.ledger.models import Entry
from postroom.outbox.models import Job
from postroom.people.roles import Role
from postroom.steps.engine import Seen
from postroom.steps.errors import GuardFailed, InvalidStep, NotAllowed, NotPossible, Stale
from tests.support import world

__all__ = ["desk", "elsewhere"]
pytestmark = pytest.mark.django_db
EXACT = {"upper_left_x": "20", "upper_left_y": "20", "upper_right_x": "190", "upper_right_y": "20"}
EXACT |= {"lower_left_x": "20", "lower_left_y": "277", "in_envelope": "yes"}


@pytest.fixture
def printer(desk: world.Desk) -> Printer:
    """The office's one printer, measured."""
    return desk.office.printers.get()


def dl() -> EnvelopeStock:
    return EnvelopeStock.objects.get(slug="dl")


def print_it(desk: world.Desk, letter, printer: Printer | None = None):
    return actions.print_letter(letter=letter, by=desk.admin, seen=Seen.of(letter), printer=printer)


@pytest.mark.policy("OGP-4a")
def test_a_new_printer_prints_nothing_until_its_sheet_was_measured(desk):
    Printer.objects.filter(office=desk.office).update(is_active=False)
    letter = world.letter_in(desk, State.TYPED)
    admin = signed_in(desk.admin)
    answer = admin.post(reverse("letters:printer_new", args=["riv"]), {"name": "The big one", "place": "By the lift"})
    made = Printer.objects.get(name="The big one")
    assert answer.url == reverse("letters:printer", args=[made.pk])
    refused = admin.post(url("print", letter), seen(letter))
    assert refused.status_code == 409
    assert "No printer here has a calibration sheet" in refused.content.decode()
    assert reverse("letters:printers") in refused.content.decode()
    for chosen in (None, made):
        with pytest.raises(GuardFailed, match="No printer here"):
            print_it(desk, letter, chosen)
    page = reverse("letters:printer_measure", args=[made.pk, "dl"])
    sheet = reverse("letters:printer_sheet", args=[made.pk, "dl"])
    assert sheet in admin.get(page).content.decode()
    assert admin.get(sheet).content.startswith(b"%PDF")
    answer = admin.post(page, {**EXACT, "seen": made.ledger_seq}, follow=True)
    assert "It holds" in answer.content.decode()
    row = made.calibrations.get()
    assert (row.holds, row.by, row.shift) == (True, desk.admin, Decimal("0.00"))
    assert row.expires_on == timezone.localdate() + dt.timedelta(days=180)
    print_it(desk, letter)
    assert Print.objects.get().printer == made
    entries = Entry.objects.filter(subject=f"printer/{made.pk}").order_by("seq")
    assert [entry.action for entry in entries] == ["add_printer", "measure_printer"]
    assert made.history.count() == 1


WRONG = {
    "does not hold": {"holds": False},
    "too long ago": {"expires_on": timezone.localdate},
}


@pytest.mark.policy("OGP-4a")
@pytest.mark.parametrize("why", WRONG)
def test_the_newest_measurement_counts(desk, printer, why):
    letter = world.letter_in(desk, State.TYPED)
    over = {name: value() if callable(value) else value for name, value in WRONG[why].items()}
    world.calibration(printer, dl(), desk.admin, **over)
    with pytest.raises(GuardFailed, match="No printer here"):
        print_it(desk, letter)
    world.calibration(printer, dl(), desk.admin)
    print_it(desk, letter)


@pytest.mark.policy("OGP-4a")
def test_other_figures_of_the_envelope_need_another_measurement(desk, printer):
    keeper = world.make_user("Sid System", None, Role.SYSTEM_ADMINISTRATOR)
    older = world.letter_in(desk, State.TYPED)
    change_stock(stock=dl(), by=keeper, figures={"window_up": Decimal("19")})
    print_it(desk, older)  # made for the figures that the sheet was measured for
    newer = world.letter_in(desk, State.TYPED)
    with pytest.raises(GuardFailed):
        print_it(desk, newer)
    # A name is no figure.
    change_stock(stock=dl(), by=keeper, figures={"window_up": Decimal("18"), "name": "DL, as before"})
    print_it(desk, world.letter_in(desk, State.TYPED))


@pytest.mark.policy("OGP-4a")
def test_not_on_another_offices_printer_nor_for_another_envelope(desk, elsewhere, printer):
    letter = world.letter_in(desk, State.TYPED)
    with pytest.raises(GuardFailed):
        print_it(desk, letter, elsewhere.office.printers.get())
    c5 = world.make_printer(desk.office, "For C5 alone", measured=False)
    world.calibration(c5, EnvelopeStock.objects.get(slug="c5"), desk.admin)
    with pytest.raises(GuardFailed):
        print_it(desk, letter, c5)
    Printer.objects.filter(pk=printer.pk).update(is_active=False)
    with pytest.raises(GuardFailed):
        print_it(desk, letter, printer)
    assert not Print.objects.exists()


@pytest.mark.policy("OGP-4a", "OGP-2")
def test_of_several_printers_one_is_chosen_and_stands_chosen_the_next_time(desk, printer):
    other = world.make_printer(desk.office, "The other")
    letter = world.letter_in(desk, State.TYPED)
    with pytest.raises(InvalidStep, match="Choose the printer"):
        print_it(desk, letter)
    admin = signed_in(desk.admin)
    answer = admin.post(url("print", letter), seen(letter))
    assert answer.status_code == 422
    assert "Choose printer" in answer.content.decode()
    assert admin.post(url("print", letter), {**seen(letter), "printer": other.pk}).status_code == 302
    assert Print.objects.get().printer == other
    page = admin.get(url("print", letter)).content.decode()
    assert "on The other, First floor" in page
    assert page.count("checked") == 1  # for the next print
    # A run goes to one printer, and says which.
    more = world.letter_in(desk, State.TYPED)
    key = f"{more.reference}:{more.version}:{more.content_hash}"
    several = reverse("letters:print_several", args=["riv"])
    assert admin.post(several, {"letter": key}).status_code == 422
    run_page = admin.post(several, {"letter": key, "printer": printer.pk}).url
    effect = make_run(Job.objects.get(kind="print_run"))
    assert effect is not None
    effect()
    assert Print.objects.get(letter=more).printer == printer
    assert "on Office printer, First floor" in admin.get(run_page).content.decode()


@pytest.mark.policy("OGP-4a")
def test_a_run_leaves_out_what_its_printer_is_not_measured_for(desk, printer):
    letter = world.letter_in(desk, State.TYPED)
    run = start_run(office=desk.office, by=desk.admin, chosen=[Chosen(letter, Seen.of(letter))], printer=printer)
    world.calibration(printer, dl(), desk.admin, holds=False)
    effect = make_run(Job.objects.get(kind="print_run", key=str(run.pk)))
    assert effect is not None
    effect()
    assert "No printer here" in run.letters.get().words
    assert not Print.objects.exists()


@pytest.mark.policy("OGP-4a")
def test_the_database_refuses_a_print_without_a_measured_sheet(desk, printer):
    letter = world.letter_in(desk, State.TYPED)
    bare = world.make_printer(desk.office, "Bare", measured=False)
    bad = world.make_printer(desk.office, "Bad", measured=False)
    world.calibration(bad, dl(), desk.admin, holds=False)
    rest = {"letter": letter, "version": letter.current, "pdf_id": letter.current.pdf_id, "by": desk.admin}
    for wrong in (None, bare, bad):
        with pytest.raises(IntegrityError, match="calibration sheet"), transaction.atomic():
            Print.objects.create(printer=wrong, **rest)
    made = Print.objects.create(printer=printer, **rest)
    with pytest.raises(IntegrityError, match="stays as it was recorded"), transaction.atomic():
        Print.objects.filter(pk=made.pk).update(printer=bad)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Calibration.objects.filter(printer=bad).update(holds=True)
    with pytest.raises(IntegrityError, match="never deleted"), transaction.atomic():
        Printer.objects.filter(pk=bare.pk).delete()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"upper_left_x": ""}, "Measure the upper left cross from the left edge"),
        ({"upper_left_x": "about 20"}, "Write it as millimetres"),
        ({"lower_left_y": "276.25"}, "Half a millimetre is near enough"),
        ({"upper_right_x": "150"}, "On the sheet this is 190 mm"),
        ({"upper_right_x": "-5"}, "On the sheet this is 190 mm"),
        ({"upper_right_x": "NaN"}, "Write it as millimetres"),
        ({"upper_right_x": "99999"}, ""),
        ({"in_envelope": ""}, "Say what showed in the envelope"),
    ],
)
def test_lengths_that_can_not_be_are_refused_and_stay(desk, printer, wrong, words):
    page = reverse("letters:printer_measure", args=[printer.pk, "dl"])
    before = printer.calibrations.count()
    answer = signed_in(desk.admin).post(page, {**EXACT, **wrong, "seen": printer.ledger_seq})
    assert answer.status_code == 422
    text = answer.content.decode()
    assert words in text
    assert all(f'value="{value}"' in text for value in wrong.values() if value)
    assert printer.calibrations.count() == before


@pytest.mark.policy("OGP-4a")
@pytest.mark.parametrize(
    ("over", "words"),
    [
        ({"upper_left_x": "22,5", "upper_right_x": "192.5", "lower_left_x": "22.5"}, "2.5 mm too far to the right"),
        ({"upper_left_x": "23.2", "upper_right_x": "186.5", "lower_left_x": "23"}, "Actual size"),
        ({"in_envelope": "no"}, "the frames did not show as they must"),
    ],
)
def test_what_does_not_hold_is_kept_and_says_what_to_do(desk, printer, over, words):
    page = reverse("letters:printer_measure", args=[printer.pk, "dl"])
    answer = signed_in(desk.admin).post(page, {**EXACT, **over, "seen": printer.ledger_seq}, follow=True)
    text = answer.content.decode()
    assert "does not hold" in text
    assert words in text
    assert not printer.calibrations.filter(stock=dl()).first().holds
    letter = world.letter_in(desk, State.TYPED)
    with pytest.raises(GuardFailed):
        print_it(desk, letter)


def test_twice_in_a_row_is_measured_once(desk, printer):
    admin = signed_in(desk.admin)
    page, sent = reverse("letters:printer_measure", args=[printer.pk, "dl"]), {**EXACT, "seen": printer.ledger_seq}
    before = printer.calibrations.count()
    assert admin.post(page, sent).status_code == 302
    again = admin.post(page, sent)
    assert again.status_code == 409
    assert "changed or measured this printer meanwhile" in again.content.decode()
    assert printer.calibrations.count() == before + 1
    arguments = {"stock": dl(), "by": desk.admin, "seen": 0, "in_envelope": True}
    with pytest.raises(Stale):
        measure(printer=printer, measured=Measured(20, 20, 190, 20, 20, 277), **arguments)


@pytest.mark.policy("OGP-4a")
def test_who_may_not_keep_or_measure(desk, elsewhere, printer):
    measured = Measured(20, 20, 190, 20, 20, 277)
    for person in (desk.worker, elsewhere.admin, elsewhere.manager):
        with pytest.raises(NotAllowed):
            measure(printer=printer, stock=dl(), by=person, seen=0, measured=measured, in_envelope=True)
        assert signed_in(person).get(reverse("letters:printer_change", args=[printer.pk])).status_code == 403
    assert signed_in(desk.worker).get(reverse("letters:printer", args=[printer.pk])).status_code == 200


def test_a_printer_is_renamed_and_put_out_of_use(desk, printer):
    manager = signed_in(desk.manager)
    page = reverse("letters:printer_change", args=[printer.pk])
    sent = {"name": "Old printer", "place": "Cellar", "seen": printer.ledger_seq}
    assert manager.post(page, {**sent, "name": " "}).status_code == 422
    world.make_printer(desk.office, "Taken", measured=False)
    assert "has a printer of that name" in manager.post(page, {**sent, "name": "Taken"}).content.decode()
    assert manager.post(page, sent).status_code == 302
    assert manager.post(page, sent).status_code == 409
    printer.refresh_from_db()
    assert (printer.name, printer.is_active) == ("Old printer", False)
    assert "No longer used" in manager.get(reverse("letters:printers")).content.decode()
    turned = {**sent, "is_active": "on", "both_sides": "on", "seen": printer.ledger_seq}
    assert "measure its calibration sheets again" in manager.post(page, turned, follow=True).content.decode()
    assert "Prints both sides" in manager.get(reverse("letters:printers")).content.decode()
    assert "on both sides of one sheet" in (
        manager.get(reverse("letters:printer_measure", args=[printer.pk, "dl"])).content.decode()
    )


def test_the_list_takes_a_fixed_number_of_queries(desk, elsewhere, django_assert_max_num_queries):
    client = signed_in(desk.admin)
    for number in range(4):
        world.make_printer(desk.office, f"Printer {number}")
    client.get(reverse("letters:printers"))  # the number at the head is remembered, the session's own row written
    with django_assert_max_num_queries(16):
        client.get(reverse("letters:printers"))


@pytest.mark.policy("OGP-2")
def test_what_came_out_of_a_single_print_is_asked_and_kept(desk, printer):
    letter = print_it(desk, world.letter_in(desk, State.TYPED))
    admin = signed_in(desk.admin)
    several = reverse("letters:print_several", args=["riv"])
    assert "say what came out" in admin.get(several).content.decode()
    made = letter.prints.get()
    page = admin.get(url("print", letter)).content.decode()
    assert "All of it came out" in page
    before = letter.version
    said = {**seen(letter), "print": made.pk}
    answer = admin.post(url("say_came_out", letter), {**said, "came_out": "yes"}, follow=True)
    assert "Ada Admin at riv has seen all of it" in answer.content.decode()
    made.refresh_from_db()
    assert (made.came_out, made.said_by) == (True, desk.admin)
    # Beside the way: the worker who has the page open to check it isn't told that it is out of date.
    assert world.fresh(letter).version == before
    assert admin.post(url("say_came_out", letter), {**said, "came_out": "yes"}).status_code == 409
    assert admin.post(url("say_came_out", letter), {**said, "came_out": "no"}).status_code == 409
    assert "say what came out" not in admin.get(several).content.decode()


@pytest.mark.policy("OGP-2", "OGP-3a")
def test_void_sheets_are_on_record_and_sign_nothing(desk):
    letter = world.letter_in(desk, State.WORKER_CHECKED)
    letter = print_it(desk, letter)
    admin = signed_in(desk.admin)
    first = letter.prints.get()
    answer = admin.post(url("say_came_out", letter), {**seen(letter), "print": first.pk, "came_out": "no"}, follow=True)
    assert "Its sheets are void: shred them" in answer.content.decode()
    letter = world.fresh(letter)
    with pytest.raises(GuardFailed, match="no print of this version"):
        actions.sign(letter=letter, by=desk.worker, seen=Seen.of(letter))
    letter = print_it(desk, letter)
    second = letter.prints.latest("pk")
    # Printed again without a word about it: the earlier one's sheets are void.
    letter = print_it(desk, letter)
    second.refresh_from_db()
    assert second.came_out is False
    actions.sign(letter=letter, by=desk.worker, seen=Seen.of(letter))
    page = admin.get(url("letter", letter)).content.decode()
    assert page.count("void, to be shredded") == 2
    with pytest.raises(GuardFailed, match="said already"):
        actions.void_print(letter=world.fresh(letter), by=desk.admin, seen=Seen.of(world.fresh(letter)), printed=first)


@pytest.mark.policy("OGP-2", "OGP-4b")
def test_signed_on_screen_void_sheets_are_not_in_hand():
    desk = world.Desk(world.make_office("scr", "Screenside", "screen"))
    letter = print_it(desk, world.letter_in(desk, State.SIGNED))
    assert letter.sheets_in_hand
    letter = actions.void_print(letter=letter, by=desk.admin, seen=Seen.of(letter), printed=letter.prints.get())
    assert not letter.sheets_in_hand
    with pytest.raises(GuardFailed, match="not in hand"):
        world.put_in_envelope(desk, letter)
    assert print_it(desk, letter).sheets_in_hand


@pytest.mark.policy("OGP-2")
def test_the_sheets_in_the_workers_hands_have_come_out(desk):
    letter = print_it(desk, world.letter_in(desk, State.TYPED))
    letter = actions.return_to_worker(letter=letter, by=desk.admin, seen=Seen.of(letter))
    assert letter.prints.get().came_out is True
    with pytest.raises((GuardFailed, NotPossible)):
        actions.confirm_print(letter=letter, by=desk.admin, printed=letter.prints.get())
