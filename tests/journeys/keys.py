"""Somebody at a keyboard without a mouse: every key is counted, what is typed as words apart."""

from __future__ import annotations

import re
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

from tests.journeys.way import Seat
from tests.support.browser import arrived

MOST_TABS = 80


@dataclass
class Keys:
    """A page that is used by keyboard alone. `strokes`: keys pressed; `words`: characters typed beside them."""

    page: Page
    strokes: int = 0
    words: int = 0

    def press(self, key: str) -> None:
        """One stroke; a combination such as Shift+Tab is one."""
        self.page.keyboard.press(key)
        self.strokes += 1

    def skip(self) -> None:
        """Past the header, by the link for that, which is the first stop of every page."""
        self.press("Tab")
        expect(self.page.get_by_role("link", name="Skip to main content")).to_be_focused()
        self.press("Enter")
        expect(self.page.locator("#main")).to_be_focused()

    def to(self, wanted: Locator, *, back: bool = False) -> None:
        """Tab on (or back) until it has the focus."""
        expect(wanted).to_be_visible()
        for _ in range(MOST_TABS):
            if wanted.evaluate("element => element === document.activeElement"):
                return
            self.press("Shift+Tab" if back else "Tab")
        raise AssertionError(f"{MOST_TABS} tabs don't lead to {wanted}")

    def to_button(self, name: str) -> None:
        """A button or a link that begins with these words."""
        wanted = re.compile(rf"^{re.escape(name)}")
        self.to(self.page.get_by_role("button", name=wanted).or_(self.page.get_by_role("link", name=wanted)).first)

    def access_key(self, key: str) -> None:
        """Alt and this key, one stroke; waits for the page it leads to."""
        Seat(self.page, "").access_key(key)
        self.strokes += 1
        arrived(self.page)

    def enter(self) -> None:
        """Press what has the focus; waits for the page it leads to."""
        with self.page.expect_navigation():
            self.press("Enter")
        arrived(self.page)

    def tick(self, words: str) -> None:
        """A box, with the space bar."""
        box = self._labelled(words)
        self.to(box)
        if not box.is_checked():
            self.press("Space")
        expect(box).to_be_checked()

    def choose(self, words: str) -> None:
        """A radio button: Tab to its group, arrows within it."""
        radio = self._labelled(words)
        group = self.page.locator(f"input[type=radio][name='{radio.get_attribute('name')}']")
        self.to(group.first)
        for place in range(group.count()):
            if place:
                self.press("ArrowDown")
            if radio.evaluate("element => element === document.activeElement"):
                break
        if not radio.is_checked():
            self.press("Space")
        expect(radio).to_be_checked()

    def _labelled(self, words: str) -> Locator:
        return self.page.get_by_label(re.compile(rf"^{re.escape(words)}")).first

    def type(self, label: str, text: str) -> None:
        """Words into a box that has this label."""
        box = self.page.get_by_label(re.compile(rf"^{re.escape(label)}( \(optional\))?$")).first
        self.to(box)
        self.page.keyboard.type(text)
        self.words += len(text)
