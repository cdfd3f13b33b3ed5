"""Subject access: find the person, have everything gathered, fetch it. For information governance."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from audit.record.access import LEFT_OUT_CASES
from audit.record.actions.access import answer_access
from audit.record.apart import is_barred, not_barred, why_not
from audit.record.forms import AccessForm, PersonForm
from audit.record.models import AccessRequest
from audit.record.permissions import RecordAction
from audit.record.views.common import may, me
from postroom.cases.models import CasePerson
from postroom.files.errors import FileError
from postroom.files.store import read
from postroom.ledger.readings import record_read
from postroom.steps.errors import InvalidStep

SHOWN = 25
# What the page says of sections of the file whose name is a table's; all others are words already.
SECTION_WORDS = {
    "Case person": "The person, as cases have them",
    "Letter version": "Versions of letters, as typed",
    "Working text": "Text that is being typed",
    "Source": "Drafts and files handed over",
    "Tracked number": "Tracking numbers",
    "Registered": "Registered post and its proof",
    "Ics upload": "Uploads to ICS",
    "Print run letter": "Print runs with a letter of theirs",
    "Item": "Items of spot checks, reports and minutes",
    "Figure part": "Counts of theirs in the figures",
    "Letterversion-officetextversion relationship": "Templates that a letter was typed from",
}
HISTORY = "Field history of "
LEFT_OUT = (
    "Breach cases that {} is part of were left out. Somebody else of information governance has to gather this anew."
)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def home(request: HttpRequest) -> HttpResponse:
    """Find somebody by name or ICS number (posted, since it is personal), and the requests so far."""
    may(request, RecordAction.ANSWER_ACCESS)
    form = PersonForm(request.POST if request.method == "POST" else None)
    people: list[CasePerson] | None = None
    if form.is_bound and form.is_valid():
        people = list(not_barred(form.people(), me(request))[:SHOWN])
    asked = AccessRequest.objects.select_related("person__case")[:SHOWN]
    rows: list[list[Any]] = [
        [
            {"text": row.reference, "href": reverse("record:access_request", args=[row.reference])},
            f"{row.received_on:%-d %B %Y}",
            f"{row.answer_by:%-d %B %Y}",
            "Ready" if row.file_id else "Being gathered",
        ]
        for row in asked
    ]
    head = ["Request", "Received", "Answer by", "State"]
    return render(request, "record/access.html", {"form": form, "people": people, "head": head, "rows": rows})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, number: int) -> HttpResponse:
    """The request of this person: when it came."""
    may(request, RecordAction.ANSWER_ACCESS)
    person = CasePerson.objects.select_related("case").filter(pk=number).first() if number < 2**31 else None
    if person is None or is_barred([person], me(request)):
        raise Http404
    form = AccessForm(request.POST if request.method == "POST" else None, person=person, by=me(request))
    if form.is_bound and form.is_valid():
        try:
            made = answer_access(
                person=person,
                received_on=form.cleaned_data["received_on"],
                also=form.cleaned_data.get("also", ()),
                by=me(request),
            )
            return redirect("record:access_request", made.reference)
        except InvalidStep as error:
            form.add_error("received_on", str(error))
    return render(request, "record/access_ask.html", {"form": form, "person": person})


def _found(request: HttpRequest, reference: str) -> AccessRequest:
    """The request, to those who may read what it found. Raises Http404, PermissionDenied with why."""
    found = AccessRequest.objects.select_related("person__case", "answered_by").filter(reference=reference).first()
    if found is None:
        raise Http404
    if sentence := why_not(found, me(request)):
        raise PermissionDenied(sentence)
    return found


def _section_words(name: str) -> str:
    """A section of the file in plain words; its former values as "Earlier values: …"."""
    if name.startswith(HISTORY):
        kind = name.removeprefix(HISTORY).capitalize()
        return f"Earlier values: {SECTION_WORDS.get(kind, kind)}"
    return SECTION_WORDS.get(name, name)


@login_required
@require_safe
def access_request(request: HttpRequest, reference: str) -> HttpResponse:
    """What was found, and the file."""
    may(request, RecordAction.ANSWER_ACCESS)
    found = _found(request, reference)
    sections = [(_section_words(name), count) for name, count in found.found.items() if name != LEFT_OUT_CASES]
    page = {
        "request_": found,
        "people": found.people,
        "sections": sections,
        "left_out": LEFT_OUT.format(found.answered_by.name) if found.found.get(LEFT_OUT_CASES) else "",
    }
    return render(request, "record/access_request.html", page)


@login_required
@require_safe
def access_file(request: HttpRequest, reference: str) -> HttpResponse:
    """The file, not redacted yet. Each fetching is in the log of readings."""
    may(request, RecordAction.ANSWER_ACCESS)
    found = _found(request, reference)
    try:
        data = read(found.file_id or "")
    except FileError:
        raise Http404 from None
    record_read(found, by=me(request), what="export")
    response = HttpResponse(data, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="access-{found.reference}-{timezone.localdate()}.zip"'
    return response
