"""The ten commonest acts by keyboard alone, in real Chromium: how many strokes each takes.

docs/keystrokes.md has the table for people; the test holds it to what was counted. After a change of a page:

    POSTROOM_KEYSTROKES=1 .venv/bin/pytest -q tests/journeys/test_keystrokes.py   writes the table anew
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from letters import actions
from letters.models import Letter
from letters.states import State
from postroom.people.models import User
from postroom.steps.engine import Seen
from tests.journeys.conftest import make_desk
from tests.journeys.keys import Keys
from tests.support import world
from tests.support.browser import become
from tests.support.world import Desk

WRITE = os.environ.get("POSTROOM_KEYSTROKES") == "1"
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
if not WRITE:
    pytestmark.append(pytest.mark.soak)
DOC = Path(__file__).resolve().parents[2] / "docs" / "keystrokes.md"
PHONE_PART = "## A breach, reported by thumb"  # the rest of the document is test_report_taps.py's
HEAD = """# How many keys an act takes

Each act begins on My work (or on the page that the act before leads to) and is done without a mouse. Counted are keys
pressed: Tab, Enter, the space bar, arrows; a combination such as Alt and a letter is one. What is typed as words stands
apart. Measured in Chromium by `tests/journeys/test_keystrokes.py`, which fails if a page comes to take more.

| act | who | keys | characters typed |
|---|---|---|---|
"""


def hand_over(keys: Keys, desk: Desk) -> None:
    keys.skip()
    keys.to_button("Hand over a new letter")
    keys.enter()
    keys.skip()
    keys.tick(desk.parent.name)
    keys.type("What should the letter say?", "Come on Monday.")
    keys.to_button("Hand over to admin")
    keys.enter()
    arrives(keys, f"Letter to {desk.parent.name}")


def take_over(keys: Keys, desk: Desk) -> None:
    open_first(keys, "Type the letter to")
    keys.skip()
    keys.to(keys.page.get_by_role("link", name="The draft"))
    keys.press("Enter")
    keys.to_button("Take it over as it is")
    keys.enter()
    arrives(keys, f"Letter to {desk.parent.name}")
    assert newest().state == State.TYPED


def type_from_draft(keys: Keys, desk: Desk) -> None:
    open_first(keys, "Type the letter to")
    keys.skip()
    keys.type("Letter", "Come on Monday.")
    keys.access_key("h")
    arrives(keys, f"Letter to {desk.parent.name}")
    assert newest().state == State.TYPED


def type_for_five(keys: Keys, desk: Desk) -> None:
    open_first(keys, "Type the letter to")
    keys.skip()
    keys.type("Letter", "Come on Monday.")
    keys.access_key("h")
    arrives(keys, "Give the same words to the others")
    keys.access_key("h")
    arrives(keys, "My work")
    assert set(Letter.objects.filter(office=desk.office).values_list("state", flat=True)) == {State.TYPED}


def print_it(keys: Keys, desk: Desk) -> None:
    open_first(keys, "Print the letter to")
    keys.skip()
    keys.to_button("Print it")
    keys.enter()
    expect(keys.page.get_by_role("button", name="Open the PDF to print")).to_be_visible()


def check(keys: Keys, desk: Desk) -> None:
    open_first(keys, "Check the letter to")
    keys.skip()
    keys.tick("The address is correct")
    keys.tick("The body is correct")
    keys.to_button("Confirm, then sign")
    keys.enter()
    arrives(keys, "Sign the letter to")


def sign(keys: Keys, desk: Desk) -> None:
    open_first(keys, "Sign the letter to")
    keys.skip()
    keys.to_button("I have signed")
    keys.enter()
    arrives(keys, f"Letter to {desk.parent.name}")


def confirm_signature(keys: Keys, desk: Desk) -> None:
    open_first(keys, "Confirm the letter to")
    keys.skip()
    keys.tick("I have the printed sheets")
    keys.to_button("Confirm")
    keys.enter()
    arrives(keys, f"Letter to {desk.parent.name}")


def envelope(keys: Keys, desk: Desk) -> None:
    open_first(keys, "Envelope the letter to")
    keys.skip()
    keys.type("How many sheets did you count into the envelope?", "1")
    for words in ("Every sheet is for", "The envelope is new", "The return label", "I have written"):
        keys.tick(words)
    keys.to_button("It is in its envelope and initialled")
    keys.enter()
    arrives(keys, f"Letter to {desk.parent.name}")


def post(keys: Keys, desk: Desk) -> None:
    open_first(keys, "Post the letter to")
    keys.skip()
    keys.choose("Second class")
    keys.to_button("It is in the post")
    keys.enter()
    arrives(keys, "Upload to ICS")


def upload(keys: Keys, desk: Desk) -> None:
    open_first(keys, "Upload the letter to")
    keys.skip()
    keys.type("Reference that ICS gave", "ICS-40217")
    keys.to_button("It is on the case record")
    keys.enter()
    arrives(keys, f"Letter to {desk.parent.name}")


def find(keys: Keys, desk: Desk) -> None:
    keys.skip()
    box = keys.page.get_by_role("main").get_by_role("textbox").first
    keys.to(box)
    reference = newest().reference
    keys.page.keyboard.type(reference)
    keys.words += len(reference)
    keys.enter()
    arrives(keys, f"Letter to {desk.parent.name}")


def open_first(keys: Keys, words: str) -> None:
    """From My work: the first letter that waits for this."""
    keys.skip()
    keys.to_button(words)
    keys.enter()


def arrives(keys: Keys, title: str) -> None:
    expect(keys.page.get_by_role("heading", level=1)).to_contain_text(title)


def newest() -> Letter:
    return Letter.objects.order_by("-pk")[0]


def drafted(desk: Desk) -> None:
    world.hand_over(desk)


def in_state(state: State) -> Callable[[Desk], None]:
    def prepare(desk: Desk) -> None:
        world.letter_in(desk, state)

    return prepare


def printed(state: State) -> Callable[[Desk], None]:
    def prepare(desk: Desk) -> None:
        letter = world.letter_in(desk, state)
        actions.print_letter(letter=letter, by=desk.admin, seen=Seen.of(letter))

    return prepare


def for_five(desk: Desk) -> None:
    world.several(desk, 5, only=0)


def signed_on_paper(desk: Desk) -> None:
    letter = world.letter_in(desk, State.WORKER_CHECKED)
    letter = actions.print_letter(letter=letter, by=desk.admin, seen=Seen.of(letter))
    actions.sign(letter=letter, by=desk.worker, seen=Seen.of(letter))


def sheets_in_hand(desk: Desk) -> None:
    world.sheets_in_hand(desk, world.letter_in(desk, State.SIGNED))


Act = tuple[str, str, Callable[[Desk], None], Callable[[Keys, Desk], None]]
ACTS: list[Act] = [
    ("Hand over a letter", "worker", lambda desk: None, hand_over),
    ("Take a draft over unchanged", "admin", drafted, take_over),
    ("Type a letter and hand it to the worker", "admin", drafted, type_from_draft),
    ("Type a text once for five letters, handed over", "admin", for_five, type_for_five),
    ("Print a letter", "admin", in_state(State.TYPED), print_it),
    ("Check address and body", "worker", printed(State.TYPED), check),
    ("Sign on paper", "worker", printed(State.WORKER_CHECKED), sign),
    ("Confirm a signature on paper", "admin", signed_on_paper, confirm_signature),
    ("Put a letter in its envelope, initialled", "admin", sheets_in_hand, envelope),
    ("Record the posting", "admin", in_state(State.ENVELOPED), post),
    ("Upload to ICS by hand", "admin", in_state(State.POSTED), upload),
    ("Find a letter by its reference", "admin", in_state(State.POSTED), find),
]  # fmt: skip


@pytest.mark.timeout(600)
def test_the_commonest_acts_by_keyboard_alone(page: Page, live_server: Any, transactional_db: None) -> None:
    lines = []
    for number, (act, who, prepare, take) in enumerate(ACTS):
        desk = make_desk("paper", code=f"riv{number}", name=f"Riverside {number}")
        prepare(desk)
        user: User = getattr(desk, who)
        become(page, live_server.url, user)
        page.goto(live_server.url)
        arrives(Keys(page), "My work")
        keys = Keys(page)
        take(keys, desk)
        lines.append(f"| {act} | {who} | {keys.strokes} | {keys.words or ''} |\n")
    table = HEAD + "".join(lines)
    print("".join(lines))
    _, heading, by_thumb = DOC.read_text().partition(PHONE_PART)
    if WRITE:
        DOC.write_text(f"{table}\n{heading}{by_thumb}")
    assert DOC.read_text() == f"{table}\n{heading}{by_thumb}"
