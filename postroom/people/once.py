"""A form that makes something, sent twice: a double click, a lost answer, the same page in a second tab. It makes one.

The page bears a key of its own (`new_key`, a hidden field); the session keeps which key made what.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from typing import Any

from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpRequest

KEYS_KEPT = 20
FIELD = "form_key"
_KEY = re.compile(r"[A-Za-z0-9_-]{1,40}")


def new_key(request: HttpRequest) -> str:
    """The key of the form that was posted; for a page that is opened, one of its own."""
    sent = request.POST.get(FIELD, "")
    return sent if _KEY.fullmatch(sent) else secrets.token_urlsafe(12)


def made_before(request: HttpRequest, shelf: str, key: str) -> str:
    """The reference of what this very form made when it was sent before; "" if it made nothing yet."""
    return str(request.session.get(shelf, {}).get(key, ""))


def once(request: HttpRequest, shelf: str, key: str, make: Callable[[], str]) -> tuple[str, bool]:
    """What the form with this key makes, and whether it was made now: `make` gives its reference, "" for nothing.

    Two that arrive in the same moment take turns at the session's row, and whoever comes second finds what the first
    made. Reference and key stand or fall together. Whatever `make` raises passes through. `shelf`: of which pages.
    """
    with transaction.atomic():
        row = Session.objects.select_for_update().filter(session_key=request.session.session_key).first()
        kept: dict[str, Any] = row.get_decoded().get(shelf, {}) if row else {}
        before = str(kept.get(key, ""))
        made = before or make()
        if made:
            # What this request read of the session may be older than what stands there.
            request.session[shelf] = dict(list({**kept, key: made}.items())[-KEYS_KEPT:])
            if row and not before:
                request.session.save()
    return made, bool(made) and not before
