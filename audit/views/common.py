"""What this floor's pages share: finding things, and turning a refused step into a page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from audit import selectors
from audit.models import Finding, Item, SpotCheck
from letters.views.common import person, seen_from, typed_so_far
from postroom.cases.access import kept_from
from postroom.context import authority_for
from postroom.people.roles import Role
from postroom.steps.errors import GuardFailed, InvalidStep, NotAllowed, ReasonNeeded, StepError
from postroom.steps.references import is_reference

__all__ = [
    "check_or_404",
    "finding_or_404",
    "is_dam",
    "item_or_404",
    "kept_page",
    "not_allowed",
    "person",
    "run",
    "seen_from",
]


# What a page of an item shows of its letter or copy.
ITEM_ROWS = ("check_of", "letter__case", "letter__office", "copy__case__office", "copy__person", "copy__distribution")


def is_dam(request: HttpRequest) -> bool:
    """Is this the District Admin Manager, or their deputy at this moment?"""
    return authority_for(request).has(Role.DISTRICT_ADMIN_MANAGER)


def check_or_404(request: HttpRequest, reference: str) -> SpotCheck:
    """The spot check, if this person may see it; else Http404."""
    if not is_reference(reference):
        raise Http404
    visible = selectors.visible_checks(person(request), authority_for(request))
    found = visible.select_related("office", "fixed_by", "seed_by").filter(reference=reference.upper()).first()
    if found is None:
        raise Http404
    return found


def item_or_404(request: HttpRequest, reference: str, number: int) -> Item:
    """A letter of a spot check, for the District Admin Manager; else Http404: for others it isn't there."""
    check = check_or_404(request, reference)
    if not is_dam(request):
        raise Http404
    rows = Item.objects.select_related(*ITEM_ROWS, "stratum", "checked_by")
    found = rows.filter(check_of=check, number=number).first()
    if found is None:
        raise Http404
    return found


def finding_or_404(request: HttpRequest, reference: str) -> Finding:
    """The finding, if this person may see it; else Http404."""
    if not is_reference(reference):
        raise Http404
    visible = selectors.visible_findings(person(request), authority_for(request))
    rows = visible.select_related(
        "owner", "raised_by", "closed_by", "item__check_of__office", *(f"item__{name}" for name in ITEM_ROWS)
    )
    found = rows.filter(reference=reference.upper()).first()
    if found is None:
        raise Http404
    return found


def kept_page(request: HttpRequest, item: Item) -> HttpResponse | None:
    """403 where the item's case is kept from this person: its reference, and who checks it instead; else None."""
    user = person(request)
    if not kept_from(item.post.case, user):
        return None
    others = " or ".join(other.name for other in selectors.who_else_checks(item, user))
    context = {"item": item, "check": item.check_of, "others": others}
    return render(request, "audit/item_kept.html", context, status=403)


def not_allowed(request: HttpRequest, sentence: str) -> HttpResponse:
    """403 with why."""
    return render(request, "letters/work/not_allowed.html", {"sentence": sentence}, status=403)


def run(
    request: HttpRequest, verb: Callable[..., Any], *, form: forms.Form | None = None, back: str, **arguments: Any
) -> tuple[Any, HttpResponse | None]:
    """Call `verb(by=…, **arguments)`; gives what it returned, or a page (403, 409), or neither: errors on the form."""
    try:
        return verb(by=person(request), **arguments), None
    except (InvalidStep, ReasonNeeded) as error:
        if form is None:
            return None, conflict(request, error, back=back)
        field = "reason" if isinstance(error, ReasonNeeded) else getattr(error, "field", "")
        form.add_error(field if field in form.fields else None, str(error))
        return None, None
    except NotAllowed as error:
        return None, not_allowed(request, str(error))
    except StepError as error:
        return None, conflict(request, error, back=back, form=form)


def conflict(request: HttpRequest, error: StepError, *, back: str, form: forms.Form | None = None) -> HttpResponse:
    """409: why nothing was done, what was typed, and the way on."""
    context = {
        "sentence": str(error),
        "back": back,
        "typed": typed_so_far(form),
        "waits": isinstance(error, GuardFailed),
    }
    return render(request, "audit/conflict.html", context, status=409)
