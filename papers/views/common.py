"""What the pages of the register share: the entry that one may see, and a form page that takes one step of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from papers.models import PapersOut
from papers.policy import check_action
from papers.presenters import changes_since
from papers.selectors import visible_to, with_everything
from postroom.context import authority_for
from postroom.people.views.common import FormPage, me
from postroom.steps.engine import Seen
from postroom.steps.errors import InvalidStep, NotAllowed, ReasonNeeded, Stale, StepError
from postroom.steps.references import is_reference

KEPT = "papers_entered"  # in the session: form key -> reference, so that a button pressed twice enters papers once
KEYS_KEPT = 20


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


def step_page(
    request: HttpRequest,
    papers: PapersOut,
    action: str,
    page: FormPage,
    form: Any,
    do: Callable[[dict[str, Any], Seen], str],
    *,
    template: str = "people/form_page.html",
    more: dict[str, Any] | None = None,
) -> HttpResponse:
    """One step of an entry by a form. `do(cleaned, seen)` takes it and gives what to say.

    403 without a right, in words. 409 when the entry moved on: the same page with what others did meanwhile and all
    that was typed; or, when the step isn't possible any more, a page that says so. `template` and what it needs
    `more`, where the usual form page doesn't do.
    """

    def shown(status: int, changes: list[str] | None = None) -> HttpResponse:
        context = {"page": page, "form": form, "papers": papers, "changes": changes or [], **(more or {})}
        return render(request, template, context, status=status)

    try:
        check_action(papers, me(request), action, authority=authority_for(request), guards=False)
    except NotAllowed as error:
        raise PermissionDenied(str(error)) from error
    except StepError as error:
        return not_now(request, papers, str(error))
    if request.method != "POST" or not form.is_valid():
        return shown(422 if form.errors else 200)
    seen = Seen(form.cleaned_data["seen"])
    try:
        said = do(form.cleaned_data, seen)
    except NotAllowed as error:
        raise PermissionDenied(str(error)) from error
    except (InvalidStep, ReasonNeeded) as error:
        field = getattr(error, "field", "reason")
        form.add_error(field if field in form.fields else None, str(error))
        return shown(422)
    except Stale as error:
        now = PapersOut.objects.get(pk=papers.pk)
        form.look_again(now.version)
        form.add_error(None, str(error))
        return shown(409, changes_since(now, max(seen.version, 0)))
    except StepError as error:
        return not_now(request, papers, str(error))
    messages.success(request, said)
    return redirect(page_of(papers))


def not_now(request: HttpRequest, papers: PapersOut, why: str) -> HttpResponse:
    """409: the step doesn't exist where the papers stand."""
    return render(request, "papers/not_now.html", {"papers": papers, "why": why}, status=409)


def entered_before(request: HttpRequest, key: str) -> str:
    """The reference that this very form made when it was sent before; "" if it wasn't."""
    known: str = request.session.get(KEPT, {}).get(key, "")
    return known


def remember(request: HttpRequest, key: str, papers: PapersOut) -> None:
    """This form made that entry."""
    done = {**request.session.get(KEPT, {}), key[:40]: papers.reference}
    request.session[KEPT] = dict(list(done.items())[-KEYS_KEPT:])
