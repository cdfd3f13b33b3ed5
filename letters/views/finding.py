"""Finding letters: one box, filters in the address, lists by key, CSV of what is shown."""

from __future__ import annotations

import csv
from collections.abc import Iterable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from letters import selectors
from letters.finding import CSV_HEAD, CSV_ROWS, Filters, csv_row, filtered, offices_of, page_of, searched, with_names
from letters.forms.finding import FilterForm, FindForm, SaveFilterForm
from letters.models import Letter, SavedFilter
from letters.views.common import person
from postroom.context import authority_for
from postroom.ledger.readings import record_read
from postroom.people.authority import Authority
from postroom.people.models import User
from postroom.steps.references import is_reference

MOST_SAVED = 30


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """Letters that one may read, narrowed by filters or by what was posted; a reference leads to its letter."""
    user, authority = person(request), authority_for(request)
    if request.method == "POST" and "save_as" in request.POST:
        return _save(request, user, authority)
    if request.method == "POST" and "forget" in request.POST:
        forget = request.POST["forget"]
        if forget.isascii() and forget.isdecimal() and len(forget) < 19:
            SavedFilter.objects.filter(user=user, pk=int(forget)).delete()
        return redirect("letters:find")
    if request.method == "POST":
        return _search(request, user, authority)
    asked = "filter" in request.GET
    form = FilterForm(Filters.read(request.GET), offices_of(authority), request.GET if asked else None)
    if asked and form.is_valid():
        return redirect(f"{reverse('letters:find')}?{form.filters().query}")
    filters = Filters.read(request.GET)
    if "csv" in request.GET:
        return _csv(request, with_names(filtered(user, authority, filters))[: CSV_ROWS + 1])
    letters, following = page_of(filtered(user, authority, filters), before=_key(request.GET.get("before", "")))
    return _page(request, user, authority, filters, form, letters, following)


def _key(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def _page(
    request: HttpRequest,
    user: User,
    authority: Authority,
    filters: Filters,
    form: FilterForm,
    letters: list[Letter],
    following: int | None,
    *,
    save: SaveFilterForm | None = None,
) -> HttpResponse:
    query = filters.query
    context = {
        "form": FindForm(),
        "filter_form": form,
        "filters_open": bool(query) or bool(form.errors),
        "save_form": save or SaveFilterForm(),
        "saved": list(SavedFilter.objects.filter(user=user)[:MOST_SAVED]),
        "filters": filters,
        "rows": _rows(letters),
        "head": HEAD,
        "csv_href": f"?{query}&csv=1" if query else "?csv=1",
        "older_href": f"?{query}&before={following}" if following else "",
        "newer_href": f"?{query}" if "before" in request.GET else "",
    }
    return render(request, "letters/work/find.html", context)


HEAD = ["To", "Reference", "Subject", "Worker", "Stands at", "Handed over"]


def _rows(letters: list[Letter]) -> list[list[object]]:
    return [
        [
            {"text": letter.addressee.name, "href": reverse("letters:letter", args=[letter.reference])},
            letter.reference,
            letter.subject or "–",
            letter.case.allocated_worker.name if letter.case.allocated_worker else "Not allocated",
            {"state": letter.state},
            f"{letter.created_at.day} {letter.created_at:%B %Y}",
        ]
        for letter in letters
    ]


def _search(request: HttpRequest, user: User, authority: Authority) -> HttpResponse:
    """The typed words are posted again for the next page; they stand in no address and no log."""
    form = FindForm(request.POST)
    context: dict[str, object] = {"form": form, "head": HEAD, "rows": [], "searched": False}
    if form.is_valid():
        typed = form.cleaned_data["reference"]
        visible = selectors.visible_to(user, authority=authority)
        if "csv" in request.POST:
            found, following = searched(user, authority, typed, size=CSV_ROWS)
            return _csv(request, [*found, found[-1]] if following else found)
        compact = "".join(typed.split()).upper()
        if is_reference(compact) and visible.filter(reference=compact).exists():
            return redirect("letters:letter", compact)
        letters, following = searched(user, authority, typed, before=_key(request.POST.get("before", "")))
        context |= {"rows": _rows(letters), "searched": True, "typed": typed, "following": following}
        if not letters:
            form.add_error(
                "reference", "There is no such letter that you may read. Check it against the sheet, or try one word."
            )
    return render(request, "letters/work/found_letters.html", context)


def _save(request: HttpRequest, user: User, authority: Authority) -> HttpResponse:
    filters = Filters.read(request.POST)
    save = SaveFilterForm(request.POST)
    if save.is_valid():
        name = " ".join(save.cleaned_data["save_as"].split())
        if SavedFilter.objects.filter(user=user).exclude(name=name).count() >= MOST_SAVED:
            save.add_error("save_as", f"You keep {MOST_SAVED} lists already. Forget one first.")
        else:
            SavedFilter.objects.update_or_create(user=user, name=name, defaults={"query": filters.query})
            messages.success(request, "The list is kept. It stands under Lists you keep.")
            return redirect(f"{reverse('letters:find')}?{filters.query}")
    form = FilterForm(filters, offices_of(authority))
    letters, following = page_of(filtered(user, authority, filters))
    return _page(request, user, authority, filters, form, letters, following, save=save)


def _csv(request: HttpRequest, letters: Iterable[Letter]) -> HttpResponse:
    """What the filters or the search show, as a file; no address in it, no formula. On record as a reading.

    `letters`: with their names, one more than CSV_ROWS where there are as many; the file says so then in its last row.
    """
    response = HttpResponse(
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="letters.csv"', "Cache-Control": "private, no-store"},
    )
    response.write("\ufeff")
    writer = csv.writer(response)
    writer.writerow(CSV_HEAD)
    for number, letter in enumerate(letters):
        if number == CSV_ROWS:
            writer.writerow(
                [f"Only the newest {CSV_ROWS:,} are here. Narrow the list, by dates say, to have the others."]
            )
            break
        writer.writerow(csv_row(letter))
    if request.method != "HEAD":
        record_read("list/letters", by=person(request), what="export")
    return response
