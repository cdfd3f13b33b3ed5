"""People to sign in as, and a page in real Chromium."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from postroom.people.models import Office, RoleGrant, User
from postroom.people.roles import Role

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


def chromium() -> str:
    """Where Chromium is. Fails, rather than skips, where there is none."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        pytest.fail("Chromium is needed: `make test` installs it.")
    return found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    built = Path(settings.BASE_DIR) / "build" / "static" / "postroom" / "app.css"
    if not built.is_file():
        pytest.fail("The front end is not built: run `npm ci && npm run build`.")
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    # Playwright's loop lives in this thread; the tests use the database from it, one call at a time.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", "--disable-gpu", "--no-first-run"]
        )
        yield running
        running.close()
    if before is None:
        os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE")


@pytest.fixture
def open_page(browser: Browser, live_server: Any) -> Iterator[Callable[..., Page]]:
    """`open_page(width=390, scripts=False)`: a new page of a new person's browser, with what it complained about."""
    contexts: list[BrowserContext] = []

    def make(width: int = 1280, scripts: bool = True) -> Page:
        context = browser.new_context(
            base_url=live_server.url, viewport={"width": width, "height": 900}, java_script_enabled=scripts
        )
        context.set_default_timeout(15_000)
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
