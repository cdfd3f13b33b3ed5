"""Admin duty and cover for named days: the pages of an office's managers."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from postroom.context import authority_for
from postroom.people import actions
from postroom.people.actions.cover import COVER_NAMES, people_to_cover
from postroom.people.forms import CoverForm, PlainForm
from postroom.people.models import Office, RoleGrant
from postroom.people.permissions import PeopleAction
from postroom.people.policy import MANAGERS, About
from postroom.people.roles import Role
from postroom.people.selectors import in_words
from postroom.people.views.common import FormPage, answer, may, me, posted

# What is over is shown for as long as somebody may still ask.
SHOWN_AFTERWARDS = dt.timedelta(days=31)


@login_required
@require_safe
def cover(request: HttpRequest) -> HttpResponse:
    """To the office that one manages; the page of each has links to the others."""
    offices = Office.objects.filter(pk__in=authority_for(request).offices(*MANAGERS), is_active=True)
    first = offices.order_by("name").first()
    if first is None:
        raise PermissionDenied("Cover is given by the team managers of an office and their deputies.")
    return redirect("cover_office", code=first.code)


@login_required
@require_safe
def at_office(request: HttpRequest, code: str) -> HttpResponse:
    """Who covers or is on admin duty here, now, later and lately."""
    office = _office(request, code)
    today = timezone.localdate()
    rows = RoleGrant.objects.filter(office=office, is_cover=True, ends__gte=today - SHOWN_AFTERWARDS)
    rows = rows.select_related("user", "granted_by").order_by("starts", "pk")
    managed = authority_for(request).offices(*MANAGERS)
    context = {
        "office": office,
        "others": Office.objects.filter(pk__in=managed, is_active=True).exclude(pk=office.pk),
        "head": ["Who", "What", "From and to", "Given by", "Now"],
        "rows": [_row(request, office, grant, today) for grant in rows],
    }
    return render(request, "people/cover.html", context)


def _row(request: HttpRequest, office: Office, grant: RoleGrant, today: dt.date) -> list[Any]:
    assert grant.ends is not None and grant.granted_by is not None  # noqa: S101, PT018 - cover has both
    if grant.ends < today:
        now: Any = "Over"
    elif grant.user_id == me(request).pk:
        now = "Yours"
    else:
        words = "Take back" if grant.starts > today else "End"
        now = {"text": f"{words}: {grant.user.name}", "href": reverse("cover_end", args=[office.code, grant.pk])}
    span = f"{in_words(grant.starts)} to {in_words(grant.ends)}"
    return [grant.user.name, COVER_NAMES[Role(grant.role)], span, grant.granted_by.name, now]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def give(request: HttpRequest, code: str) -> HttpResponse:
    """Give somebody admin duty or cover for some days."""
    office = _office(request, code)
    back = reverse("cover_office", args=[office.code])
    form = CoverForm(posted(request), people=people_to_cover(office).exclude(pk=me(request).pk))
    page = FormPage(
        title=f"Give admin duty or cover at {office.name}",
        submit="Give it",
        back=back,
        intro=f"For these days alone they read and do at {office.name} what the role may. They are told by e-mail.",
    )

    def do(cleaned: dict[str, Any]) -> tuple[str, str]:
        grant = actions.give_cover(
            person=cleaned["person"],
            office=office,
            role=Role(cleaned["role"]),
            starts=cleaned["starts"],
            ends=cleaned["ends"],
            by=me(request),
        )
        said = f"{grant.user.name}: {COVER_NAMES[Role(grant.role)].lower()}, {in_words(grant.starts)}"
        return f"{said} to {in_words(cleaned['ends'])}.", back

    return answer(request, page, form, do)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest, code: str, grant_id: int) -> HttpResponse:
    """End cover before its last day."""
    office = _office(request, code)
    grant = RoleGrant.objects.select_related("user", "office").filter(pk=grant_id, office=office, is_cover=True).first()
    if grant is None or grant.ends is None:
        raise Http404
    may(request, PeopleAction.END_COVER, About(grant.user_id, frozenset({office.pk})))
    back = reverse("cover_office", args=[office.code])
    page = FormPage(
        title=f"End what {grant.user.name} does at {office.name}",
        submit="End it now",
        back=back,
        intro=f"{COVER_NAMES[Role(grant.role)]}, {in_words(grant.starts)} to {in_words(grant.ends)}. "
        "Duty that depends on it comes off the rota.",
        warning=True,
    )

    def do(cleaned: dict[str, Any]) -> tuple[str, str]:
        name = grant.user.name
        actions.end_cover(grant=grant, by=me(request))
        return f"{name}: ended.", back

    return answer(request, page, PlainForm(posted(request)), do)


def _office(request: HttpRequest, code: str) -> Office:
    """The office, for its managers. Raises Http404, PermissionDenied."""
    office = get_object_or_404(Office, code=code)
    may(request, PeopleAction.GIVE_COVER, About(None, frozenset({office.pk})))
    return office
