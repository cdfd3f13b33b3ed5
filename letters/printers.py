"""Which printers an office may print window letters on now: those whose calibration sheet was measured and holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from letters.models import Calibration, EnvelopeStock, LetterVersion, Printer
from postroom.people.models import Office

# What the sheet's frames depend on; the stock's name and how many sheets it takes are not among it.
_SHAPE = ("envelope_w", "envelope_h", "window_w", "window_h", "window_left", "window_up", "folds_mm")


@dataclass(frozen=True)
class Standing:
    """How a printer stands with a stock: its newest measurement, whether letters may be printed, why not."""

    printer: Printer
    stock: EnvelopeStock
    newest: Calibration | None
    words: str

    @property
    def may_print(self) -> bool:
        """Does its measurement count now?"""
        return not self.words


def same_shape(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Are these the same envelope, fold for fold? Names aside."""
    return all(one.get(name) == other.get(name) for name in _SHAPE)


def why_not(newest: Calibration | None, figures: Mapping[str, Any], today: dt.date) -> str:
    """Why letters for these figures may not be printed on the strength of this measurement; "" where they may."""
    if newest is None:
        return "Never measured"
    if not newest.holds:
        return "Measured, and it does not hold"
    if not same_shape(newest.stock_figures, figures):
        return "Measured for other figures of this envelope"
    if newest.both_sides != newest.printer.both_sides:
        return f"Measured while it printed {'both sides' if newest.both_sides else 'one side'}"
    if newest.expires_on <= today:
        return "Measured too long ago"
    return ""


def prints_both_sides(office_id: int, stock: EnvelopeStock) -> bool:
    """Has the office a printer in use that prints both sides, and was measured for this envelope so? One query."""
    rows = Printer.objects.filter(office_id=office_id, is_active=True, both_sides=True)
    return rows.filter(calibrations__stock=stock, calibrations__holds=True, calibrations__both_sides=True).exists()


def standing(printer: Printer, stock: EnvelopeStock, figures: Mapping[str, Any] | None = None) -> Standing:
    """How the printer stands with the stock (for a version's own figures, if given). One query."""
    newest = printer.calibrations.filter(stock=stock).select_related("by", "printer").first()
    words = why_not(newest, figures or stock.geometry().as_dict(), timezone.localdate())
    return Standing(printer, stock, newest, words)


def standings(printers: Collection[Printer], stocks: Iterable[EnvelopeStock]) -> list[Standing]:
    """Every printer with every stock, in their order. One query."""
    newest: dict[tuple[int, int], Calibration] = {}
    rows = Calibration.objects.filter(printer__in=printers).select_related("by", "printer").order_by("pk")
    for row in rows:
        newest[row.printer_id, row.stock_id] = row
    today = timezone.localdate()
    found = []
    for stock in stocks:
        figures = stock.geometry().as_dict()
        for printer in printers:
            one = newest.get((printer.pk, stock.pk))
            found.append(Standing(printer, stock, one, why_not(one, figures, today)))
    return found


def printers_of(office: Office) -> list[Printer]:
    """The office's printers that letters may go to now, for one envelope at least. Two queries."""
    rows = list(Printer.objects.filter(office=office, is_active=True))
    may = {one.printer.pk for one in standings(rows, EnvelopeStock.objects.all()) if one.may_print}
    return [row for row in rows if row.pk in may]


def measured_printers(office_id: int, version: LetterVersion) -> list[Printer]:
    """The office's printers that this version may be printed on now, by name. One query."""
    rows = (
        Calibration.objects.filter(printer__office_id=office_id, printer__is_active=True, stock_id=version.stock_id)
        .select_related("printer")
        .order_by("printer__name", "printer", "-pk")
    )
    today = timezone.localdate()
    newest: dict[int, Calibration] = {}
    for row in rows:
        newest.setdefault(row.printer_id, row)
    return [row.printer for row in newest.values() if not why_not(row, version.stock_figures, today)]
