"""Papers leave: which case, one tap for an agreed task, asking for anything else."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from papers import actions, selectors
from papers.forms import AskForm, TakeForm
from papers.models import PapersKind, PapersOut
from papers.policy import PAPERS_RULES, standing_of
from papers.states import AGREED_TASKS, PURPOSE_NAMES, TAKERS, PapersAction, Purpose
from papers.views.common import KEPT
from postroom.cases.models import Case
from postroom.context import authority_for
from postroom.forms import in_words
from postroom.people.models import Office
from postroom.people.once import made_before, new_key, once
from postroom.people.views.common import me, posted
from postroom.steps.errors import GuardFailed, InvalidStep, NotAllowed
from postroom.steps.references import is_reference
from postroom.steps.table import Grant

CASES_SHOWN = 25
NOTEBOOK = "notebook"


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Whose papers leave? One's cases to choose from; a reference can be typed; or a notebook."""
    viewer, authority = me(request), authority_for(request)
    if not authority.has(*TAKERS):
        raise PermissionDenied("Your role does not include taking papers out of the office.")
    cases = selectors.cases_to_take_from(viewer, authority)
    typed, error = "".join(request.POST.get("reference", "").split()).upper(), ""
    if request.method == "POST":
        if is_reference(typed) and cases.filter(reference=typed).exists():
            return redirect("papers:take", typed)
        error = "There is no open case with this reference that you may read. Check it, and type it whole."
    rows = selectors.own_first(cases, viewer)[:CASES_SHOWN]
    context = {"cases": rows, "typed": typed, "error": error, "errors": [{"href": "#reference", "text": error}]}
    return render(request, "papers/choose_case.html", context, status=422 if error else 200)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def take(request: HttpRequest, case_reference: str) -> HttpResponse:
    """Court, a professional meeting, a meeting with service users: one tap (CLS-2)."""
    case, office = _case_and_office(request, case_reference)
    _may(request, PapersAction.TAKE, case, office)
    key = new_key(request)
    if before := made_before(request, KEPT, key):
        return redirect("papers:entry", before)
    form = TakeForm(posted(request), notebook=case is None)
    if request.method == "POST" and form.is_valid():
        reference, now = once(request, KEPT, key, lambda: _take(request, form, case, office))
        if now:
            messages.success(request, f"Entered. They are due on {in_words(form.cleaned_data['due_on'])}.")
        if reference:
            return redirect("papers:entry", reference)
    context = {
        "case": case,
        "form": form,
        "form_key": key,
        "tasks": [{"value": task.value, "label": PURPOSE_NAMES[task]} for task in AGREED_TASKS],
        "ask_href": reverse("papers:ask", args=[case_reference]),
        "open": bool(form.errors),
    }
    return render(request, "papers/take.html", context, status=422 if form.errors else 200)


def _take(request: HttpRequest, form: TakeForm, case: Case | None, office: Office) -> str:
    """The entry's reference, or "" when the form now says what stands against it."""
    if not form.purpose:
        form.add_error(None, "Press the button of what the papers are for.")
        return ""
    try:
        papers = actions.take_out(
            case=case, office=office, leaves=form.leaves(form.purpose), security=form.security, by=me(request)
        )
        return papers.reference
    except InvalidStep as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
    except (NotAllowed, GuardFailed) as error:
        form.add_error(None, str(error))
    return ""


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, case_reference: str) -> HttpResponse:
    """Another purpose: the line manager answers before they leave (CLS-3)."""
    case, office = _case_and_office(request, case_reference)
    _may(request, PapersAction.ASK, case, office)
    key = new_key(request)
    if before := made_before(request, KEPT, key):
        return redirect("papers:entry", before)
    form = AskForm(posted(request), notebook=case is None)
    manager = me(request).line_manager
    if request.method == "POST" and form.is_valid():
        reference, now = once(request, KEPT, key, lambda: _ask(request, form, case, office))
        if now:
            messages.success(request, "Your line manager is asked. The papers stay in the office until then.")
        if reference:
            return redirect("papers:entry", reference)
    context = {
        "case": case,
        "form": form,
        "form_key": key,
        "manager": manager,
        "take_href": reverse("papers:take", args=[case_reference]),
    }
    return render(request, "papers/ask.html", context, status=422 if form.errors else 200)


def _ask(request: HttpRequest, form: AskForm, case: Case | None, office: Office) -> str:
    try:
        papers = actions.ask(
            case=case,
            office=office,
            leaves=form.asked,
            by=me(request),
            manager_away=form.cleaned_data["manager_away"],
        )
        return papers.reference
    except InvalidStep as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
    except (NotAllowed, GuardFailed) as error:
        form.add_error(None, str(error))
    return ""


def _case_and_office(request: HttpRequest, reference: str) -> tuple[Case | None, Office]:
    """The open case and its office; for a notebook none, and the person's own. Raises Http404."""
    viewer, authority = me(request), authority_for(request)
    if reference == NOTEBOOK:
        if viewer.office is None or viewer.office_id not in authority.offices(*TAKERS):
            raise PermissionDenied("Your role does not include taking papers out of the office.")
        return None, viewer.office
    compact = "".join(reference.split()).upper()
    cases = selectors.cases_to_take_from(viewer, authority)
    case = cases.filter(reference=compact).first() if is_reference(compact) else None
    if case is None:
        raise Http404
    return case, case.office


def _may(request: HttpRequest, action: PapersAction, case: Case | None, office: Office) -> None:
    """Raises PermissionDenied with the reason; the step asks again."""
    purpose = Purpose.COURT if action == PapersAction.TAKE else Purpose.OTHER
    viewer = me(request)
    papers = PapersOut(case=case, office=office, holder=viewer, purpose=purpose, kind=PapersKind.COPY)
    standing = standing_of(papers, viewer, authority_for(request))
    decision = PAPERS_RULES.decide(action, standing.roles, standing.holding)
    if not isinstance(decision, Grant):
        raise PermissionDenied(PAPERS_RULES.explain(decision))
