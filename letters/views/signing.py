"""Signing, by the worker or for the worker (pp), and the signed paper that reaches admin (OGP-3a, OGP-3b)."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from letters import actions, selectors, work_lists
from letters.forms.signing import ConfirmSignatureForm, SignForm
from letters.models import Letter
from letters.policy import RULES, standing_of
from letters.queues import BY_SLUG
from letters.states import Action
from letters.views.common import letter_or_404, person, refused_here, run_step
from letters.views.letter import on_paper, shown
from letters.views.my_work import viewer_of
from postroom.context import authority_for
from postroom.files.keeping import keep
from postroom.files.models import StoredFile
from postroom.people.roles import ROLE_NAMES
from postroom.steps.table import Grant

form_methods = require_http_methods(["GET", "HEAD", "POST"])


@login_required
@form_methods
def sign(request: HttpRequest, reference: str) -> HttpResponse:
    """The allocated worker signs what they checked."""
    return _sign(request, reference, Action.SIGN, actions.sign)


@login_required
@form_methods
def pp(request: HttpRequest, reference: str) -> HttpResponse:
    """Somebody with the authority signs for the worker; the page says on what authority, before it is done."""
    return _sign(request, reference, Action.PP, actions.pp)


def _sign(request: HttpRequest, reference: str, action: Action, verb: Callable[..., Letter]) -> HttpResponse:
    letter = letter_or_404(request, reference)
    walking = "1" in (request.GET.get("walk"), request.POST.get("walk"))
    form = SignForm(request.POST if request.method == "POST" else None)
    refused = refused_here(request, letter, action, form=form)
    if refused:
        return refused
    if request.method == "POST" and form.is_valid():
        outcome = run_step(request, letter, verb, form=form)
        if outcome.response:
            return outcome.response
        if outcome.letter:
            messages.success(request, _done_words(outcome.letter, reference))
            return _after_signing(request, reference, walking)
    record = selectors.record_of(letter)
    return render(
        request,
        "letters/work/sign.html",
        {
            "letter": letter,
            "form": form,
            "shown": shown(request, letter),
            "pp": action == Action.PP,
            "on_paper": on_paper(letter),
            "print": record.printed(letter.current_id),
            "authority": _authority_words(request, letter, action),
            "check": next((row for row in record.checks if row.voided_at is None), None),
            "walking": walking,
        },
    )


def _done_words(letter: Letter, reference: str) -> str:
    if on_paper(letter):
        return f"Letter {reference} is signed. Give the signed sheets to admin, who put them in the envelope."
    return f"Letter {reference} is signed. Admin print it with your signature and put it in the envelope."


def _after_signing(request: HttpRequest, reference: str, walking: bool) -> HttpResponse:
    if walking:
        return redirect("letters:next_check")
    return redirect("letters:letter", reference)


def _authority_words(request: HttpRequest, letter: Letter, action: Action) -> str:
    """The role and authority that the record would keep, were it signed now. "" where it may not be."""
    standing = standing_of(letter, person(request), authority_for(request))
    decision = RULES.decide(action, standing.roles, standing.holding)
    if not isinstance(decision, Grant):
        return ""
    return standing.authority.get(decision.role, "") or ROLE_NAMES[decision.role]


@login_required
@form_methods
def confirm_signature(request: HttpRequest, reference: str) -> HttpResponse:
    """Whoever receives the signed paper confirms that this printed version bears the signature; a scan can be added.

    `then=next` goes on to the next signed paper to confirm.
    """
    letter = letter_or_404(request, reference)
    form = ConfirmSignatureForm(request.POST or None, request.FILES or None)
    refused = refused_here(request, letter, Action.CONFIRM_SIGNATURE, form=form)
    if refused:
        return refused
    if request.method == "POST" and form.is_valid():
        outcome = run_step(
            request, letter, actions.confirm_signature, form=form, bears_signature=True, scan=_stored_scan(form)
        )
        if outcome.response:
            return outcome.response
        if outcome.letter:
            messages.success(request, f"The signature on letter {reference} is confirmed.")
            return _after_confirming(request, reference)
    record = selectors.record_of(letter)
    return render(
        request,
        "letters/work/confirm_signature.html",
        {
            "letter": letter,
            "form": form,
            "signature": record.standing_signature,
            "print": record.printed(letter.current_id),
            "shown": shown(request, letter),
        },
    )


def _stored_scan(form: ConfirmSignatureForm) -> StoredFile | None:
    """The scan, kept under its hash before the step; if the step is refused, the sweep of unused files removes it."""
    scan = form.cleaned_data["scan"]
    return keep(scan) if scan else None


def _after_confirming(request: HttpRequest, reference: str) -> HttpResponse:
    if request.POST.get("then") == "next":
        following = work_lists.first_in(viewer_of(request), BY_SLUG["confirm"])
        if following:
            return redirect("letters:confirm_signature", following)
        messages.info(request, "No other signed paper waits to be confirmed.")
        return redirect("letters:my_work")
    return redirect("letters:letter", reference)
