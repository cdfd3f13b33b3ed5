"""Return labels: inside each label, from the office's record, with nothing that gives away who writes (OGP-5)."""

from __future__ import annotations

import json

import pypdfium2
import pytest
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone

from letters.actions.labels import label_lines, print_labels
from letters.rendering.labels import SHEETS, LabelDoesNotFit, LabelSheet, render_labels
from letters.stock_rights import STOCK_RULES, StockAction, StockCondition
from letters.tests.desk_help import desk, signed_in
from postroom.ledger.models import Entry
from postroom.people.models import Office, OfficeChange
from postroom.people.roles import Role
from postroom.steps.errors import InvalidStep, NotAllowed
from postroom.steps.table import Grant
from tests.support import world

__all__ = ["desk"]
LINES = ["NCC", "Riverside House", "1 Invented Street", "NORTHMERE", "NM1 1AA"]
PT_PER_MM = 72 / 25.4


def ink(pdf: bytes) -> list[tuple[int, float, float, float, float]]:
    """Each printed character: page, left, top, right, bottom in mm from the top left."""
    found = []
    for number, page in enumerate(pypdfium2.PdfDocument(pdf)):
        text, height = page.get_textpage(), page.get_height()
        for index in range(text.count_chars()):
            if text.get_text_range(index, 1).strip():
                left, bottom, right, top = text.get_charbox(index)
                box = (left, height - top, right, height - bottom)
                found.append((number, *(value / PT_PER_MM for value in box)))
    return found


@pytest.mark.policy("OGP-5")
@pytest.mark.parametrize("sheet", SHEETS.values(), ids=list(SHEETS))
@pytest.mark.parametrize(("start", "count"), [(1, 1), (5, 20), (14, 1), (14, 30)])
def test_every_character_lies_in_its_label(sheet: LabelSheet, start: int, count: int) -> None:
    pdf = render_labels(LINES, sheet, start=start, count=count)
    wanted = {divmod(number, sheet.labels) for number in range(start - 1, start - 1 + count)}
    seen = set()
    for page, left, top, right, bottom in ink(pdf):
        column = int((left - sheet.left) // sheet.step_x)
        row = int((top - sheet.top) // sheet.step_y)
        label_left, label_top = sheet.place(row * sheet.columns + column)
        assert label_left + 1 < left
        assert right < label_left + sheet.width - 1
        assert label_top + 1 < top
        assert bottom < label_top + sheet.height - 1
        seen.add((page, row * sheet.columns + column))
    assert seen == wanted
    assert len(pypdfium2.PdfDocument(pdf)) == max(page for page, _ in wanted) + 1


@pytest.mark.parametrize("sheet", SHEETS.values(), ids=list(SHEETS))
def test_the_sheet_fits_on_a4(sheet: LabelSheet) -> None:
    left, top = sheet.place(sheet.labels - 1)
    assert left + sheet.width <= 210
    assert top + sheet.height <= 297


def test_too_much_is_said_not_clipped() -> None:
    with pytest.raises(LabelDoesNotFit, match="larger label"):
        render_labels(["NCC", "An office with a name that is far too long for a label of this size, NM1 1AA" * 2],
                      SHEETS["L7160"], start=1, count=1)  # fmt: skip


@pytest.mark.policy("OGP-5")
def test_who_prints_labels() -> None:
    for role in Role:
        for holding in ((), (StockCondition.IN_OFFICE,)):
            granted = isinstance(STOCK_RULES.decide(StockAction.PRINT_LABELS, {role}, set(holding)), Grant)
            assert granted is (role == "admin" and bool(holding)), role


@pytest.mark.django_db
@pytest.mark.policy("OGP-5")
def test_what_gives_away_is_refused_wherever_it_came_in(desk: world.Desk) -> None:
    """By SQL past every form; and by the prefix."""
    assert label_lines(desk.office)[0] == "NCC"
    assert label_lines(desk.office, private=True)[0] == "Private and confidential"
    with override_settings(RETURN_PREFIX="NCC Childrens  Services"), pytest.raises(InvalidStep, match="mentions"):
        label_lines(desk.office)
    Office.objects.filter(pk=desk.office.pk).update(address="Ch1ldr3n's S3rvices\n1 Invented Street\nNM1 1AA")
    desk.office.refresh_from_db()
    with pytest.raises(InvalidStep, match="mentions"):
        print_labels(office=desk.office, by=desk.admin, sheet="L7160", start=1, count=1, private=False)
    page = signed_in(desk.admin).get(reverse("letters:labels", args=["riv"])).content.decode()
    assert "must not stand on an envelope" in page
    assert not Entry.objects.filter(action="print_labels").exists()


@pytest.mark.django_db
@pytest.mark.policy("OGP-5", "OGP-0")
def test_labels_in_a_browser(desk: world.Desk) -> None:
    admin = signed_in(desk.admin)
    assert admin.get(reverse("letters:labels_home")).url == reverse("letters:labels", args=["riv"])
    page = reverse("letters:labels", args=["riv"])
    assert "Riverside House" in admin.get(page).content.decode()
    for wrong, words in (({"start": 15}, "labels 1 to 14"), ({"count": 0}, "It must be 1 or more"),
                         ({"sheet": "L1"}, "error")):  # fmt: skip
        answer = admin.post(page, {"sheet": "L7163", "start": 1, "count": 3, **wrong})
        assert answer.status_code == 422
        assert words in answer.content.decode()
    answer = admin.post(page, {"sheet": "L7163", "start": 2, "count": 3, "private": "on"})
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    entry = Entry.objects.get(action="print_labels")
    assert json.loads(entry.payload) == {"sheet": "L7163", "start": 2, "count": 3, "private": True}
    with pytest.raises(NotAllowed):
        print_labels(office=desk.office, by=desk.worker, sheet="L7163", start=1, count=1, private=False)


@pytest.mark.policy("OGP-5")
def test_what_stands_before_the_address_is_the_offices_own_from_its_day_on(db):
    desk = world.Desk(world.make_office("riv", "Riverside"))
    assert label_lines(desk.office)[0] == "NCC"
    Office.objects.filter(pk=desk.office.pk).update(label_prefix="NCC East")
    assert label_lines(Office.objects.get(pk=desk.office.pk))[0] == "NCC East"
    OfficeChange.objects.create(
        office=desk.office, starts=timezone.localdate(), address=desk.office.address, label_prefix="NCC West",
        made_by=desk.admin,
    )  # fmt: skip
    assert label_lines(Office.objects.get(pk=desk.office.pk))[0] == "NCC West"
