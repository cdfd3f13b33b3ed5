"""What the pages on cases share: the case that one may see, and a form page that takes one step of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from postroom.cases.confidential import lines_for, looked, may_see_confidential
from postroom.cases.history import changes_since
from postroom.cases.models import Address, Case, CasePerson
from postroom.cases.policy import check_action
from postroom.cases.selectors import visible_to
from postroom.context import authority_for
from postroom.people.views.common import FormPage, form_response, me
from postroom.steps.engine import Seen
from postroom.steps.errors import GuardFailed, InvalidStep, NotAllowed, NotPossible, ReasonNeeded, Stale


def seen_case(request: HttpRequest, reference: str) -> Case:
    """The case, if the one who asks may see it; else it doesn't exist for them. Raises Http404."""
    visible = visible_to(me(request), authority=authority_for(request))
    return get_object_or_404(visible.select_related("office", "allocated_worker", "team"), reference=reference)


def person_on(case: Case, person_id: int) -> CasePerson:
    """Somebody on this very case. Raises Http404."""
    return get_object_or_404(CasePerson, pk=person_id, case=case)


def address_on(case: Case, address_id: int) -> Address:
    """An address on this very case that stands. Raises Http404."""
    rows = Address.objects.select_related("person", "verified_by")
    return get_object_or_404(rows, pk=address_id, person__case=case, retired_at__isnull=True)


def shown_lines(request: HttpRequest, case: Case, address: Address) -> list[str]:
    """The lines of an address on a page about it, or what stands in their place; a look at a confidential one is on
    record.
    """
    if not address.is_confidential:
        return address.line_list
    may_see = may_see_confidential(case, me(request), authority_for(request))
    if may_see and request.method == "GET":
        looked(address, me(request), "case")
    return lines_for(address, may_see=may_see)


def case_page_of(case: Case) -> str:
    """The address of the case's own page."""
    return reverse("case", args=[case.reference])


def step_page(
    request: HttpRequest,
    case: Case,
    action: str,
    page: FormPage,
    form: Any,
    do: Callable[[dict[str, Any], Seen], tuple[str, str]],
) -> HttpResponse:
    """One step of a case by a form. `do(cleaned, seen)` takes it and gives (what to say, where to go).

    403 without a right, in words. 409 when the case moved on, or the step isn't possible any more: the same page with
    what others did meanwhile and all that was typed, about the case as it is now.
    """
    try:
        check_action(case, me(request), action, authority=authority_for(request))
    except NotAllowed as error:
        raise PermissionDenied(str(error)) from error
    except NotPossible as error:
        return not_now(request, case, str(error))
    if request.method != "POST" or not form.is_valid():
        return form_response(request, page, form)
    seen = Seen(form.cleaned_data["seen"])
    try:
        said, where = do(form.cleaned_data, seen)
    except NotAllowed as error:
        raise PermissionDenied(str(error)) from error
    except (InvalidStep, ReasonNeeded) as error:
        field = getattr(error, "field", "reason")
        form.add_error(field if field in form.fields else None, str(error))
        return form_response(request, page, form)
    except Stale as error:
        case = Case.objects.get(pk=case.pk)
        form.look_again(case.version)
        form.add_error(None, str(error))
        changes = changes_since(case, max(seen.version, 0))
        return form_response(request, page, form, status=409, changes=changes)
    except (NotPossible, GuardFailed) as error:
        return not_now(request, case, str(error))
    messages.success(request, said)
    return redirect(where)


def not_now(request: HttpRequest, case: Case, why: str) -> HttpResponse:
    """409: the step doesn't exist where the case stands."""
    return render(request, "cases/not_now.html", {"case": case, "why": why}, status=409)
