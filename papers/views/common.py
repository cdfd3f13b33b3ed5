"""What the pages of the register share: the entry that one may see, and a form page that takes one step of it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache

from papers.models import PapersOut
from papers.policy import check_action
from papers.presenters import changes_since
from papers.selectors import visible_to, with_everything
from papers.states import PapersAction
from postroom.context import authority_for
from postroom.people.models import User
from postroom.people.views.common import FormPage, me, posted
from postroom.steps.engine import Seen
from postroom.steps.errors import InvalidStep, NotAllowed, ReasonNeeded, Stale, StepError
from postroom.steps.references import is_reference

KEPT = "papers_entered"  # in the session: form key -> reference, so that a button pressed twice enters papers once


def papers_or_404(request: HttpRequest, reference: str) -> PapersOut:
    """The entry, if this person may read it; else it doesn't exist for them. Raises Http404."""
    compact = "".join(reference.split()).upper()
    visible = visible_to(me(request), authority=authority_for(request))
    found = with_everything(visible).filter(reference=compact).first() if is_reference(compact) else None
    if found is None:
        raise Http404
    return found


def page_of(papers: PapersOut) -> str:
    """The address of the entry's own page."""
    return reverse("papers:entry", args=[papers.reference])


@method_decorator([login_required, never_cache], name="dispatch")
class StepPage(View):
    """One step of an entry by a form: the right is asked first, then the form, then the verb.

    403 without a right, in words. 409 when the entry moved on: the same page with what others did meanwhile and all
    that was typed; or, when the step isn't possible any more, a page that says so. A subclass says what the page says
    (`title`, `button`, `intro`), makes its form, and takes the step (`take` gives what to say afterwards).
    """

    http_method_names = ["get", "head", "post"]
    action: PapersAction
    title: str
    button: str
    warning = False
    template = "people/form_page.html"
    papers: PapersOut
    by: User
    form: Any

    def make_form(self, data: Any) -> Any:
        """The form; `data` is what was posted, or None."""
        raise NotImplementedError

    def take(self, data: dict[str, Any], seen: Seen) -> str:
        """Take the step with the form's cleaned `data`; gives what to say."""
        raise NotImplementedError

    def intro(self) -> str:
        """Under the title: which papers."""
        return f"{self.papers.title}, taken by {self.papers.holder.name}."

    def more(self) -> dict[str, Any]:
        """What the template shows beside the form, where it is one of its own."""
        return {}

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.method not in ("GET", "HEAD", "POST"):
            return self.http_method_not_allowed(request)
        self.papers, self.by = papers_or_404(request, kwargs.pop("reference")), me(request)
        self.form = self.make_form(posted(request))
        try:
            check_action(self.papers, self.by, self.action, authority=authority_for(request), guards=False)
        except NotAllowed as error:
            raise PermissionDenied(str(error)) from error
        except StepError as error:
            return not_now(request, self.papers, str(error))
        return super().dispatch(request)

    def get(self, request: HttpRequest) -> HttpResponse:
        """The form as it begins."""
        return self.page(200)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Take the step, or say what is missing or changed."""
        if not self.form.is_valid():
            return self.page(422)
        entered = dict(self.form.cleaned_data)
        seen = Seen(entered.pop("seen"))
        try:
            said = self.take(entered, seen)
        except NotAllowed as error:
            raise PermissionDenied(str(error)) from error
        except (InvalidStep, ReasonNeeded) as error:
            field = getattr(error, "field", "reason")
            self.form.add_error(field if field in self.form.fields else None, str(error))
            return self.page(422)
        except Stale as error:
            now = PapersOut.objects.get(pk=self.papers.pk)
            self.form.look_again(now.version)
            self.form.add_error(None, str(error))
            return self.page(409, changes_since(now, max(seen.version, 0)))
        except StepError as error:
            return not_now(request, self.papers, str(error))
        messages.success(request, said)
        return redirect(page_of(self.papers))

    def page(self, status: int, changes: list[str] | None = None) -> HttpResponse:
        """The page with its form, and what others did meanwhile."""
        page = FormPage(self.title, self.button, page_of(self.papers), intro=self.intro(), warning=self.warning)
        shown = {"page": page, "form": self.form, "papers": self.papers, "changes": changes or [], **self.more()}
        return render(self.request, self.template, shown, status=status)


def not_now(request: HttpRequest, papers: PapersOut, why: str) -> HttpResponse:
    """409: the step doesn't exist where the papers stand."""
    return render(request, "papers/not_now.html", {"papers": papers, "why": why}, status=409)
