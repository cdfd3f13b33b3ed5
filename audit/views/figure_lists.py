"""What lies behind the figures: letters, stays in a state, breaches, copies of reports and minutes.

A figure of a month is the sum of its parts (`FigurePart`), so its list is read from them: each letter with the office
where it was then. A figure of now is a question to the letters themselves.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from functools import reduce
from operator import or_
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import OuterRef, Q, QuerySet, Subquery, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from audit.dashboards.counting import GROUP_NAMES, SETTLED
from audit.dashboards.late import late_before, late_moment
from audit.models import FigurePart, FigureRow
from audit.spotchecks.copies import moments
from audit.views.common import person
from audit.views.figures import ON_A_PAGE, Scope, days_of, no_figures, scope_of
from audit.views.list_files import list_as_csv
from breaches import selectors as breach_selectors
from distribution.selectors import items_visible_to
from letters.models import Letter
from letters.selectors import visible_to, within_reach
from letters.states import STATE_NAMES, State
from postroom.context import authority_for
from postroom.people.authority import Authority
from postroom.people.models import User


def _page(request: HttpRequest, scope: Scope, title: str, when: str, found: QuerySet[Any], row: Any) -> HttpResponse:
    if "csv" in request.GET:
        head = ("Reference", "What it is", "Office", when)
        each = map(row, found.order_by("-pk"))
        cells = ((one["reference"], one["what"], one["office"], str(one["day"])) for one in each)
        return list_as_csv(request, head, cells)
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 18:
        found = found.filter(pk__lt=int(before))
    page = list(found.order_by("-pk")[: ON_A_PAGE + 1])
    here = f"?{scope.query}&month={request.GET.get('month', '')}"
    older = f"{here}&before={page[ON_A_PAGE - 1].pk}" if len(page) > ON_A_PAGE else ""
    rows = [row(one) for one in page[:ON_A_PAGE]]
    context = {"scope": scope, "title": title, "when": when, "rows": rows, "older": older, "csv": f"{here}&csv=1"}
    context |= {"what_head": "What it is"}
    return render(request, "audit/figure_rows.html", context)


# Gone and not on the case record: the words, which letters, and the field of the day they left.
OWED = {
    "owed": ("Posted", ["posted_on"]),
    "owed_handed": ("Handed over", ["handed_on"]),
    "owed_emailed": ("Sent by secure e-mail", ["emailed_on"]),
    "owed_other": ("Handed over or sent by secure e-mail", ["handed_on", "emailed_on"]),
}
NOW = ("now", "stuck", *OWED, *(f"{what}_late" for what in OWED))
# What happened to letters in a time: the measure, the words, and what its day is called.
HAPPENED = {
    "posted": ("Posted", "Posted"),
    "pp": ("Posted, signed pp", "Posted"),
    "handed": ("Handed over", "Handed over"),
    "emailed": ("Sent by secure e-mail", "Sent"),
    "uploaded": ("Put on the case record", "Put there"),
    "returned": ("Came back undelivered", "Came back"),
    "opened": ("Came back, and had been opened", "Came back"),
}
LETTERS_HEAD = ("Letter", "Office", "Stands at", "Since", "Left", "On the case record", "Days to it", "Way")


@login_required
@require_safe
def figure_letters(request: HttpRequest) -> HttpResponse:
    """The letters behind a figure: those of them that this person may read, and no trace of the others."""
    scope = scope_of(request)
    if scope is None:
        return no_figures(request)
    what = request.GET.get("what", "")
    if what not in NOW:
        return _happened(request, scope, what)
    state = request.GET.get("state", "")
    title, chosen = _now(what, state)
    letters = visible_to(person(request), authority=authority_for(request))
    rows = letters.filter(chosen, office_id__in=[office.pk for office in scope.offices]).select_related("office")
    if "csv" in request.GET:
        return list_as_csv(request, LETTERS_HEAD, map(_letter_row, rows.order_by("-pk")))
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 18:
        rows = rows.filter(pk__lt=int(before))
    page = list(rows.order_by("-pk")[: ON_A_PAGE + 1])
    here = f"?{scope.query}&what={what}&state={state}"
    older = f"{here}&before={page[ON_A_PAGE - 1].pk}" if len(page) > ON_A_PAGE else ""
    shown = [{"letter": letter, "office": letter.office, "day": letter.state_since} for letter in page[:ON_A_PAGE]]
    context = {"scope": scope, "title": title, "when": "Since", "rows": shown, "older": older, "csv": f"{here}&csv=1"}
    return render(request, "audit/figure_letters.html", context)


def _letter_row(letter: Letter) -> tuple[str | int, ...]:
    there = timezone.localdate(letter.uploaded_at) if letter.uploaded_at else None
    left = letter.posted_on or letter.handed_on or letter.emailed_on
    days = max(0, (there - left).days) if there and left else ""
    since = timezone.localdate(letter.state_since)
    return (letter.reference, letter.office.name, letter.state_name, str(since), str(left or ""),
            str(there or ""), days, letter.get_way_display())  # fmt: skip


def _now(what: str, state: str) -> tuple[str, Q]:
    """A title, and which letters stand so now. Http404 for a figure that there isn't."""
    names = {str(s): STATE_NAMES[s] for s in State}
    waiting = [s for s in names if s not in SETTLED]
    if (what == "now" and state not in names) or (what == "stuck" and state and state not in waiting):
        raise Http404
    match what:
        case "stuck":
            chosen = Q(state__in=[state] if state else waiting, state_since__lt=late_moment())
            return "Letters waiting too long", chosen
        case "now":
            return f"Letters that stand at: {names[state]}", Q(state=state)
    words, days = OWED[what.removesuffix("_late")]
    owed, late = Q(uploaded_at__isnull=True) & ~Q(state=State.UNCERTAIN), late_before(timezone.localdate())
    if what in OWED:
        left = reduce(or_, (Q(**{f"{day}__isnull": False}) for day in days))
        return f"{words}, not on the case record", owed & left
    left = reduce(or_, (Q(**{f"{day}__lt": late}) for day in days))
    return f"{words}, and for too long not on the case record", owed & left


def _happened(request: HttpRequest, scope: Scope, what: str) -> HttpResponse:
    """The letters that something happened to in a time, by the office where they were then."""
    if what not in HAPPENED:
        raise Http404
    (title, when), month, by = HAPPENED[what], request.GET.get("month", ""), request.GET.get("by", "")
    if by and not (by.isascii() and by.isdecimal() and len(by) < 10):
        raise Http404
    measure, key = ("pp_by", str(int(by))) if what == "pp" and by else (what, "")
    found = Parts(request, scope, days_of(scope, month), measure, [key])
    if "csv" in request.GET:
        head = ("Letter", "Office then", "Stands at", when, "Left", "On the case record", "Days to it", "Way")
        return list_as_csv(request, head, map(_part_row, found.all()))
    page, older = found.page()
    here = f"?{scope.query}&what={what}&month={month}&by={by}"
    context = {
        "scope": scope,
        "title": title,
        "when": when,
        "rows": page,
        "counted": found.counted(),
        "older": f"{here}&before={older}" if older else "",
        "csv": f"{here}&csv=1",
    }
    return render(request, "audit/figure_letters.html", context)


def _part_row(part: FigurePart) -> tuple[str | int, ...]:
    reference, _, state, _, left, there, days, way = _letter_row(part.letter)
    days = part.seconds // 86_400 if part.measure == "uploaded" else days
    return reference, part.office.name, state, str(part.day), left, there, days, way


def readable_parts(rows: QuerySet[FigurePart], user: User, authority: Authority) -> list[QuerySet[FigurePart]]:
    """Those of letters that this person may read, in parts that together are all of them (`within_reach`).

    Of an office's letters nearly all may be read by whoever reads any, so each is asked about as the list comes to it:
    as a join PostgreSQL expects few, and reads and sorts the whole year for one page. Of the others there are few.
    """
    *office, others = within_reach(user, authority=authority)
    asked = [letters.filter(pk=OuterRef("letter_id")).order_by().values("pk") for letters in office]
    found = [rows.alias(readable=Subquery(letter)).filter(readable__isnull=False) for letter in asked]
    return [*found, rows.filter(letter__in=others.order_by().values("pk"))]


class Parts:
    """The parts of one figure that this person may see: those of letters that they may read."""

    def __init__(
        self, request: HttpRequest, scope: Scope, days: tuple[dt.date, dt.date], measure: str, keys: Sequence[str]
    ) -> None:
        """`days`: the first and the last. Several keys are read one by one: each has its order in the index."""
        self.request = request
        self.keys = keys
        self.which = Q(office__in=scope.offices, measure=measure, day__range=days, key__in=keys)
        self.rows = FigurePart.objects.filter(self.which).select_related("letter", "office")

    def counted(self) -> int:
        """The figure itself: the sum, which counts what they may not read too."""
        return FigureRow.objects.filter(self.which).aggregate(n=Sum("count"))["n"] or 0

    def all(self) -> Iterator[FigurePart]:
        """All of them, newest first."""
        letters = visible_to(person(self.request), authority=authority_for(self.request))
        return self.rows.filter(letter__in=letters.order_by().values("pk")).order_by("-day", "-pk").iterator()

    def page(self) -> tuple[list[FigurePart], str]:
        """One page of them, newest first, from `before` on, and where the next begins; "" without one."""
        rows = self.rows
        found: dict[int, FigurePart] = {}
        day, _, last = self.request.GET.get("before", "").partition("_")
        if before := _day(day):
            rows = rows.filter(day__lte=before)
            if last.isascii() and last.isdecimal() and len(last) < 18:
                rows = rows.exclude(day=before, pk__gte=int(last))
        for key in self.keys:
            of_key = rows.filter(key=key)
            for some in readable_parts(of_key, person(self.request), authority_for(self.request)):
                found |= {part.pk: part for part in some.order_by("-day", "-pk")[: ON_A_PAGE + 1]}
        newest = sorted(found.values(), key=lambda part: (part.day, part.pk), reverse=True)
        end = newest[ON_A_PAGE - 1] if len(newest) > ON_A_PAGE else None
        return newest[:ON_A_PAGE], f"{end.day}_{end.pk}" if end else ""


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


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
    title = f"Letters that left: {names[state]}" + (f" ({GROUP_NAMES[int(group)].lower()})" if group else "")
    groups = [group] if group else range(len(GROUP_NAMES))
    found = Parts(request, scope, days_of(scope, ""), "group", [f"{state}:{n}" for n in groups])
    if "csv" in request.GET:
        head = ("Letter", "Office", "State", "Left it on", "Seconds in it", "Days in it")
        cells = (
            (
                stay.letter.reference,
                stay.office.name,
                names[state],
                str(stay.day),
                stay.seconds,
                round(stay.seconds / 86_400, 4),
            )
            for stay in found.all()
        )
        return list_as_csv(request, head, cells)
    page, older = found.page()
    rows = [
        {
            "href": reverse("letters:letter", args=[stay.letter.reference]),
            "reference": stay.letter.reference,
            "what": f"{stay.seconds / 86_400:.1f} days",
            "office": stay.office.name,
            "day": stay.day,
        }
        for stay in page
    ]
    here = f"?{scope.query}&state={state}&group={group}"
    context = {"scope": scope, "title": title, "when": "Left it on", "rows": rows, "of_stays": True}
    context |= {"what_head": "How long", "csv": f"{here}&csv=1", "older": f"{here}&before={older}" if older else ""}
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
