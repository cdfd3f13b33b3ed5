"""What every page of a breach shares: finding it, how much this person sees, one step with its form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views import View

from breaches import presenters, selectors
from breaches.models import Breach
from breaches.policy import POLICY, BreachPolicy, check_action
from breaches.sight import Sight
from breaches.states import BreachAction
from letters.views.common import NEVER_SEEN, person, seen_from, typed_so_far
from postroom.context import authority_for
from postroom.ledger.readings import record_read
from postroom.steps.engine import Seen
from postroom.steps.errors import InvalidStep, NotAllowed, ReasonNeeded, Stale, StepError
from postroom.steps.references import is_reference


def breach_or_404(request: HttpRequest, reference: str, *, what: str = "") -> tuple[Breach, Sight]:
    """The breach and how much of it this person sees; Http404 if for them there is none.

    `what`: the word under which this look goes into the log of readings (page, file, pdf); "" for none (CLS-1).
    """
    compact = "".join(reference.split()).upper()
    if not is_reference(compact):
        raise Http404
    user, authority = person(request), authority_for(request)
    found = selectors.for_page(selectors.visible_to(user, authority=authority)).filter(reference=compact).first()
    if found is None:
        raise Http404
    if what:
        record_read(found, by=user, what=what)
    return found, selectors.sight_of(found, user, authority)


def refusal(request: HttpRequest, breach: Breach, error: StepError, form: forms.Form | None = None) -> HttpResponse:
    """The page for a step that was not taken: 403 for the wrong person, 409 for everything else.

    What happened last is told to those who see the whole of the breach.
    """
    denied = isinstance(error, NotAllowed)
    sight = selectors.sight_of(breach, person(request), authority_for(request))
    whole = sight in (Sight.FULL, Sight.DECIDER)
    return render(
        request,
        "breaches/refused.html",
        {
            "breach": Breach.objects.get(pk=breach.pk),
            "sentence": str(error),
            "denied": denied,
            "events": presenters.timeline(breach, sight, most=3) if whole and not denied else [],
            "typed": typed_so_far(form),
        },
        status=403 if denied else 409,
    )


@dataclass(frozen=True)
class Words:
    """What a step's page says."""

    title: str
    submit: str
    intro: str = ""
    done: str = "Recorded."
    warning: bool = False


class StepPage(LoginRequiredMixin, View):
    """One step: its right is asked before its form is looked at; what can't be comes back to the form."""

    action: ClassVar[BreachAction]
    words: ClassVar[Words]
    http_method_names = ["get", "head", "post"]
    breach: Breach
    sight: Sight

    def policy(self) -> BreachPolicy:
        """What the step is about, where it is about one duty or one action."""
        return POLICY

    def find(self, **arguments: Any) -> None:
        """Look for what else the address names. Raises Http404."""

    def form(self, *data: Any) -> forms.Form:
        """The form, bound to `data` if given."""
        raise NotImplementedError

    def take(self, form: forms.Form, seen: Seen) -> None:
        """Take the step with what was entered."""
        raise NotImplementedError

    def context(self) -> dict[str, Any]:
        """What the page shows beside the form."""
        return {}

    def the_words(self) -> Words:
        """What the page says."""
        return self.words

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        self.breach, self.sight = breach_or_404(request, kwargs.pop("reference"))
        self.find(**kwargs)
        if request.method == "POST" and seen_from(request.POST) not in (NEVER_SEEN, Seen.of(self.breach)):
            stale = Stale("This has changed since you opened it. Nothing was done; look at it as it is now.", None)
            return refusal(request, self.breach, stale, self.form(request.POST, request.FILES))
        try:
            check_action(
                self.breach, person(request), self.action, authority=authority_for(request), policy=self.policy()
            )
        except StepError as error:
            return refusal(request, self.breach, error)
        return super().dispatch(request)

    def get(self, request: HttpRequest) -> HttpResponse:
        record_read(self.breach, by=person(request), what="page")
        return self.page(request, self.form())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = self.form(request.POST, request.FILES)
        if form.is_valid():
            try:
                self.take(form, seen_from(request.POST))
            except (InvalidStep, ReasonNeeded) as error:
                field = "reason" if isinstance(error, ReasonNeeded) else error.field
                name = f"{field}_on" if f"{field}_on" in form.fields else field
                form.add_error(name if name in form.fields else None, str(error))
            except StepError as error:
                return refusal(request, self.breach, error, form)
            else:
                messages.success(request, self.the_words().done)
                return redirect(self.next())
        return self.page(request, form)

    def next(self) -> str:
        """Where to go afterwards."""
        return presenters.href("breach", self.breach)

    def page(self, request: HttpRequest, form: forms.Form) -> HttpResponse:
        """The page with the form."""
        shown = {"breach": self.breach, "form": form, "words": self.the_words(), "back": self.next(), **self.context()}
        return render(request, "breaches/step.html", shown)


class Simple(StepPage):
    """A step whose form is one class, and whose verb takes the form's fields by name."""

    form_class: type[forms.Form]
    verb: Any

    def form(self, *data: Any) -> forms.Form:
        return self.form_class(*data)

    def take(self, form: forms.Form, seen: Seen) -> None:
        type(self).verb(breach=self.breach, by=person(self.request), seen=seen, **form.cleaned_data)
