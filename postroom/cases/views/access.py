"""Who may know of a case: restricting it, naming and barring people (TM, information governance)."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from postroom.cases import actions
from postroom.cases.forms_marks import FindAccessForm, OnePersonForm, RestrictForm
from postroom.cases.models import Case, CaseAccess
from postroom.cases.selectors import access_of, access_visible_to, visible_to
from postroom.cases.states import CaseAction
from postroom.cases.views.common import step_page
from postroom.context import authority_for
from postroom.people.forms import ReasonForm
from postroom.people.models import User
from postroom.people.roles import Role
from postroom.people.views.common import FormPage, me, posted
from postroom.steps.engine import Seen

Result = tuple[str, str]


def managed_case(request: HttpRequest, reference: str) -> Case:
    """The case, if the one who asks may decide who sees it; else it doesn't exist for them. Raises Http404."""
    managed = access_visible_to(me(request), authority=authority_for(request))
    return get_object_or_404(managed.select_related("office", "allocated_worker"), reference=reference)


def access_page_of(case: Case) -> str:
    """The address of the page on who may know of a case."""
    return reverse("case_access", args=[case.reference])


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def access_find(request: HttpRequest) -> HttpResponse:
    """Find a case by its reference, to decide who may know of it. Says nothing else of it."""
    authority = authority_for(request)
    if not authority.has(Role.TEAM_MANAGER, Role.INFORMATION_GOVERNANCE):
        raise PermissionDenied("Team managers and information governance decide who may know of a case.")
    form = FindAccessForm(posted(request))
    if request.method == "POST" and form.is_valid():
        compact = "".join(form.cleaned_data["reference"].split()).upper()
        found = access_visible_to(me(request), authority=authority).filter(reference=compact).first()
        if found:
            return redirect(access_page_of(found))
        form.add_error("reference", "There is no case with this reference about which you can decide.")
    return render(request, "cases/access_find.html", {"form": form})


@login_required
@require_safe
def access(request: HttpRequest, reference: str) -> HttpResponse:
    """Is the case restricted, who is named, who is barred."""
    case = managed_case(request, reference)
    rows = access_of(case)
    context = {
        "case": case,
        "reads_it": visible_to(me(request), authority=authority_for(request)).filter(pk=case.pk).exists(),
        "named": [row for row in rows if row.kind == CaseAccess.Kind.NAMED],
        "barred": [row for row in rows if row.kind == CaseAccess.Kind.BARRED],
        "viewer": me(request),
    }
    return render(request, "cases/access.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def restrict(request: HttpRequest, reference: str) -> HttpResponse:
    """Restrict the case to named people."""
    case = managed_case(request, reference)
    page = FormPage(
        title=f"Restrict case {case.reference}",
        submit="Restrict this case",
        back=access_page_of(case),
        intro="For everybody who isn't named, the case and all its letters stop existing: in lists, counts, search and "
        "notices. To be named gives nobody more than their role does. Name yourself if you go on managing it.",
        warning=True,
    )

    def do(cleaned: dict[str, Any], seen: Seen) -> Result:
        actions.restrict(case=case, named=cleaned["named"], by=me(request), seen=seen, reason=cleaned["reason"])
        return f"Case {case.reference} is restricted.", _after(request, case)

    return step_page(request, case, CaseAction.RESTRICT_CASE, page, RestrictForm(posted(request), case=case), do)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def lift(request: HttpRequest, reference: str) -> HttpResponse:
    """The restriction ends."""
    case = managed_case(request, reference)
    page = FormPage(
        title=f"Lift the restriction of case {case.reference}",
        submit="Lift the restriction",
        back=access_page_of(case),
        intro="Everybody whose role and office let them read it sees the case again. Bars stay.",
        warning=True,
    )

    def do(cleaned: dict[str, Any], seen: Seen) -> Result:
        actions.lift_restriction(case=case, by=me(request), seen=seen, reason=cleaned["reason"])
        return f"Case {case.reference} isn't restricted any more.", access_page_of(case)

    form = ReasonForm(posted(request), seen=case.version)
    return step_page(request, case, CaseAction.LIFT_RESTRICTION, page, form, do)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def name(request: HttpRequest, reference: str) -> HttpResponse:
    """One more person is named."""
    case = managed_case(request, reference)
    page = FormPage(title=f"Name somebody on case {case.reference}", submit="Name them", back=access_page_of(case))

    def do(cleaned: dict[str, Any], seen: Seen) -> Result:
        user = cleaned["user"]
        actions.name_person(case=case, user=user, by=me(request), seen=seen, reason=cleaned["reason"])
        return f"{user.name} is named.", access_page_of(case)

    form = OnePersonForm(posted(request), case=case, by=me(request))
    return step_page(request, case, CaseAction.NAME_PERSON, page, form, do)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def bar(request: HttpRequest, reference: str) -> HttpResponse:
    """Somebody is barred from the case."""
    case = managed_case(request, reference)
    page = FormPage(
        title=f"Bar somebody from case {case.reference}",
        submit="Bar them",
        back=access_page_of(case),
        intro="Nothing of this case exists for them from then on, whatever their role. They aren't told.",
        warning=True,
    )

    def do(cleaned: dict[str, Any], seen: Seen) -> Result:
        user = cleaned["user"]
        actions.bar_person(case=case, user=user, by=me(request), seen=seen, reason=cleaned["reason"])
        return f"{user.name} is barred from this case.", access_page_of(case)

    form = OnePersonForm(posted(request), case=case, by=me(request))
    return step_page(request, case, CaseAction.BAR_PERSON, page, form, do)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def unname(request: HttpRequest, reference: str, user_id: int) -> HttpResponse:
    """Somebody is named no longer."""
    case = managed_case(request, reference)
    user = _concerned(case, user_id, CaseAccess.Kind.NAMED)
    page = FormPage(
        title=f"Take {user.name} off case {case.reference}",
        submit="Take their name off",
        back=access_page_of(case),
        intro="The case stops existing for them.",
        warning=True,
    )

    def do(cleaned: dict[str, Any], seen: Seen) -> Result:
        actions.unname_person(case=case, user=user, by=me(request), seen=seen, reason=cleaned["reason"])
        return f"{user.name} is named no longer.", access_page_of(case)

    form = ReasonForm(posted(request), seen=case.version)
    return step_page(request, case, CaseAction.UNNAME_PERSON, page, form, do)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def unbar(request: HttpRequest, reference: str, user_id: int) -> HttpResponse:
    """Somebody is barred no longer."""
    case = managed_case(request, reference)
    user = _concerned(case, user_id, CaseAccess.Kind.BARRED)
    page = FormPage(
        title=f"Lift the bar of {user.name} from case {case.reference}",
        submit="Lift the bar",
        back=access_page_of(case),
        intro="They see again what their role and office let them see.",
        warning=True,
    )

    def do(cleaned: dict[str, Any], seen: Seen) -> Result:
        actions.lift_bar(case=case, user=user, by=me(request), seen=seen, reason=cleaned["reason"])
        return f"{user.name} is barred no longer.", access_page_of(case)

    form = ReasonForm(posted(request), seen=case.version)
    return step_page(request, case, CaseAction.LIFT_BAR, page, form, do)


def _concerned(case: Case, user_id: int, kind: str) -> User:
    rows = CaseAccess.objects.select_related("user")
    return get_object_or_404(rows, case=case, user_id=user_id, kind=kind, ended_at__isnull=True).user


def _after(request: HttpRequest, case: Case) -> str:
    """The case's page on access, or the list for somebody for whom it stopped existing just now."""
    managed = access_visible_to(me(request), authority=authority_for(request)).filter(pk=case.pk)
    return access_page_of(case) if managed.exists() else reverse("cases")
