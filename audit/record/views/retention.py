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
from audit.record.policy import can, check
from audit.record.views.common import may, me
from postroom.cases.models import Case
from postroom.context import authority_for
from postroom.steps.errors import InvalidStep, NotAllowed, NotPossible

SHOWN = 50


def _may_see(request: HttpRequest) -> None:
    """Whoever may decide sees what there is to decide on."""
    may(request, RecordAction.APPROVE_DISPOSAL, {str(condition) for condition in RecordCondition})


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
                    row.words,
                    row.proposed_by.name,
                    row.get_state_display(),
                ]
                for row in disposals
            ],
            "hold_head": ["What is held", "Why", "Since", "Set by"],
            "holds": [_hold_row(row, governs) for row in holds],
        },
    )


def held_words(hold: LegalHold) -> str:
    """What is held, in words: a case, or one record."""
    if hold.case is not None:
        return f"Case {hold.case.reference}"
    kind, _, reference = hold.record.partition("/")
    return f"{kind.replace('_', ' ').capitalize()} {reference}"


def _hold_row(hold: LegalHold, governs: bool) -> list[Any]:
    words = held_words(hold)
    linked = {"text": words, "href": reverse("record:hold_release", args=[hold.reference])} if governs else words
    return [linked, hold.why, f"{timezone.localtime(hold.set_at):%-d %B %Y}", hold.set_by.name]


@login_required
@require_POST
def propose(request: HttpRequest) -> HttpResponse:
    """Put what is due on a list for a second person."""
    may(request, RecordAction.PROPOSE_DISPOSAL)
    what = request.POST.get("what", "")
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
    why_not = _why_not(request, found)
    waits = found.state == DisposalState.PROPOSED
    return render(
        request,
        "record/disposal.html",
        {
            "disposal": found,
            "items": list(found.items.order_by("subject")),
            "kind": found.kind,
            "form": form,
            "may_decide": waits and why_not == "",
            "why_not": why_not,
            "waits": waits,
            "is_done": found.state == DisposalState.DONE,
        },
        status=status,
    )


def _why_not(request: HttpRequest, found: Disposal) -> str:
    """Why this person doesn't decide on it, in a sentence; "" if they may."""
    try:
        holding = retention.holding_for(me(request), found)
        check(RecordAction.APPROVE_DISPOSAL, by=me(request), holding=holding, authority=authority_for(request))
    except NotAllowed as error:
        return str(error)
    return ""


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def hold_set(request: HttpRequest) -> HttpResponse:
    """Hold a case's records, or one record."""
    may(request, RecordAction.SET_HOLD)
    form = HoldForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        held = form.cleaned_data["reference"]
        on = {"case": held} if isinstance(held, Case) else {"record": held}
        hold = retention.set_hold(why=form.cleaned_data["why"], by=me(request), **on)
        messages.success(request, f"{held_words(hold)} is held: nothing of it is destroyed.")
        return redirect("record:retention")
    page = {"form": form, "title": "Hold records from being destroyed", "submit": "Hold them"}
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
    words = held_words(found)
    title = f"End the hold on {words[0].lower()}{words[1:]}"
    page = {"form": form, "title": title, "submit": "End the hold", "hold": found}
    return render(request, "record/hold.html", page, status=status)
