"""What lies behind the figures that are not of letters: breaches, and copies of reports and minutes that went out."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from audit.spotchecks.copies import moments
from audit.views.common import person
from audit.views.figures import ON_A_PAGE, Scope, days_of, no_figures, scope_of
from breaches import selectors as breach_selectors
from distribution.selectors import items_visible_to
from postroom.context import authority_for


def _page(request: HttpRequest, scope: Scope, title: str, when: str, found: QuerySet[Any], row: Any) -> HttpResponse:
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 18:
        found = found.filter(pk__lt=int(before))
    page = list(found.order_by("-pk")[: ON_A_PAGE + 1])
    older = ""
    if len(page) > ON_A_PAGE:
        older = f"?{scope.query}&month={request.GET.get('month', '')}&before={page[ON_A_PAGE - 1].pk}"
    rows = [row(one) for one in page[:ON_A_PAGE]]
    context = {"scope": scope, "title": title, "when": when, "rows": rows, "older": older}
    return render(request, "audit/figure_rows.html", context)


@login_required
@require_safe
def figure_breaches(request: HttpRequest) -> HttpResponse:
    """The breaches and near misses behind a figure: those that this person may see."""
    scope = scope_of(request)
    if scope is None:
        return no_figures(request)
    begin, end = moments(*days_of(scope, request.GET.get("month", "")))
    visible = breach_selectors.visible_to(person(request), authority=authority_for(request))
    found = visible.filter(office__in=scope.offices, aware_at__gte=begin, aware_at__lt=end).select_related("office")

    def row(breach: Any) -> dict[str, Any]:
        kind = "Near miss" if breach.only_near_miss else "Breach"
        return {
            "href": reverse("breaches:breach", args=[breach.reference]),
            "reference": breach.reference,
            "what": f"{kind}, {breach.state_name[0].lower()}{breach.state_name[1:]}",
            "office": breach.office.name,
            "day": timezone.localdate(breach.aware_at),
        }

    return _page(request, scope, "Breaches and near misses", "Aware of it", found, row)


@login_required
@require_safe
def figure_copies(request: HttpRequest) -> HttpResponse:
    """The copies of reports and minutes that went out in a time: those that this person may see."""
    scope = scope_of(request)
    if scope is None:
        return no_figures(request)
    first, last = days_of(scope, request.GET.get("month", ""))
    begin, end = moments(first, last)
    went = Q(posted_on__range=(first, last)) | Q(handed_on__range=(first, last))
    went |= Q(sent_at__gte=begin, sent_at__lt=end)
    visible = items_visible_to(person(request), authority=authority_for(request))
    found = visible.filter(went, case__office__in=scope.offices).select_related("case__office")

    def row(copy: Any) -> dict[str, Any]:
        day: dt.date = copy.posted_on or copy.handed_on or timezone.localdate(copy.sent_at)
        return {
            "href": reverse("distribution:item", args=[copy.reference]),
            "reference": copy.reference,
            "what": copy.get_document_display(),
            "office": copy.case.office.name,
            "day": day,
        }

    return _page(request, scope, "Copies of reports and minutes that went out", "Went", found, row)
