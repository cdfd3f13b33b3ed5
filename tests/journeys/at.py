"""At a browser of one of three kinds: on a desk, on a phone, without scripts. axe looks at each page shown.

POSTROOM_SHOTS names a folder that gets a picture of each page, for whoever wants to look.
"""

from __future__ import annotations

import datetime as dt
import os
import re
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from tests.support.browser import axe

KINDS = pytest.mark.parametrize("kind", ["page", "phone", "plain"])
SHOTS = os.environ.get("POSTROOM_SHOTS", "")


class At:
    """A browser of one of the three kinds; where scripts run, axe looks at each page."""

    def __init__(self, request: pytest.FixtureRequest, kind: str, address: str) -> None:
        self.page: Page = request.getfixturevalue(kind)
        self.kind, self.address, self.count = kind, address, 0
        self.name = request.node.name

    def go(self, name: str, *args: Any) -> None:
        self.page.goto(self.address + reverse(name, args=args))

    def look(self) -> None:
        if self.kind != "plain":
            axe(self.page)
        if SHOTS:
            self.count += 1
            self.page.screenshot(path=Path(SHOTS) / f"{self.name}-{self.count:02}.png", full_page=True)

    def shows(self, title: str) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(title)
        self.look()

    def press(self, name: str) -> None:
        """A button or a link of the page's own part that begins so; waits for the page it leads to."""
        wanted, main = re.compile(rf"^{re.escape(name)}"), self.page.get_by_role("main")
        buttons = main.get_by_role("button", name=wanted)
        # An error in the summary is a link too, and may begin with the button's word.
        found = buttons if buttons.count() else main.get_by_role("link", name=wanted)
        with self.page.expect_navigation():
            found.first.click()

    def fails(self, *words: str) -> None:
        """Each of these errors is said, and leads to its box; what was typed is still there is the caller's to see."""
        expect(self.page.get_by_role("heading", name="There is a problem")).to_be_visible()
        for one in words:
            expect(self.page.locator(".govuk-error-summary")).to_contain_text(one)
        self.look()

    def box(self, label: str) -> Locator:
        """A box of the page's own part, by the beginning of its label."""
        return self.page.get_by_role("main").get_by_label(re.compile(rf"^{re.escape(label)}")).first

    def fill_day(self, group: str, day: dt.date) -> None:
        """The three boxes of a day."""
        dates = self.page.get_by_role("group", name=group)
        for label, value in (("Day", day.day), ("Month", day.month), ("Year", day.year)):
            dates.get_by_label(label, exact=True).fill(str(value))

    def open(self, words: str) -> None:
        """Unfold what is folded under these words."""
        held = self.page.get_by_role("main").locator("details").filter(has_text=words).first
        if held.get_attribute("open") is None:
            held.locator("summary").click()
        expect(held).to_have_attribute("open", "")

    def says(self, words: str) -> None:
        expect(self.page.get_by_role("main")).to_contain_text(words)

    def file_behind(self, name: str) -> bytes:
        """What a link leads to, fetched as this person."""
        main = self.page.get_by_role("main")
        wanted = re.compile(rf"^{re.escape(name)}")
        href = main.get_by_role("button", name=wanted).or_(main.get_by_role("link", name=wanted)).first
        answer = self.page.request.get(self.page.evaluate("e => e.href", href.element_handle()))
        assert answer.ok
        return answer.body()
