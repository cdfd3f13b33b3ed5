"""The page on which whoever saw the dice of a spot check says so, with their own sign-in (OGP-10)."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from audit import selectors
from audit.actions.dice import confirm_dice, refuse_dice
from audit.forms.spotchecks import RefuseDiceForm
from audit.models import SpotCheck
from audit.views.common import person, run, seen_from
from postroom.steps.references import is_reference


def _mine(request: HttpRequest, reference: str) -> SpotCheck | None:
    """The check whose dice this person is named to have seen; None if they refused them, and nobody has named them
    since (the form was sent twice, or the e-mail's link opened again); for anybody else it isn't there."""
    if not is_reference(reference):
        raise Http404
    check = SpotCheck.objects.filter(reference=reference.upper()).select_related("office", "seed_by").first()
    if check is None:
        raise Http404
    if check.witness_by_id == person(request).pk:
        return check
    if not selectors.has_refused(check, person(request)):
        raise Http404
    return None


def _refused(request: HttpRequest) -> HttpResponse:
    messages.info(request, "You said that these are not the dice you saw. There is nothing more to do.")
    return redirect("letters:my_work")


def _page(request: HttpRequest, check: SpotCheck, form: RefuseDiceForm, status: int = 200) -> HttpResponse:
    digits = [check.seed[place : place + 5] for place in range(0, len(check.seed), 5)]
    return render(request, "audit/dice.html", {"check": check, "form": form, "digits": digits}, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def dice(request: HttpRequest, reference: str) -> HttpResponse:
    """The list's hash and the digits; "I saw these dice". What is confirmed already is only shown."""
    check = _mine(request, reference)
    if check is None:
        return _refused(request)
    if request.method != "POST":
        return _page(request, check, RefuseDiceForm(None))
    here = reverse("audit:dice", args=[check.reference])
    if check.confirmed_at is None:
        _, response = run(request, confirm_dice, back=here, check=check, seen=seen_from(request.POST))
        if response is not None:
            return response
        messages.success(request, "Confirmed. Whoever threw the dice has been told.")
    return redirect(here)


@login_required
@require_POST
def dice_refuse(request: HttpRequest, reference: str) -> HttpResponse:
    """ "These are not the dice I saw", and why."""
    check = _mine(request, reference)
    if check is None:
        return _refused(request)
    form = RefuseDiceForm(request.POST)
    if form.is_valid():
        here = reverse("audit:dice", args=[check.reference])
        done, response = run(
            request, refuse_dice, form=form, back=here, check=check, seen=seen_from(request.POST), **form.cleaned_data
        )
        if response is not None:
            return response
        if done is not None:
            messages.success(request, "Recorded. Nothing is drawn from these digits; the dice are thrown anew.")
            return redirect("letters:my_work")
    return _page(request, check, form, status=422)
