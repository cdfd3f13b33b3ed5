"""People to sign in as, and a page in real Chromium."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache
from playwright.sync_api import Browser, BrowserContext, Page

from postroom.people.models import Office, RoleGrant, User
from postroom.people.roles import Role
from tests.support.browser import LEAVING

PASSWORD = "invented words for a test"


@pytest.fixture(autouse=True)
def _no_memory_of_earlier_tries() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def person(email: str, name: str, office: Office | None, *roles: Role) -> User:
    """An invented person with today's roles."""
    initials = "".join(part[0] for part in name.split())
    user = User.objects.create_user(email, PASSWORD, name=name, initials=initials, office=office)
    for role in roles:
        RoleGrant.objects.create(user=user, role=role.value, office=office)
    return user


@pytest.fixture
def riverside(db: None) -> Office:
    return Office.objects.create(code="riv", name="Riverside", address="1 Invented Road\nNORTHMERE\nNM1 1AA")


@pytest.fixture
def jo(riverside: Office) -> User:
    return person("jo.sample@example.test", "Jo Sample", riverside, Role.WORKER)


@pytest.fixture
def pat(riverside: Office) -> User:
    return person("pat.example@example.test", "Pat Example", riverside, Role.ADMIN)


@pytest.fixture
def open_page(browser: Browser, live_server: Any) -> Iterator[Callable[..., Page]]:
    """`open_page(width=390, scripts=False)`: a new page of a new person's browser, with what it complained about."""
    contexts: list[BrowserContext] = []

    def make(width: int = 1280, scripts: bool = True) -> Page:
        context = browser.new_context(
            base_url=live_server.url, viewport={"width": width, "height": 900}, java_script_enabled=scripts
        )
        context.set_default_timeout(30_000)
        context.add_init_script(LEAVING)
        contexts.append(context)
        page = context.new_page()
        page.complaints = []  # type: ignore[attr-defined]
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on(
            "console",
            lambda message: (
                page.complaints.append(message.text)
                if message.type == "error" and "status of" not in message.text
                else None
            ),
        )
        return page

    yield make
    for context in contexts:
        context.close()


def become(page: Page, user: User) -> None:
    """Through the demonstration's own page."""
    page.goto("/demo/")
    page.get_by_role("button", name=f"Become {user.name}").click()
    page.wait_for_load_state()
