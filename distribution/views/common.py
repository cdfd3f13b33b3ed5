"""What every page of an item shares: finding it, and turning a refused step into a page (403, 409)."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache

from distribution import selectors
from distribution.models import Distribution, Item
from distribution.policy import check_action
from distribution.presenters import events_of
from letters.views.common import person, seen_from, typed_so_far
from postroom.context import authority_for
from postroom.ledger.readings import record_read
from postroom.people.authority import Authority
from postroom.people.models import User
from postroom.steps.errors import GuardFailed, InvalidStep, NotAllowed, ReasonNeeded, StepError
from postroom.steps.references import is_reference

__all__ = ["ItemPage", "distribution_or_404", "item_or_404", "person", "refusal"]


def item_or_404(request: HttpRequest, reference: str, *, what: str = "page") -> Item:
    """The item with all that its pages show, if this person may read it; else Http404. Three queries; a GET is
    logged (CLS-1)."""
    compact = "".join(reference.split()).upper()
    if not is_reference(compact):
        raise Http404
    visible = selectors.items_visible_to(person(request), authority=authority_for(request))
    # Asked alone first: nothing is joined for somebody who may not read it.
    found = visible.filter(reference=compact).values_list("pk", flat=True).first()
    if found is None:
        raise Http404
    [item] = selectors.with_everything(Item.objects.filter(pk=found))
    if what and request.method == "GET":
        record_read(item, by=person(request), what=what)
    return item


def may_open(user: User, authority: Authority, item: Item) -> bool:
    """Is the item's page still theirs? Who had only the paper of it with them loses it with the paper."""
    return selectors.items_visible_to(user, authority=authority).filter(pk=item.pk).exists()


def distribution_or_404(request: HttpRequest, reference: str, *, what: str = "page") -> Distribution:
    """The set, if this person may read it; else Http404. A GET is logged."""
    compact = "".join(reference.split()).upper()
    visible = selectors.visible_to(person(request), authority=authority_for(request))
    rows = visible.select_related("case__office", "case__allocated_worker", "issued_by", "pdf")
    found = rows.filter(reference=compact).first() if is_reference(compact) else None
    if found is None:
        raise Http404
    if what and request.method == "GET":
        record_read(found, by=person(request), what=what)
    return found


def refusal(request: HttpRequest, item: Item, error: StepError, *, form: forms.Form | None = None) -> HttpResponse:
    """403 for the wrong person, 409 for everything else: why, what happened since, what they had typed."""
    allowed = not isinstance(error, NotAllowed)
    now = Item.objects.select_related("distribution").get(pk=item.pk)
    seen = seen_from(request.POST) if request.method == "POST" else None
    since = seen.version if seen and 0 <= seen.version <= now.version else None
    entries = selectors.entries_since(now, since) if allowed else []
    context = {
        "item": now,
        "sentence": str(error),
        "allowed": allowed,
        "events": events_of(list(reversed(entries)), {}),
        "since_seen": since is not None,
        "guard": error.guard if isinstance(error, GuardFailed) else "",
        "typed": typed_so_far(form),
    }
    return render(request, "distribution/refused.html", context, status=409 if allowed else 403)


@method_decorator(never_cache, name="dispatch")
class ItemPage(LoginRequiredMixin, View):
    """One step of an item as a page. GET shows it, POST takes it; who may not gets 403, the wrong state 409."""

    actions: ClassVar[tuple[str, ...]]
    title: ClassVar[str]
    submit: ClassVar[str]
    intro: ClassVar[str] = ""
    template: ClassVar[str] = "distribution/step.html"
    warning: ClassVar[bool] = False
    multipart: ClassVar[bool] = False
    http_method_names = ["get", "head", "post"]
    item: Item

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Find the item and ask whether the step is open to this person, whatever the method."""
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        self.user = person(request)
        self.authority = authority_for(request)
        self.item = item_or_404(request, kwargs["reference"])
        first: StepError | None = None
        for action in self.actions:
            try:
                check_action(self.item, self.user, action, authority=self.authority)
                break
            except StepError as error:
                first = first or error
        else:
            assert first is not None  # noqa: S101 - there is at least one action
            typed = self.form(request.POST) if request.method == "POST" else None
            return refusal(request, self.item, first, form=typed)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, reference: str) -> HttpResponse:
        """The page."""
        return self.page(self.form())

    def post(self, request: HttpRequest, reference: str) -> HttpResponse:
        """The step, or the page again with what to put right and what was typed."""
        form = self.form(request.POST, request.FILES) if self.multipart else self.form(request.POST)
        if form.is_valid():
            try:
                done = self.take(form)
            except (InvalidStep, ReasonNeeded) as error:
                field = "reason" if isinstance(error, ReasonNeeded) else getattr(error, "field", "")
                form.add_error(field if field in form.fields else None, str(error))
            except StepError as error:
                return refusal(request, self.item, error, form=form)
            else:
                messages.success(request, self.words(done))
                if not may_open(self.user, self.authority, done):
                    return redirect("letters:my_work")
                return redirect(*self.next(done))
        return self.page(form, status=422)

    def page(self, form: forms.Form, status: int = 200) -> HttpResponse:
        """The page with this form."""
        context = {"item": self.item, "form": form, "view": self, **self.context()}
        return render(self.request, self.template, context, status=status)

    # What each step says of itself.
    def form(self, data: Any = None, files: Any = None) -> forms.Form:
        """The form, bound to `data` if given."""
        raise NotImplementedError

    def take(self, form: Any) -> Item:
        """Take the step with a valid form."""
        raise NotImplementedError

    def context(self) -> dict[str, Any]:
        """What the template needs beside item and form."""
        return {}

    def words(self, item: Item) -> str:
        """What is said on the next page."""
        raise NotImplementedError

    def next(self, item: Item) -> tuple[str, ...]:
        """Where to go: arguments for redirect()."""
        return ("distribution:item", item.reference)

    @property
    def step(self) -> dict[str, Any]:
        """The arguments that every action takes."""
        return {"item": self.item, "by": self.user, "seen": seen_from(self.request.POST)}
