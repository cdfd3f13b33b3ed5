"""Asking for an audit bundle, and fetching it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from audit.record.actions.bundles import (
    ACTIONS,
    ask_for_bundle,
    content_withheld,
    holding_for,
    reads,
    shows_what_is_kept_from,
    words_of,
)
from audit.record.forms import BundleForm, LetterBundleForm
from audit.record.models import Bundle, Scope
from audit.record.permissions import RecordAction
from audit.record.policy import can
from audit.record.views.common import may, me
from audit.record.withholding import is_kept_from
from letters.models import Letter
from postroom.cases.access import not_hidden
from postroom.context import authority_for
from postroom.files.errors import FileError
from postroom.files.store import read
from postroom.ledger.readings import record_read
from postroom.steps.errors import InvalidStep, NotAllowed
from postroom.steps.references import is_reference

SHOWN = 25
WITHHELD = "This bundle holds what letters say that you may not read any more. Ask for a new one."
KEPT_FROM_THEM = "This bundle holds steps that are kept from you now. Ask for a new one: it has their hashes alone."


@login_required
@require_safe
def bundles(request: HttpRequest) -> HttpResponse:
    """The bundles that this person asked for, newest first."""
    may(request, RecordAction.SEE_RECORD)
    seen = Q(letter__isnull=True) | not_hidden(me(request), "letter__case")
    found = Bundle.objects.filter(seen, asked_by=me(request)).select_related("letter", "office")[:SHOWN]
    rows: list[list[Any]] = [
        [
            {"text": words_of(bundle), "href": reverse("record:bundle", args=[bundle.reference])},
            f"{timezone.localtime(bundle.asked_at):%-d %B %Y, %H:%M}",
            "Ready" if bundle.made_at else "Being made",
        ]
        for bundle in found
    ]
    return render(request, "record/bundles.html", {"head": ["About", "Asked for", "State"], "rows": rows})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """A bundle of a letter, of an office and a period, or of everything."""
    may(request, RecordAction.EXPORT_OFFICE)
    everything = can(RecordAction.EXPORT_EVERYTHING, by=me(request), authority=authority_for(request))
    form = BundleForm(request.POST if request.method == "POST" else None, user=me(request), everything=everything)
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        scope = Scope(given["scope"])
        wanted = {
            Scope.LETTER: {"letter": given["letter"]},
            Scope.OFFICE: {name: given[name] for name in ("office", "first_day", "last_day")},
            Scope.EVERYTHING: {},
        }[scope]
        made = _asked(request, form, scope=scope, with_content=given["with_content"], **wanted)
        if made is not None:
            return redirect("record:bundle", made.reference)
    back = reverse("record:bundles")
    return render(request, "record/bundle_ask.html", {"form": form, "back": back, "title": "Export an audit bundle"})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def ask_letter(request: HttpRequest, reference: str) -> HttpResponse:
    """The bundle of one letter, for those who read it or see the record."""
    letter = Letter.objects.filter(reference=reference).first() if is_reference(reference) else None
    if letter is not None and is_kept_from(me(request), letter):
        letter = None  # of a case that is kept from them there is none
    holding = holding_for(me(request), letter)
    if letter is None or not can(
        RecordAction.EXPORT_LETTER, by=me(request), holding=holding, authority=authority_for(request)
    ):
        # Whoever reads it is told why not; for all others there is no such letter.
        if letter is not None and holding:
            may(request, RecordAction.EXPORT_LETTER, holding)
        raise Http404
    readable = reads(me(request), letter)
    form = LetterBundleForm(request.POST if request.method == "POST" else None, readable=readable)
    if form.is_bound and form.is_valid():
        content = form.cleaned_data.get("with_content", False)
        made = _asked(request, form, scope=Scope.LETTER, letter=letter, with_content=content)
        if made is not None:
            return redirect("record:bundle", made.reference)
    back = reverse("letters:history", args=[letter.reference]) if readable else reverse("record:bundles")
    title = f"Export the record of letter {letter.reference}"
    return render(request, "record/bundle_ask.html", {"form": form, "back": back, "title": title})


def _asked(request: HttpRequest, form: Any, **wanted: Any) -> Bundle | None:
    try:
        return ask_for_bundle(by=me(request), **wanted)
    except (InvalidStep, NotAllowed) as error:
        field = getattr(error, "field", "") or ("with_content" if isinstance(error, NotAllowed) else "")
        form.add_error(field if field in form.fields else None, str(error))
        return None


def _own(request: HttpRequest, reference: str) -> Bundle:
    found = Bundle.objects.filter(reference=reference, asked_by=me(request)).select_related("letter", "office").first()
    if found is None:
        raise Http404
    if found.letter is not None and is_kept_from(me(request), found.letter):
        raise Http404
    # The right to ask for it is asked anew at each look: a role ends, a letter is read no more.
    action, holding = ACTIONS[Scope(found.scope)], holding_for(me(request), found.letter)
    # As when asking: of a letter that they don't read, only those hear who may export it all the same.
    unread = found.letter is not None and not holding
    if unread and not can(action, by=me(request), authority=authority_for(request)):
        raise Http404
    may(request, action, holding)
    return found


@login_required
@require_safe
def bundle(request: HttpRequest, reference: str) -> HttpResponse:
    """Whether it is ready, and how an outsider checks it. Only for whoever asked, while they may ask for such a one."""
    found = _own(request, reference)
    context = {"bundle": found, "words": words_of(found), "withheld": _withheld(request, found)}
    return render(request, "record/bundle.html", context)


def _withheld(request: HttpRequest, found: Bundle) -> str:
    """Why this person doesn't get the file any more; "" if they do. Raises nothing where it is gone."""
    if found.file_id is None:
        return ""
    try:
        return _why_not(request, found, read(found.file_id))
    except FileError:
        return ""


def _why_not(request: HttpRequest, found: Bundle, data: bytes) -> str:
    """Asked anew at each look: what letters say that they may not read, a breach or case that is kept from them."""
    if found.with_content and content_withheld(data, me(request)):
        return WITHHELD
    return KEPT_FROM_THEM if shows_what_is_kept_from(data, me(request)) else ""


@login_required
@require_safe
def bundle_file(request: HttpRequest, reference: str) -> HttpResponse:
    """The file. Each fetching is in the log of readings."""
    found = _own(request, reference)
    if found.file_id is None:
        raise Http404
    try:
        data = read(found.file_id)
    except FileError:
        raise Http404 from None
    if why_not := _why_not(request, found, data):
        raise PermissionDenied(why_not)
    record_read(found, by=me(request), what="export")
    response = HttpResponse(data, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="postroom-bundle-{found.reference}.zip"'
    return response
