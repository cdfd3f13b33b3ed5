"""Checking a typed letter, one after another; sending it back (OGP-3a)."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from letters import actions, selectors, work_lists
from letters.differences import compare
from letters.forms.checking import CheckForm, SendBackForm
from letters.models import Letter, Print
from letters.named import NOT_YOURS, found_in, may_say, waits_for_worker
from letters.policy import can
from letters.queues import BY_SLUG
from letters.selectors_together import set_of, waits_with_others
from letters.states import Action, State
from letters.views.common import letter_or_404, person, refused_here, run_step, sight_of
from letters.views.letter import on_paper, shown
from letters.views.my_work import viewer_of
from postroom.context import authority_for
from postroom.steps.references import is_reference

form_methods = require_http_methods(["GET", "HEAD", "POST"])


@login_required
@form_methods
def check(request: HttpRequest, reference: str) -> HttpResponse:
    """Address and body, confirmed separately, of exactly what is shown.

    Buttons: `then=sign` goes on to sign it, `then=next` to the next letter to check, else to the letter's page.
    """
    letter = letter_or_404(request, reference)
    translation = bool(letter.current and letter.current.as_content.get("language"))
    form = CheckForm(request.POST or None, translation=translation)
    refused = refused_here(request, letter, Action.CHECK, form=form)
    if refused:
        return refused
    if request.method == "POST" and form.is_valid():
        outcome = run_step(request, letter, actions.check, form=form, **form.cleaned_data)
        if outcome.response:
            return outcome.response
        if outcome.letter:
            messages.success(request, f"Address and body of {reference} are checked.")
            return _after_check(request, letter)
    known = selectors.version_shown_before(letter, person(request))
    sight = sight_of(request, letter)
    found = found_in(letter, person(request))
    theirs = waits_for_worker(letter, found) and not may_say(letter, person(request))
    context = {
        "letter": letter,
        "form": form,
        "shown": shown(request, letter),
        "found": found,
        "not_yours": NOT_YOURS if theirs else "",
        "known": known,
        "differences": compare(sight.content(known), sight.content(letter.current)) if known and letter.current else [],
        "walking": _walking(request),
        "together": letter.state == State.TYPED and waits_with_others(letter),
        "can_sign_next": _can_sign_next(request, letter),
        "own": _is_own(request, letter),
    }
    return render(request, "letters/work/check.html", context)


def _is_own(request: HttpRequest, letter: Letter) -> bool:
    return letter.case.allocated_worker_id == person(request).pk


def _can_sign_next(request: HttpRequest, letter: Letter) -> bool:
    """Once checked, could this person sign at once? On screen yes; on paper where this version has been printed."""
    if not on_paper(letter):
        return True
    prints = Print.objects.filter(letter=letter, version_id=letter.current_id)
    return prints.exclude(came_out=False).exists()


def _walking(request: HttpRequest) -> bool:
    """Is this page one of a row of letters to check? Kept in the page's address and its form."""
    return "1" in (request.GET.get("walk"), request.POST.get("walk"))


def _after_check(request: HttpRequest, letter: Letter) -> HttpResponse:
    walk = "?walk=1" if _walking(request) else ""
    then = request.POST.get("then")
    if then == "sign":
        name = "letters:sign" if _is_own(request, letter) else "letters:pp"
        return redirect(reverse(name, args=[letter.reference]) + walk)
    if then == "next":
        return redirect("letters:next_check")
    return redirect("letters:letter", letter.reference)


@login_required
@require_safe
def next_check(request: HttpRequest) -> HttpResponse:
    """On to the letter that has waited longest for this person's check; My work, saying so, when there is none.

    `but`: a reference just looked at, to be left out this once; with `set`, those handed over together with it too. One
    of several that say the same and wait leads to the page where they are checked together.
    """
    viewer = viewer_of(request)
    but, whole_set = request.GET.get("but", ""), "set" in request.GET
    leave_out = {but, *(set_of(but) if whole_set else ())} if is_reference(but) else set()
    reference = work_lists.first_in(viewer, BY_SLUG["check"], leave_out=leave_out)
    if reference is None:
        messages.success(request, "You have checked every letter that waited for you.")
        return redirect("letters:my_work")
    first = Letter.objects.select_related("current").get(reference=reference)
    name = "letters:check_together" if waits_with_others(first) else "letters:check"
    return redirect(reverse(name, args=[reference]) + "?walk=1")


@login_required
@form_methods
def send_back(request: HttpRequest, reference: str) -> HttpResponse:
    """Back to admin for retyping, with the reason and, where wanted, the wording to use instead."""
    letter = letter_or_404(request, reference)
    body = letter.current.body if letter.current else ""
    form = SendBackForm(request.POST or None, initial={"proposed_body": body})
    refused = refused_here(request, letter, Action.RETURN_FOR_RETYPING, form=form)
    if refused:
        return refused
    if request.method == "POST" and form.is_valid():
        outcome = run_step(request, letter, actions.return_for_retyping, form=form, **form.cleaned_data)
        if outcome.response:
            return outcome.response
        if outcome.letter:
            messages.success(request, f"Letter {reference} is back with admin, who are told why.")
            return redirect("letters:next_check" if _walking(request) else "letters:my_work")
    return render(
        request,
        "letters/work/send_back.html",
        {
            "letter": letter,
            "form": form,
            "shown": shown(request, letter),
            "walking": _walking(request),
            "can_check": can(letter, person(request), Action.CHECK, authority=authority_for(request)),
        },
    )
