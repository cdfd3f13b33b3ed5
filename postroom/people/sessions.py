"""How long a sign-in lasts, and how nothing typed is lost when it ends.

A sign-in ends SESSION_IDLE_MINUTES after the last request a person made, or SESSION_ABSOLUTE_HOURS after signing in.
It is then locked: the account is no longer in the session, a new key is given, and what is posted afterwards is kept
in the session's row until the same person has signed in again. Another person signing in wipes it.
"""

import datetime as dt
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.base import SessionBase
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import split_domain_port
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.crypto import get_random_string
from django.utils.http import urlencode

SIGNED_IN_AT = "postroom_signed_in_at"
SEEN_AT = "postroom_seen_at"
LOCKED = "postroom_locked"
KEPT = "postroom_kept"
KEPT_FIELD = "kept_work"

# The session's row is written at most this often for activity alone (seconds).
SEEN_EVERY = 60
KEPT_AT_MOST_BYTES = 1024 * 1024
KEPT_AT_MOST_PAGES = 5
NEVER_KEPT = ("csrfmiddlewaretoken", KEPT_FIELD)
# Pages that a locked session's POSTs belong to: signing in itself. What is posted there is never kept.
SIGN_IN_PAGES = frozenset(
    {
        "account_login",
        "account_reset_password",
        "account_reset_password_from_key",
        "mfa_authenticate",
        "demo_become",
        "session_times",
    }
)


def idle_seconds() -> int:
    """How long a session lasts without a request of the person's own."""
    return int(settings.SESSION_IDLE_MINUTES * 60)


def absolute_seconds() -> int:
    """How long a session lasts at most, however busy."""
    return int(settings.SESSION_ABSOLUTE_HOURS * 3600)


def why_over(session: SessionBase, now: float) -> str:
    """'idle' or 'absolute' if the session's time is up at `now` (seconds since 1970), else ''.

    A session without its times was not made by our sign-in; it is over too.
    """
    signed_in, seen = session.get(SIGNED_IN_AT), session.get(SEEN_AT)
    if not isinstance(signed_in, (int, float)) or not isinstance(seen, (int, float)):
        return "absolute"
    if now - signed_in >= absolute_seconds():
        return "absolute"
    return "idle" if now - seen >= idle_seconds() else ""


def remaining(session: SessionBase, now: float) -> dict[str, int]:
    """Whole seconds until the session ends, by either clock: {"idle_in", "absolute_in"}."""
    return {
        "idle_in": max(0, int(session.get(SEEN_AT, 0) + idle_seconds() - now)),
        "absolute_in": max(0, int(session.get(SIGNED_IN_AT, 0) + absolute_seconds() - now)),
    }


def lock(request: HttpRequest, why: str) -> None:
    """End the sign-in, remember for whom, and give the session a new key. What was kept before stays kept."""
    user_id, kept = request.user.pk, request.session.get(KEPT, [])
    request.session.flush()
    request.session[LOCKED] = {"user": user_id, "why": why}
    if kept:
        request.session[KEPT] = kept
    request.session.set_expiry(absolute_seconds())
    request.user = AnonymousUser()


@receiver(user_logged_in)
def start_clocks(sender: Any, request: HttpRequest, user: Any, **_: Any) -> None:
    """Both clocks start at every way of signing in; another person's kept work is wiped."""
    locked = request.session.pop(LOCKED, None)
    if not locked or locked["user"] != user.pk:
        request.session.pop(KEPT, None)
    request.session[SIGNED_IN_AT] = request.session[SEEN_AT] = time.time()
    request.session.set_expiry(0)


def keep(request: HttpRequest) -> None:
    """Put what was posted into the session: its fields, never files, never passwords, never the CSRF token.

    More than 1 MB is not kept, and the page that gives it back says so.
    """
    fields = [
        [name, value]
        for name, values in request.POST.lists()
        if name not in NEVER_KEPT and "password" not in name.lower()
        for value in values
    ]
    kept = [page for page in request.session.get(KEPT, []) if page["path"] != request.get_full_path()]
    page = {
        "id": get_random_string(12),
        "path": request.get_full_path(),
        "at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "fields": fields,
        "files": len(request.FILES),
        "too_big": False,
    }
    room = KEPT_AT_MOST_BYTES - sum(_size(other["fields"]) for other in kept)
    if _size(fields) > room:
        page.update(fields=[], too_big=True)
    request.session[KEPT] = [*kept, page][-KEPT_AT_MOST_PAGES:]


def _size(fields: list[list[str]]) -> int:
    return sum(len(name.encode()) + len(value.encode()) for name, value in fields)


def forget(session: SessionBase, page_id: str) -> None:
    """Drop one kept page; nothing happens if it isn't there."""
    left = [page for page in session.get(KEPT, []) if page["id"] != page_id]
    if left:
        session[KEPT] = left
    else:
        session.pop(KEPT, None)


def came_from_here(request: HttpRequest) -> bool:
    """Does the browser say that this request was sent by a page of this very site?"""
    origin = request.headers.get("Origin", "")
    scheme, _, host = origin.partition("://")
    return scheme == request.scheme and split_domain_port(host) == split_domain_port(request.get_host())


class SessionTimes:
    """Middleware: ends sign-ins whose time is up and keeps what is posted to a locked session.

    Goes behind CsrfViewMiddleware and AuthenticationMiddleware: what fails the CSRF check is not kept.

    Two request headers, both sent by our own scripts: `X-Background: 1` does not count as activity;
    `X-Fetch: 1` gets 401 and JSON {"sign_in": address} where a page would be sent to sign in.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            self._tick(request)
        response = self.get_response(request)
        if request.method == "POST" and request.user.is_authenticated and response.status_code < 400:
            page_id = request.POST.get(KEPT_FIELD, "")
            if page_id and KEPT in request.session:
                forget(request.session, page_id)
        wanted_json = request.headers.get("X-Fetch") == "1"
        if wanted_json and response.status_code == 302 and response["Location"].startswith(reverse("account_login")):
            return JsonResponse({"sign_in": reverse("account_login")}, status=401)
        return response

    def _tick(self, request: HttpRequest) -> None:
        now = time.time()
        if why := why_over(request.session, now):
            lock(request, why)
        elif request.headers.get("X-Background") != "1" and now - request.session[SEEN_AT] >= SEEN_EVERY:
            request.session[SEEN_AT] = now

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """A POST to a locked session: kept, and the person sent to sign in."""
        if request.method != "POST" or request.user.is_authenticated or LOCKED not in request.session:
            return None
        match = request.resolver_match
        if match is not None and match.url_name == "account_logout":
            request.session.flush()  # signing out is a decision: what was kept goes too
            return None
        if match is not None and match.url_name in SIGN_IN_PAGES:
            return None
        sign_in = reverse("account_login")
        if request.headers.get("X-Fetch") == "1":
            return redirect(sign_in)  # the page is still open and holds the text itself
        keep(request)
        return redirect(f"{sign_in}?{urlencode({'next': reverse('kept_work')})}")
