"""Offices, teams and deputies: the system administrator's pages."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from postroom.people import actions
from postroom.people.forms import ConfirmForm, DeputyForm, OfficeChangeForm, OfficeForm, PlainForm, TeamForm
from postroom.people.models import Deputy, Office, OfficeChange, RoleGrant, Team
from postroom.people.permissions import PeopleAction
from postroom.people.policy import About
from postroom.people.roles import ROLE_NAMES, SINGLE_HOLDER_ROLES, Role
from postroom.people.selectors import events_of, in_words
from postroom.people.views.common import FormPage, answer, may, me, posted


@login_required
@require_safe
def offices(request: HttpRequest) -> HttpResponse:
    """Every office."""
    may(request, PeopleAction.CHANGE_OFFICE)
    rows = [
        [
            {"text": office.name, "href": reverse("office", args=[office.code])},
            office.code,
            ", ".join(office.address_lines),
            "Open" if office.is_active else "Closed",
        ]
        for office in Office.objects.all()
    ]
    return render(request, "people/offices.html", {"rows": rows, "head": ["Name", "Code", "Return address", "Office"]})


@login_required
@require_safe
def office(request: HttpRequest, code: str) -> HttpResponse:
    """An office, its teams and what was changed."""
    may(request, PeopleAction.CHANGE_OFFICE)
    found = get_object_or_404(Office, code=code)
    change = reverse("office_change", args=[found.code])
    facts = [
        {"key": "Name", "value": found.name, "href": change},
        {"key": "Code", "value": found.code},
        {"key": "Return address", "lines": found.address_lines, "href": change},
        {"key": "Before it on labels", "value": found.label_prefix or settings.RETURN_PREFIX, "href": change},
        {"key": "Telephone", "value": found.phone},
        {"key": "E-mail address", "value": found.email},
        {"key": "Line on letters", "value": found.letterhead},
        {"key": "Office", "value": "Open" if found.is_active else "Closed"},
    ]
    teams = [
        {"key": team.name, "value": " ", "href": reverse("team_rename", args=[found.code, team.pk]), "action": "Rename"}
        for team in found.teams.all()
    ]
    coming = found.changes.filter(applied_at__isnull=True, withdrawn_at__isnull=True).select_related("made_by")
    context = {
        "office": found,
        "facts": facts,
        "teams": teams,
        "events": events_of(found, with_reasons=True),
        "coming": [_planned(found, change) for change in coming],
    }
    return render(request, "people/office.html", context)


def _planned(found: Office, change: OfficeChange) -> dict[str, Any]:
    """What is to change, as the page shows it."""
    withdraw = reverse("office_withdraw", args=[found.code, change.pk])
    begun = change.starts <= timezone.localdate()
    return {
        "title": f"From {in_words(change.starts)}",
        "by": change.made_by.name,
        "withdraw": "" if begun else withdraw,
        "facts": [
            {"key": "Name", "value": change.name or found.name},
            {"key": "Return address", "lines": change.address.splitlines()},
            {"key": "Before it on labels", "value": change.label_prefix or settings.RETURN_PREFIX},
            {"key": "Telephone", "value": change.phone},
            {"key": "E-mail address", "value": change.email},
            {"key": "Line on letters", "value": change.letterhead},
        ],
    }


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def office_plan(request: HttpRequest, code: str) -> HttpResponse:
    """Details that take effect on a later day."""
    may(request, PeopleAction.CHANGE_OFFICE)
    found = get_object_or_404(Office, code=code)
    back = reverse("office", args=[found.code])
    form = OfficeChangeForm(posted(request), office=found)
    page = FormPage(
        title=f"Change {found.name} from a day on",
        submit="Save",
        back=back,
        intro="Letters and return labels printed from that day on bear these details. A letter that was typed before "
        "and isn't printed by then has to be typed again; its page says so.",
    )

    def do(cleaned: dict[str, Any]) -> tuple[str, str]:
        change = actions.plan_office_change(office=found, by=me(request), **cleaned)
        return f"From {in_words(change.starts)} on {found.name} has the new details.", back

    return answer(request, page, form, do, subject=found)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def office_withdraw(request: HttpRequest, code: str, change_id: int) -> HttpResponse:
    """Take back what hasn't begun."""
    may(request, PeopleAction.CHANGE_OFFICE)
    found = get_object_or_404(Office, code=code)
    change = get_object_or_404(found.changes.filter(withdrawn_at__isnull=True), pk=change_id)
    back = reverse("office", args=[found.code])
    page = FormPage(
        title=f"Withdraw what changes on {in_words(change.starts)}",
        submit="Withdraw it",
        back=back,
        intro=f"{found.name} then keeps the details that it has.",
        warning=True,
    )

    def do(cleaned: dict[str, Any]) -> tuple[str, str]:
        actions.withdraw_office_change(change=change, by=me(request), seen=cleaned["seen"])
        return "Withdrawn. Nothing changes on that day.", back

    return answer(request, page, ConfirmForm(posted(request), seen=found.ledger_seq), do, subject=found)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def office_add(request: HttpRequest) -> HttpResponse:
    """Add an office."""
    may(request, PeopleAction.ADD_OFFICE)
    form = OfficeForm(posted(request))
    page = FormPage(title="Add an office", submit="Add this office", back=reverse("offices"))

    def do(cleaned: dict[str, Any]) -> tuple[str, str]:
        made = actions.add_office(code=cleaned["code"], details=form.details(), by=me(request))
        return f"{made.name} was added.", reverse("office", args=[made.code])

    return answer(request, page, form, do)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def office_change(request: HttpRequest, code: str) -> HttpResponse:
    """Change an office."""
    may(request, PeopleAction.CHANGE_OFFICE)
    found = get_object_or_404(Office, code=code)
    back = reverse("office", args=[found.code])
    form = OfficeForm(posted(request), office=found)
    page = FormPage(title=f"Change {found.name}", submit="Save", back=back)

    def do(cleaned: dict[str, Any]) -> tuple[str, str]:
        actions.change_office(office=found, details=form.details(), by=me(request), seen=cleaned["seen"])
        return "The office is saved.", back

    return answer(request, page, form, do, subject=found)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def team_add(request: HttpRequest, code: str) -> HttpResponse:
    """Add a team to an office."""
    may(request, PeopleAction.CHANGE_OFFICE)
    found = get_object_or_404(Office, code=code)
    back = reverse("office", args=[found.code])
    page = FormPage(title=f"Add a team to {found.name}", submit="Add this team", back=back)

    def do(cleaned: dict[str, Any]) -> tuple[str, str]:
        made = actions.add_team(office=found, name=cleaned["name"], by=me(request))
        return f"{made.name} was added.", back

    return answer(request, page, TeamForm(posted(request)), do)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def team_rename(request: HttpRequest, code: str, team_id: int) -> HttpResponse:
    """Give a team another name."""
    may(request, PeopleAction.CHANGE_OFFICE)
    team = get_object_or_404(Team.objects.select_related("office"), pk=team_id, office__code=code)
    back = reverse("office", args=[code])
    form = TeamForm(posted(request), initial={"name": team.name})
    page = FormPage(title=f"Rename {team.name}", submit="Save", back=back)

    def do(cleaned: dict[str, Any]) -> tuple[str, str]:
        actions.rename_team(team=team, name=cleaned["name"], by=me(request))
        return "The team is renamed.", back

    return answer(request, page, form, do)


@login_required
@require_safe
def deputies(request: HttpRequest) -> HttpResponse:
    """The offices that one person holds, who holds them, and their deputies now and later."""
    may(request, PeopleAction.NAME_DEPUTY)
    today = timezone.localdate()
    held = RoleGrant.objects.on(today).filter(role__in=SINGLE_HOLDER_ROLES, user__is_active=True)
    holders: dict[str, list[str]] = {}
    for grant in held.select_related("user"):
        holders.setdefault(grant.role, []).append(grant.user.name)
    single = [role for role in Role if role in SINGLE_HOLDER_ROLES]
    facts = [{"key": ROLE_NAMES[role], "value": ", ".join(holders.get(role, [])) or "Nobody today"} for role in single]
    coming = Deputy.objects.filter(ends__gte=today).select_related("user").order_by("starts", "pk")
    rows = [
        [
            ROLE_NAMES[Role(row.role)],
            row.user.name,
            f"{in_words(row.starts)} to {in_words(row.ends)}",
            {"text": f"End {row.user.name}'s time", "href": reverse("deputy_end", args=[row.pk])},
        ]
        for row in coming
    ]
    context = {"facts": facts, "rows": rows, "head": ["For", "Deputy", "From and to", "Change"]}
    return render(request, "people/deputies.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def deputy_add(request: HttpRequest) -> HttpResponse:
    """Name a deputy."""
    may(request, PeopleAction.NAME_DEPUTY)
    page = FormPage(
        title="Name a deputy",
        submit="Name this deputy",
        back=reverse("deputies"),
        intro="A deputy acts when the holder is away or involved.",
    )

    def do(cleaned: dict[str, Any]) -> tuple[str, str]:
        made = actions.name_deputy(
            person=cleaned["person"],
            role=Role(cleaned["role"]),
            starts=cleaned["starts"],
            ends=cleaned["ends"],
            by=me(request),
        )
        return f"{made.user.name} is named as deputy.", reverse("deputies")

    return answer(request, page, DeputyForm(posted(request)), do)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def deputy_end(request: HttpRequest, deputy_id: int) -> HttpResponse:
    """End a deputy's time at once."""
    deputy = get_object_or_404(Deputy.objects.select_related("user"), pk=deputy_id)
    may(request, PeopleAction.END_DEPUTY, About(deputy.user_id))
    page = FormPage(
        title=f"End {deputy.user.name}'s time as deputy",
        submit="End it now",
        back=reverse("deputies"),
        intro=f"{ROLE_NAMES[Role(deputy.role)]}, {in_words(deputy.starts)} to {in_words(deputy.ends)}.",
        warning=True,
    )

    def do(cleaned: dict[str, Any]) -> tuple[str, str]:
        actions.end_deputy(deputy=deputy, by=me(request))
        return "The deputy's time has ended.", reverse("deputies")

    return answer(request, page, PlainForm(posted(request)), do)
