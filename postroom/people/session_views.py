"""What was typed before a sign-in ended, given back; the clocks of a session for the script that warns."""

import datetime as dt
import time
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from postroom.people.sessions import KEPT, KEPT_FIELD, NEVER_KEPT, SEEN_AT, came_from_here, forget, remaining


def shown(page: dict[str, Any]) -> dict[str, Any]:
    """A kept page for its template: the time as a datetime, the fields that hold something, in words."""
    return {
        **page,
        "when": dt.datetime.fromisoformat(page["at"]) if page.get("at") else None,
        "in_words": [
            {"key": name.replace("_", " ").replace("-", " ").capitalize(), "value": value}
            for name, value in page["fields"]
            if value.strip()
        ],
    }


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def kept_work(request: HttpRequest) -> HttpResponse:
    """GET: each page whose POST was kept, in the open, with a button that sends it. POST `forget`: drop one."""
    if request.method == "POST":
        forget(request.session, request.POST.get("forget", ""))
        messages.success(request, "That text has been thrown away.")
    pages = [shown(page) for page in request.session.get(KEPT, [])]
    if not pages:
        return redirect("/")
    return render(request, "people/kept_work.html", {"pages": pages, "kept_field": KEPT_FIELD})


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def session_times(request: HttpRequest) -> HttpResponse:
    """JSON {"idle_in", "absolute_in", "token"}: seconds left and a current CSRF token. A POST stays signed in."""
    now = time.time()
    if request.method == "POST":
        request.session[SEEN_AT] = now
    return JsonResponse({**remaining(request.session, now), "token": get_token(request)})


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form that lacks its token.

    A tab that was open before its owner signed in again fails this check with honest work in it. If the browser vouches
    that the form was on this site, the work is shown with a button that sends it; it is never sent by itself.
    """
    page = None
    if request.user.is_authenticated and request.method == "POST" and came_from_here(request):
        fields = [
            [name, value]
            for name, values in request.POST.lists()
            if name not in NEVER_KEPT and "password" not in name.lower()
            for value in values
        ]
        if fields:
            page = shown({"path": request.get_full_path(), "fields": fields, "files": len(request.FILES)})
    return render(request, "403_csrf.html", {"page": page}, status=403)
