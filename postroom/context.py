"""What every template may use. Nothing here asks the database until a template asks for it."""

import time
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject

from postroom import nav
from postroom.people.authority import Authority, authority_of
from postroom.people.roles import ROLE_NAMES, Role
from postroom.people.sessions import KEPT, LOCKED, SIGNED_IN_AT, remaining
from postroom.style.colour import theme_version
from postroom.waiting import waiting_for


def authority_for(request: HttpRequest) -> Authority:
    """What the signed-in person may act as, asked once a request. Only for signed-in people."""
    known: Authority | None = getattr(request, "_authority", None)
    if known is None:
        known = authority_of(request.user)  # type: ignore[arg-type]
        request._authority = known  # type: ignore[attr-defined]
    return known


def menu_for(request: HttpRequest) -> list[dict[str, Any]]:
    """The menu's items: label, href, current. An item whose page isn't there yet is left out, never dead."""
    items: list[dict[str, Any]] = []
    for item in nav.items_for(authority_for(request).roles):
        try:
            href = reverse(item.url_name)
        except NoReverseMatch:
            continue
        here = request.path == href or (href != "/" and request.path.startswith(href))
        items.append({"label": item.label, "href": href, "current": here})
    # Of two that lead here the longer address is the place: /record/retention/, not /record/.
    nearest = max((len(shown["href"]) for shown in items if shown["current"]), default=0)
    for shown in items:
        shown["current"] = shown["current"] and len(shown["href"]) == nearest
    return items


def role_names_for(request: HttpRequest) -> list[str]:
    """The person's roles in words, in the order of the roles list."""
    held = authority_for(request).roles
    return [ROLE_NAMES[role] for role in Role if role in held]


def council(request: HttpRequest) -> dict[str, object]:
    """The council's name and colour, whether this is a demonstration, and the signed-in person's menu and roles.

    `menu`, `role_names` and `waiting` (how much waits for them: one query) are lazy: a page without them costs none.
    """
    user, session = getattr(request, "user", None), getattr(request, "session", None)
    found: dict[str, object] = {
        "council_name": settings.COUNCIL_NAME,
        "is_demo": settings.DEMO,
        "theme_version": theme_version(),
    }
    if user is None or session is None:
        return found
    if user.is_authenticated:
        found["menu"] = SimpleLazyObject(lambda: menu_for(request))
        found["waiting"] = SimpleLazyObject(lambda: waiting_for(request.user, authority_for(request)))  # type: ignore[arg-type]
        found["role_names"] = SimpleLazyObject(lambda: role_names_for(request))
        if SIGNED_IN_AT in session:
            found["session_times"] = remaining(session, time.time())
        found["kept_pages"] = len(session.get(KEPT, []))
    elif LOCKED in session:
        found["signed_out_why"] = session[LOCKED]["why"]
        found["kept_pages"] = len(session.get(KEPT, []))
    return found
