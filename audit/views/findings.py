"""Findings: raised from a fault, answered by their owner, followed up (OGP-10)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from audit import selectors
from audit.actions import findings as actions
from audit.forms.spotchecks import AnswerForm, FindingForm, HandOnForm, ReasonForm
from audit.models import Finding, Item
from audit.policy import can, check_action
from audit.spotchecks.checklist import BY_CODE
from audit.spotchecks.rules import FindingAction
from audit.views.common import finding_or_404, item_or_404, kept_page, person, run, seen_from
from letters.selectors import visible_to
from postroom.context import authority_for


def breach_report(item: Item) -> str:
    """Where a breach or near miss is reported, filled in from this letter or copy."""
    return f"{reverse('breaches:report')}?{'letter' if item.letter_id else 'copy'}={item.letter_reference}"


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def finding_new(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """Raise a finding from a letter with a fault."""
    item = item_or_404(request, reference, number)
    if (response := kept_page(request, item)) is not None:
        return response
    owners = selectors.owners_for(item)
    faults = item.answers.filter(answer="no")
    start = "; ".join(f"{BY_CODE[row.code].text if row.code in BY_CODE else 'Not found'} {row.note}" for row in faults)
    form = FindingForm(request.POST if request.method == "POST" else None, owners=owners, initial={"what": start[:500]})
    back = reverse("audit:item", args=[item.check_of.reference, item.number])
    if request.method == "POST" and form.is_valid():
        made, response = run(request, actions.raise_finding, form=form, back=back, item=item, **form.cleaned_data)
        if response is not None:
            return response
        if made is not None:
            messages.success(request, f"{made.owner.name} has been told.")
            return redirect(back)
    context = {"form": form, "item": item, "check": item.check_of, "breach_href": breach_report(item)}
    return render(request, "audit/finding_new.html", context, status=422 if form.errors else 200)


@login_required
@require_safe
def finding(request: HttpRequest, reference: str) -> HttpResponse:
    """One finding, and what can be done about it now."""
    found = finding_or_404(request, reference)
    return _page(request, found)


def _page(request: HttpRequest, found: Finding, status: int = 200, **forms: Any) -> HttpResponse:
    me = person(request)
    may_read = visible_to(me, authority=authority_for(request)).filter(spot_check_items=found.item).exists()
    context: dict[str, Any] = {
        "finding": found,
        "may": {str(action): can(found, me, action) for action in FindingAction},
        "may_read": may_read,
        "answer_form": AnswerForm(),
        "breach_href": breach_report(found.item),
        "overdue": found.state != "closed" and found.due_on < _today(),
    }
    return render(request, "audit/finding.html", {**context, **forms}, status=status)


def _today() -> Any:
    from django.utils import timezone

    return timezone.localdate()


def _step(
    request: HttpRequest, reference: str, action: FindingAction, verb: Any, form: Any, title: str
) -> HttpResponse:
    found = finding_or_404(request, reference)
    here = reverse("audit:finding", args=[found.reference])
    if request.method == "GET":
        _, response = run(request, lambda by: check_action(found, by, action), back=here)
        if response is not None:
            return response
    if request.method == "POST" and (form is None or form.is_valid()):
        entered = form.cleaned_data if form is not None else {}
        done, response = run(
            request, verb, form=form, back=here, finding=found, seen=seen_from(request.POST), **entered
        )
        if response is not None:
            return response
        if done is not None:
            messages.success(request, "Recorded.")
            return redirect(here)
    context = {"form": form, "finding": found, "title": title}
    return render(request, "audit/finding_step.html", context, status=422 if form is not None and form.errors else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def finding_answer(request: HttpRequest, reference: str) -> HttpResponse:
    """Its owner says what was done."""
    form = AnswerForm(request.POST if request.method == "POST" else None)
    return _step(request, reference, FindingAction.ANSWER, actions.answer, form, "Say what was done about it")


@login_required
@require_http_methods(["POST"])
def finding_accept(request: HttpRequest, reference: str) -> HttpResponse:
    """Followed up, and closed."""
    return _step(request, reference, FindingAction.ACCEPT, actions.accept, None, "Close it")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def finding_send_back(request: HttpRequest, reference: str) -> HttpResponse:
    """Not done yet."""
    form = ReasonForm(request.POST if request.method == "POST" else None)
    return _step(request, reference, FindingAction.SEND_BACK, actions.send_back, form, "Send it back to its owner")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def finding_hand_on(request: HttpRequest, reference: str) -> HttpResponse:
    """Another owner, or another date."""
    found = finding_or_404(request, reference)
    owners = selectors.owners_for(found.item)
    start = {"owner": found.owner_id, "due_on": found.due_on}
    form = HandOnForm(request.POST if request.method == "POST" else None, owners=owners, initial=start)
    return _step(request, reference, FindingAction.HAND_ON, actions.hand_on, form, "Give it another owner or date")
