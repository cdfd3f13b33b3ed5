"""What is said of addresses and people: area, safe post, confidential, who must not know of whom (CLS-5, CLS-6)."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from postroom.cases import actions
from postroom.cases.confidential import looked, may_see_confidential
from postroom.cases.forms_marks import ApartForm, MarksForm, SafePostForm
from postroom.cases.models import MustNotKnow
from postroom.cases.states import CaseAction
from postroom.cases.views.common import address_on, case_page_of, person_on, seen_case, step_page
from postroom.context import authority_for
from postroom.people.forms import ReasonForm
from postroom.people.views.common import FormPage, me, posted
from postroom.steps.engine import Seen

Result = tuple[str, str]


@login_required
@never_cache
@require_safe
def address_look(request: HttpRequest, reference: str, address_id: int) -> HttpResponse:
    """A confidential address, to those who must use it; each look is on record."""
    case = seen_case(request, reference)
    where = address_on(case, address_id)
    if where.is_confidential:
        if not may_see_confidential(case, me(request), authority_for(request)):
            raise PermissionDenied("This address is confidential. The case's worker and its managers are shown it.")
        if request.method == "GET":
            looked(where, me(request), "case")
    return render(request, "cases/address_look.html", {"case": case, "address": where})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def address_mark(request: HttpRequest, reference: str, address_id: int) -> HttpResponse:
    """Where an address lies, whether post is safe, whether it is confidential."""
    case = seen_case(request, reference)
    where = address_on(case, address_id)
    page = FormPage(
        title=f"Area and safety of an address of {where.person.name}",
        submit="Save",
        back=case_page_of(case),
        intro="What you say here decides how anything may be sent there.",
        lines=tuple(where.line_list) if not where.is_confidential else (),
    )

    form = MarksForm(posted(request), case=case, address=where)

    def do(cleaned: dict[str, Any], seen: Seen) -> Result:
        actions.mark_address(
            case=case, address=where, marks=form.marks(), by=me(request), seen=seen, reason=cleaned["reason"]
        )
        return "The address is marked.", case_page_of(case)

    return step_page(request, case, CaseAction.MARK_ADDRESS, page, form, do)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def person_post(request: HttpRequest, reference: str, person_id: int) -> HttpResponse:
    """Whether post is safe for somebody, wherever they live."""
    case = seen_case(request, reference)
    person = person_on(case, person_id)
    page = FormPage(
        title=f"Is post safe for {person.name}?",
        submit="Save",
        back=case_page_of(case),
        intro="If it isn't, letters are handed over in person, and those checked or signed for them go back.",
    )

    def do(cleaned: dict[str, Any], seen: Seen) -> Result:
        actions.mark_person(
            case=case,
            person=person,
            safe_to_post=cleaned["safe"] == "yes",
            why=cleaned["why"],
            reason=cleaned["reason"],
            by=me(request),
            seen=seen,
        )
        return "It is on record.", case_page_of(case)

    form = SafePostForm(posted(request), case=case, person=person)
    return step_page(request, case, CaseAction.MARK_PERSON, page, form, do)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def apart_add(request: HttpRequest, reference: str) -> HttpResponse:
    """Two people who must not know of each other."""
    case = seen_case(request, reference)
    page = FormPage(
        title="Two people who must not know of each other",
        submit="Keep them apart",
        back=case_page_of(case),
        intro="Neither is named in anything sent to the other, and they are never on one letter or list. What was "
        "checked or signed for either goes back.",
    )

    def do(cleaned: dict[str, Any], seen: Seen) -> Result:
        actions.keep_apart(
            case=case,
            one=cleaned["one"],
            other=cleaned["other"],
            reason=cleaned["reason"],
            by=me(request),
            seen=seen,
        )
        return "It is on record.", case_page_of(case)

    return step_page(request, case, CaseAction.KEEP_APART, page, ApartForm(posted(request), case=case), do)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def apart_lift(request: HttpRequest, reference: str, pair_id: int) -> HttpResponse:
    """They may know of each other again."""
    case = seen_case(request, reference)
    rows = MustNotKnow.objects.select_related("a", "b")
    pair = get_object_or_404(rows, pk=pair_id, case=case, lifted_at__isnull=True)
    page = FormPage(
        title=f"May {pair.a.name} and {pair.b.name} know of each other?",
        submit="Yes, they may",
        back=case_page_of(case),
        intro=f"It was put on record because: {pair.reason}",
        warning=True,
    )

    def do(cleaned: dict[str, Any], seen: Seen) -> Result:
        actions.let_know(case=case, pair=pair, reason=cleaned["reason"], by=me(request), seen=seen)
        return "It is on record.", case_page_of(case)

    return step_page(request, case, CaseAction.LET_KNOW, page, ReasonForm(posted(request), seen=case.version), do)
