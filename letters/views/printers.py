"""An office's printers: which there are, how each stands with each envelope, and measuring its calibration sheet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from letters.actions.printers import add_printer, change_printer, measure, verdict_words
from letters.forms.printers import ChangePrinterForm, MeasuredForm, PrinterForm
from letters.models import EnvelopeStock, Printer
from letters.printers import Standing, standing, standings
from letters.rendering.letter_pdf import render_calibration
from letters.stock_rights import StockAction
from letters.views.common import person
from letters.views.stock import not_allowed, why_not
from postroom.people.models import Office
from postroom.steps.errors import InvalidStep, Stale, StepError

MOST_MEASUREMENTS = 20
T = TypeVar("T")


@login_required
@require_safe
def printers(request: HttpRequest) -> HttpResponse:
    """Every office's printers, and which envelopes each may print letters for now."""
    offices = list(
        Office.objects.filter(is_active=True).select_related("post__stock", "post__next_stock").order_by("name")
    )
    rows = list(Printer.objects.filter(office__in=offices).select_related("office"))
    stocks = list(EnvelopeStock.objects.filter(is_active=True))
    by_printer: dict[int, list[Standing]] = {}
    for one in standings(rows, stocks):
        by_printer.setdefault(one.printer.pk, []).append(one)
    context = {
        "offices": [
            {
                "office": office,
                "stock": office.post.stock_on(timezone.localdate()) if hasattr(office, "post") else None,
                "may_keep": not why_not(request, StockAction.KEEP_PRINTER, office),
                "rows": [{"printer": row, **_of(by_printer[row.pk])} for row in rows if row.office_id == office.pk],
            }
            for office in offices
        ],
    }
    return render(request, "letters/desk/printers.html", context)


def _of(found: list[Standing]) -> dict[str, list[Standing]]:
    """Envelopes it may print for, and those whose sheet was measured once and no longer counts."""
    measured = [one for one in found if one.newest is not None]
    return {"counts": [one for one in measured if one.may_print], "gone": [one for one in measured if one.words]}


@login_required
@never_cache
@require_safe
def printer(request: HttpRequest, pk: int) -> HttpResponse:
    """One printer: how it stands with each envelope, and what was measured on it."""
    row = _printer(pk)
    context = {
        "printer": row,
        "standings": standings([row], EnvelopeStock.objects.filter(is_active=True)),
        "calibrations": row.calibrations.select_related("by", "stock")[:MOST_MEASUREMENTS],
        "may_keep": not why_not(request, StockAction.KEEP_PRINTER, row.office),
        "may_measure": not why_not(request, StockAction.MEASURE_PRINTER, row.office),
        "tolerance": settings.PRINTER_TOLERANCE_MM,
    }
    return render(request, "letters/desk/printer.html", context)


MEASURE_ANEW = " Its paper takes another way now: measure its calibration sheets again before letters go to it."


def _printer(pk: int) -> Printer:
    return get_object_or_404(Printer.objects.select_related("office"), pk=pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def printer_new(request: HttpRequest, code: str) -> HttpResponse:
    """Add a printer to an office."""
    office = get_object_or_404(Office, code=code, is_active=True)
    if refused := why_not(request, StockAction.KEEP_PRINTER, office):
        return not_allowed(request, refused)
    form = PrinterForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        made = _try(form, lambda: add_printer(office=office, by=person(request), **form.cleaned_data))
        if made is not None:
            messages.success(request, "Added. Print and measure its calibration sheet next: then letters may go to it.")
            return redirect("letters:printer", made.pk)
    context = {"form": form, "office": office}
    return render(request, "letters/desk/printer_form.html", context, status=422 if form.errors else 200)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def printer_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Its name, where it stands, whether letters may go to it."""
    row = _printer(pk)
    if refused := why_not(request, StockAction.KEEP_PRINTER, row.office):
        return not_allowed(request, refused)
    initial = {"name": row.name, "place": row.place, "is_active": row.is_active, "both_sides": row.both_sides}
    form = ChangePrinterForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        arguments = {"printer": row, "by": person(request), "seen": _seen(request), **form.cleaned_data}
        if (changed := _try(form, lambda: change_printer(**arguments))) is not None:
            anew = changed.both_sides != initial["both_sides"]
            messages.success(request, f"Changed.{MEASURE_ANEW if anew else ''}")
            return redirect("letters:printer", row.pk)
    context = {"form": form, "printer": row, "office": row.office, "seen": _seen(request, row)}
    return render(request, "letters/desk/printer_form.html", context, status=_status(form))


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def printer_measure(request: HttpRequest, pk: int, slug: str) -> HttpResponse:
    """Print the sheet, measure it, enter it: whether it holds is said at once."""
    row, stock = _printer(pk), get_object_or_404(EnvelopeStock, slug=slug)
    if refused := why_not(request, StockAction.MEASURE_PRINTER, row.office):
        return not_allowed(request, refused)
    form = MeasuredForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        arguments: dict[str, Any] = {"printer": row, "stock": stock, "by": person(request), "seen": _seen(request)}
        arguments |= {"measured": form.measured, "in_envelope": form.cleaned_data["in_envelope"] == "yes"}
        made = _try(form, lambda: measure(**arguments))
        if made is not None:
            if made.holds:
                messages.success(request, f"Kept. {verdict_words(made)} Letters for {stock.name} may be printed on it.")
            else:
                messages.error(request, f"Kept, and it does not hold. {verdict_words(made)}")
            return redirect("letters:printer", row.pk)
    context = {"form": form, "printer": row, "stock": stock, "seen": _seen(request, row)}
    context |= {"now": standing(row, stock), "tolerance": settings.PRINTER_TOLERANCE_MM}
    context["folds"] = [float(part) for part in stock.folds.split(",")]
    return render(request, "letters/desk/printer_measure.html", context, status=_status(form))


@login_required
@require_safe
def printer_sheet(request: HttpRequest, pk: int, slug: str) -> HttpResponse:
    """The calibration sheet with this printer's name on it."""
    row, stock = _printer(pk), get_object_or_404(EnvelopeStock, slug=slug)
    name = f"calibration-{row.office.code}-{row.pk}-{stock.slug}.pdf"
    return HttpResponse(
        render_calibration(
            stock.geometry(), printer=f"{row.name}, {row.place}, {row.office.name}", both_sides=row.both_sides
        ),
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "no-store"},
    )


def _seen(request: HttpRequest, row: Printer | None = None) -> int:
    """The printer's `ledger_seq` that was posted; -1 where it wasn't. With `row`, for a form: as it stands now."""
    if row is not None:
        return int(row.ledger_seq)
    text = request.POST.get("seen", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else -1


def _try(form: Any, act: Callable[[], T]) -> T | None:
    """What the action gave; None when the form now says why not."""
    try:
        return act()
    except InvalidStep as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
    except StepError as error:
        form.stale = isinstance(error, Stale)
        form.add_error(None, str(error))
    return None


def _status(form: Any) -> int:
    return 409 if getattr(form, "stale", False) else 422 if form.errors else 200
