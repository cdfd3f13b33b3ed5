"""A breach's whole history, a page at a time by key, and as a PDF (OGP-0)."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from breaches import presenters
from breaches.models import Breach
from breaches.reports.parts import Report, Section, moment
from breaches.reports.pdf import report_pdf
from breaches.sight import Sight
from breaches.views.common import breach_or_404
from letters.presenters import Event
from letters.views.common import person
from postroom.ledger.readings import record_read

ON_A_PAGE = 50
IN_A_PDF = 1_000


@login_required
@require_safe
def history(request: HttpRequest, reference: str) -> HttpResponse:
    """Every step, newest first: who, in which office, why."""
    found, sight = _whole(request, reference)
    record_read(found, by=person(request), what="page")
    typed = request.GET.get("before", "")
    before = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 10 else None
    events = presenters.timeline(found, sight, most=ON_A_PAGE + 1, before=before)
    here = presenters.href("history", found)
    more = len(events) > ON_A_PAGE
    context = {
        "breach": found,
        "events": events[:ON_A_PAGE],
        "older_href": f"{here}?before={events[ON_A_PAGE - 1].seq}" if more else "",
        "newer_href": here if before is not None else "",
    }
    return render(request, "breaches/history.html", context)


@login_required
@require_safe
def history_pdf(request: HttpRequest, reference: str) -> HttpResponse:
    """The same as a PDF, all of it."""
    found, sight = _whole(request, reference)
    record_read(found, by=person(request), what="export")
    events = presenters.timeline(found, sight, most=IN_A_PDF + 1)
    note = "Only the newest thousand steps stand here." if len(events) > IN_A_PDF else ""
    rows = [_row(event) for event in events[:IN_A_PDF]]
    report = Report("History", f"Breach {found.reference}", [Section("Newest first", rows, note)])
    made = f"Made {moment(timezone.now())} by {person(request).name}. {note}".strip()
    response = HttpResponse(report_pdf(report, made), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="history-{found.reference}.pdf"'
    return response


def _row(event: Event) -> tuple[str, str]:
    words = f"{event.title}, by {event.by}."
    return moment(event.when), f"{words}\n{event.text}" if event.text else words


def _whole(request: HttpRequest, reference: str) -> tuple[Breach, Sight]:
    """The breach and how much is seen of it, for those who see the whole of it. Raises Http404 for all others."""
    found, sight = breach_or_404(request, reference)
    if sight not in (Sight.FULL, Sight.DECIDER):
        raise Http404
    return found, sight
