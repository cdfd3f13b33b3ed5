"""Retention: what is due, holds, and disposals with their certificate."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit.record.actions import retention
from audit.record.forms import DecideForm, HoldForm, ReleaseForm
from audit.record.models import Disposal, DisposalState, LegalHold
from audit.record.permissions import RecordAction, RecordCondition
from audit.record.policy import can
from audit.record.views.common import may, me
from letters.models import Disposed
from postroom.cases.models import Case
from postroom.context import authority_for
from postroom.steps.errors import InvalidStep, NotAllowed, NotPossible

SHOWN = 50


def _may_see(request: HttpRequest) -> None:
    """Whoever may decide sees what there is to decide on."""
    may(request, RecordAction.APPROVE_DISPOSAL, {str(RecordCondition.NOT_PROPOSER)})


@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The schedule and what is due, disposals, and holds."""
    _may_see(request)
    disposals = Disposal.objects.select_related("proposed_by", "decided_by")[:SHOWN]
    holds = LegalHold.objects.filter(released_at__isnull=True).select_related("case", "set_by")[:SHOWN]
    governs = can(RecordAction.PROPOSE_DISPOSAL, by=me(request), authority=authority_for(request))
    return render(
        request,
        "record/retention.html",
        {
            "schedule": retention.schedule(),
            "may_propose": governs,
            "at_once": retention.AT_ONCE,
            "disposal_head": ["Disposal", "What", "Proposed by", "State"],
            "disposals": [
                [
                    {"text": row.reference, "href": reverse("record:disposal", args=[row.reference])},
                    row.get_what_display(),
                    row.proposed_by.name,
                    row.get_state_display(),
                ]
                for row in disposals
            ],
            "hold_head": ["Case", "Why", "Since", "Set by"],
            "holds": [_hold_row(row, governs) for row in holds],
        },
    )


def _hold_row(hold: LegalHold, governs: bool) -> list[Any]:
    case = hold.case.reference
    linked = {"text": case, "href": reverse("record:hold_release", args=[hold.reference])} if governs else case
    return [linked, hold.why, f"{timezone.localtime(hold.set_at):%-d %B %Y}", hold.set_by.name]


@login_required
@require_POST
def propose(request: HttpRequest) -> HttpResponse:
    """Put what is due on a list for a second person."""
    may(request, RecordAction.PROPOSE_DISPOSAL)
    what = request.POST.get("what", "")
    if what not in Disposed.What.values:
        return redirect("record:retention")
    try:
        made = retention.propose_disposal(what=what, by=me(request))
    except NotPossible as error:
        messages.info(request, str(error))
        return redirect("record:retention")
    messages.success(request, "The list is made. Somebody else now looks at it and decides.")
    return redirect("record:disposal", made.reference)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def disposal(request: HttpRequest, reference: str) -> HttpResponse:
    """What would go; whoever did not propose it decides here. Carried out, the page is the certificate."""
    _may_see(request)
    found = Disposal.objects.select_related("proposed_by", "decided_by").filter(reference=reference).first()
    if found is None:
        raise Http404
    form = DecideForm(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_bound and form.is_valid():
        try:
            if form.cleaned_data["decision"] == "approve":
                retention.approve_disposal(disposal=found, by=me(request))
                messages.success(request, "Destroyed. This page is the certificate.")
            else:
                retention.refuse_disposal(disposal=found, why=form.cleaned_data["why"], by=me(request))
                messages.success(request, "Refused. Nothing was destroyed.")
            return redirect("record:disposal", found.reference)
        except NotAllowed as error:
            raise PermissionDenied(str(error)) from error
        except InvalidStep as error:
            form.add_error("why", str(error))
        except NotPossible as error:
            form.add_error(None, str(error))
            found.refresh_from_db()
            status = 409
    items = found.items.select_related("letter").order_by("letter__reference")
    waits = found.state == DisposalState.PROPOSED
    return render(
        request,
        "record/disposal.html",
        {
            "disposal": found,
            "items": items,
            "form": form,
            "may_decide": waits and found.proposed_by_id != me(request).pk,
            "waits": waits,
            "is_done": found.state == DisposalState.DONE,
        },
        status=status,
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def hold_set(request: HttpRequest) -> HttpResponse:
    """Hold a case's records."""
    may(request, RecordAction.SET_HOLD)
    form = HoldForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        case: Case = form.cleaned_data["reference"]
        retention.set_hold(case=case, why=form.cleaned_data["why"], by=me(request))
        messages.success(request, f"Case {case.reference} is held: nothing of it is destroyed.")
        return redirect("record:retention")
    page = {"form": form, "title": "Hold a case's records", "submit": "Hold them"}
    return render(request, "record/hold.html", page)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def hold_release(request: HttpRequest, reference: str) -> HttpResponse:
    """End a hold."""
    may(request, RecordAction.RELEASE_HOLD)
    found = LegalHold.objects.select_related("case").filter(reference=reference).first()
    if found is None:
        raise Http404
    form = ReleaseForm(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_bound and form.is_valid():
        try:
            retention.release_hold(hold=found, why=form.cleaned_data["why"], by=me(request))
            messages.success(request, "The hold has ended.")
            return redirect("record:retention")
        except NotPossible as error:
            form.add_error(None, str(error))
            status = 409
    title = f"End the hold on case {found.case.reference}"
    page = {"form": form, "title": title, "submit": "End the hold", "hold": found}
    return render(request, "record/hold.html", page, status=status)
