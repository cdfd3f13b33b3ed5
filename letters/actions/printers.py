"""An office's printers, and the calibration sheets measured on them, each change in the ledger (OGP-4a)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from letters.actions.stock import check_stock_action
from letters.models import Calibration, EnvelopeStock, Printer
from letters.rendering.calibration import FARTHEST, LOWER_LEFT, UPPER_LEFT, UPPER_RIGHT, Measured, judge
from letters.stock_rights import StockAction
from postroom.ledger.recording import JSON, record, record_and_save
from postroom.people.models import Office, User
from postroom.steps.errors import InvalidStep, Stale

# Each length that is measured, and what it is on the sheet itself.
MEANT: dict[str, float] = {
    "upper_left_x": UPPER_LEFT[0],
    "upper_left_y": UPPER_LEFT[1],
    "upper_right_x": UPPER_RIGHT[0],
    "upper_right_y": UPPER_RIGHT[1],
    "lower_left_x": LOWER_LEFT[0],
    "lower_left_y": LOWER_LEFT[1],
}
NAME_TAKEN = "This office has a printer of that name already. Choose another name."


def add_printer(*, office: Office, by: User, name: str, place: str, both_sides: bool = False) -> Printer:
    """A printer of the office; letters may go to it once its calibration sheet was measured.

    Raises NotAllowed, InvalidStep (no name or place, a name twice).
    """
    actor = check_stock_action(by, StockAction.KEEP_PRINTER, office)
    printer = Printer(office=office, name=_words(name, "name"), place=_words(place, "place"), both_sides=both_sides)
    try:
        with transaction.atomic():
            printer._history_user = by  # type: ignore[attr-defined]
            printer.save(force_insert=True)
            record_and_save(printer, action="add_printer", actor=actor, details=_details(printer))
    except IntegrityError as error:
        raise InvalidStep(NAME_TAKEN, "name") from error
    return printer


def change_printer(
    *, printer: Printer, by: User, seen: int, name: str, place: str, is_active: bool, both_sides: bool
) -> Printer:
    """Its name, where it stands, whether letters go to it, on both sides or one. `seen`: its `ledger_seq` as seen.

    What was measured stays: a printer that was moved to another room feeds its paper as before. One that prints both
    sides from now on, or no longer, is measured anew: it feeds its paper otherwise. Raises NotAllowed, Stale,
    InvalidStep.
    """
    actor = check_stock_action(by, StockAction.KEEP_PRINTER, printer.office)
    try:
        with transaction.atomic():
            locked = _locked(printer, seen)
            locked.name, locked.place, locked.is_active = _words(name, "name"), _words(place, "place"), is_active
            locked.both_sides = both_sides
            record(locked, action="change_printer", actor=actor, details=_details(locked))
            locked._history_user = by  # type: ignore[attr-defined]
            locked.save()
    except IntegrityError as error:
        raise InvalidStep(NAME_TAKEN, "name") from error
    return locked


def measure(
    *, printer: Printer, stock: EnvelopeStock, by: User, seen: int, measured: Measured, in_envelope: bool
) -> Calibration:
    """Keep what was measured on a calibration sheet, and whether it holds. The newest one counts, also if it is worse.

    `in_envelope`: folded and put in, the frames showed as the sheet says. Raises NotAllowed, Stale (measured by
    somebody else meanwhile, or the button pressed twice), InvalidStep naming the length that can't be.
    """
    actor = check_stock_action(by, StockAction.MEASURE_PRINTER, printer.office)
    _sensible(measured)
    verdict = judge(measured, stock.geometry(), settings.PRINTER_TOLERANCE_MM)
    holds = verdict.holds and in_envelope
    with transaction.atomic():
        locked = _locked(printer, seen)
        row = Calibration.objects.create(
            printer=locked,
            stock=stock,
            by=by,
            **{name: Decimal(str(getattr(measured, name))) for name in MEANT},
            in_envelope=in_envelope,
            both_sides=locked.both_sides,
            shift=Decimal(str(verdict.shift)),
            holds=holds,
            expires_on=timezone.localdate() + dt.timedelta(days=settings.CALIBRATION_DAYS),
            stock_figures=stock.geometry().as_dict(),
        )
        record_and_save(locked, action="measure_printer", actor=actor, details=measurement_details(row))
    return row


def verdict_words(row: Calibration) -> str:
    """What follows from a measurement, and what to do if it does not hold."""
    verdict = judge(row.measured, row.stock.geometry(), settings.PRINTER_TOLERANCE_MM)
    if verdict.holds and not row.in_envelope:
        return (
            "The lengths are right, but in the envelope the frames did not show as they must: fold the sheet on its "
            "marks and try another envelope of the pack. If it stays so, the pack is another stock: have it added."
        )
    return verdict.words


def measurement_details(row: Calibration) -> dict[str, JSON]:
    """As the ledger keeps a measurement."""
    lengths = {name: str(getattr(row, name)) for name in MEANT}
    return {"stock": row.stock.slug, "shift": str(row.shift), "holds": row.holds, **lengths}


def _sensible(measured: Measured) -> None:
    for name, meant in MEANT.items():
        if abs(getattr(measured, name) - meant) > FARTHEST:
            raise InvalidStep(
                f"On the sheet this is {meant:g} mm; more than {FARTHEST:g} mm off can't be the printer. "
                "Measure again, from the paper's own edge.",
                name,
            )


def _locked(printer: Printer, seen: int) -> Printer:
    locked = Printer.objects.select_for_update(of=("self",)).select_related("office").get(pk=printer.pk)
    if locked.ledger_seq != seen:
        raise Stale("Somebody changed or measured this printer meanwhile. Nothing was kept; look at it as it is now.")
    return locked


def _words(text: str, field: str) -> str:
    words = " ".join(text.split())
    if not words:
        raise InvalidStep("Give it a name." if field == "name" else "Say where it stands.", field)
    return words


def _details(printer: Printer) -> dict[str, JSON]:
    return {"office": printer.office.code, "is_active": printer.is_active, "both_sides": printer.both_sides}


__all__ = ["MEANT", "add_printer", "change_printer", "measure", "measurement_details", "verdict_words"]
