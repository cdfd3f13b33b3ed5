"""The list of cases, a case's page and history, opening, allocating, moving, closing."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from postroom.cases import actions
from postroom.cases.confidential import may_see_confidential
from postroom.cases.forms import AllocateForm, FindForm, MoveForm, OpenCaseForm
from postroom.cases.history import events_of, field_changes
from postroom.cases.models import Case, CasePerson
from postroom.cases.policy import what_may
from postroom.cases.selectors import CasePage, case_page, find_exact, kept_apart, people_of, visible_to
from postroom.cases.states import CaseAction
from postroom.cases.views.common import case_page_of, seen_case, step_page
from postroom.context import authority_for
from postroom.people.authority import Authority
from postroom.people.forms import ReasonForm
from postroom.people.models import Office
from postroom.people.roles import Role
from postroom.people.views.common import FormPage, form_response, me, posted
from postroom.steps.engine import Seen
from postroom.steps.errors import InvalidStep, NotAllowed


def offices_to_open_at(authority: Authority) -> list[int]:
    """Where this person may open a case: those whose worker or admin they are."""
    return authority.offices(Role.WORKER, Role.ADMIN)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def cases(request: HttpRequest) -> HttpResponse:
    """Cases one may see, newest first: one's own (`?mine=1`), or all. POST finds one by reference or ICS number."""
    viewer, authority = me(request), authority_for(request)
    visible = visible_to(viewer, authority=authority)
    form = FindForm(posted(request))
    if request.method == "POST" and form.is_valid():
        found = find_exact(visible, form.cleaned_data["words"])
        if found:
            return redirect("case", reference=found.reference)
        form.add_error("words", "No case that you may see has this reference or number. Check it, and type it whole.")
    mine = request.GET.get("mine") == "1"
    rows = visible.filter(allocated_worker=viewer, state="open") if mine else visible
    page = case_page(rows, before=_number(request, "before"), after=_number(request, "after"))
    context = {
        "form": form,
        "mine": mine,
        "head": ["Case", "Children", "Office", "Worker", "Case is"],
        "rows": _rows(page),
        "newer_href": _href(mine, "after", page.newer),
        "older_href": _href(mine, "before", page.older),
        "may_open": bool(offices_to_open_at(authority)),
    }
    return render(request, "cases/cases.html", context)


def _rows(page: CasePage) -> list[list[Any]]:
    return [
        [
            {"text": case.reference, "href": case_page_of(case)},
            ", ".join(child.name for child in case.children) or "None",
            case.office.name,
            case.allocated_worker.name if case.allocated_worker else "Not allocated",
            str(case.state).capitalize(),
        ]
        for case in page.cases
    ]


def _href(mine: bool, key: str, value: int | None) -> str:
    return f"?{'mine=1&' if mine else ''}{key}={value}" if value else ""


def _number(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


@login_required
@require_safe
def case(request: HttpRequest, reference: str) -> HttpResponse:
    """A case: its people, where each can be written to, and what can be done."""
    found = seen_case(request, reference)
    viewer, authority = me(request), authority_for(request)
    may = what_may(found, viewer, authority)
    context = {
        "case": found,
        "facts": _facts(found, may),
        "people": [_person(person) for person in people_of(found)],
        "may": may,
        "sees_confidential": may_see_confidential(found, viewer, authority),
        "pairs": kept_apart(found.pk),
        "queried": set(found.ics_queries.filter(settled_at__isnull=True).values_list("address_id", flat=True)),
    }
    return render(request, "cases/case.html", context)


def _facts(found: Case, may: dict[str, bool]) -> list[dict[str, Any]]:
    worker = found.allocated_worker.name if found.allocated_worker else "Not allocated yet"
    allocate = reverse("case_allocate", args=[found.reference]) if may[CaseAction.ALLOCATE] else ""
    move = reverse("case_move", args=[found.reference]) if may[CaseAction.MOVE] else ""
    access = reverse("case_access", args=[found.reference]) if may[CaseAction.RESTRICT_CASE] else ""
    in_ics = [{"key": "Case number in ICS", "value": found.ics_reference}] if found.ics_reference else []
    facts = [
        *in_ics,
        {"key": "Worker", "value": worker, "href": allocate},
        {"key": "Office", "value": found.office.name, "href": move, "action": "Move"},
        {"key": "Case is", "value": str(found.state).capitalize()},
    ]
    if found.is_restricted or access:
        words = "Restricted to named people" if found.is_restricted else "Whoever reads cases at its office"
        facts.append({"key": "Who may know of it", "value": words, "href": access})
    return facts


def _person(person: CasePerson) -> dict[str, Any]:
    facts = [
        ("Belongs as", person.get_relationship_display()),
        ("ICS number", person.ics_number),
        ("Date of birth", f"{person.date_of_birth.day} {person.date_of_birth:%B %Y}" if person.date_of_birth else ""),
        ("Salutation", person.salutation),
        ("Organisation", person.organisation),
        ("E-mail", person.email),
        ("Mobile", person.mobile),
        ("Post", person.why_by_hand),
    ]
    return {
        "row": person,
        "facts": [{"key": key, "value": value} for key, value in facts if value],
        "current": person.current,  # type: ignore[attr-defined]
        "former": person.former,  # type: ignore[attr-defined]
    }


@login_required
@require_safe
def history(request: HttpRequest, reference: str) -> HttpResponse:
    """What happened to a case: its steps, and field by field what changed."""
    found = seen_case(request, reference)
    context = {
        "case": found,
        "events": events_of(found),
        "head": ["When", "Who", "What", "Before", "After"],
        "rows": field_changes(found),
    }
    return render(request, "cases/history.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def case_open(request: HttpRequest) -> HttpResponse:
    """Open a case with its children."""
    offices = Office.objects.filter(pk__in=offices_to_open_at(authority_for(request)), is_active=True)
    if not offices:
        raise PermissionDenied("Social workers and admin open cases, for their own office.")
    rows = request.POST.get("rows", "1")
    form = OpenCaseForm(
        posted(request),
        offices=offices,
        rows=int(rows) if rows.isascii() and rows.isdecimal() and len(rows) < 4 else 1,
        initial={"office": offices[0].pk},
    )
    page = FormPage(
        title="Open a case",
        submit="Open this case",
        back=reverse("cases"),
        intro="A case has one or more children, each with the number that ICS knows them by. Other family, "
        "professionals and addresses come afterwards.",
        more="Add another child",
    )
    if "more" in request.POST:
        form.one_more()
        return form_response(request, page, form)
    if request.method != "POST" or not form.is_valid():
        return form_response(request, page, form)
    try:
        made = actions.open_case(office=form.cleaned_data["office"], children=form.children(), by=me(request))
    except NotAllowed as error:
        raise PermissionDenied(str(error)) from error
    except InvalidStep as error:
        field = f"{error.field}_1" if form.row_count == 1 else error.field
        form.add_error(field if field in form.fields else None, str(error))
        return form_response(request, page, form)
    messages.success(request, f"Case {made.reference} is open.")
    return redirect("case", reference=made.reference)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def case_allocate(request: HttpRequest, reference: str) -> HttpResponse:
    """Give a case to a worker."""
    found = seen_case(request, reference)
    page = FormPage(
        title=f"Allocate case {found.reference}",
        submit="Allocate",
        back=case_page_of(found),
        intro="A check of a letter that isn't signed yet is void when the worker changes.",
    )

    def do(cleaned: dict[str, Any], seen: Seen) -> tuple[str, str]:
        actions.allocate(case=found, worker=cleaned["worker"], by=me(request), seen=seen)
        return f"The case is allocated to {cleaned['worker'].name}.", case_page_of(found)

    return step_page(request, found, CaseAction.ALLOCATE, page, AllocateForm(posted(request), case=found), do)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def case_move(request: HttpRequest, reference: str) -> HttpResponse:
    """Move a case to another office."""
    found = seen_case(request, reference)
    page = FormPage(
        title=f"Move case {found.reference} to another office",
        submit="Move this case",
        back=case_page_of(found),
        intro="Its letters that aren't posted yet go with it. Afterwards it is that office's case, not yours.",
        warning=True,
    )

    def do(cleaned: dict[str, Any], seen: Seen) -> tuple[str, str]:
        actions.move(
            case=found,
            office=cleaned["office"],
            worker=cleaned["worker"],
            reason=cleaned["reason"],
            by=me(request),
            seen=seen,
        )
        return f"Case {found.reference} is at {cleaned['office'].name} now.", reverse("cases")

    return step_page(request, found, CaseAction.MOVE, page, MoveForm(posted(request), case=found), do)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def case_close(request: HttpRequest, reference: str) -> HttpResponse:
    """Close a case."""
    found = seen_case(request, reference)
    page = FormPage(
        title=f"Close case {found.reference}",
        submit="Close this case",
        back=case_page_of(found),
        intro="A closed case starts no new letter. It can be opened again.",
        warning=True,
    )

    def do(cleaned: dict[str, Any], seen: Seen) -> tuple[str, str]:
        actions.close_case(case=found, by=me(request), seen=seen, reason=cleaned["reason"])
        return f"Case {found.reference} is closed.", case_page_of(found)

    form = ReasonForm(posted(request), seen=found.version)
    return step_page(request, found, CaseAction.CLOSE_CASE, page, form, do)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def case_reopen(request: HttpRequest, reference: str) -> HttpResponse:
    """Open a closed case again."""
    found = seen_case(request, reference)
    page = FormPage(title=f"Open case {found.reference} again", submit="Open this case again", back=case_page_of(found))

    def do(cleaned: dict[str, Any], seen: Seen) -> tuple[str, str]:
        actions.reopen_case(case=found, by=me(request), seen=seen, reason=cleaned["reason"])
        return f"Case {found.reference} is open again.", case_page_of(found)

    form = ReasonForm(posted(request), seen=found.version)
    return step_page(request, found, CaseAction.REOPEN_CASE, page, form, do)
