"""Several letters to the printer in one go, with progress that survives leaving the page (OGP-2)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from letters.actions.print_runs import MOST, say_what_came_out, start_run
from letters.forms.printers import ChoosePrinterForm
from letters.models import Letter, PrintRun
from letters.printers import printers_of
from letters.queues import BY_SLUG
from letters.selectors import visible_to
from letters.selectors_tray import to_print, unsaid_of
from letters.views.common import person
from letters.views.my_work import viewer_of
from letters.views.tray import NOT_YOURS, chosen_from, office_of_admin
from letters.work_lists import key_from, key_text
from postroom.context import authority_for
from postroom.files.errors import FileError
from postroom.files.store import read
from postroom.forms import row_numbers
from postroom.ledger.readings import record_reads
from postroom.people.roles import Role
from postroom.steps.errors import StepError

NOT_ALL_YOURS = (
    "There is a letter in this run that you may not read. Whoever printed it, or another admin of the office, goes on."
)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def print_several(request: HttpRequest, code: str) -> HttpResponse:
    """What waits for the printer at this office; a POST starts a run of what is ticked."""
    office = office_of_admin(request, code)
    error = ""
    printers = printers_of(office)
    form = ChoosePrinterForm(printers, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            chosen = chosen_from(request, most=MOST)
            run = start_run(office=office, by=person(request), chosen=chosen, printer=form.cleaned_data.get("printer"))
        except StepError as refused:
            error = str(refused)
        else:
            return redirect("letters:print_run", run.pk)
    parts = BY_SLUG["print"].parts(viewer_of(request)) or []
    after = key_from(request.GET.get("after", ""))
    page = to_print(person(request), authority_for(request), office, parts, most=MOST, after=after)
    runs = PrintRun.objects.filter(office=office).select_related("by")[:5]
    context: dict[str, Any] = {
        "office": office,
        "rows": page.rows,
        "runs": runs,
        "error": error,
        "results": [],
        "form": form,
    }
    context |= {"of": page.of, "paged": page.of > len(page.rows), "not_first": after is not None}
    context["next"] = key_text(page.following) if page.following else ""
    context |= {"printers": printers, "unsaid": unsaid_of(person(request), authority_for(request), office)}
    return render(request, "letters/desk/print_several.html", context, status=422 if error or form.errors else 200)


def _run(request: HttpRequest, pk: int) -> PrintRun:
    run = get_object_or_404(PrintRun.objects.select_related("office", "by", "printer"), pk=pk)
    if run.office_id not in authority_for(request).offices(Role.ADMIN):
        raise PermissionDenied(NOT_YOURS)
    return run


def _all_theirs(request: HttpRequest, run: PrintRun) -> bool:
    """May this person read every letter of the run? A case can be kept from one of its admin, or have moved."""
    return not run.letters.exclude(letter__in=_mine(request)).exists()


def _mine(request: HttpRequest) -> QuerySet[Letter, Any]:
    return visible_to(person(request), authority=authority_for(request)).order_by().values("pk")


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def print_run(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the run is; then its PDF, and what came out of the printer."""
    run = _run(request, pk)
    whole = _all_theirs(request, run)
    if request.method == "POST" and not whole:
        raise PermissionDenied(NOT_ALL_YOURS)
    if request.method == "POST":
        ids = set(row_numbers(request.POST.getlist("came_out")))
        try:
            say_what_came_out(run=run, by=person(request), came_out=ids)
        except StepError as error:
            messages.error(request, str(error))
        else:
            messages.success(
                request, "Recorded. Shred what did not come out whole; those letters can be printed again."
            )
        return redirect("letters:print_run", run.pk)
    theirs = run.letters.filter(letter__in=_mine(request))
    rows = list(theirs.select_related("letter__addressee", "printed__version"))
    context = {"run": run, "rows": rows, "whole": whole, "left_out": [row for row in rows if row.words]}
    context["printed"] = [row for row in rows if row.printed_id and not row.words]
    return render(request, "letters/desk/print_run.html", context)


@login_required
@never_cache
@require_safe
def print_run_progress(request: HttpRequest, pk: int) -> JsonResponse:
    """How far it is, for the bar."""
    run = _run(request, pk)
    href = reverse("letters:print_run", args=[run.pk])
    finished = run.made_at is not None
    return JsonResponse({"done": run.done, "total": run.total, "finished": finished, "href": href})


@login_required
@never_cache
@require_safe
def print_run_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The run's PDF, for a day; each letter in it is in the log of readings."""
    run = _run(request, pk)
    if not _all_theirs(request, run):
        raise PermissionDenied(NOT_ALL_YOURS)
    try:
        data = read(run.pdf)
    except FileError as error:
        raise Http404 from error
    printed = run.letters.filter(printed__isnull=False).select_related("letter")
    record_reads([row.letter for row in printed], by=person(request), what="pdf")
    headers = {
        "Content-Disposition": f'inline; filename="print-run-{run.pk}.pdf"',
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(data, content_type="application/pdf", headers=headers)
