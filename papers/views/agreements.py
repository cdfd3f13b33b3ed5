"""Agreements to work on records from home or another base (CLS-1)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from papers import actions, selectors
from papers.forms import AgreementForm
from papers.models import AwayAgreement
from papers.policy import may_agreement
from papers.states import AgreementAction
from postroom.context import authority_for
from postroom.forms import in_words
from postroom.people.forms import ReasonForm
from postroom.people.views.common import FormPage, form_response, me, posted
from postroom.steps.engine import Seen
from postroom.steps.errors import InvalidStep, NotAllowed, NotPossible, ReasonNeeded, Stale

MOST = 100


@login_required
@never_cache
@require_safe
def agreements(request: HttpRequest) -> HttpResponse:
    """Who may work on records away from the office: agreed by whom, until when."""
    viewer, authority = me(request), authority_for(request)
    rows = [_row(one, request) for one in selectors.agreements_visible_to(viewer, authority=authority)[:MOST]]
    context = {
        "head": ["Who", "Where", "On what", "From", "Until", "Agreed by", "Stands", "Change"],
        "rows": rows,
        "may_agree": selectors.people_to_agree_for(viewer, authority).exists(),
    }
    return render(request, "papers/agreements.html", context)


def _row(one: AwayAgreement, request: HttpRequest) -> list[Any]:
    end: Any = "–"
    may = may_agreement(one, me(request), AgreementAction.END, authority=authority_for(request))
    if may and one.standing_words in ("In force", "Not yet"):
        end = {"text": f"End {one.reference}", "href": reverse("papers:agreement_end", args=[one.reference])}
    return [
        one.person.name,
        one.base or one.get_place_display(),
        one.access,
        in_words(one.starts),
        in_words(one.ends),
        one.agreed_by.name,
        one.standing_words,
        end,
    ]


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def agreement_new(request: HttpRequest) -> HttpResponse:
    """The line manager, or a manager of the office, agrees."""
    people = selectors.people_to_agree_for(me(request), authority_for(request))
    if not people.exists():
        raise PermissionDenied("Line managers agree to this. You manage nobody in Postroom.")
    form = AgreementForm(posted(request), people=people)
    page = FormPage(
        "Agree to work on records away from the office",
        "I agree to this",
        reverse("papers:agreements"),
        intro="Whoever works from home or another base keeps confidential data as secure there as in the office.",
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.register_agreement(person=form.cleaned_data["person"], terms=form.terms, by=me(request))
        except InvalidStep as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        except NotAllowed as error:
            raise PermissionDenied(str(error)) from error
        else:
            messages.success(request, f"Registered, until {in_words(made.ends)}.")
            return redirect("papers:agreements")
    return form_response(request, page, form, status=422 if form.errors else 200)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def agreement_end(request: HttpRequest, reference: str) -> HttpResponse:
    """End an agreement before its last day."""
    viewer, authority = me(request), authority_for(request)
    one = get_object_or_404(selectors.agreements_visible_to(viewer, authority=authority), reference=reference)
    if not may_agreement(one, viewer, AgreementAction.END, authority=authority):
        raise PermissionDenied("Only the person's line manager, or a manager of their office, can end it.")
    form = ReasonForm(posted(request), seen=one.version)
    page = FormPage(
        f"End the agreement for {one.person.name}", "End it today", reverse("papers:agreements"), warning=True
    )
    if request.method == "POST" and form.is_valid():
        seen = Seen(form.cleaned_data["seen"])
        try:
            actions.end_agreement(agreement=one, by=viewer, seen=seen, reason=form.cleaned_data["reason"])
        except NotAllowed as error:
            raise PermissionDenied(str(error)) from error
        except ReasonNeeded as error:
            form.add_error("reason", str(error))
        except (Stale, NotPossible) as error:
            form.add_error(None, str(error))
            return form_response(request, page, form, status=409)
        else:
            messages.success(request, "Ended.")
            return redirect("papers:agreements")
    return form_response(request, page, form, status=422 if form.errors else 200)
