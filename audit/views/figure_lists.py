"""What lies behind the figures that aren't letters: stays in a state, breaches, copies of reports and minutes."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from audit.dashboards.counting import GROUP_NAMES, GROUPS
from audit.models import FigureStay
from audit.spotchecks.copies import moments
from audit.views.common import person
from audit.views.figures import ON_A_PAGE, Scope, days_of, no_figures, scope_of
from audit.views.list_files import list_as_csv
from breaches import selectors as breach_selectors
from distribution.selectors import items_visible_to
from letters.selectors import visible_to
from letters.states import STATE_NAMES, State
from postroom.context import authority_for


def _page(
    request: HttpRequest, scope: Scope, title: str, when: str, found: QuerySet[Any], row: Any, chosen: str = ""
) -> HttpResponse:
    if "csv" in request.GET:
        head = ("Reference", "What it is", "Office", when)
        each = map(row, found.order_by("-pk"))
        cells = ((one["reference"], one["what"], one["office"], str(one["day"])) for one in each)
        return list_as_csv(request, head, cells)
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 18:
        found = found.filter(pk__lt=int(before))
    page = list(found.order_by("-pk")[: ON_A_PAGE + 1])
    here = f"?{scope.query}&month={request.GET.get('month', '')}{chosen}"
    older = f"{here}&before={page[ON_A_PAGE - 1].pk}" if len(page) > ON_A_PAGE else ""
    rows = [row(one) for one in page[:ON_A_PAGE]]
    context = {"scope": scope, "title": title, "when": when, "rows": rows, "older": older, "csv": f"{here}&csv=1"}
    context |= {"of_stays": bool(chosen), "what_head": "How long" if chosen else "What it is"}
    return render(request, "audit/figure_rows.html", context)


@login_required
@require_safe
def figure_stays(request: HttpRequest) -> HttpResponse:
    """The stays in one state (`state`) that ended in the time, all or of one group of lengths (`group`, 0 to 3).

    The average is the sum of their days over their number. Those of letters that this person may read. Http404 for
    another state or group.
    """
    scope = scope_of(request)
    if scope is None:
        return no_figures(request)
    names = {str(state): STATE_NAMES[state] for state in State}
    state, group = request.GET.get("state", ""), request.GET.get("group", "")
    if state not in names or group not in ("", *map(str, range(len(GROUP_NAMES)))):
        raise Http404
    letters = visible_to(person(request), authority=authority_for(request))
    found = FigureStay.objects.filter(
        office__in=scope.offices, state=state, day__range=days_of(scope, ""), letter__in=letters.order_by().values("pk")
    ).select_related("letter", "office")
    title = f"Letters that left: {names[state]}"
    if group:
        title += f" ({GROUP_NAMES[int(group)].lower()})"
        if int(group) > 0:
            found = found.filter(seconds__gt=GROUPS[int(group) - 1] * 86_400)
        if int(group) < len(GROUPS):
            found = found.filter(seconds__lte=GROUPS[int(group)] * 86_400)
    if "csv" in request.GET:
        head = ("Letter", "Office", "State", "Left it on", "Seconds in it", "Days in it")
        cells = (
            (stay.letter.reference, stay.office.name, names[state], str(stay.day), stay.seconds, round(stay.days, 4))
            for stay in found.order_by("-pk").iterator()
        )
        return list_as_csv(request, head, cells)

    def row(stay: FigureStay) -> dict[str, Any]:
        return {
            "href": reverse("letters:letter", args=[stay.letter.reference]),
            "reference": stay.letter.reference,
            "what": f"{stay.days:.1f} days",
            "office": stay.office.name,
            "day": stay.day,
        }

    return _page(request, scope, title, "Left it on", found, row, f"&state={state}&group={group}")


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
