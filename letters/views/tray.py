"""The tray: several letters enveloped or posted in one go, the bag's list, what is locked in overnight."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from letters import selectors
from letters.actions.tray import (
    Chosen,
    Result,
    envelope_several,
    lock_in_several,
    post_several,
)
from letters.content import pdf_of
from letters.deadlines import missed_collection
from letters.formats import MADE
from letters.forms.tray import PostSeveralForm
from letters.models import Letter, OfficePost
from letters.rendering.addresses import is_abroad
from letters.rendering.bag_list import render_bag_list
from letters.selectors_tray import MOST, bag_of, in_tray, ready_for_envelope
from letters.views.common import person
from postroom.context import authority_for
from postroom.forms import in_words
from postroom.people.models import Office
from postroom.people.roles import Role
from postroom.steps.engine import Seen
from postroom.steps.references import is_reference

NOT_YOURS = "The tray of an office is its admin's. You are not admin there now."


@login_required
@require_safe
def tray_home(request: HttpRequest) -> HttpResponse:
    """The trays of this person's offices; with one office, straight to it."""
    offices = list(Office.objects.filter(pk__in=authority_for(request).offices(Role.ADMIN), is_active=True))
    if len(offices) == 1:
        return redirect("letters:tray", offices[0].code)
    return render(request, "letters/desk/tray_home.html", {"offices": offices})


def office_of_admin(request: HttpRequest, code: str) -> Office:
    """The office, if this person is its admin now. Raises Http404, PermissionDenied."""
    office = get_object_or_404(Office, code=code, is_active=True)
    if office.pk not in authority_for(request).offices(Role.ADMIN):
        raise PermissionDenied(NOT_YOURS)
    return office


def seen_of_key(key: str) -> tuple[str, Seen | None]:
    """The reference and what was seen, from the value of a tick: REFERENCE:VERSION:HASH. A spoilt one: "" and None."""
    reference, _, rest = key.partition(":")
    version, _, content_hash = rest.partition(":")
    if is_reference(reference) and version.isascii() and version.isdecimal() and len(version) < 10:
        return reference, Seen(int(version), content_hash)
    return "", None


def chosen_from(request: HttpRequest, field: str = "letter", *, most: int = MOST) -> list[Chosen]:
    """The ticked letters that this person may read, as they saw them, in the order shown. One query."""
    keys = {}
    for text in request.POST.getlist(field)[:most]:
        reference, seen = seen_of_key(text)
        if seen is not None:
            keys[reference] = seen
    visible = selectors.visible_to(person(request), authority=authority_for(request))
    found = {row.reference: row for row in visible.filter(reference__in=keys).select_related("addressee")}
    return [
        Chosen(found[reference], seen, _sheets(request.POST, reference), _scanned(request.POST, reference))
        for reference, seen in keys.items()
        if reference in found
    ]


def _sheets(data: QueryDict, reference: str) -> int:
    text = data.get(f"sheets-{reference}", "").strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else -1


def _scanned(data: QueryDict, reference: str) -> tuple[str, ...]:
    return tuple(data.get(f"scanned-{reference}", "")[:9000].splitlines())


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def tray(request: HttpRequest, code: str) -> HttpResponse:
    """Today's tray. A POST posts what is ticked, or locks it in; each letter has its own result."""
    office = office_of_admin(request, code)
    who, authority = person(request), authority_for(request)
    collection = OfficePost.objects.filter(office=office).values_list("collection", flat=True).first()
    missed = missed_collection(collection)
    locking = "lock_in" in request.POST
    form = PostSeveralForm(
        request.POST if request.method == "POST" and not locking else None,
        missed=missed,
        initial={"posted_on": timezone.localdate()},
    )
    results: list[Result] = []
    error = ""
    if request.method == "POST":
        chosen = chosen_from(request)
        if not chosen and locking:
            error = "Tick the letters first"
        elif not chosen:
            form.add_error(None, "Tick the letters first")  # with what else is missing, in one place
        elif locking:
            results = lock_in_several(chosen=chosen, by=who)
        elif form.is_valid():
            day, post_class = form.cleaned_data["posted_on"], form.cleaned_data["post_class"]
            in_bag = bool(form.cleaned_data.get("in_bag"))
            results = post_several(chosen=chosen, by=who, posted_on=day, post_class=post_class, in_bag=in_bag)
    rows, of = in_tray(who, authority, office)
    ticked = set(request.POST.getlist("letter")) if not results else set()
    if request.method != "POST" and "all" in request.GET:
        ticked = {row.key for row in rows}
    form.leads_to = next((f"#tick-{row.letter.reference}" for row in rows), "#letters")
    today = timezone.localdate()
    context = {
        "office": office,
        "form": form,
        "posting": [row for row in rows if row.posts],
        "apart": [row for row in rows if not row.posts],
        "grams": sum(row.grams for row in rows),
        "cut": (len(rows), of) if of > len(rows) else None,
        "collection": collection,
        "missed": missed and bool(rows),
        "results": results,
        "done": "Locked in overnight" if locking else "Posted",
        "not_done": sum(not result.done for result in results),
        "error": error,
        "ticked": ticked,
        "bag": bag_of(who, authority, office, today),
        "today": today,
    }
    failed = request.method == "POST" and not results
    return render(request, "letters/desk/tray.html", context, status=422 if failed else 200)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enveloping(request: HttpRequest, code: str) -> HttpResponse:
    """Several letters into their envelopes: each counted and ticked by itself, each with its own result."""
    office = office_of_admin(request, code)
    who, authority = person(request), authority_for(request)
    results: list[Result] = []
    error = ""
    if request.method == "POST":
        chosen = chosen_from(request)
        if chosen:
            results = envelope_several(chosen=chosen, by=who)
        else:
            error = "Tick each letter that you have checked, labelled and initialled"
    ready, of = ready_for_envelope(who, authority, office)
    rows = [_to_count(letter, request.POST) for letter in ready]
    context = {"office": office, "rows": rows, "results": results, "done": "In its envelope", "error": error}
    context["cut"] = (len(rows), of) if of > len(rows) else None
    context["not_done"] = sum(not result.done for result in results)
    post = OfficePost.objects.get(office=office)
    context |= {"return_mark": post.get_return_mark_display().lower(), "scan": post.sheet_scan}
    return render(request, "letters/desk/enveloping.html", context, status=422 if error else 200)


def _to_count(letter: Letter, data: QueryDict) -> dict[str, Any]:
    assert letter.current is not None  # noqa: S101 - signed, so typed
    if not letter.current.sheets:
        pdf_of(letter.current)  # counts its sheets
    content = letter.current.as_content
    return {
        "letter": letter,
        "key": f"{letter.reference}:{letter.version}:{letter.content_hash}",
        "address": content["address_lines"],
        "enclosures": content["enclosures"],
        # What is no sheet is counted in on the letter's own page; so is what is made in its addressee's format. On what
        # goes abroad there is more to be written.
        "abroad": is_abroad(content["address_lines"]),
        "alone": is_abroad(content["address_lines"])
        or letter.letter_format in MADE
        or any(item.get("kind") == "thing" for item in content["enclosures"]),
        "scanned": data.get(f"scanned-{letter.reference}", ""),
        "counted": data.get(f"sheets-{letter.reference}", ""),
    }


@login_required
@require_safe
def bag_list(request: HttpRequest, code: str, day: str) -> HttpResponse:
    """The list that goes with the bag of a day, as PDF: references and sums, no names."""
    office = office_of_admin(request, code)
    try:
        on = dt.date.fromisoformat(day)
    except ValueError as error:
        raise Http404 from error
    bag = bag_of(person(request), authority_for(request), office, on)
    sums = [(line.name, line.format, str(line.count), f"{line.grams} g") for line in bag.lines]
    letters = [
        (
            row.letter.reference,
            row.letter.class_words,
            row.letter.tracking_number or "–",
            row.letter.initials,
        )
        for row in bag.letters
    ]
    intro = f"{office.name}, {in_words(on)}. {bag.count} letters, about {bag.grams} g together."
    pdf = render_bag_list("Post bag", intro, sums, letters)
    headers = {
        "Content-Disposition": f'inline; filename="bag-{office.code}-{on.isoformat()}.pdf"',
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(pdf, content_type="application/pdf", headers=headers)
