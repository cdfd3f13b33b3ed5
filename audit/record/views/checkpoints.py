"""Where the record stands, its checkpoints, and comparing one that was kept outside."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from audit.record.checking import OTHER, SAME, proof
from audit.record.checkpoints import line_of
from audit.record.forms import CompareForm
from audit.record.models import Departure, Verification
from audit.record.permissions import RecordAction
from audit.record.policy import can
from audit.record.views.common import may, me
from postroom.context import authority_for
from postroom.ledger.models import Checkpoint
from postroom.ledger.readings import record_read

PAGE = 25


@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Up to when the record is proved, what the nightly look found, and what else can be done here."""
    may(request, RecordAction.SEE_RECORD)
    authority = authority_for(request)
    return render(
        request,
        "record/home.html",
        {
            "proof": proof(),
            "verification": Verification.objects.order_by("-pk").first(),
            "may_answer": can(RecordAction.ANSWER_ACCESS, by=me(request), authority=authority),
        },
    )


@login_required
@require_safe
def checkpoints(request: HttpRequest) -> HttpResponse:
    """The checkpoints, newest first, each with where it left to."""
    may(request, RecordAction.SEE_RECORD)
    before = request.GET.get("before", "")
    rows = Checkpoint.objects.order_by("-number")
    if before.isascii() and before.isdecimal() and len(before) < 19:
        rows = rows.filter(number__lt=int(before))
    found = list(rows[: PAGE + 1])
    shown = found[:PAGE]
    left: dict[int, list[str]] = {}
    for departure in Departure.objects.filter(number__in=[row.number for row in shown]).order_by("way"):
        left.setdefault(departure.number, []).append(departure.get_way_display())
    return render(
        request,
        "record/checkpoints.html",
        {
            "head": ["Checkpoint", "Made", {"text": "Entries", "numeric": True}, "Left"],
            "rows": [
                [
                    {"text": str(row.number), "href": reverse("record:checkpoint", args=[row.number])},
                    f"{timezone.localtime(row.at):%-d %B %Y, %H:%M}",
                    {"text": f"{row.count:,}", "numeric": True},
                    ", ".join(dict.fromkeys(left.get(row.number, []))) or "not yet",
                ]
                for row in shown
            ],
            "older_href": f"?before={shown[-1].number}" if len(found) > PAGE else "",
            "newer_href": request.path if before else "",
        },
    )


@login_required
@require_safe
def checkpoint(request: HttpRequest, number: int) -> HttpResponse:
    """One checkpoint, to be printed and kept."""
    may(request, RecordAction.SEE_RECORD)
    found = Checkpoint.objects.filter(pk=number).first() if number < 2**63 else None
    if found is None:
        raise Http404
    departures = Departure.objects.filter(number=number).order_by("way", "place")
    return render(
        request, "record/checkpoint.html", {"checkpoint": found, "line": line_of(found), "departures": departures}
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def compare(request: HttpRequest) -> HttpResponse:
    """Is a checkpoint that somebody kept the one that is here? Each comparison is noted in the log of readings."""
    may(request, RecordAction.SEE_RECORD)
    form = CompareForm(request.POST if request.method == "POST" else None)
    results = []
    if form.is_bound and form.is_valid():
        kept: dict[int, str] = form.cleaned_data["kept"]
        numbers = [number for number in kept if number < 2**63]
        here = dict(Checkpoint.objects.filter(pk__in=numbers).values_list("number", "hash"))
        results = [(number, here.get(number), digest) for number, digest in sorted(kept.items())]
        for number, there, digest in results:
            record_read(f"checkpoint/{number}", by=me(request), what=SAME if there == digest else OTHER)
    return render(
        request,
        "record/compare.html",
        {
            "form": form,
            "results": [
                {"number": number, "same": there == digest, "missing": there is None}
                for number, there, digest in results
            ],
        },
    )
