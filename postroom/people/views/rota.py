"""The duty rota of an office, a week at a time."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from postroom.context import authority_for
from postroom.forms import PlainForm
from postroom.people import actions
from postroom.people.actions.rota import is_past
from postroom.people.errors import Refused
from postroom.people.forms import DutyForm
from postroom.people.models import DutySlot, HalfDay, Office
from postroom.people.permissions import PeopleAction
from postroom.people.policy import About, can, rota_offices
from postroom.people.selectors import in_words, rota_week, social_workers_of
from postroom.people.views.common import FormPage, answer, may, me, posted


@login_required
@require_safe
def rota(request: HttpRequest) -> HttpResponse:
    """This week's rota of one's own office."""
    viewer = me(request)
    mine = list(rota_offices(viewer, authority=authority_for(request)))
    if not mine:
        raise PermissionDenied("The duty rota is for those who work at an office.")
    first = next((office for office in mine if office.pk == viewer.office_id), mine[0])
    return redirect("rota_week", code=first.code)


@login_required
@require_safe
def week(request: HttpRequest, code: str) -> HttpResponse:
    """One week of an office's rota."""
    office, about = _office(request, code)
    may(request, PeopleAction.SEE_ROTA, about)
    monday = _monday(request)
    may_keep = can(PeopleAction.PUT_ON_DUTY, by=me(request), about=about, authority=authority_for(request))
    days = [
        {
            "day": row.day,
            "name": f"{row.day:%A}",
            "is_today": row.day == timezone.localdate(),
            "halves": [
                {"label": half.label, "slots": [_slot(request, office, slot, may_keep) for slot in slots]}
                for half, slots in ((HalfDay.MORNING, row.morning), (HalfDay.AFTERNOON, row.afternoon))
            ],
        }
        for row in rota_week(office, monday)
    ]
    context = {
        "office": office,
        "others": [o for o in rota_offices(me(request), authority=authority_for(request)) if o.pk != office.pk],
        "days": days,
        "monday": monday,
        "add_href": f"{reverse('rota_add', args=[office.code])}?week={_iso(monday)}" if may_keep else "",
        "newer_href": f"?week={_iso(monday - dt.timedelta(days=7))}",
        "older_href": f"?week={_iso(monday + dt.timedelta(days=7))}",
    }
    return render(request, "people/rota.html", context)


def _slot(request: HttpRequest, office: Office, slot: DutySlot, may_keep: bool) -> dict[str, Any]:
    removable = may_keep and slot.user_id != me(request).pk and not is_past(slot.day, HalfDay(slot.half))
    href = reverse("rota_remove", args=[office.code, slot.pk]) if removable else ""
    return {"name": slot.user.name, "href": href}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest, code: str) -> HttpResponse:
    """Put a social worker on duty in one or more half-days of a week; all of them, or none."""
    office, about = _office(request, code)
    may(request, PeopleAction.PUT_ON_DUTY, about)
    monday = _monday(request)
    people = social_workers_of(office, monday, monday + dt.timedelta(days=6)).exclude(pk=me(request).pk)
    form = DutyForm(posted(request), people=people, slots=_choices(monday))
    back = f"{reverse('rota_week', args=[office.code])}?week={_iso(monday)}"
    page = FormPage(
        title=f"Put somebody on duty at {office.name}",
        submit="Put on duty",
        back=back,
        intro=f"Week of {in_words(monday)}. Nobody puts themselves on.",
    )

    def do(cleaned: dict[str, Any]) -> tuple[str, str]:
        person = cleaned["person"]
        with transaction.atomic():
            for chosen in cleaned["slots"]:
                day, half = dt.date.fromisoformat(chosen[:10]), HalfDay(chosen[11:])
                try:
                    actions.put_on_duty(person=person, office=office, day=day, half=half, by=me(request))
                except Refused as error:
                    where = f"{in_words(day)}, {half.label.lower()}: {error} Nothing was saved."
                    raise Refused(where, "slots") from error
        return f"{person.name} is on the rota.", back

    return answer(request, page, form, do)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest, code: str, slot_id: int) -> HttpResponse:
    """Take somebody off one half-day."""
    office, about = _office(request, code)
    slot = DutySlot.objects.select_related("user", "office").filter(pk=slot_id, office=office).first()
    may(request, PeopleAction.TAKE_OFF_DUTY, About(slot.user_id if slot else None, about.offices))
    if slot is None:
        raise Http404
    back = f"{reverse('rota_week', args=[office.code])}?week={_iso(_monday_of(slot.day))}"
    page = FormPage(
        title=f"Take {slot.user.name} off duty",
        submit="Take off duty",
        back=back,
        intro=f"{slot.day:%A} {in_words(slot.day)}, {HalfDay(slot.half).label.lower()}, {office.name}.",
        warning=True,
    )

    def do(cleaned: dict[str, Any]) -> tuple[str, str]:
        name = slot.user.name
        actions.take_off_duty(slot=slot, by=me(request))
        return f"{name} is off the rota for that half-day.", back

    return answer(request, page, PlainForm(posted(request)), do)


def _office(request: HttpRequest, code: str) -> tuple[Office, About]:
    office = get_object_or_404(Office, code=code)
    return office, About(None, frozenset({office.pk}))


def _choices(monday: dt.date) -> list[tuple[str, str]]:
    days = [monday + dt.timedelta(days=n) for n in range(7)]
    return [
        (f"{day}-{half.value}", f"{day:%A} {day.day} {day:%B}, {half.label.lower()}")
        for day in days
        for half in HalfDay
        if not is_past(day, half)
    ]


def _monday(request: HttpRequest) -> dt.date:
    """The Monday of the week asked for (`week=2026-W30`), or of this one."""
    text = request.GET.get("week", "")
    if re.fullmatch(r"20[0-9]{2}-W[0-9]{2}", text, re.ASCII):
        try:
            return dt.date.fromisocalendar(int(text[:4]), int(text[6:]), 1)
        except ValueError:
            pass
    return _monday_of(timezone.localdate())


def _monday_of(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


def _iso(monday: dt.date) -> str:
    year, number, _ = monday.isocalendar()
    return f"{year}-W{number:02}"
