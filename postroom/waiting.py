"""The number at the head of every page, remembered for a few seconds: putting its one query together costs more than
running it. Forgotten after each thing that its person does."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse

from postroom import work
from postroom.people.authority import Authority
from postroom.people.models import User

SECONDS = 20


def waiting_for(user: User, authority: Authority) -> int:
    """How much waits for this person, at most SECONDS old. Without a cache it is counted."""
    key = f"waiting:{user.pk}"
    with suppress(Exception):  # whatever the cache's library raises when it is down: then it is counted
        known = cache.get(key)
        if known is not None:
            return int(known)
    count = work.count_waiting(user, authority)
    with suppress(Exception):
        cache.set(key, count, SECONDS)
    return count


def forget_after_post(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware, behind the sign-in: what somebody did may have changed what waits for them."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.method == "POST" and request.user.is_authenticated:
            with suppress(Exception):
                cache.delete(f"waiting:{request.user.pk}")
        return response

    return middleware
