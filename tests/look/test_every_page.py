"""Pages as people come to them, in real Chromium, as somebody who may see each, wide and narrow.

Pages are found as people find them, by following links from one page to the next, and beside that by filling in what
each address takes (tests/access/hunting.py); so a page that a new floor adds and links is opened by itself. `make
test` opens a sample, the same each time; the soak opens all that it finds on the demonstration's council, at both
widths. Pages that only a certain state leads to are opened by the journeys of their floors.
"""

from __future__ import annotations

import re
from collections import defaultdict, deque
from random import Random
from typing import Any

import pytest
from django.core.management import call_command
from django.http import HttpResponse
from django.test import Client
from django.urls import Resolver404, resolve
from playwright.sync_api import Page

from letters.states import State
from postroom.cases.models import Case
from postroom.people.models import Office, RoleGrant, User
from tests.access.hunting import NOT_WALKED, every_path
from tests.look.test_browser import OpenPage, healthy
from tests.support import world
from tests.support.browser import BACKEND, become

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDTHS = (1280, 390)
SAMPLE, SEED = 15, 7
# Pages of one name that each person opens at most on the way; states differ, and so do their links.
EACH = 2
LINK = re.compile(rb'(?:href|hx-get)="(/[^"#?]*)')
# Name of the address -> (path, who opens it).
Found = dict[str, tuple[str, User]]


def people() -> list[User]:
    """One person for each role, and whoever has no role that another has."""
    by_role: dict[str, User] = {}
    for grant in RoleGrant.objects.filter(user__is_active=True).select_related("user").order_by("pk"):
        by_role.setdefault(grant.role, grant.user)
    return list(dict.fromkeys(by_role.values()))


def is_page(response: HttpResponse) -> bool:
    """Whether it is a whole page: no file, no part of a page, no refusal."""
    html = response.headers.get("Content-Type", "").startswith("text/html")
    return response.status_code == 200 and html and not response.streaming and b"<main" in response.content


def name_of(path: str) -> str:
    """The name of an address with its floor, or nothing where there is none or where it would sign somebody out."""
    try:
        name = resolve(path).view_name
    except Resolver404:
        return ""
    return "" if name in NOT_WALKED else name


def pages_found(users: list[User], fill_in: bool) -> Found:
    """Every page that one of `users` comes to, with that person: by links, then by addresses."""
    clients = {}
    for user in users:
        clients[user] = Client(raise_request_exception=False)
        clients[user].force_login(user, backend=BACKEND)
    found: Found = {}
    for user, client in clients.items():
        follow_links(user, client, found)
    by_name: dict[str, list[str]] = defaultdict(list)
    for name, path in every_path(given()) if fill_in else ():
        by_name[name].append(path)
    for name, paths in by_name.items():
        for user, client in clients.items():
            if name in found or not name_of(paths[0]):
                break
            answers = [(path, client.get(path)) for path in paths]
            if answers[0][1].status_code == 405:
                break  # only posted to
            for path, response in answers:
                if is_page(response):
                    found.setdefault(name, (path, user))
    return found


def follow_links(user: User, client: Client, found: Found) -> None:
    """Adds to `found` what that person comes to from their first page."""
    opened: dict[str, int] = defaultdict(int)
    waiting, known = deque(["/"]), {"/"}
    while waiting:
        path = waiting.popleft()
        name = name_of(path)
        if not name or opened[name] >= EACH:
            continue
        opened[name] += 1
        response = client.get(path, follow=True)
        if is_page(response):
            arrived = response.request["PATH_INFO"]  # a first page may lead on to one's own office's
            found.setdefault(name_of(arrived), (arrived, user))
            links = {link.decode() for link in LINK.findall(response.content)} - known
            known |= links
            waiting.extend(sorted(links))


def given() -> dict[str, list[Any]]:
    """What addresses take that no link leads to."""
    return {
        "code": list(Office.objects.values_list("code", flat=True)[:1]),
        "case_reference": list(Case.objects.values_list("reference", flat=True)[:1]),
        "reference": list(Case.objects.values_list("reference", flat=True)[:1]),
        "person_id": [User.objects.order_by("pk").values_list("pk", flat=True)[0]],
        "slug": ["dl", "check", "type", "upload"],
        "kind": ["register", "figures"],
    }


def look_at(page: Page, found: Found, names: list[str], address: str) -> list[str]:
    """Opens each; what is wrong with it, in a sentence each."""
    wrong = []
    for name in names:
        path, user = found[name]
        become(page, address, user)
        page.complaints.clear()  # type: ignore[attr-defined]
        answer = page.goto(path)
        try:
            assert answer is not None
            assert answer.ok, answer.status
            healthy(page)
            assert flush(page) == [], "text at the very edge of the window"
        except AssertionError as fault:
            wrong.append(f"{name} ({path}, {user}): {fault}")
    return wrong


def flush(page: Page) -> list[str]:
    """Headings and paragraphs of the page's own part that begin or end less than 10 px from the window's edge."""
    return list(
        page.evaluate(
            """() => [...document.querySelectorAll("main h1, main h2, main p, main label, main li, footer li")]
            .filter((part) => {
                const box = part.getBoundingClientRect();
                const shown = box.width > 4 && part.checkVisibility() && part.textContent.trim();
                const scrolls = part.closest(".table-scroll, .govuk-visually-hidden, .govuk-skip-link");
                return shown && !scrolls && (box.left < 10 || box.right > innerWidth - 9);
            }).map((part) => part.textContent.trim().slice(0, 60))"""
        )
    )


def test_a_sample_of_pages_is_healthy(open_page: OpenPage, live_server: Any) -> None:
    desk = world.Desk(world.make_office("riv", "Riverside"))
    for state in (State.DRAFTED, State.TYPED, State.WORKER_CHECKED, State.SIGNED, State.UPLOADED):
        world.letter_in(desk, state)
    whole = world.make_user("Ina Governor", None, world.Role.INFORMATION_GOVERNANCE)
    found = pages_found([desk.worker, desk.admin, whole], fill_in=False)
    assert len(found) > 2 * SAMPLE
    names = Random(SEED).sample(sorted(found), SAMPLE)
    for number, width in enumerate(WIDTHS):
        assert look_at(open_page(width), found, names[number::2], live_server.url) == []


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_every_page_is_healthy_at_both_widths(open_page: OpenPage, live_server: Any) -> None:
    call_command("seed_demo")
    found = pages_found(people(), fill_in=True)
    assert len(found) > 150
    for width in WIDTHS:
        assert look_at(open_page(width), found, sorted(found), live_server.url) == []
