"""Somebody with a phone in one hand: taps, swipes and characters are counted, and what they cost by a known model."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

from tests.support.browser import arrived

# Keystroke-level model (Card, Moran and Newell 1983), with a thumb for the mouse: seconds.
POINT, PRESS, THINK = 1.1, 0.2, 1.35
# Typing on a phone: 36 words of five characters a minute (Palin and others 2019).
CHARACTER = 60 / (36 * 5)
SWIPE = 0.5
PAGE = 1.5  # for a page to come, on a poor connection
SCREEN = 0.75  # of a screen that one swipe moves


@dataclass
class Taps:
    """A page that is used by thumb. `fields`: entries that were made, each of which is thought about once."""

    page: Page
    pages: int = 0
    fields: int = 0
    taps: int = 0
    swipes: int = 0
    characters: int = 0

    @property
    def seconds(self) -> int:
        """What the model says it takes; making up one's mind what to write isn't in it."""
        thought = self.fields + self.pages
        return round(
            thought * THINK
            + self.taps * (POINT + PRESS)
            + self.swipes * SWIPE
            + self.characters * CHARACTER
            + self.pages * PAGE
        )

    def tap(self, wanted: Locator) -> None:
        """Swipe to it, and tap it."""
        expect(wanted).to_be_visible()
        box, height = wanted.bounding_box(), self.page.viewport_size["height"]  # type: ignore[index]
        assert box is not None
        beyond = max(-box["y"], box["y"] + box["height"] - height, 0)
        self.swipes += math.ceil(beyond / (SCREEN * height))
        wanted.tap()
        self.taps += 1

    def go(self, role: str, name: str) -> None:
        """Tap what leads to another page."""
        wanted = self.page.get_by_role(role, name=name, exact=True).last  # type: ignore[arg-type]
        with self.page.expect_navigation():
            self.tap(wanted)
        arrived(self.page)
        self.pages += 1

    def tick(self, words: str) -> None:
        """A box or a choice, by its words."""
        self.fields += 1
        self.choose(words)

    def choose(self, words: str) -> None:
        """One more of the same."""
        box = self.page.get_by_label(re.compile(rf"^{re.escape(words)}")).first
        self.tap(box)
        expect(box).to_be_checked()

    def type(self, name: str, text: str) -> None:
        """Words into the box of this field; what stands in it goes with one more tap."""
        box = self.page.locator(f"[name={name}]")
        self.fields += 1
        self.tap(box)
        if box.input_value():
            box.fill("")
            self.taps += 1
        self.page.keyboard.type(text)
        self.characters += len(text)
        expect(box).to_have_value(text)
