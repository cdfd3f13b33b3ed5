"""One letter of a spot check: the checklist at the tray, photos, "can't be found", opened again (OGP-10)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit import selectors
from audit.actions import items as actions
from audit.forms.spotchecks import ChecklistForm, MissingForm, PhotoForm, ReasonForm
from audit.models import Item
from audit.policy import can, check_action, worked_on
from audit.spotchecks.checklist import questions_of
from audit.spotchecks.facts import facts_of
from audit.spotchecks.rules import ItemAction, ItemState
from audit.spotchecks.words import applying
from audit.views.common import is_dam, item_or_404, kept_page, person, run, seen_from
from letters.selectors import visible_to
from postroom.context import authority_for
from postroom.files.errors import FileError
from postroom.files.store import read
from postroom.ledger.readings import record_read
from postroom.people.models import User
from postroom.steps.errors import NotAllowed, StepError


def _here(item: Item) -> str:
    return reverse("audit:item", args=[item.check_of.reference, item.number])


def _check_page(item: Item) -> str:
    return reverse("audit:spot_check", args=[item.check_of.reference])


def _asked(item: Item) -> dict[str, Any]:
    """What decides which questions its form asks, and which of them can't be answered by "can't apply"."""
    return {
        "stage": item.check_of.stage,
        "copy": item.copy_id is not None,
        "checklist": item.checklist,
        "applying": applying(facts_of(item)),
    }


def _start(item: Item) -> dict[str, Any]:
    values: dict[str, Any] = {"version": item.edition}
    for row in item.answers.all():
        values |= {row.code: row.answer, f"{row.code}_note": row.note}
    return values


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def item(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """The checklist of one letter beside what the record says; giving it in freezes it."""
    found = item_or_404(request, reference, number)
    if (response := kept_page(request, found)) is not None:
        return response
    form = ChecklistForm(
        request.POST if request.method == "POST" else None,
        **_asked(found),
        initial=_start(found),
    )
    if request.FILES:  # chosen, but not kept yet
        photo, response = _add_photo(request, found)
        if response is not None:
            return response
        if photo.errors:
            return _page(request, found, form, photo=photo, status=422)
    if request.method == "POST" and form.is_valid():
        response = _give_in(request, found, form)
        if response is not None:
            return response
    if request.method == "GET":
        record_read(found.post, by=person(request), what="page")
    return _page(request, found, form, status=422 if form.errors else 200)


def _give_in(request: HttpRequest, found: Item, form: ChecklistForm) -> HttpResponse | None:
    def verb(**arguments: Any) -> Item:
        try:
            return actions.check_item(**arguments)
        except actions.AnswersMissing as error:
            for code, sentence in error.problems.items():
                wanted = sentence.startswith("Say")
                form.add_error(f"{code}_note" if wanted else code, sentence)
            raise

    done, response = run(
        request,
        verb,
        form=form,
        back=_here(found),
        item=found,
        seen=seen_from(request.POST),
        edition=form.cleaned_data.get("version") or 0,
        answers=form.answers(),
        notes=form.notes(),
    )
    if response is not None or done is None:
        return response
    if done.faulty:
        messages.success(request, "Recorded, with a fault. Now say who has to put it right, and by when.")
        return redirect(_here(found))
    messages.success(request, f"{found.what} {found.letter_reference}: recorded, all in order.")
    following = found.check_of.items.filter(state=ItemState.WAITING).order_by("number").first()
    return redirect(_here(following) if following else _check_page(found))


def _own_work(found: Item, user: User) -> str:
    """Who checks it instead; where nobody can, the way out that the clauses give: a dated deputy who is named now."""
    others = selectors.who_else_checks(found, user)
    if others:
        names = " or ".join(other.name for other in others)
        return f"You worked on this yourself, so {names} has to check it."
    return (
        "You worked on this yourself, and nobody who stands in for you today can check it: there is no deputy, or they "
        "worked on it too. Ask the system administrator to name one for these days, who took no step on it. Until then "
        "this spot check stays open, and nothing of it is lost."
    )


def _page(
    request: HttpRequest, found: Item, form: ChecklistForm, *, photo: PhotoForm | None = None, status: int = 200
) -> HttpResponse:
    why_not = ""
    try:
        check_action(found, person(request), ItemAction.CHECK_ITEM)
    except NotAllowed as error:
        why_not = str(error)
        if is_dam(request) and worked_on(person(request), found.post):
            why_not = _own_work(found, person(request))
    except StepError:
        pass
    facts, running = facts_of(found), found.check_of.state == "checking"
    rows = [
        {"field": form[q.code], "note": form[f"{q.code}_note"], "fact": facts.get(q.code), "code": q.code}
        for q in form.questions
    ]
    may_read = visible_to(person(request), authority=authority_for(request)).filter(spot_check_items=found).exists()
    answers = {row.code: row for row in found.answers.all()}
    context = {
        "item": found,
        "check": found.check_of,
        "form": form,
        "rows": rows,
        "answered": [{"question": q.text, "row": answers.get(q.code)} for q in questions_of(found.checklist)],
        "not_found": answers.get("not_found"),
        "why_not": why_not,
        "may_read": may_read,
        "photos": list(found.evidence.select_related("by", "file")),
        "photo": photo or PhotoForm(),
        "may": {str(action): can(found, person(request), action) for action in ItemAction},
        "findings": list(found.findings.select_related("owner")),
        "running": running,
        "answering": found.state == ItemState.WAITING and running and not why_not,
    }
    return render(request, "audit/item.html", context, status=status)


@login_required
@require_POST
def item_save(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """Autosave: what was answered so far. 200 {"version"}; 409 {"error"}."""
    found = item_or_404(request, reference, number)
    if kept_page(request, found) is not None:
        return JsonResponse({"error": "this case is kept from you."}, status=403)
    form = ChecklistForm(request.POST, **_asked(found))
    if not form.is_valid():
        return JsonResponse({"error": "something in it can't be kept."}, status=400)
    try:
        edition = actions.save_answers(
            item=found,
            by=person(request),
            answers=form.answers(),
            notes=form.notes(),
            edition=form.cleaned_data.get("version") or 0,
        )
    except NotAllowed as error:
        return JsonResponse({"error": str(error)}, status=403)
    except StepError as error:
        return JsonResponse({"error": str(error)}, status=409)
    return JsonResponse({"version": edition})


@login_required
@require_POST
def item_photo(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """Add a photo, and keep what is answered so far: both are in one form."""
    found = item_or_404(request, reference, number)
    if (response := kept_page(request, found)) is not None:
        return response
    answered = request.POST if "version" in request.POST else None
    checklist = ChecklistForm(answered, **_asked(found), initial=_start(found))
    photo, response = _add_photo(request, found)
    if response is None and not photo.errors:
        response = _save_beside(request, found, checklist)
        if response is None and not checklist.errors:
            messages.success(request, "The photo is kept with this check.")
            return redirect(f"{_here(found)}#photos")
    return response or _page(request, found, checklist, photo=photo, status=422)


def _add_photo(request: HttpRequest, found: Item) -> tuple[PhotoForm, HttpResponse | None]:
    """Keep the photo that was sent; the form has errors where it could not be, or there is a page that says why."""
    form = PhotoForm(request.POST, request.FILES)
    if not form.is_valid():
        return form, None
    data = form.cleaned_data["photo"].read(actions.MOST_BYTES + 1)
    _, response = run(request, actions.add_photo, form=form, back=_here(found), item=found, data=data)
    return form, response


def _save_beside(request: HttpRequest, found: Item, form: ChecklistForm) -> HttpResponse | None:
    """Keep the answers that came with a photo, unless none came or they are kept already (the same sent twice)."""
    if not form.is_bound or not form.is_valid():
        return None
    new, kept = ({k: v for k, v in row.items() if v and k != "version"} for row in (form.cleaned_data, _start(found)))
    if new == kept:
        return None
    what: dict[str, Any] = {"answers": form.answers(), "notes": form.notes()}
    edition = form.cleaned_data.get("version") or 0
    _, response = run(
        request, actions.save_answers, form=form, back=_here(found), item=found, edition=edition, **what
    )  # fmt: skip
    return response


@login_required
@require_safe
def item_photo_file(request: HttpRequest, reference: str, number: int, photo: int) -> HttpResponse:
    """A photo, for those who check."""
    found = item_or_404(request, reference, number)
    kept = found.evidence.select_related("file").filter(pk=photo).first()
    if kept is None or kept_page(request, found) is not None:
        raise Http404
    try:
        data = read(kept.file_id)
    except FileError:
        raise Http404 from None
    record_read(found.post, by=person(request), what="photo")
    headers = {"Cache-Control": "private, no-store", "Content-Disposition": 'inline; filename="photo"'}
    return HttpResponse(data, content_type=kept.file.media_type, headers=headers)


def _small(request: HttpRequest, found: Item, form: Any, verb: Any, template: str) -> HttpResponse:
    if (response := kept_page(request, found)) is not None:
        return response
    if request.method == "POST" and form.is_valid():
        done, response = run(
            request, verb, form=form, back=_here(found), item=found, seen=seen_from(request.POST), **form.cleaned_data
        )
        if response is not None:
            return response
        if done is not None:
            return redirect(_here(found))
    context = {"form": form, "item": found, "check": found.check_of}
    return render(request, template, context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def item_missing(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """The letter can't be found: a fault."""
    found = item_or_404(request, reference, number)
    form = MissingForm(request.POST if request.method == "POST" else None)
    return _small(request, found, form, actions.cannot_find, "audit/item_missing.html")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def item_correct(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """Open the checklist again."""
    found = item_or_404(request, reference, number)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    return _small(request, found, form, actions.correct, "audit/item_correct.html")
