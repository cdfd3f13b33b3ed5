"""Envelope stock: what there is, its zones, its calibration sheet; how each office does its post."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_http_methods, require_safe

from letters.actions.stock import (
    FIGURES,
    add_stock,
    change_stock,
    check_stock_action,
    seen_of,
    set_office_post,
    told_of,
)
from letters.forms.stock import OfficePostForm, StockForm
from letters.models import EnvelopeStock, OfficePost
from letters.rendering.letter_pdf import render_calibration
from letters.stock_rights import StockAction
from letters.views.common import person
from postroom.people.models import Office
from postroom.steps.errors import InvalidStep, NotAllowed, Stale
from postroom.steps.table import join_words


def why_not(request: HttpRequest, action: StockAction, office: Office | None = None) -> str:
    """Why this person may not do that; "" if they may."""
    try:
        check_stock_action(person(request), action, office)
    except NotAllowed as error:
        return str(error)
    return ""


def not_allowed(request: HttpRequest, sentence: str) -> HttpResponse:
    """The 403 page with that sentence."""
    return render(request, "letters/work/not_allowed.html", {"sentence": sentence}, status=403)


@login_required
@require_safe
def stocks(request: HttpRequest) -> HttpResponse:
    """Every stock, and what each office uses."""
    today = timezone.localdate()
    posts = (
        OfficePost.objects.select_related("office", "stock", "next_stock")
        .filter(office__is_active=True)
        .order_by("office__name")
    )
    context = {
        "stocks": EnvelopeStock.objects.all(),
        "posts": [(post, post.stock_on(today), post.by_email_words(today), post.abroad_words(today)) for post in posts],
        "without": Office.objects.filter(is_active=True, post__isnull=True),
        "may_add": not why_not(request, StockAction.ADD_STOCK),
    }
    return render(request, "letters/desk/stocks.html", context)


@login_required
@require_safe
def stock(request: HttpRequest, slug: str) -> HttpResponse:
    """One stock: its figures, what shows through its window, the calibration sheet."""
    row = get_object_or_404(EnvelopeStock, slug=slug)
    folds = [float(part) for part in row.folds.split(",")]
    context = {
        "stock": row,
        "shape": row.geometry(),
        "folds": folds,
        "may_change": not why_not(request, StockAction.CHANGE_STOCK),
    }
    return render(request, "letters/desk/stock.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def stock_new(request: HttpRequest) -> HttpResponse:
    """Add a stock."""
    refused = why_not(request, StockAction.ADD_STOCK)
    if refused:
        return not_allowed(request, refused)
    form = StockForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        slug = slugify(form.cleaned_data["name"])[:34]
        slug = slug if slug not in ("", "new", "offices") else f"stock-{slug}".rstrip("-")
        try:
            made = add_stock(by=person(request), slug=slug, figures=form.cleaned_data)
        except InvalidStep as error:
            form.add_error(error.field or None, str(error))
        else:
            messages.success(request, "Added. Print its calibration sheet and try it before an office uses it.")
            return redirect("letters:stock", made.slug)
    return render(request, "letters/desk/stock_form.html", {"form": form}, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def stock_change(request: HttpRequest, slug: str) -> HttpResponse:
    """Put a stock's figures right."""
    row = get_object_or_404(EnvelopeStock, slug=slug)
    refused = why_not(request, StockAction.CHANGE_STOCK)
    if refused:
        return not_allowed(request, refused)
    form = StockForm(
        request.POST if request.method == "POST" else None, initial={name: getattr(row, name) for name in FIGURES}
    )
    if request.method == "POST" and form.is_valid():
        try:
            change_stock(stock=row, by=person(request), figures=form.cleaned_data)
        except InvalidStep as error:
            form.add_error(error.field or None, str(error))
        else:
            messages.success(request, "Changed. Letters typed from now on are made for these figures.")
            return redirect("letters:stock", row.slug)
    context = {"form": form, "stock": row}
    return render(request, "letters/desk/stock_form.html", context, status=422 if form.errors else 200)


@login_required
@require_safe
def calibration(request: HttpRequest, slug: str) -> HttpResponse:
    """The calibration sheet, to print on the office's own printer and try in its own envelope."""
    row = get_object_or_404(EnvelopeStock, slug=slug)
    return HttpResponse(
        render_calibration(row.geometry()),
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="calibration-{row.slug}.pdf"', "Cache-Control": "no-store"},
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def office_post(request: HttpRequest, code: str) -> HttpResponse:
    """Which envelopes an office uses, where it signs, what goes on the back."""
    office = get_object_or_404(Office, code=code, is_active=True)
    refused = why_not(request, StockAction.SET_OFFICE_POST, office)
    if refused:
        return not_allowed(request, refused)
    now = OfficePost.objects.select_related("stock", "next_stock").filter(office=office).first()
    initial: dict[str, Any] = {}
    if now is not None:
        today = timezone.localdate()
        coming = now.next_stock_from is not None and now.next_stock_from > today
        initial = {
            "stock": now.stock_on(today).pk,
            "signature_medium": now.signature_medium,
            "return_mark": now.return_mark,
        }
        initial |= {"keeping": now.keeping, "ics_way": now.ics_way, "collection": now.collection}
        initial |= {"originals_kept": now.originals_kept, "usual_class": now.usual_class, "sheet_scan": now.sheet_scan}
        if now.letters_by_email_until is None or now.letters_by_email_until >= today:  # over is off
            names = ("letters_by_email_from", "letters_by_email_until")
            initial |= {name: getattr(now, name) for name in names}
        if now.letters_abroad_until is None or now.letters_abroad_until >= today:
            names = ("letters_abroad_from", "letters_abroad_until")
            initial |= {name: getattr(now, name) for name in names}
        initial["abroad_service"] = now.abroad_service
        if coming:
            initial |= {"next_stock": now.next_stock_id, "next_stock_from": now.next_stock_from}
    on_page = request.POST.get("seen", "") if request.method == "POST" else seen_of(told_of(now) if now else {})
    form = OfficePostForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            set_office_post(office=office, by=person(request), seen=on_page or None, **form.cleaned_data)
        except InvalidStep as error:
            form.add_error(error.field or None, str(error))
        except Stale:
            stood = OfficePost.objects.select_related("stock", "next_stock").filter(office=office).first()
            stands = told_of(stood) if stood else {}  # none: what came back with the form was spoilt
            form.add_error(None, _otherwise(form, stands))
            on_page = seen_of(stands)
        else:
            messages.success(request, f"{office.name}: changed. Letters typed from now on are made for it.")
            return redirect("letters:stocks")
    context = {"form": form, "office": office, "seen": on_page}
    return render(request, "letters/desk/office_post.html", context, status=422 if form.errors else 200)


def _otherwise(form: OfficePostForm, stands: dict[str, Any]) -> str:
    """That somebody else saved the page meanwhile, and what stands otherwise than it is entered here."""
    names = {"signature": "signature_medium"}
    entered = {
        name: value.slug if isinstance(value, EnvelopeStock) else value for name, value in form.cleaned_data.items()
    }
    other = []
    for told, stood in stands.items():
        name = names.get(told, told)
        value = entered.get(name)
        said = f"{value:%H:%M}" if isinstance(value, dt.time) else value
        if (said if isinstance(said, bool) else str(said or "")) != stood:
            other.append(f"“{form.fields[name].label}”")
    if not other:
        return "This page was out of date, and nothing was saved. What you entered is still here: save it again."
    return (
        "Somebody else changed this while you had the page open, and nothing of yours was saved. What you entered is "
        f"still here; what stands now is otherwise for {join_words(other)}. Look at these, then save again."
    )
