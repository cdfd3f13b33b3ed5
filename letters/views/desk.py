"""The shape that the pages of a step share: look, say what was done, go on; or the same page with what to put right."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache

from letters.models import Letter
from letters.policy import check_action
from letters.states import Action
from letters.views.common import Outcome, letter_or_404, person, refusal
from postroom.context import authority_for
from postroom.people.models import User
from postroom.steps.errors import StepError


@method_decorator(never_cache, name="dispatch")
class StepPage(LoginRequiredMixin, View):
    """One step of a letter as a page. GET shows it, POST takes it; who may not gets 403, the wrong state 409."""

    action: ClassVar[Action]
    template: ClassVar[str]
    http_method_names = ["get", "head", "post"]
    letter: Letter
    user: User

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Find the letter and ask whether the step is open to this person, whatever the method."""
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        self.user = person(request)
        self.letter = letter_or_404(request, kwargs["reference"])
        try:
            check_action(self.letter, self.user, self.wanted(), authority=authority_for(request))
            self.prepare()
        except StepError as error:
            # What was typed into a form that came too late is shown, not thrown away.
            typed = self.form(request.POST) if request.method == "POST" else None
            return refusal(request, self.letter, error, form=typed)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, reference: str, **more: Any) -> HttpResponse:
        """The page."""
        return self.page(self.form())

    def post(self, request: HttpRequest, reference: str, **more: Any) -> HttpResponse:
        """The step, or the page again with what to put right and what was typed."""
        form = self.form(request.POST)
        if form.is_valid():
            outcome = self.take(form)
            if outcome.response is not None:
                return outcome.response
            if outcome.letter is not None:
                messages.success(request, self.words(outcome.letter))
                return redirect(*self.next(outcome.letter))
        return self.page(form, status=422)

    def page(self, form: forms.Form, status: int = 200) -> HttpResponse:
        """The page with this form."""
        context = {"letter": self.letter, "form": form, **self.context()}
        return render(self.request, self.template, context, status=status)

    # What each step says of itself.
    def wanted(self) -> Action:
        """The step that this page takes of the letter as it stands."""
        return self.action

    def prepare(self) -> None:
        """Before the page (draw a PDF that wasn't drawn yet). May raise StepError."""

    def form(self, data: Any = None) -> forms.Form:
        """The form, bound to `data` if given."""
        raise NotImplementedError

    def take(self, form: forms.Form) -> Outcome:
        """Take the step with a valid form, by run_step."""
        raise NotImplementedError

    def context(self) -> dict[str, Any]:
        """What the template needs beside letter and form."""
        return {}

    def words(self, letter: Letter) -> str:
        """What is said on the next page."""
        raise NotImplementedError

    def next(self, letter: Letter) -> tuple[str, ...]:
        """Where to go: arguments for redirect()."""
        return ("letters:letter", letter.reference)
