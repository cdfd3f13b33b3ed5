"""Withdrawing a letter, before it is posted."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from letters import actions
from letters.forms.withdrawing import WithdrawForm
from letters.states import Action
from letters.views.common import letter_or_404, refused_here, run_step


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, reference: str) -> HttpResponse:
    """Take the letter back for good, with the reason."""
    letter = letter_or_404(request, reference)
    form = WithdrawForm(request.POST or None)
    refused = refused_here(request, letter, Action.WITHDRAW, form=form)
    if refused:
        return refused
    if request.method == "POST" and form.is_valid():
        outcome = run_step(request, letter, actions.withdraw, form=form, **form.cleaned_data)
        if outcome.response:
            return outcome.response
        if outcome.letter:
            messages.success(request, f"Letter {reference} is withdrawn.")
            return redirect("letters:letter", reference)
    return render(request, "letters/work/withdraw.html", {"letter": letter, "form": form})
