"""Real Chromium for journeys: `page` (desktop), `phone`, `plain` (no scripts), and axe() for accessibility.

@pytest.mark.browser
def test_sign_in(page, live_server):
    page.goto(live_server.url)
    axe(page)
"""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

if TYPE_CHECKING:
    from postroom.people.models import User

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
PROJECT = Path(__file__).resolve().parents[2]
DESKTOP: Any = {"width": 1280, "height": 900}
PHONE: Any = {"width": 360, "height": 740}
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]
# A click returns before the page that it leads to has come. This marks the page that is about to be left.
LEAVING = """
addEventListener("submit", event => { window.beingLeft = !event.defaultPrevented && !event.target.target })
addEventListener("click", event => {
  const link = event.target.closest && event.target.closest("a[href]")
  if (link && !event.defaultPrevented && !link.target && !link.hasAttribute("download")
      && link.href.split("#")[0] !== location.href.split("#")[0]) window.beingLeft = true
})
"""
# All rules that are on by themselves. What passed isn't listed, and style sheets aren't fetched anew: only a rule that
# is off (css-orientation-lock) reads them. Half the time of each look.
AXE: Any = {"resultTypes": ["violations"], "preload": {"assets": ["media"]}}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the run. Skips, and the summary says so loudly, where none can be had."""
    found = subprocess.run([PROJECT / "tools" / "chromium"], capture_output=True, text=True, check=False)
    if found.returncode:
        pytest.skip("no Chromium here: install one, or name it in POSTROOM_CHROMIUM")
    # Playwright's synchronous calls run inside an event loop, which Django would take for asynchronous code.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    try:
        with sync_playwright() as playwright:
            expect.set_options(timeout=30_000)  # not 5 s: it only bounds a broken test, also on a busy machine
            started = playwright.chromium.launch(executable_path=found.stdout.strip(), args=FLAGS)
            yield started
            started.close()
    finally:
        if before is None:
            del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


def _context(browser: Browser, **options: Any) -> Iterator[BrowserContext]:
    context = browser.new_context(locale="en-GB", timezone_id="Europe/London", **options)
    context.set_default_timeout(30_000)
    context.add_init_script(LEAVING)
    yield context
    context.close()


@pytest.fixture
def desktop_context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh browser session, 1280 wide."""
    yield from _context(browser, viewport=DESKTOP)


@pytest.fixture
def phone_context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh browser session on a phone, 360 wide, with touch."""
    yield from _context(browser, viewport=PHONE, has_touch=True, is_mobile=True, device_scale_factor=2)


@pytest.fixture
def plain_context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh browser session, 1280 wide, with scripts off."""
    yield from _context(browser, viewport=DESKTOP, java_script_enabled=False)


@pytest.fixture
def page(desktop_context: BrowserContext) -> Iterator[Page]:
    """A desktop page; the test fails if the page broke a script or the content security policy."""
    yield from _watched(desktop_context.new_page())


@pytest.fixture
def phone(phone_context: BrowserContext) -> Iterator[Page]:
    """The same on a phone."""
    yield from _watched(phone_context.new_page())


@pytest.fixture
def plain(plain_context: BrowserContext) -> Page:
    """A desktop page with scripts off."""
    return plain_context.new_page()


def _watched(page: Page) -> Iterator[Page]:
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(f"script: {error}"))
    page.on(
        "console",
        lambda message: faults.append(message.text) if "Content Security Policy" in message.text else None,
    )
    yield page
    assert not faults, f"the browser reported: {faults}"


def become(page: Page, base: str, user: "User") -> None:
    """Sign the browser in as somebody, without a page: the journeys that prove signing in do it in full."""
    client = Client()
    client.force_login(user, backend=BACKEND)
    page.context.clear_cookies()
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": base}])


def arrived(page: Page) -> None:
    """Waits until the page that the last click or submission leads to is there. Not after a download."""
    page.wait_for_function("() => !window.beingLeft && document.readyState === 'complete'")


def axe(page: Page) -> None:
    """Fails on any WCAG or best-practice violation of the page as it stands; says which rule and where."""
    arrived(page)
    results = Axe().run(page, options=AXE)
    assert results.violations_count == 0, f"{page.url}\n{results.generate_report()}"
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{page.url}: {wide} px wider than the window; it scrolls sideways"
