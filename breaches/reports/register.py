"""The register of all breaches and near misses (Article 33(5)): facts, effects, remedy. CSV, XLSX, PDF and the page are
made of the same rows. A cell that a spreadsheet would take for a formula is made plain text first."""

from __future__ import annotations

import csv
import io

from django.db.models import Prefetch, QuerySet
from openpyxl import Workbook
from openpyxl.styles import Font

from breaches.models import Breach, Decision
from breaches.reports.content import categories_of, kinds_of
from breaches.reports.parts import NONE, moment
from breaches.words import CAUSE_NAMES, CONTROL_NAMES, Cause, Control
from postroom.spreadsheets import plain

HEAD = (
    "Reference", "Kind", "State", "Office", "Occurred", "Became aware", "Reported", "Facts", "Categories",
    "People (about)", "Records (about)", "Effects", "Remedy", "Cause", "Control", "Referred to the Commissioner",
    "Why not referred",
)  # fmt: skip
Cell = str | int


def rows_of(breaches: QuerySet[Breach]) -> list[list[Cell]]:
    """A row a breach, the newest first. Three queries, however many."""
    agreed = Decision.objects.filter(superseded_at__isnull=True, agreed_at__isnull=False)
    found = (
        breaches.select_related("office")
        .prefetch_related("referrals", Prefetch("decisions", agreed, to_attr="agreed_decisions"))
        .order_by("-pk")
    )
    return [_row(breach) for breach in found]


def _row(breach: Breach) -> list[Cell]:
    remedy = "; ".join(filter(None, [breach.done_at_once, breach.containment, breach.redress]))
    phases = [f"Phase {one.phase}, {moment(one.at)}" for one in breach.referrals.all()]
    return [
        breach.reference,
        kinds_of(breach),
        breach.state_name,
        breach.office.name,
        moment(breach.occurred_at, "Not known"),
        moment(breach.aware_at),
        moment(breach.reported_at),
        breach.what,
        categories_of(breach),
        breach.people_count if breach.people_count is not None else "Not known yet",
        breach.record_count if breach.record_count is not None else "Not known yet",
        breach.consequences or NONE,
        remedy or NONE,
        CAUSE_NAMES[Cause(breach.cause)] if breach.cause else NONE,
        CONTROL_NAMES[Control(breach.control)] if breach.control else NONE,
        "; ".join(phases) or "No",
        _why_not(breach, bool(phases)),
    ]


def _why_not(breach: Breach, referred: bool) -> str:
    """The reason of both deciders for not referring it; else why there is none."""
    if referred:
        return ""
    if breach.only_near_miss:
        return "A near miss"
    stands: list[Decision] = breach.agreed_decisions
    if not stands:
        return "Not decided yet"
    return "Decided to refer it; not reported yet" if stands[0].commissioner else stands[0].commissioner_reason


def as_csv(rows: list[list[Cell]]) -> bytes:
    """UTF-8 with the mark that spreadsheets need."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEAD)
    writer.writerows([plain(cell) for cell in row] for row in rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def as_xlsx(rows: list[list[Cell]]) -> bytes:
    """One sheet; text stays text."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None  # noqa: S101 - a new workbook has one
    sheet.title = "Register of breaches"
    sheet.append(list(HEAD))
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for row in rows:
        sheet.append([_kept(plain(cell)) for cell in row])
    for line in sheet.iter_rows(min_row=2):
        for cell in line:
            if isinstance(cell.value, str):
                cell.data_type = "s"
    sheet.freeze_panes = "B2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _kept(cell: Cell) -> Cell:
    """Without characters that a workbook can't hold, within the length of its cells."""
    if isinstance(cell, int):
        return cell
    return "".join(c for c in cell if c >= " " or c in "\t\n\r")[:32_000]
