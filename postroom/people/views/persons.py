"""The list of people, a person's page, and the forms on it."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import ResetPasswordForm
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from postroom.context import authority_for
from postroom.people import actions
from postroom.people.forms import ConfirmForm, EndGrantForm, GrantForm, PersonForm, ReasonForm, SearchForm
from postroom.people.models import Office, RoleGrant, User
from postroom.people.permissions import PeopleAction
from postroom.people.policy import MANAGERS, About, can, people_visible_to
from postroom.people.roles import Role
from postroom.people.selectors import events_of, grants_of, people_page, roles_in_words, system_administrators
from postroom.people.views.common import FormPage, answer, may, me, posted

SEARCH = "people_search"


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def people(request: HttpRequest) -> HttpResponse:
    """The people whose page one may open, by name. A search is kept in the session: no name stands in an address."""
    authority = authority_for(request)
    if not authority.has(Role.SYSTEM_ADMINISTRATOR, *MANAGERS):
        return redirect("my_details")
    if request.method == "POST":
        form = SearchForm(request.POST)
        request.session[SEARCH] = form.cleaned_data["words"].strip() if form.is_valid() else ""
        return redirect(request.get_full_path())
    visible = people_visible_to(me(request), authority=authority)
    words = request.session.get(SEARCH, "")
    office = Office.objects.filter(code=request.GET.get("office", "").replace("\0", "")).first()
    page = people_page(
        visible, words=words, office=office, after=_number(request, "after"), before=_number(request, "before")
    )
    narrowed = f"office={office.code}&" if office else ""
    offices = Office.objects.all() if authority.has(Role.SYSTEM_ADMINISTRATOR) else []
    context = {
        "search": SearchForm(initial={"words": words}),
        "words": words,
        "office": office,
        "offices": offices,
        "rows": [_row(person) for person in page.people],
        "head": ["Name", "Office", "Job title", "Roles today", "Account"],
        "newer_href": f"?{narrowed}before={page.before}" if page.before else "",
        "older_href": f"?{narrowed}after={page.after}" if page.after else "",
        "may_add": can(PeopleAction.ADD_PERSON, by=me(request), authority=authority),
    }
    return render(request, "people/people.html", context)


def _row(person: User) -> list[Any]:
    return [
        {"text": person.name, "href": reverse("person", args=[person.pk])},
        person.office.name if person.office else "Whole council",
        person.job_title or "None",
        roles_in_words(person),
        "Open" if person.is_active else "Closed",
    ]


def _number(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


@login_required
@require_safe
def my_details(request: HttpRequest) -> HttpResponse:
    """One's own page."""
    return redirect("person", person_id=me(request).pk)


def visible_person(request: HttpRequest, person_id: int) -> User:
    """The person, if the one who asks may see them. Raises Http404."""
    visible = people_visible_to(me(request), authority=authority_for(request))
    return get_object_or_404(visible.select_related("office", "team", "line_manager"), pk=person_id)


@login_required
@require_safe
def person(request: HttpRequest, person_id: int) -> HttpResponse:
    """Who somebody is, their roles with dates, and what was changed."""
    found = visible_person(request, person_id)
    viewer, authority, about = me(request), authority_for(request), About.person(found)

    def allowed(action: PeopleAction) -> bool:
        return can(action, by=viewer, about=about, authority=authority)

    change = reverse("person_change", args=[found.pk]) if allowed(PeopleAction.CHANGE_PERSON) else ""
    facts = [
        {"key": "Name", "value": found.name, "href": change},
        {"key": "E-mail address", "value": found.email},
        {"key": "Initials", "value": found.initials},
        {"key": "Job title", "value": found.job_title},
        {"key": "Office", "value": found.office.name if found.office else "Whole council"},
        {"key": "Team", "value": found.team.name if found.team else ""},
        {"key": "Line manager", "value": found.line_manager.name if found.line_manager else ""},
        {"key": "Account", "value": "Open" if found.is_active else "Closed"},
    ]
    context = {
        "person": found,
        "is_me": found.pk == viewer.pk,
        "facts": facts,
        "grants": grants_of(found),
        "events": events_of(found, with_reasons=authority.has(Role.SYSTEM_ADMINISTRATOR)),
        "administrators": system_administrators() if found.pk == viewer.pk else [],
        "may_grant": allowed(PeopleAction.GRANT_ROLE) and found.is_active,
        "may_end": allowed(PeopleAction.END_GRANT),
        "may_close": allowed(PeopleAction.DEACTIVATE_PERSON) and found.is_active,
        "may_open": allowed(PeopleAction.REACTIVATE_PERSON) and not found.is_active,
        "may_send": allowed(PeopleAction.SEND_PASSWORD_LINK) and found.is_active,
        "sees_list": authority.has(Role.SYSTEM_ADMINISTRATOR, *MANAGERS),
    }
    return render(request, "people/person.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def person_add(request: HttpRequest) -> HttpResponse:
    """Add a person; they get a link to set their own password."""
    may(request, PeopleAction.ADD_PERSON)
    form = PersonForm(posted(request))
    page = FormPage(
        title="Add a person",
        submit="Add this person",
        back=reverse("people"),
        intro="They get an e-mail with a link to set their password. Give them a role afterwards.",
    )

    def do(cleaned: dict[str, Any]) -> tuple[str, str]:
        made = actions.add_person(details=form.details(), by=me(request))
        return _send_link(request, made, f"{made.name} was added."), reverse("person", args=[made.pk])

    return answer(request, page, form, do)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def person_change(request: HttpRequest, person_id: int) -> HttpResponse:
    """Change somebody's details."""
    found = visible_person(request, person_id)
    may(request, PeopleAction.CHANGE_PERSON, About.person(found))
    form = PersonForm(posted(request), person=found)
    page = FormPage(title=f"Change details of {found.name}", submit="Save", back=_back(found))

    def do(cleaned: dict[str, Any]) -> tuple[str, str]:
        actions.change_person(person=found, details=form.details(), by=me(request), seen=cleaned["seen"])
        return "The details are saved.", _back(found)

    return answer(request, page, form, do, subject=found)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def person_close(request: HttpRequest, person_id: int) -> HttpResponse:
    """Close a leaver's account."""
    found = visible_person(request, person_id)
    may(request, PeopleAction.DEACTIVATE_PERSON, About.person(found))
    form = ReasonForm(posted(request), seen=found.ledger_seq)
    page = FormPage(
        title=f"Close the account of {found.name}",
        submit="Close the account",
        back=_back(found),
        intro="They can't sign in from now on, their roles end today and they come off the duty rota. "
        "What they did stays on record.",
        warning=True,
    )

    def do(cleaned: dict[str, Any]) -> tuple[str, str]:
        actions.deactivate_person(person=found, by=me(request), seen=cleaned["seen"], reason=cleaned["reason"])
        return "The account is closed.", _back(found)

    return answer(request, page, form, do, subject=found)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def person_open(request: HttpRequest, person_id: int) -> HttpResponse:
    """Open a closed account again."""
    found = visible_person(request, person_id)
    may(request, PeopleAction.REACTIVATE_PERSON, About.person(found))
    form = ReasonForm(posted(request), seen=found.ledger_seq)
    page = FormPage(
        title=f"Open the account of {found.name} again",
        submit="Open the account",
        back=_back(found),
        intro="Roles that ended stay ended; give those that are needed anew.",
    )

    def do(cleaned: dict[str, Any]) -> tuple[str, str]:
        actions.reactivate_person(person=found, by=me(request), seen=cleaned["seen"], reason=cleaned["reason"])
        return "The account is open again.", _back(found)

    return answer(request, page, form, do, subject=found)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def person_link(request: HttpRequest, person_id: int) -> HttpResponse:
    """Send somebody a link to set their password. Nobody chooses a password for somebody else."""
    found = visible_person(request, person_id)
    may(request, PeopleAction.SEND_PASSWORD_LINK, About.person(found))
    form = ConfirmForm(posted(request), seen=found.ledger_seq)
    page = FormPage(
        title=f"Send {found.name} a link to set a password",
        submit="Send the link",
        back=_back(found),
        intro="It goes to their own e-mail address and works for a few days, once.",
    )

    def do(cleaned: dict[str, Any]) -> tuple[str, str]:
        return _send_link(request, found, ""), _back(found)

    return answer(request, page, form, do, subject=found)


def _send_link(request: HttpRequest, person: User, said: str) -> str:
    """On record first, sent after: a mail server that is down leaves a person to send it again, not a lost account."""
    actions.record_password_link(person=person, by=me(request))
    form = ResetPasswordForm({"email": person.email})
    try:
        if form.is_valid():
            form.save(request)
            return f"{said} A link to set a password was sent.".strip()
    except OSError:  # what smtplib and sockets raise
        pass
    messages.error(request, "The e-mail could not be sent. Try again from this page when the mail server is back.")
    return said or "Nothing else was changed."


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def role_give(request: HttpRequest, person_id: int) -> HttpResponse:
    """Give a role from a day to a day."""
    found = visible_person(request, person_id)
    may(request, PeopleAction.GRANT_ROLE, About.person(found))
    form = GrantForm(posted(request), seen=found.ledger_seq, initial={"office": found.office_id})
    page = FormPage(title=f"Give {found.name} a role", submit="Give this role", back=_back(found))

    def do(cleaned: dict[str, Any]) -> tuple[str, str]:
        grant = actions.grant_role(
            person=found,
            role=Role(cleaned["role"]),
            office=cleaned["office"],
            starts=cleaned["starts"],
            ends=cleaned["ends"],
            by=me(request),
            seen=cleaned["seen"],
        )
        return f"Role given: {grant}.", _back(found)

    return answer(request, page, form, do, subject=found)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def role_end(request: HttpRequest, person_id: int, grant_id: int) -> HttpResponse:
    """End a role, at once or on a day."""
    found = visible_person(request, person_id)
    grant = RoleGrant.objects.select_related("office", "user").filter(user=found, pk=grant_id).first()
    if grant is None:
        raise Http404
    may(request, PeopleAction.END_GRANT, About.person(found))
    form = EndGrantForm(posted(request), seen=found.ledger_seq)
    page = FormPage(
        title=f"End a role of {found.name}",
        submit="End this role",
        back=_back(found),
        intro=f"{grant}. Duty that depends on it comes off the rota.",
        warning=True,
    )

    def do(cleaned: dict[str, Any]) -> tuple[str, str]:
        actions.end_grant(grant=grant, by=me(request), seen=cleaned["seen"], last_day=form.last())
        return f"Role ended: {grant}.", _back(found)

    return answer(request, page, form, do, subject=found)


def _back(person: User) -> str:
    return reverse("person", args=[person.pk])
