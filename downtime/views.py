"""Pages for bad days: the paper pack, downtimes, and entering what happened on paper."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from downtime import actions, selectors
from downtime.forms import OpenForm, span_in_words
from downtime.forms_step import ChooseForm, StepForm
from downtime.models import Downtime, LateEntry
from downtime.paper_pack import paper_pack
from downtime.policy import can
from downtime.states import DowntimeAction
from letters.models import Letter
from letters.named import found_in
from letters.states import ACTION_NAMES, Action
from letters.views.common import conflict, letter_or_404, may_see_files, person, seen_from
from postroom.context import authority_for
from postroom.files.errors import FileError
from postroom.files.keeping import keep
from postroom.files.serving import serve
from postroom.people.models import Office
from postroom.steps.errors import InvalidStep, NotAllowed, ReasonNeeded, StepError
from postroom.steps.references import is_reference


def _downtime(request: HttpRequest, reference: str) -> Downtime:
    visible = selectors.visible_to(person(request), authority=authority_for(request))
    return get_object_or_404(visible.select_related("office", "opened_by", "closed_by"), reference=reference.upper())


def _refused(request: HttpRequest, error: StepError) -> HttpResponse:
    status = 403 if isinstance(error, NotAllowed) else 409
    return render(request, "downtime/refused.html", {"sentence": str(error)}, status=status)


@login_required
@require_safe
def downtimes(request: HttpRequest) -> HttpResponse:
    """What to do when the system is down, the paper pack, and the downtimes of this person's offices."""
    authority = authority_for(request)
    if not authority.has(*selectors.READERS):
        raise Http404
    rows = selectors.visible_to(person(request), authority=authority).select_related("office")[: selectors.SHOWN]
    context = {
        "downtimes": [{"row": row, "span": span_in_words(row)} for row in rows],
        "offices": Office.objects.filter(pk__in=authority.offices(*selectors.READERS), is_active=True),
        "may_open": authority.has(*selectors.MANAGERS),
    }
    return render(request, "downtime/downtimes.html", context)


@login_required
@require_safe
def pack(request: HttpRequest, code: str) -> HttpResponse:
    """The paper pack of one of this person's offices, as PDF."""
    offices = Office.objects.filter(pk__in=authority_for(request).offices(*selectors.READERS))
    office = get_object_or_404(offices, code=code)
    response = HttpResponse(paper_pack(office.name), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="paper-pack-{office.code}.pdf"'
    return response


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def open_downtime(request: HttpRequest) -> HttpResponse:
    """A manager opens a downtime when the system is back."""
    offices = selectors.offices_to_open_for(authority_for(request))
    if not offices:
        return _refused(request, NotAllowed("A downtime is opened by a team manager or deputy of the office."))
    form = OpenForm(request.POST or None, offices=offices)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            row = actions.open_downtime(
                office=data["office"],
                began_at=data["began_at"],
                ended_at=data["ended_at"],
                reason=data["reason"],
                by=person(request),
            )
        except InvalidStep as error:
            _add(form, error, {"began_at": "began_day", "ended_at": "ended_day"})
        except StepError as error:
            return _refused(request, error)
        else:
            messages.success(request, "The downtime is open. Enter the steps that happened on paper.")
            return redirect("downtime:downtime", row.reference)
    return render(request, "downtime/open.html", {"form": form})


@login_required
@require_safe
def downtime(request: HttpRequest, reference: str) -> HttpResponse:
    """One downtime: how to enter a step, and what was entered."""
    row, authority = _downtime(request, reference), authority_for(request)
    context = {
        "downtime": row,
        "span": span_in_words(row),
        "entries": selectors.entries_of(row, person(request), authority),
        "may_enter": can(row, person(request), DowntimeAction.ENTER_LATER, authority=authority),
        "may_close": can(row, person(request), DowntimeAction.CLOSE_DOWNTIME, authority=authority),
    }
    return render(request, "downtime/downtime.html", context)


@login_required
@require_POST
def close(request: HttpRequest, reference: str) -> HttpResponse:
    """All is entered."""
    row = _downtime(request, reference)
    try:
        actions.close_downtime(downtime=row, by=person(request), seen=seen_from(request.POST))
    except StepError as error:
        return _refused(request, error)
    messages.success(request, "The downtime is closed.")
    return redirect("downtime:downtime", reference)


@login_required
@require_POST
def find(request: HttpRequest, reference: str) -> HttpResponse:
    """From the reference on the paper form to the page where its step is entered."""
    row = _downtime(request, reference)
    typed = "".join(request.POST.get("letter", "").split()).upper()
    if is_reference(typed):
        return redirect("downtime:enter", typed)
    messages.error(request, "That is not a reference. It stands on each sheet: nine letters and figures.")
    return redirect("downtime:downtime", row.reference)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest, reference: str) -> HttpResponse:
    """Enter one step of a letter that happened on paper."""
    letter = letter_or_404(request, reference)
    rows = selectors.open_for(letter)
    mine = [row for row in rows if can(row, person(request), DowntimeAction.ENTER_LATER)]
    if rows and not mine:
        return _refused(request, NotAllowed("Steps are entered by admin or a manager of the letter's office."))
    steps = selectors.steps_of(letter) if mine else []
    if not steps:
        return render(request, "downtime/nothing.html", {"letter": letter, "open": bool(mine)}, status=409)
    # One step asks what another doesn't: which of them it is, is chosen first.
    sent = request.POST.get("action") if request.method == "POST" else request.GET.get("step")
    action = next((step for step in steps if step == sent or (sent is None and len(steps) == 1)), None)
    if action is None:
        # Chosen before the letter went on meanwhile, or nothing was chosen: with a sentence.
        chooser = ChooseForm({"step": sent} if sent is not None or request.method == "POST" else None, steps=steps)
        status = 409 if request.method == "POST" else 200
        return render(request, "downtime/choose.html", {"letter": letter, "form": chooser}, status=status)
    form = StepForm(request.POST or None, request.FILES or None, letter=letter, action=action, downtimes=mine)
    if request.method == "POST" and form.is_valid():
        response = _enter(request, letter, action, form)
        if response:
            return response
    found = found_in(letter, person(request)) if action == Action.CHECK else []
    context = {"letter": letter, "form": form, "action": action, "several": len(steps) > 1, "found": found}
    return render(request, "downtime/enter.html", context | {"step_name": ACTION_NAMES[action]})


@login_required
@require_safe
def scan(request: HttpRequest, reference: str, version: int) -> HttpResponse:
    """The paper of a step that was entered later, for whoever may read the letter; logged as a reading."""
    letter = letter_or_404(request, reference, what="file")
    may_see_files(request, letter)
    entry = get_object_or_404(LateEntry.objects.select_related("scan"), letter=letter, letter_version=version)
    try:
        return serve(request, entry.scan, f"{letter.reference}-paper-{version}")
    except FileError:
        return render(request, "letters/desk/file_missing.html", {"letter": letter}, status=503)


def _enter(request: HttpRequest, letter: Letter, action: Action, form: StepForm) -> HttpResponse | None:
    data = form.cleaned_data
    scan = data["scan"]
    paper = actions.OnPaper(
        action=action,
        by=data["by"],
        happened_at=data["happened_at"],
        # Kept under its hash before the step; if the step is refused, the sweep of unused files removes it.
        scan=keep(scan),
        **form.step,
    )
    try:
        actions.enter_later(
            letter=letter,
            downtime=form.downtimes[data["downtime"]],
            paper=paper,
            entered_by=person(request),
            seen=seen_from(request.POST),
        )
    except NotAllowed as error:
        # The one who acted had no right to at that moment: the paper is wrong, or the wrong person was chosen.
        form.add_error("by", f"{paper.by.name} could not do this at that time. {error}")
        return None
    except (InvalidStep, ReasonNeeded) as error:
        _add(form, error, {"happened_at": "time", "on": "day", "posted_on": "day", "came_back_on": "day"})
        return None
    except StepError as error:
        return conflict(request, letter, error, form=form)
    messages.success(request, "Entered. It stands in the letter's history with both names and both times.")
    return redirect("letters:letter", letter.reference)


def _add(form: forms.Form, error: StepError, names: dict[str, str]) -> None:
    field: Any = getattr(error, "field", "")
    field = names.get(field, field)
    form.add_error(field if field in form.fields else None, str(error))
