"""One person after another at their browsers: what the journeys are written in."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field

import pypdfium2
from django.utils import timezone
from playwright.sync_api import Page, expect

from letters.models import Letter
from postroom.people.models import User
from tests.support.browser import axe


@dataclass
class Seat:
    """A browser that people sign in at in turn. With scripts every page shown is looked at by axe."""

    page: Page
    base: str
    scripts: bool = True
    looked_at: list[str] = field(default_factory=list)

    def become(self, user: User) -> None:
        """Sign in as this person, on the demonstration's page; My work opens."""
        self.page.goto(f"{self.base}/demo/")
        self.press(f"Become {user.name}")
        expect(self.page.get_by_role("heading", level=1)).to_have_text("My work")

    def at(self, title: str) -> None:
        """The page shown has this heading, and nothing is wrong with it."""
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(title)
        self.look()

    def look(self) -> None:
        """axe finds nothing, and nothing is wider than the window."""
        if self.scripts:
            axe(self.page)
        self.looked_at.append(re.sub(r"[A-Z0-9]{9}", "REF", self.page.url.removeprefix(self.base)))

    def press(self, name: str) -> None:
        """A button or a link, by its words; waits for the page it leads to."""
        wanted = re.compile(rf"^{re.escape(name)}")
        found = self.page.get_by_role("button", name=wanted).or_(self.page.get_by_role("link", name=wanted))
        with self.page.expect_navigation():
            found.first.click()

    def access_key(self, key: str) -> None:
        """Alt and this key, as the browser gets it from a keyboard; waits for the page it leads to."""
        # Playwright's own keyboard leaves out the character when Alt is down, which the browser looks for.
        session = self.page.context.new_cdp_session(self.page)
        alt = {"modifiers": 1, "key": key, "code": f"Key{key.upper()}", "windowsVirtualKeyCode": ord(key.upper())}
        with self.page.expect_navigation():
            session.send("Input.dispatchKeyEvent", {"type": "keyDown", "text": key, "unmodifiedText": key, **alt})
            session.send("Input.dispatchKeyEvent", {"type": "keyUp", **alt})
        session.detach()

    def fails(self, name: str, *words: str) -> None:
        """Press it with nothing filled in: every one of these errors is on the page, which is looked at."""
        self.press(name)
        expect(self.page.get_by_role("heading", name="There is a problem")).to_be_visible()
        for one in words:
            expect(self.page.locator(".govuk-error-summary")).to_contain_text(one)
        self.look()

    def tick(self, words: str) -> None:
        """Tick a box or choose a radio button, by the beginning of its words."""
        self.page.get_by_label(re.compile(rf"^{re.escape(words)}")).first.check()

    def fill(self, label: str, text: str) -> None:
        """Type into a box, by its label."""
        self.page.get_by_label(label, exact=True).fill(text)

    def says(self, text: str) -> None:
        """These words are on the page."""
        expect(self.page.get_by_text(text).first).to_be_visible()

    def pdf_behind(self, name: str) -> bytes:
        """The PDF that a link leads to, fetched with this person's session."""
        href = self.page.get_by_role("button", name=re.compile(rf"^{re.escape(name)}")).get_attribute("href")
        answer = self.page.request.get(f"{self.base}{href}")
        assert answer.ok
        assert answer.headers["content-type"] == "application/pdf"
        return answer.body()


def words_in(pdf: bytes) -> str:
    """The text of a PDF, its white space made single."""
    document = pypdfium2.PdfDocument(io.BytesIO(pdf))
    try:
        return " ".join(" ".join(page.get_textpage().get_text_range() for page in document).split())
    finally:
        document.close()


def the_letter() -> Letter:
    """The only letter there is, as the database has it now."""
    return Letter.objects.get()


def today_in_words() -> str:
    """Such as "20 July 2026"."""
    today = timezone.localdate()
    return f"{today.day} {today:%B %Y}"
