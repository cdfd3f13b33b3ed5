"""Return labels (OGP-5)."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from letters.actions.labels import label_lines, print_labels
from letters.actions.stock import check_stock_action
from letters.forms.labels import LabelsForm
from letters.stock_rights import StockAction
from letters.views.common import person
from postroom.context import authority_for
from postroom.people.models import Office
from postroom.people.roles import Role
from postroom.steps.errors import InvalidStep, NotAllowed


@login_required
@require_safe
def labels_home(request: HttpRequest) -> HttpResponse:
    """The offices whose labels this person prints; with one office, straight to its page."""
    ids = authority_for(request).offices(Role.ADMIN)
    offices = list(Office.objects.filter(pk__in=ids, is_active=True))
    if len(offices) == 1:
        return redirect("letters:labels", offices[0].code)
    return render(request, "letters/desk/labels_home.html", {"offices": offices})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def labels(request: HttpRequest, code: str) -> HttpResponse:
    """What will stand on the label, which sheet, where to begin. The POST answers with the PDF."""
    office = get_object_or_404(Office, code=code, is_active=True)
    try:
        check_stock_action(person(request), StockAction.PRINT_LABELS, office)
    except NotAllowed as error:
        return render(request, "letters/work/not_allowed.html", {"sentence": str(error)}, status=403)
    form = LabelsForm(request.POST if request.method == "POST" else None)
    lines, fault = [], ""
    try:
        lines = label_lines(office)
    except InvalidStep as error:
        fault = str(error)
    if request.method == "POST" and form.is_valid():
        try:
            pdf = print_labels(office=office, by=person(request), **form.cleaned_data)
        except InvalidStep as error:
            form.add_error(error.field or None, str(error))
        else:
            name = f'attachment; filename="return-labels-{office.code}.pdf"'
            headers = {"Content-Disposition": name, "Cache-Control": "private, no-store"}
            return HttpResponse(pdf, content_type="application/pdf", headers=headers)
    context = {"office": office, "form": form, "lines": lines, "fault": fault}
    return render(request, "letters/desk/labels.html", context, status=422 if form.errors else 200)
