"""An office's templates and standard paragraphs."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from letters.actions.texts import add_text, change_text
from letters.forms.texts import TextForm
from letters.models import OfficeText
from letters.placeholders import PLACEHOLDERS
from letters.text_rights import KEEPERS
from letters.views.common import person
from postroom.context import authority_for
from postroom.people.models import Office
from postroom.steps.errors import InvalidStep, NotAllowed, Stale

MOST = 300


def _offices(request: HttpRequest) -> list[Office]:
    """Those whose texts this person keeps; they see no others."""
    ids = authority_for(request).offices(*KEEPERS)
    return list(Office.objects.filter(pk__in=ids).order_by("name"))


@login_required
@require_safe
def texts(request: HttpRequest) -> HttpResponse:
    """Every template and paragraph of the offices whose texts this person keeps. Two queries, however many."""
    offices = _offices(request)
    if not offices:
        return _refused(request)
    rows = (
        OfficeText.objects.filter(office__in=offices).select_related("office").order_by("office__name", "kind", "name")
    )
    return render(request, "letters/desk/texts.html", {"texts": list(rows[:MOST]), "several": len(offices) > 1})


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def text_new(request: HttpRequest, kind: str) -> HttpResponse:
    """A new one."""
    if kind not in OfficeText.Kind.values:
        raise Http404
    offices = _offices(request)
    if not offices:
        return _refused(request)
    form = TextForm(request.POST or None, offices=offices, kind=kind)
    if request.method == "POST" and form.is_valid():
        entries = {name: form.cleaned_data[name] for name in ("name", "subject", "body")}
        try:
            add_text(office=form.office, by=person(request), kind=kind, **entries)
        except (InvalidStep, NotAllowed) as error:
            _add_error(form, error)
        else:
            messages.success(request, "Kept. It is there on the typing screen now.")
            return redirect("letters:texts")
    return _page(request, form, kind, None)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def text(request: HttpRequest, number: int) -> HttpResponse:
    """One of them, with its versions; changed here. 404 for another office's."""
    offices = _offices(request)
    row = OfficeText.objects.filter(pk=number, office__in=offices).select_related("office").first()
    if row is None:
        raise Http404
    versions = list(row.versions.select_related("by")[:20])
    newest = versions[0]
    initial = {"name": row.name, "subject": newest.subject, "body": newest.body, "is_active": row.is_active}
    form = TextForm(request.POST or None, kind=row.kind, initial=initial, changing=True)
    if request.method == "POST" and form.is_valid():
        seen = request.POST.get("seen", "")
        entries = {name: form.cleaned_data[name] for name in ("name", "subject", "body", "is_active")}
        number_seen = int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 8 else 0
        try:
            change_text(text=row, by=person(request), seen=number_seen, **entries)
        except (InvalidStep, NotAllowed, Stale) as error:
            _add_error(form, error)
        else:
            messages.success(request, "Kept. Letters typed before stay as they are.")
            return redirect("letters:texts")
    return _page(request, form, row.kind, row, versions)


def _page(request: HttpRequest, form: TextForm, kind: str, row: OfficeText | None, versions: Any = ()) -> HttpResponse:
    context = {
        "form": form,
        "kind": kind,
        "kind_name": OfficeText.Kind(kind).label,
        "text": row,
        "versions": versions,
        "seen": versions[0].number if versions else 0,
        "placeholders": [(f"{{{{{name}}}}}", words) for name, words in PLACEHOLDERS.items()],
    }
    return render(request, "letters/desk/text.html", context, status=422 if form.errors else 200)


def _add_error(form: TextForm, error: Exception) -> None:
    field = getattr(error, "field", "")
    form.add_error(field if field in form.fields else None, str(error))


def _refused(request: HttpRequest) -> HttpResponse:
    sentence = "Templates and standard paragraphs are kept by an office's admin and its managers."
    return render(request, "letters/work/not_allowed.html", {"sentence": sentence}, status=403)
