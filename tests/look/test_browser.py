"""Pages as people use them: real Chromium, with and without scripts, at a desk and on a phone."""

import html
import json
import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from letters.rendering.body import body_html
from postroom.people.models import User
from postroom.people.sessions import SEEN_AT, SIGNED_IN_AT
from tests.look.conftest import PASSWORD, become
from tests.look.test_sign_in import code_now
from tests.support.browser import AXE, arrived

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
OpenPage = Callable[..., Page]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def healthy(page: Page) -> None:
    """No accessibility violation, no complaint (CSP above all), nothing wider than the window."""
    arrived(page)
    found = Axe().run(page, options={**AXE, "runOnly": RULES}).response["violations"]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == [], page.url
    assert page.complaints == [], page.url  # type: ignore[attr-defined]
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert over <= 0, page.url


def set_clocks(**shift: float) -> None:
    """Move the only signed-in session's clocks back, seconds each."""
    for row in Session.objects.all():
        data = row.get_decoded()
        if SEEN_AT in data:
            for name, seconds in shift.items():
                data[name] = time.time() - seconds
            row.session_data = Session.objects.encode(data)
            row.save()


@pytest.mark.parametrize("width", [1280, 390])
def test_every_page_is_healthy(open_page: OpenPage, jo: User, pat: User, width: int) -> None:
    page = open_page(width)
    for path in ["/accounts/login/", "/accounts/password/reset/", "/accounts/password/reset/done/", "/demo/"]:
        page.goto(path)
        healthy(page)
    page.goto("/accounts/password/reset/key/1-none/")
    healthy(page)
    page.goto("/accounts/inactive/")
    healthy(page)
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    healthy(page)
    become(page, jo)
    healthy(page)  # 404: there is no first page in this test's address book, or there is one
    for path in [
        "/style/",
        "/account/",
        "/accounts/password/change/",
        "/accounts/logout/",
        "/accounts/reauthenticate/",
        "/nothing/",
    ]:
        page.goto(path)
        healthy(page)


@pytest.mark.parametrize("width", [1280, 390])
def test_codes_from_a_phone_are_healthy(open_page: OpenPage, jo: User, width: int) -> None:
    page = open_page(width)
    become(page, jo)
    page.goto("/account/")
    page.get_by_role("link", name="Turn on").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("img", name="QR code")).to_be_visible()
    healthy(page)
    page.get_by_label("Code from the app").fill("000000")
    page.get_by_role("button", name="Turn on").click()
    expect(page.get_by_label("Code from the app")).to_have_attribute("aria-invalid", "true")
    healthy(page)
    secret = page.locator("kbd").inner_text()
    page.get_by_label("Code from the app").fill(code_now(secret))
    page.get_by_role("button", name="Turn on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your recovery codes")
    healthy(page)
    page.get_by_role("link", name="Make new codes").click()
    healthy(page)
    page.goto("/accounts/2fa/totp/deactivate/")
    healthy(page)
    page.get_by_role("button", name="Sign out").first.click()
    page.get_by_label("E-mail address").fill(jo.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Enter a code")
    healthy(page)


@pytest.mark.parametrize("scripts", [True, False])
def test_errors_lead_to_their_boxes(open_page: OpenPage, jo: User, scripts: bool) -> None:
    page = open_page(scripts=scripts)
    become(page, jo)
    page.goto("/style/")
    page.get_by_label("ICS reference").fill("40217")
    page.get_by_role("button", name="Save and continue").click()
    expect(page).to_have_title("Error: How Postroom looks \N{EN DASH} Postroom")
    expect(page.get_by_label("ICS reference")).to_have_value("40217")
    if scripts:
        expect(page.locator(".govuk-error-summary")).to_be_focused()
    page.get_by_role("link", name="Enter posted date").click()
    if scripts:
        expect(page.get_by_label("Day")).to_be_focused()
        healthy(page)


@pytest.mark.parametrize("scripts", [True, False])
def test_the_menu_on_a_phone_opens_without_scripts_too(
    open_page: OpenPage, jo: User, scripts: bool, monkeypatch: Any
) -> None:
    from postroom import nav

    monkeypatch.setattr(nav, "NAV", [nav.NavItem("How it looks", "style", 1)])
    page = open_page(390, scripts=scripts)
    become(page, jo)
    page.goto("/account/")
    item = page.get_by_role("link", name="How it looks")
    expect(item).to_have_count(0)
    page.get_by_text("Menu", exact=True).click()
    item.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("How Postroom looks")


def test_skip_link_is_the_first_stop(open_page: OpenPage, jo: User) -> None:
    page = open_page()
    page.goto("/accounts/login/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()


# --- Time-outs ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scripts", [True, False])
def test_typed_work_outlives_the_sign_in(open_page: OpenPage, jo: User, scripts: bool) -> None:
    page = open_page(390, scripts=scripts)
    become(page, jo)
    page.goto("/style/")
    page.get_by_label("Reason").fill("Dear Ms Invented\n<b>It is late</b>")
    set_clocks(**{SEEN_AT: 3 * 3600})
    page.get_by_role("button", name="Save and continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    expect(page.get_by_text("What you typed is kept")).to_be_visible()
    page.goto("/demo/")
    page.get_by_role("button", name="Become Jo Sample").click()
    page.get_by_role("link", name="Look at it").click()
    expect(page.get_by_text("<b>It is late</b>")).to_be_visible()
    if scripts:
        healthy(page)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_label("Reason")).to_have_value("Dear Ms Invented\n<b>It is late</b>")


def test_a_warning_comes_first_and_staying_is_one_key(open_page: OpenPage, jo: User) -> None:
    page = open_page()
    become(page, jo)
    page.goto("/account/")
    idle = int(page.locator("#session-dialog").get_attribute("data-idle-in"))
    set_clocks(**{SEEN_AT: idle - 100})
    # What the script would do by itself after half an hour: its timer runs out and it asks the server.
    page.route(
        "**/account/", lambda route: route.fulfill(response=(answer := route.fetch()), body=early(answer.text()))
    )
    page.goto("/account/", wait_until="load")
    set_clocks(**{SEEN_AT: idle - 100})
    dialog = page.get_by_role("dialog", name="You will soon be signed out")
    expect(dialog).to_be_visible()
    healthy(page)
    stay = dialog.get_by_role("button", name="Stay signed in")
    expect(stay).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    row = next(row.get_decoded() for row in Session.objects.all() if SEEN_AT in row.get_decoded())
    assert time.time() - row[SEEN_AT] < 60


def early(page: str) -> str:
    """The page with its timer about to run out."""
    return re.sub(r'data-idle-in="\d+"', 'data-idle-in="121"', page)


def test_no_staying_when_the_longest_time_is_up(open_page: OpenPage, jo: User) -> None:
    page = open_page()
    become(page, jo)
    page.goto("/account/")
    absolute = int(page.locator("#session-dialog").get_attribute("data-absolute-in"))
    set_clocks(**{SIGNED_IN_AT: absolute - 60})
    page.goto("/account/")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("button", name="Stay signed in")).to_be_hidden()
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()


# --- Typing a letter --------------------------------------------------------------------------------------------------

CANONICAL = [
    "One paragraph.\n",
    "One.\n\nTwo.\n",
    "A line\\\nand the next.\n",
    "## Heading\n\nText.\n\n### Smaller\n",
    "Some **bold** words, **more** of them.\n",
    "- one\n- two\n  - under two\n- three\n",
    "1. one\n2. two\n   - inner\n3. three\n",
    "7. seven\n8. eight\n",
    "- one\n\n1. other\n",
    "- one\n\n* another list\n",
    "- first paragraph\n\n  second paragraph\n- next\n",
    "Stars \\* and \\*\\* and snake_case and \\_around\\_.\n",
    "\\# no heading\n\n\\- no list\n\n1\\. no list\n\n\\+ nor this\n\n\\> no quote\n",
    "First\\\n\\- not a list\\\n2\\. nor this\n",
    "\\<b>not markup\\</b> & 5 < 6, \\&amp; and \\&#42;\n",
    "See https://example.test/a_b?c=1&d=2#e and jo_sample@example.test.\n",
    "A \\\\ backslash and a \\` tick and \\~\\~two waves\\~\\~.\n",
    "[date] but \\[not a link](here).\n",
    "\\---\n\n\\===\n",
    "Zażółć gęślą jaźń, مرحبا, 名前, 👩‍👧.\n",
    "## Number \\#4\n",
    "Before.\n\n| Day | Where |\n| --- | --- |\n| **Monday** | At \\| home |\n|  | 5 \\* 3 |\n\nAfter.\n",
    "| One |\n| --- |\n| a \\\\\\| b |\n",
    "- In a list\n\n  | a | b |\n  | --- | --- |\n  | c | d |\n",
    "",
]
TYPED = [
    "*",
    "**bold?**",
    "# 1",
    "- 1",
    "1. x",
    "1) x",
    "2026. a year",
    "a * b * c",
    "_x_",
    "__x__",
    "`code`",
    "<script>alert(1)</script>",
    "&lt; &amp; &#x41;",
    "[a](b) [a]: b ![c](d)",
    "> quote",
    "~~~",
    "---",
    "***",
    "===",
    "\\",
    "\\\\*",
    "ends with \\",
    "+ plus",
    "https://example.test/a_b_c*d",
    "O'Brien & Sons <o@example.test>",
    "| a | b |",
    "--- | ---",
    "|:--|",
    "5 < 6 > 4",
    "(c) \"quoted\" 'single' -- dashes...",
    "﷽ é́ 👩‍👧",
]


@pytest.fixture
def editor_page(open_page: OpenPage, jo: User) -> Page:
    page = open_page()
    become(page, jo)
    page.goto("/style/")
    expect(page.get_by_role("toolbar", name="Formatting")).to_be_visible()
    return page


def test_text_through_the_editor_stays_as_it_is(editor_page: Page) -> None:
    """Markdown, to the editor's own document by its own schema, and back."""
    for text in CANONICAL:
        back = editor_page.evaluate(
            """(text) => {
                const editor = document.getElementById("id_body_source").postroomEditor;
                editor.commands.setContent(postroomMarkdown.read(text));
                return postroomMarkdown.write(editor.getJSON());
            }""",
            text,
        )
        assert back == text


def test_what_is_typed_is_what_is_read(editor_page: Page) -> None:
    """Any characters, alone, at the start of a line, after a line break, in a heading, in a list and beside bold."""
    shapes = [
        lambda t: [para(t)],
        lambda t: [{"type": "paragraph", "content": [plain("a"), {"type": "hardBreak"}, plain(t)]}],
        lambda t: [{"type": "heading", "attrs": {"level": 2}, "content": [plain(t)]}],
        lambda t: [bullets(t, "after")],
        lambda t: [table([t, "b"], ["c", t], [t, t])],
        lambda t: [para(t), bullets(t), para(t)],
        lambda t: [{"type": "paragraph", "content": [plain("before "), strong("bold"), plain(" " + t)]}],
    ]
    docs = [{"type": "doc", "content": shape(text)} for shape in shapes for text in TYPED]
    back = editor_page.evaluate(
        """(docs) => docs.map((doc) => {
            const editor = document.getElementById("id_body_source").postroomEditor;
            editor.commands.setContent(doc);
            const before = editor.getJSON();
            editor.commands.setContent(postroomMarkdown.read(postroomMarkdown.write(before)));
            return [JSON.stringify(before), JSON.stringify(editor.getJSON()), postroomMarkdown.write(before)];
        })""",
        docs,
    )
    wrong = [(json.loads(before), text) for before, after, text in back if before != after]
    assert wrong == []
    # And so it is printed: the words of the letter's own rendering are the words that were typed.
    for before, _after, text in back:
        assert printed_words(text) == words_of(json.loads(before)), text


def words_of(node: dict[str, Any]) -> str:
    """Every character of a document, blanks aside."""
    return "".join("".join(words_of(child) for child in node.get("content", [])).split()) + "".join(
        node.get("text", "").split()
    )


def printed_words(markdown: str) -> str:
    """Every character that the PDF's body shows, blanks aside. Only known elements may be in it."""
    known = r"</?(?:p|h2|h3|ul|ol|li|strong|table|thead|tbody|tr|th|td)(?: start=\"\d+\"| scope=\"col\")?>|<br ?/?>"
    rendered = re.sub(known, "", body_html(markdown))
    assert "<" not in rendered, rendered
    return "".join(html.unescape(rendered).split())


def plain(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


def para(text: str) -> dict[str, Any]:
    return {"type": "paragraph", "content": [plain(text)]}


def strong(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text, "marks": [{"type": "bold"}]}


def bullets(*texts: str) -> dict[str, Any]:
    items = [{"type": "listItem", "content": [{"type": "paragraph", "content": [plain(t)]}]} for t in texts]
    return {"type": "bulletList", "content": items}


def table(*rows: list[str]) -> dict[str, Any]:
    kinds = ["tableHeader"] + ["tableCell"] * (len(rows) - 1)
    return {
        "type": "table",
        "content": [
            {"type": "tableRow", "content": [{"type": kind, "content": [para(text)]} for text in row]}
            for kind, row in zip(kinds, rows, strict=True)
        ],
    }


def test_bold_in_awkward_places_never_loses_text(editor_page: Page) -> None:
    lines = [
        [plain("a"), strong(" b "), plain("c")],
        [plain("a"), strong('"b"'), plain("c")],
        [strong("*"), plain("x")],
        [strong("a"), plain("b"), strong("c")],
        [plain("("), strong("b"), plain(")")],
        [strong("all of it.")],
        [strong("one"), {"type": "hardBreak"}, strong("two")],
    ]
    for content in lines:
        text, back = editor_page.evaluate(
            """(content) => {
                const words = (doc) => doc.content[0].content.map((n) => n.text ?? "\\n").join("");
                const doc = {type: "doc", content: [{type: "paragraph", content}]};
                return [words(doc), words(postroomMarkdown.read(postroomMarkdown.write(doc)))];
            }""",
            content,
        )
        assert back == text.strip()


def test_typing_fills_the_textarea(editor_page: Page) -> None:
    page = editor_page
    box = page.get_by_role("textbox", name="Letter")
    box.click()
    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")
    page.keyboard.type("Dear Ms Invented, 5 * 3")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+B")
    page.keyboard.type("Important")
    page.keyboard.press("Control+B")
    page.keyboard.type(" to know")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("next line")
    expect(page.locator("#id_body_source")).to_have_value(
        "Dear Ms Invented, 5 \\* 3\n\n**Important** to know\\\nnext line\n"
    )
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Bullets").click()
    page.keyboard.type("one")
    page.keyboard.press("Enter")
    page.keyboard.type("two")
    expect(page.locator("#id_body_source")).to_have_value(
        "Dear Ms Invented, 5 \\* 3\n\n**Important** to know\\\nnext line\n\n- one\n- two\n"
    )
    healthy(page)


def test_the_editor_is_no_trap_and_its_bar_takes_one_stop(editor_page: Page) -> None:
    page = editor_page
    page.get_by_role("textbox", name="Letter").click()
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("button", name="Bold")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("button", name="Heading", exact=True)).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("textbox", name="Letter")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Withdraw this letter")).to_be_focused()
    before = page.locator("#id_body_source").input_value()
    assert before.startswith("Dear Ms Invented")


def test_without_scripts_there_is_a_textarea_and_a_hint(open_page: OpenPage, jo: User) -> None:
    page = open_page(390, scripts=False)
    become(page, jo)
    page.goto("/style/")
    box = page.get_by_label("Letter", exact=True)
    assert box.input_value().startswith("Dear Ms Invented")
    expect(page.get_by_text("for a heading")).to_be_visible()


# --- Saving by itself, and the preview --------------------------------------------------------------------------------

FORM = """
document.querySelector("main").innerHTML = `<form method="post" data-autosave-url="/save-here/"
  data-preview-url="/draw-here/" data-preview-region="pages"><input type="hidden" name="csrfmiddlewaretoken" value="t">
  <input type="hidden" name="version" value="3"><label>Words <textarea name="words"></textarea></label></form>
  <div id="pages"></div>`;
"""


def test_saving_by_itself(open_page: OpenPage, jo: User) -> None:
    page = open_page()
    become(page, jo)
    posts: list[str] = []
    answers = [
        {"status": 200, "json": {"version": 4}},
        {"status": 503, "body": "no"},
        {"status": 200, "json": {"version": 5}},
        {"status": 409, "json": {"error": "Pat Example has changed this letter."}},
    ]

    def answer(route: Any) -> None:
        posts.append(route.request.post_data or "")
        route.fulfill(**answers[len(posts) - 1])

    page.route("**/save-here/", answer)
    page.route("**/draw-here/", lambda route: route.fulfill(content_type="text/html", body="<p>Page 1 of 1</p>"))
    # The form stands in the page before the script runs, as on any page.
    page.route("**/static/postroom/app.js", lambda route: route.fulfill(
        response=(given := route.fetch()), body=FORM + given.text()))  # fmt: skip
    page.goto("/account/")
    status = page.locator("[data-saved]")
    page.get_by_label("Words").fill("one")
    expect(status).to_have_text("Not saved yet")
    expect(status).to_contain_text("Saved ")
    expect(page.locator('[name="version"]')).to_have_value("4")
    expect(page.locator("#pages")).to_have_text("Page 1 of 1")
    page.get_by_label("Words").fill("two")
    expect(status).to_contain_text("something went wrong")
    expect(status).to_contain_text("Saved ", timeout=20_000)  # it tried again by itself
    assert "two" in posts[2]
    assert "4" in posts[2]
    page.get_by_label("Words").fill("three")
    expect(status).to_contain_text("Pat Example has changed this letter. Copy what you typed")
    assert page.evaluate("sessionStorage.length + localStorage.length") == 0


def test_a_table_by_keyboard_alone(editor_page: Page) -> None:
    """Made, filled from cell to cell, a row and a column more, a row less; Tab leaves the editor."""
    page = editor_page
    box = page.get_by_role("textbox", name="Letter")
    box.click()
    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")
    page.keyboard.type("Contacts")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+Alt+T")
    expect(box.get_by_role("table")).to_be_visible()
    page.keyboard.type("Day")
    page.keyboard.press("ArrowRight")
    page.keyboard.type("Where")
    page.keyboard.press("Enter")
    page.keyboard.type("Home")
    page.keyboard.press("Enter")
    page.keyboard.type("School")
    page.keyboard.press("Enter")  # there is none below: a row is made
    page.keyboard.type("a | b")
    source = page.locator("#id_body_source")
    rows = "| Day | Where |\n| --- | --- |\n|  | Home |\n|  | School |\n|  | a \\| b |\n"
    expect(source).to_have_value(f"Contacts\n\n{rows}")
    page.get_by_role("button", name="Delete row").click()
    expect(source).to_have_value("Contacts\n\n| Day | Where |\n| --- | --- |\n|  | Home |\n|  | School |\n")
    healthy(page)
    page.get_by_role("button", name="Add column").click()
    expect(source).to_have_value(
        "Contacts\n\n| Day | Where |  |\n| --- | --- | --- |\n|  | Home |  |\n|  | School |  |\n"
    )
    # The heading row stays.
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("button", name="Delete row")).to_have_attribute("aria-disabled", "true")
    page.get_by_role("button", name="Delete table").click()
    expect(source).to_have_value("Contacts\n")
    expect(page.get_by_role("button", name="Add row")).to_be_hidden()
