"""What changed hands: the list of a case's or leaver's work, for the managers concerned and whoever has it now."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from postroom.cases.handed_models import HandedOn, HandedOnSeen
from postroom.cases.selectors import handed_on_to, items_handed_on
from postroom.context import authority_for
from postroom.forms import in_words
from postroom.people.views.common import me

PAGE = 30


@login_required
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """Every change of hands that one sees, the newest first, a page at a time by key."""
    rows = handed_on_to(me(request), authority_for(request)).order_by("-pk")
    before = request.GET.get("before", "")
    if before.isascii() and before.isdecimal() and len(before) < 19:
        rows = rows.filter(pk__lt=int(before))
    found = list(rows[: PAGE + 1])
    context = {
        "head": ["What", "From", "To", "When", "By"],
        "rows": [_row(handed) for handed in found[:PAGE]],
        "older_href": f"?before={found[PAGE - 1].pk}" if len(found) > PAGE else "",
    }
    return render(request, "cases/handed_on_list.html", context)


def _row(handed: HandedOn) -> list[Any]:
    when = in_words(timezone.localdate(handed.at))
    link = {"text": handed.title, "href": reverse("case_handed_on", args=[handed.pk])}
    return [link, _who(handed, "from"), _who(handed, "to"), when, handed.by.name if handed.by else "Postroom"]


def _who(handed: HandedOn, side: str) -> str:
    worker, office = getattr(handed, f"{side}_worker"), getattr(handed, f"{side}_office")
    words = [worker.name if worker else "no worker"]
    return ", ".join([*words, office.name] if office else words)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def handed_on(request: HttpRequest, handed_id: int) -> HttpResponse:
    """What went along and who has it now. Posted: looked at, and off one's list."""
    user = me(request)
    handed = get_object_or_404(handed_on_to(user, authority_for(request)), pk=handed_id)
    if request.method == "POST":
        HandedOnSeen.objects.bulk_create([HandedOnSeen(handed=handed, user=user)], ignore_conflicts=True)
        messages.success(request, f"{handed.title}: off your list.")
        return redirect("letters:my_work")
    items = items_handed_on(handed, user)
    context = {
        "handed": handed,
        "facts": [
            {"key": "From", "value": _who(handed, "from")},
            {"key": "To", "value": _who(handed, "to")},
            {"key": "When", "value": in_words(timezone.localdate(handed.at))},
            {"key": "By", "value": handed.by.name if handed.by else "Postroom, as a role ended"},
        ],
        "head": ["What", "Reference", "As it stood", "Who has it now"],
        "rows": [_item(handed, item) for item in items],
        "is_seen": handed.by_id == user.pk or handed.seen.filter(user=user).exists(),
    }
    return render(request, "cases/handed_on.html", context)


def _item(handed: HandedOn, item: Any) -> list[Any]:
    reference = {"text": item.reference, "href": item.link} if item.link else item.reference
    if item.now_with:
        now = item.now_with.name
    elif handed.case_id and handed.to_worker:
        now = handed.to_worker.name
    else:
        now = "No worker yet: a manager allocates the case" if item.case_id else "Nobody yet: ask the manager"
    return [item.kind, reference, item.words, now]
