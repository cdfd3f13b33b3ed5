"""Files from ICS: uploaded, previewed, taken over; what is wrong in ICS, until it is settled."""

from __future__ import annotations

import hashlib
from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from postroom.cases import actions
from postroom.cases.forms_marks import IcsFileForm
from postroom.cases.ics import taking
from postroom.cases.models import IcsImport, IcsLine, IcsQuery
from postroom.cases.policy import check_action
from postroom.cases.selectors import open_ics_queries
from postroom.cases.states import CaseAction
from postroom.cases.views.common import address_on, case_page_of, not_now, seen_case, step_page
from postroom.context import authority_for
from postroom.forms import row_numbers
from postroom.people.forms import ReasonForm
from postroom.people.once import new_key, once
from postroom.people.roles import Role
from postroom.people.views.common import FormPage, me, posted
from postroom.steps.engine import Seen
from postroom.steps.errors import InvalidStep, NotAllowed, StepError

LINES = 50
KEPT = "ics_files_uploaded"  # which form made which import, in the session
State = IcsImport.State
UNDER_WAY = (State.READING, State.TAKING)


def _only_admin(request: HttpRequest) -> None:
    if not authority_for(request).has(Role.ADMIN):
        raise PermissionDenied("Admin takes files over from ICS, for the cases of their own office.")


def _mine(request: HttpRequest, reference: str) -> IcsImport:
    _only_admin(request)
    return get_object_or_404(IcsImport, reference=reference, by=me(request))


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def imports(request: HttpRequest) -> HttpResponse:
    """Upload a file from ICS, once however often the form is sent; those uploaded before."""
    _only_admin(request)
    key = new_key(request)
    form = IcsFileForm(posted(request), request.FILES if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            reference, now = _uploaded(request, key, form)
        except NotAllowed as error:
            raise PermissionDenied(str(error)) from error
        except InvalidStep as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            if now:
                messages.success(
                    request, "The file is uploaded. Nothing changes before you have seen what it would do."
                )
            return redirect("case_ics_import", reference)
    rows = [
        [
            {"text": f"File of {made.as_of.day} {made.as_of:%B %Y}", "href": _page(made)},
            made.get_state_display(),
            f"{made.rows_total} rows, {made.cases_total} cases",
        ]
        for made in IcsImport.objects.filter(by=me(request))[:20]
    ]
    context = {"form": form, "form_key": key, "rows": rows, "columns": _columns()}
    context |= {"head": ["File", "Stands", "Size"]}
    return render(request, "cases/ics_imports.html", context)


def _uploaded(request: HttpRequest, key: str, form: IcsFileForm) -> tuple[str, bool]:
    """The import that this form made of this very file and day, and whether just now.

    Whoever goes back in the browser and takes another file sends the same form, and means that one.
    """
    data, as_of = form.cleaned_data["file"].read(), form.cleaned_data["as_of"]
    of_this = f"{key} {as_of} {hashlib.sha256(data).hexdigest()[:16]}"
    make = partial(taking.upload, data=data, as_of=as_of, by=me(request))
    return once(request, KEPT, of_this, lambda: make().reference)


def _columns() -> list[str]:
    from postroom.cases.ics.reading import COLUMNS

    return list(COLUMNS)


def _page(made: IcsImport) -> str:
    return reverse("case_ics_import", args=[made.reference])


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ics_import(request: HttpRequest, reference: str) -> HttpResponse:
    """What a file would change, row by row; the button that takes it over; how far that is."""
    made = _mine(request, reference)
    if request.method == "POST":
        try:
            made = taking.start(made=made, by=me(request))
        except (InvalidStep, NotAllowed) as error:
            messages.error(request, str(error))
        return redirect(_page(made))
    counts = dict.fromkeys(IcsLine.Kind.values, 0)
    counts |= dict(made.lines.order_by().values_list("kind").annotate(n=Count("pk")))
    kind = request.GET.get("kind", "")
    lines = made.lines.filter(kind=kind) if kind in IcsLine.Kind.values else made.lines.all()
    after = request.GET.get("after", "")
    if after.isascii() and after.isdecimal() and len(after) < 10:
        lines = lines.filter(number__gt=int(after))
    shown = list(lines.order_by("number")[: LINES + 1])
    more = f"?kind={kind}&after={shown[LINES - 1].number}" if len(shown) > LINES else ""
    context = {
        "made": made,
        "under_way": made.state in UNDER_WAY,
        "ready": made.state == State.READY,
        "counts": [
            {"kind": value, "label": label, "count": counts[value], "chosen": kind == value}
            for value, label in IcsLine.Kind.choices
        ],
        "same": made.rows_total - sum(counts.values()),
        "head": ["Row", "What happens", "What it is about"],
        "rows": [[str(line.number), line.get_kind_display(), line.words] for line in shown[:LINES]],
        "older_href": more,
    }
    return render(request, "cases/ics_import.html", context)


@login_required
@never_cache
@require_safe
def ics_progress(request: HttpRequest, reference: str) -> HttpResponse:
    """How far the worker is, as JSON for the progress bar."""
    made = _mine(request, reference)
    finished = made.state not in UNDER_WAY
    return JsonResponse({"done": made.cases_done, "total": made.cases_total, "finished": finished, "href": _page(made)})


@login_required
@require_POST
def ics_wrong(request: HttpRequest, reference: str, address_id: int) -> HttpResponse:
    """One click: ICS is wrong about this address."""
    case = seen_case(request, reference)
    where = address_on(case, address_id)
    seen = Seen(next(iter(row_numbers([request.POST.get("seen", "")])), -1))
    try:
        check_action(case, me(request), CaseAction.QUERY_ICS, authority=authority_for(request))
        actions.query_ics(case=case, address=where, by=me(request), seen=seen)
    except NotAllowed as error:
        raise PermissionDenied(str(error)) from error
    except StepError as error:
        return not_now(request, case, str(error))
    messages.success(request, "It is on the list of whoever keeps ICS, until it is settled.")
    return redirect(case_page_of(case))


@login_required
@require_safe
def ics_queries(request: HttpRequest) -> HttpResponse:
    """What is wrong in ICS, at the offices where one is admin; for whoever keeps it there."""
    _only_admin(request)
    queries = open_ics_queries(me(request), authority_for(request))
    rows = [
        [
            {"text": query.person.name, "href": reverse("case_ics_settle", args=[query.case.reference, query.pk])},
            query.case.ics_reference or query.case.reference,
            f"{query.asked_by.name}, {query.asked_at.day} {query.asked_at:%B %Y}",
        ]
        for query in queries[:200]
    ]
    context = {"head": ["Whose address", "Case", "Said by"], "rows": rows}
    return render(request, "cases/ics_queries.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def ics_settle(request: HttpRequest, reference: str, query_id: int) -> HttpResponse:
    """It was put right in ICS, or ICS was right."""
    case = seen_case(request, reference)
    rows = IcsQuery.objects.select_related("person", "asked_by")
    query = get_object_or_404(rows, pk=query_id, case=case, settled_at__isnull=True)
    page = FormPage(
        title=f"Is the address of {query.person.name} right in ICS now?",
        submit="It is settled",
        back=reverse("case_ics_queries"),
        intro=f"{query.asked_by.name} said that ICS is wrong about it. Put it right there, or find out that ICS is "
        "right; then say here which.",
    )

    def do(cleaned: dict[str, Any], seen: Seen) -> tuple[str, str]:
        actions.settle_ics(case=case, query=query, by=me(request), seen=seen, reason=cleaned["reason"])
        return "It is settled.", reverse("case_ics_queries")

    return step_page(request, case, CaseAction.SETTLE_ICS, page, ReasonForm(posted(request), seen=case.version), do)
